# header.X, set-header.X, env.X, auth.env.X and auth.header.X say what t/lib/provenance.txt says, whoever writes httpd's tables: on the request
# itself, after an ErrorDocument, DirectoryIndex and FallbackResource, in a part of a page, and over HTTP/2. SPEC 6; EVIDENCE T4, T9.
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
use FCT::Provenance;
use FCT::Told;

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

my @rows = FCT::Provenance::rows();
my %param = ('header' => 'OF_HEADER', 'set-header' => 'OF_SET_HEADER', 'env' => 'OF_ENV', 'auth.env' => 'OF_AUTH_ENV', 'auth.header' => 'OF_AUTH_HEADER');
my $policy = FCT::Gateway::policy_text('provenance', <<'XML');
<backend profile="generic" script="none" override="yes"/>
<param name="OF_HEADER" from="header.Fact" trust="client"/>
<param name="OF_SET_HEADER" from="set-header.Fact" assert="A test" trust="client"/>
<param name="OF_ENV" from="env.Fact" assert="A test" trust="client"/>
<param name="OF_AUTH_ENV" from="auth.env.Fact"/>
<param name="OF_AUTH_HEADER" from="auth.header.Fact"/>
<param name="OF_AUTH_REALM" from="auth.realm"/>
XML

# What runs before a place is known stands in a virtual host.
sub is_early ($row) { return ($row->{directives}[0] // '') =~ / early$/ }

# A place for each row; everybody logs in, so that what is not authentication's is not told apart by that.
my $early  = join "\n", map {"<VirtualHost 127.0.0.1:\@PORT\@>\nServerName $_->{id}.example\n$_->{directives}[0]\n</VirtualHost>"} grep { is_early($_) } @rows;
my $places = join '', map {
    my ($id, $lines) = ($_->{id}, join "\n", is_early($_) ? () : $_->{directives}->@*);
    $lines .= "\nRequire valid-user" if $lines !~ /^Require/m;
    <<"CONF" } @rows;
<Location /$id/>
$lines
ErrorDocument 404 /$id/app
DirectoryIndex /$id/app
</Location>
<Location /$id/fallback/>
FallbackResource /$id/app
</Location>
CONF
my %files = map { ("htdocs/$_->{id}/dir/x" => '', "htdocs/$_->{id}/page.shtml" => qq{<!--#include virtual="/$_->{id}/app" -->}) } @rows;
my $gateway = FCT::Gateway->new(each => \&FCT::Told::keep, h2 => 1, env => { Fact => 'server' }, files => { %files, 'policy.xml' => $policy, users => 'alice:' . crypt('secret', 'ab') . "\n" },
    modules => [qw(env setenvif headers rewrite dir include mime auth_basic authn_core authn_file authz_user)], config => <<"CONF");
LoadModule writer_module @{[out_dir()]}/t/aux/mod_writer.so
Listen 127.0.0.1:\@PORT\@
Protocols h2c http/1.1
FcgiTrustPolicy \@DIR\@/policy.xml
ProxyPassMatch ^(/[a-z-]+/app)\$ \@BACKEND\@\$1
TypesConfig /dev/null
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
<Location />
    Options +Includes
    AuthType Basic
    AuthName here
    AuthUserFile \@DIR\@/users
    Require valid-user
</Location>
$places
<LocationMatch ^/[a-z-]+/other/>
    ServerSignature Off
</LocationMatch>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName test.example
</VirtualHost>
$early
CONF

my @login = ('Authorization: Basic ' . encode_base64('alice:secret', ''));

# How a request comes to the application: the path behind /ID/, the status, whether httpd then lets it inherit the user of the one before (in
# "other" the settings differ, so that the phases run again).
my @ways = (
    ['the request itself', 'app', 200, 0], ['after an ErrorDocument', 'missing', 404, 1], ['after an ErrorDocument of other settings', 'other/missing', 404, 0],
    ['after a DirectoryIndex', 'dir/', 200, 0], ['after a FallbackResource', 'fallback/x', 200, 0], ['in a part of a page', 'page.shtml', 200, 0],
);
for my $row (@rows) {
    for my $way (@ways) {
        my ($how, $path, $status, $inherits) = @$way;
        for my $h2 ($gateway->speaks_h2 ? (0, 1) : 0) {
            my %wanted = map { ($param{$_} => $row->{$_}) } @FCT::Provenance::SOURCES;
            $wanted{OF_ENV} = $row->{inherited} if $inherits;
            my @either = ($wanted{OF_ENV} // '') =~ / or / ? split / or /, delete $wanted{OF_ENV} : ();
            my $logs_in = $row->{id} ne 'nobody';
            my $name = "$row->{id}: $row->{writer}; $how" . ($h2 ? ', HTTP/2' : '');
            my $told = told($gateway, [@login, $row->{sends}->@*], path => "/$row->{id}/$path", h2 => $h2, is_early($row) ? (host => "$row->{id}.example") : ());
            ok(scalar(grep { $_->[0] eq 'OF_ENV' && ($_->[1] eq $either[0] || $_->[1] eq $either[1]) } @{ $told->{params} // [] }), "$name: env.Fact is $either[0] or $either[1]") if @either;
            is_told($told, $name,
                { %wanted, REMOTE_USER => $logs_in ? 'alice' : undef, AUTH_TYPE => $logs_in ? 'Basic' : undef, OF_AUTH_REALM => $logs_in ? 'here' : undef }, $status);
        }
    }
}
$gateway->finish(allow => [qr/AH0\d{4}/]);
done_testing;
