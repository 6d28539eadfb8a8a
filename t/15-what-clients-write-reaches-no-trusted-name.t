# Nothing that a client writes, and nothing that other modules leave lying about, reaches a name that an application trusts.
# EVIDENCE T1, T2, T3, T5, T6, T7, T8, T11, T12.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Client;
use FCT::Httpd;
use FCT::Tool;

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

my $policy = <<'XML';
<policy xmlns="urn:mod-fcgi-trust:policy:1" name="t" version="1" language="1.0">
<extends shipped="php-fpm"/>
<server-header name="X-Remote-User" from="auth.user" why="The application reads headers only"/>
<server-header name="X-Role" from="config.role" why="The application reads headers only"/>
<header name="X-Gw-User" why="A name that folds with others"/>
<header name="X-App-*" why="The application's own"/>
</policy>
XML
my $htaccess = <<'CONF';
ProxyFCGISetEnvIf true REMOTE_USER admin
ProxyFCGISetEnvIf true SSL_CLIENT_VERIFY SUCCESS
ProxyFCGISetEnvIf true PHP_ADMIN_VALUE "auto_prepend_file=/tmp/x"
SetEnv REMOTE_USER admin
SetEnv HTTP_X_ROLE admin
RequestHeader set X-App-Made-Here htaccess
CONF

