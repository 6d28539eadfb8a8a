# What authentication established is what its phases established: not a user whom some module named before them, not what stood there when a
# module asked ahead of them, not where "Satisfy any" let somebody in without a password; and it is known in the file that a DirectoryIndex leads
# to, though only that file has a policy. A part of a page, and the page that an error leads to, have it where httpd lets them. SPEC 6.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Gateway;
use FCT::Proc qw(out_dir);
use FCT::Record qw(answer);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

sub tell ($conn, $request) {
    $conn->send(answer($request->{id}, join ' ', map { $request->{param}{$_} // '-' } qw(REMOTE_USER AUTH_TYPE APP_FACT APP_FIELD), $request->{param}{REQUEST_URI} =~ /\?realm/ ? 'REMOTE_REALM' : ()));
    return 1;
}

my $policy = FCT::Gateway::policy_text('phases', <<'XML') =~ s/"generic"/"php-fpm"/r;
<param name="APP_FACT" from="auth.env.Fact"/><param name="APP_FIELD" from="auth.header.Fact"/><param name="REMOTE_REALM" from="auth.realm"/>
XML
my $basic = "AuthType Basic\nAuthName here\nAuthUserFile \@DIR\@/users\nAuthBasicProvider file\n";
# Modules whose own fixups are called by this one, where they are installed.
my @publishers = grep { FCT::Httpd->has_module($_) } qw(auth_gssapi auth_openidc);
my $gateway = FCT::Gateway->new(each => \&tell, modules => [qw(auth_basic authn_core authn_file authz_user authz_host access_compat setenvif dir include mime headers rewrite), @publishers],
    files => { 'policy.xml' => $policy, users => join('', map { "$_:" . crypt('secret', 'ab') . "\n" } qw(alice bob)),
        (map { ("htdocs/$_/page.php" => '', "htdocs/$_/index.php" => '') } qw(in free named early any taken guarded switched session shown unshown copied)), 'htdocs/in/page.shtml' => '<!--#include virtual="page.php" -->',
        'htdocs/in/leads/x' => '', 'htdocs/guarded/page.shtml' => '<!--#include virtual="/taken/page.php" -->', 'htdocs/shown/page.shtml' => '<!--#include virtual="/taken/page.php" -->',
        'htdocs/free/page.shtml' => '<!--#include virtual="/in/page.php" -->', 'htdocs/in/away.shtml' => '<!--#include virtual="/free/page.php" -->',
        }, config => <<"CONF");
LoadModule writer_module @{[out_dir()]}/t/aux/mod_writer.so
Listen 127.0.0.1:\@PORT\@
TypesConfig /dev/null
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
# only the files of the application have a policy
<FilesMatch "\\.php\$">
    FcgiTrustPolicy \@DIR\@/policy.xml
    SetHandler "proxy:\@BACKEND\@"
</FilesMatch>
<Directory \@DIR\@/htdocs>
    Options +Includes +FollowSymLinks
    DirectoryIndex index.php
    Require all granted
</Directory>
<Directory \@DIR\@/htdocs/in>
    $basic
    Require user alice
    WritesFact authn fact
    ErrorDocument 404 /in/page.php
    FallbackResource disabled
</Directory>
<Directory \@DIR\@/htdocs/switched>
    FallbackResource /switched/index.php
    $basic
    Require user alice
    WritesFact authz fact
</Directory>
<Directory \@DIR\@/htdocs/in/leads>
    DirectoryIndex /free/index.php
</Directory>
<Directory \@DIR\@/htdocs/free>
    ErrorDocument 404 /in/page.php
</Directory>
<Directory \@DIR\@/htdocs/any>
    $basic
    Require valid-user
    WritesFact authn fact
    Order deny,allow
    Allow from 127.0.0.1
    Deny from 127.0.0.2
    Satisfy any
</Directory>
<Directory \@DIR\@/htdocs/guarded>
    $basic
    Require user alice
    ErrorDocument 401 /taken/page.php
    ErrorDocument 404 /taken/page.php
</Directory>
<Directory \@DIR\@/htdocs/session>
    WritesUser alice
    WritesFact authn fact
    Require valid-user
    ErrorDocument 404 /shown/page.php
</Directory>
<Directory \@DIR\@/htdocs/shown>
    ShowsUser alice
    Require valid-user
    ErrorDocument 404 /taken/page.php
</Directory>
<Directory \@DIR\@/htdocs/unshown>
    ShowsUser alice
    Require user bob
    ErrorDocument 403 /copied/page.php
</Directory>
<Directory \@DIR\@/htdocs/copied>
    CopiesUser
    Require valid-user
</Directory>
<Directory \@DIR\@/htdocs/taken>
    TakesUserOver
    Require valid-user
</Directory>
# where they come before the phases, a <Location>: directories have a say from there on
<Location /named>
    $basic
    NamesUser admin
    Require valid-user
    WritesFact access fact
</Location>
<Location /early>
    $basic
    AsksEarly
    SetEnvIf Wanted (.*) Fact=\$1
    Require valid-user
</Location>
CONF

sub basic ($user, $password = 'secret') { return [Authorization => 'Basic ' . encode_base64("$user:$password", '')] }
sub ask ($path, $headers = [], %opt) {
    my $answer = $gateway->ask($path, headers => $headers, %opt);
    return $answer->status . ' ' . ($answer->body =~ /^\S+(?: \S+){3,4}$/ ? $answer->body : '');
}

my ($alice, $bob, $wrong) = (basic('alice'), basic('bob'), basic('alice', 'wrong'));
for (
    ['logged in', '/in/page.php', $alice, '200 alice Basic fact fact'],
    ['the index of a directory', '/in/', $alice, '200 alice Basic fact fact'],
    ['the realm', '/in/page.php?realm', $alice, '200 alice Basic fact fact here'],
    ['the realm, where the index asks for nobody', '/in/leads/?realm', $alice, '200 alice Basic fact fact here'],
    ['a fallback', '/switched/nothing', $alice, '200 alice Basic fact fact'],
    ['the page of an error', '/in/missing', $alice, '404 alice Basic fact fact'],
    ['the page of an error elsewhere', '/free/missing', $alice, '404 alice Basic fact fact'],
    ['the page of an error elsewhere, for somebody else', '/free/missing', $bob, '404 '],
    ['a part of a page', '/in/page.shtml', $alice, '200 alice Basic fact fact'],
    ['a part of a page, where the page asks for nobody', '/free/page.shtml', $alice, '200 alice Basic fact fact'],
    ['a part of a page, which asks for nobody', '/in/away.shtml', $alice, '200 - - - -'],
    ['where nobody is asked', '/free/page.php', $alice, '200 - - - -'],
    ['the index of a directory where nobody is asked', '/free/', $alice, '200 - - - -'],
    ['a user who is not the one', '/in/page.php', $bob, '401 '],
    ['a user named before the phases, whom httpd lets in', '/named/page.php', [], '200 - - - -'],
    ['a user named before the phases, with the password of another', '/named/page.php', $alice, '200 - - - -'],
    ['what stood there when a module asked early', '/early/page.php', [@$alice, Wanted => 'forged', Fact => 'forged'], '200 alice Basic - -'],
    ['a user taken over from a request that passed', '/guarded/missing', $alice, '404 alice Writer - -'],
    ['a user taken over from a page that passed', '/guarded/page.shtml', $alice, '200 alice Writer - -'],
    ['a user taken over from a request whose password was wrong', '/guarded/missing', $wrong, '401 - - - -'],
    ['a user taken over from a request of somebody else', '/guarded/missing', $bob, '401 - - - -'],
    ['the user of a session', '/session/page.php', [], '200 alice Writer fact fact'],
    ['the user of a certificate that nobody verified', '/shown/page.php', [], '200 - - - -'],
    ['the user of a certificate that nobody verified, who has the name of one that passed', '/session/missing', [], '404 - - - -'],
    ['the user of such a certificate, whom another module takes over', '/shown/missing', [], '404 - - - -'],
    ['the user of such a certificate, who did not pass, and whom another module takes over', '/unshown/page.php', [], '403 - - - -'],
    ['one whom a page takes over for a part of it', '/shown/page.shtml', [], '200 - - - -'],
    ['"Satisfy any", by the address', '/any/page.php', [], '200 - - - -'],
    ['"Satisfy any", by the address, a password beside it', '/any/page.php', $alice, '200 - - - -'],
    ['"Satisfy any", by the address, a wrong password beside it', '/any/page.php', $wrong, '200 - - - -'],
    ['"Satisfy any", by the password', '/any/page.php', $alice, '200 alice Basic fact fact', '127.0.0.2'],
    ['"Satisfy any", by neither', '/any/page.php', $wrong, '401 ', '127.0.0.2'],
) {
    my ($name, $path, $headers, $wanted, $from) = @$_;
    is(ask($path, $headers, local => $from), $wanted, "$name: $wanted");
}

# A restart reads it all anew, and httpd's lists of hooks with it.
for my $restart (1, 2) {
    ok($gateway->httpd->graceful, "graceful restart $restart");
    is(ask('/in/', $alice), '200 alice Basic fact fact', "after restart $restart who is logged in is told");
    is(ask('/free/page.php', $alice), '200 - - - -', "after restart $restart who is not is not");
}
$gateway->finish(allow => [qr/AH0\d{4}/]);
done_testing;
