# What modules put into the environment, however the name is written, is told under no name: neither beside the policy's own parameter nor in
# place of a header field, nor as a user. EVIDENCE T2, T3, T4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Told;

# T2: every way to write a name that an application folds to one that it trusts.
my @foldings = qw(REMOTE_USER REMOTE.USER REMOTE-USER remote_user Remote.User rEMOTE-uSER AUTH.TYPE auth_type SSL-CLIENT-VERIFY ssl.client.s_dn
    HTTP_X-ROLE HTTP.X.ROLE http_x_role HTTP-X-ROLE X_ROLE X-Role PHP-VALUE php_admin_value SCRIPT-FILENAME script_filename DOCUMENT.ROOT QUERY-STRING
    REQUEST.METHOD CONTENT-LENGTH content_type HTTP-HOST SERVER-NAME REMOTE-ADDR HTTPS https HTTP_PROXY http_proxy);
my %place = (
    foldings => join('', map {"SetEnv $_ forged\n"} @foldings),
    setenv   => "SetEnv HTTP_X_ROLE reader\nSetEnv HTTP_X_OWN server\n",
    setenvif => "SetEnvIf Host . HTTP_X_ROLE=reader HTTP_X_OWN=server\nSetEnvIfNoCase User-Agent . HTTP_USER_AGENT=forged\n",
    rewrite  => "RewriteEngine On\nRewriteRule ^ - [E=HTTP_X_ROLE:reader,E=HTTP_X_OWN:server,E=HTTP_USER_AGENT:forged]\n",
    copied   => "SetEnvIf X-Wanted (.*) REMOTE_USER=\$1 REMOTE.USER=\$1 AUTH_TYPE=Basic SSL_CLIENT_VERIFY=SUCCESS HTTPS=on REMOTE_GROUPS=\$1\n",
    browser  => "BrowserMatch . REMOTE_USER=admin nokeepalive downgrade-1.0 force-response-1.0 force-proxy-request-1.0 proxy-nokeepalive\n",
    passed   => "PassEnv FCT_SECRET\n",
);
my $front = join '', map {"<Location /$_/>\n$place{$_}</Location>\n"} sort keys %place;

my $gateway = FCT::Gateway->new(each => \&FCT::Told::keep, modules => [qw(env setenvif rewrite unique_id)], env => { FCT_SECRET => 'of the server' }, front => $front,
    policy => '<header name="X-Role"/><header name="X-Own"/><header name="X-Wanted"/>');
my @client = ('X-Role: client', 'User-Agent: client', 'X-Wanted: admin');
my $plain = told($gateway, \@client);
my @ordinary = sort map { $_->[0] } $plain->{params}->@*;
my %same = (HTTP_X_ROLE => 'client', HTTP_USER_AGENT => 'client', HTTP_X_WANTED => 'admin');
is_told($plain, 'without any of it', { %same, HTTP_X_OWN => undef });

for my $name (sort keys %place) {
    my $told = told($gateway, \@client, path => "/$name/page");
    is_told($told, "$name: header fields are the client's, and only they", { %same, HTTP_X_OWN => undef });
    is_told($told, "$name: nobody is logged in, and no certificate was seen", { map { $_ => undef } qw(REMOTE_USER AUTH_TYPE REMOTE_GROUPS SSL_CLIENT_VERIFY SSL_CLIENT_S_DN HTTPS FCT_SECRET PHP_VALUE PHP_ADMIN_VALUE) });
    is_told($told, "$name: what the engine says is said once", { REQUEST_METHOD => 'GET', SERVER_NAME => 'test.example', REMOTE_ADDR => '127.0.0.1', CONTENT_TYPE => undef, SCRIPT_FILENAME => undef });
    is_deeply([sort map { $_->[0] } @{ $told->{params} // [] }], \@ordinary, "$name: no other parameter is told");
}
is_told(told($gateway, [], path => '/copied/page'), 'where the client sends nothing to copy, nothing is told either', { REMOTE_USER => undef, HTTP_X_ROLE => undef });
$gateway->finish;
done_testing;