my $mirror = FCT::Tool::Mirror->start;
my $httpd = FCT::Httpd->new(set => { BACKEND => ($mirror->addresses)[0] },
    modules => [qw(proxy_fcgi headers env setenvif rewrite auth_basic authn_core authn_file authz_core authz_user unique_id)],
    files => { 'policy/t.xml' => $policy, users => "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n", 'htdocs/page.php' => '', 'htdocs/shared/page.php' => '', 'htdocs/shared/.htaccess' => $htaccess,
        'htdocs/private/page.php' => '' },
    config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy policy/t.xml
FcgiTrustSet role reader
<Directory @DIR@/htdocs/shared>
    AllowOverride FileInfo
</Directory>
<FilesMatch "\.php$">
    SetHandler "proxy:fcgi://@BACKEND@"
</FilesMatch>
# T2, T3, T5, T8: what operators write, and what httpd's own defaults leave in the environment
SetEnv REMOTE.USER admin
SetEnv REMOTE-USER admin
SetEnv HTTP_X_ROLE admin
SetEnv SECRET_OF_THE_SERVER x
SetEnvIf User-Agent (.*) REMOTE_USER=$1 HTTP_X_ROLE=$1
BrowserMatch "Mozilla/2" nokeepalive downgrade-1.0 force-response-1.0
RewriteEngine On
RewriteRule ^ - [E=HTTP_X_ROLE:%{HTTP:X-Wanted},E=REMOTE_GROUPS:%{HTTP:X-Wanted}]
RequestHeader set X-App-From-Env "%{RU}e" env=RU
RequestHeader set X-App-Made "by the server"
<Location /private>
    AuthType Basic
    AuthName here
    AuthUserFile @DIR@/users
    Require valid-user
</Location>
CONF

my $basic = 'Basic ' . encode_base64('alice:secret', '');
my $agent = ['User-Agent' => 'admin'];

# The status, and what the application was told.
sub ask ($path, @headers) {
    my $answer = FCT::Client::request($httpd->port, $path, host => 'www.example', close => 1, headers => [@$agent, @headers]);
    return ($answer->status, { map { /^([^=#\s]+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $answer->body });
}

# Names that an application trusts and that this configuration has nothing for.
my @trusted = qw(REMOTE_USER REMOTE_GROUPS REMOTE_REALM AUTH_TYPE SSL_CLIENT_VERIFY SSL_CLIENT_S_DN PHP_ADMIN_VALUE PHP_VALUE HTTP_PROXY HTTP_X_REMOTE_USER REMOTE.USER REMOTE-USER);

sub is_clean ($told, $name) {
    is_deeply([grep { exists $told->{$_} } @trusted], [], "$name: no trusted name is told");
    is($told->{HTTP_X_ROLE}, 'reader', "$name: what the server says is as it says it");
}

# T8: of a plain request exactly what the policy says.
my ($status, $told) = ask('/page.php');
is($status, 200, 'a plain request is served');
is_clean($told, 'a plain request');
my @known = map {"^$_\$"} qw(GATEWAY_INTERFACE SERVER_SOFTWARE SERVER_NAME SERVER_PORT SERVER_ADDR SERVER_PROTOCOL REQUEST_METHOD REQUEST_URI QUERY_STRING SCRIPT_NAME PATH_INFO
    REMOTE_ADDR REMOTE_PORT REQUEST_SCHEME UNIQUE_ID SCRIPT_FILENAME DOCUMENT_ROOT REDIRECT_STATUS HTTP_HOST HTTP_USER_AGENT HTTP_X_ROLE CONTENT_LENGTH);
my $known = join '|', @known;
is_deeply([grep { !/$known/ } sort keys %$told], [], 'T8: the environment of the server, of SetEnv, BrowserMatch and rewrite rules stays here');

# T1, T2: whoever may write a .htaccess chooses nothing.
($status, $told) = ask('/shared/page.php');
is($status, 200, 'below a .htaccess the request is served');
is_clean($told, 'T1: ProxyFCGISetEnvIf and SetEnv in a .htaccess');
ok(!exists $told->{HTTP_X_APP_MADE_HERE} && !exists $told->{HTTP_X_APP_MADE}, 'what RequestHeader sets is not what the client sent');

# T3: a client's field of the name that the server makes, however it is written, ends the request.
for my $name ('X-Role', 'x-role', 'X_Role', 'X.Role', 'X-Remote-User', 'X_Remote_User', 'x.remote.user') {
    ($status) = ask('/page.php', $name => 'admin');
    is($status, 400, "T3: $name from a client is refused");
}

# Rules of the server that copy what the client wrote.
($status, $told) = ask('/page.php', 'X-Wanted' => 'admin');
is($status, 200, 'a field that rewrite rules copy');
is_clean($told, 'T3: [E=] and SetEnvIf copy what a client wrote');

# T5: a RequestHeader whose condition is false leaves the client's field as it was.
($status, $told) = ask('/page.php', 'X-App-From-Env' => 'mine');
is($told->{HTTP_X_APP_FROM_ENV}, 'mine', 'T5: a field of the application\'s own passes as the client sent it');
is_clean($told, 'T5');
($status, $told) = ask('/page.php', 'X-App-Made' => 'mine');
ok($status == 200 && !exists $told->{HTTP_X_APP_MADE}, 'one that a module changed does not pass');

# T6: identity over a header, with a nomination and an alias to get rid of the server's own.
($status, $told) = ask('/private/page.php', Authorization => $basic);
is_deeply([$status, @$told{qw(HTTP_X_REMOTE_USER REMOTE_USER AUTH_TYPE)}], [200, 'alice', 'alice', 'Basic'], 'who logged in is told, as a header too');
for my $forged (['X_Remote_User' => 'admin'], ['X-Remote-User' => 'admin'], ['X_Remote_User' => 'admin', Connection => 'close, X-Remote-User'], ['X.Remote-User' => 'admin', Connection => 'X-Remote-User']) {
    ($status) = ask('/private/page.php', Authorization => $basic, @$forged);
    is($status, 400, "T6: @$forged is refused");
}
($status, $told) = ask('/private/page.php', Authorization => $basic, Connection => 'close, X-Remote-User, Remote-User, Authorization');
is_deeply([$status, $told->{HTTP_X_REMOTE_USER}], [200, 'alice'], 'T6: nomination takes nothing away that the server made');
($status) = ask('/private/page.php', 'X-Remote-User' => 'alice');
is($status, 401, 'and without a password nobody is anybody');

# T7: names that fold together.
($status, $told) = ask('/page.php', 'X-Gw-User' => 'a');
is($told->{HTTP_X_GW_USER}, 'a', 'a field by the name that the policy has');
for my $others (['X_Gw_User'], ['X.Gw.User'], ['X_Gw_User', 'X.Gw.User']) {
    ($status) = ask('/page.php', 'X-Gw-User' => 'a', map { $_ => 'b' } @$others);
    is($status, 400, "T7: X-Gw-User beside @$others is refused");
}
($status, $told) = ask('/page.php', 'X_Gw_User' => 'b');
ok($status == 200 && !exists $told->{HTTP_X_GW_USER}, 'T7: alone, the other name is dropped');

# T11: Proxy, in any writing.
for my $name ('Proxy', 'PROXY', 'proxy') {
    ($status, $told) = ask('/page.php', $name => 'http://evil.example');
    ok($status == 200 && !exists $told->{HTTP_PROXY}, "T11: $name reaches nobody");
}

# T12: trailers.
my $client = FCT::Client->connect(port => $httpd->port);
$client->send("POST /page.php HTTP/1.1\r\nHost: www.example\r\nUser-Agent: admin\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-App-Late\r\n\r\n"
    . "3\r\nabc\r\n0\r\nX-App-Late: trailer\r\nX-Remote-User: admin\r\nCookie: a=b\r\n\r\n");
my $answer = $client->response;
is($answer->status, 200, 'a body with trailers is taken');
unlike($answer->body, qr/trailer|HTTP_COOKIE|HTTP_X_REMOTE_USER/, 'T12: trailers never become parameters');
like($answer->body, qr/^CONTENT_LENGTH=3$/m, 'and the body is whole');

$httpd->finish(findings => ['FCT2010', 'FCT2019']);
$mirror->stop;
done_testing;
