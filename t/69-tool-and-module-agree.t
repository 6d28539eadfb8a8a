# The tool and the module share evaluation: one table of requests through both, and parameters, verdict and finding are the same. SPEC 9.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(sha1_base64);
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Agree;
use FCT::Gateway;
use FCT::Record qw(answer);

my $rules = <<'POLICY';
  <description>What the table asks for</description>
  <identity names="TEAM_*"/>
  <map name="roles"><entry from="adm" to="admin"/><entry from="none" omit="yes"/></map>
  <upstream name="front" peers="127.0.0.2" assert="our own load balancer"><field name="X-Up-User" needs="X-Up-Ok"/><field name="X-Up-Ok" equals="yes"/></upstream>
  <param name="TEAM_UPSTREAM" from="upstream.front.X-Up-User" assert="our own load balancer"/>
  <param name="APP_TENANT" from="header.X-Tenant" trust="client" case="lower" type="token" max-length="12"/>
  <param name="APP_ROLE" from="header.X-Role" trust="client" split="," map="roles" join="," on-invalid="omit"/>
  <param name="APP_COOKIE" from="cookie.sid" trust="client"/>
  <param name="APP_PATH" from="request.path" trust="client"/>
  <param name="APP_TIER" from="config.TIER"/>
  <param name="APP_ADMIN" from="server.admin"/>
  <param name="APP_LITERAL" value="a b" when="!method:POST"/>
  <param name="APP_LOCAL" value="yes" when="peer:127.0.0.1 path:/local/"/>
  <param name="APP_SCHEME" from="request.scheme" trust="client"/>
  <param name="APP_TYPE" from="request.content-type" trust="client"/>
  <param name="APP_BOTH" from="header.X-One header.X-Two" trust="client"/>
  <header name="X-App-*" max-count="3" max-length="40"/>
  <header name="X-App-Special" max-length="5"/>
  <header name="Under_Score"/>
  <header name="Max-Forwards" changed="yes"/>
  <header name="X-Local" when="peer:127.0.0.1"/>
  <header name="X-Not" when="!peer:127.0.0.1"/>
  <header name="Cookie" cookies="sid app-* !app-secret" override="yes"/>
  <header name="Authorization" trust="client" when="!authenticated"/>
  <refuse-header name="X-Evil*"/>
  <drop-header name="If" assert="The application has no locks"/>
  <server-header name="X-Remote-User" from="auth.user"/>
  <request methods="GET HEAD POST PUT OPTIONS DELETE TRACE PATCH" max-body="1000"/>
  <request methods="POST" max-body="10" chunked="refuse" when="path:/small/"/>
POLICY

my @places = qw(mount raw split need stream);
my $config = <<'CONF' . join '', map({ "<Location /$_/>\nFcgiTrustPolicy \@DIR\@/$_.xml\n</Location>\n" } @places), "</VirtualHost>\n";
Listen 127.0.0.1:@PORT@
ServerTokens Prod
TraceEnable extended
<VirtualHost 127.0.0.1:@PORT@>
ServerName test.example
ServerAdmin admin@test.example
ServerAlias alias.example other.example
FcgiTrustSet TIER production
FcgiTrustPolicy @DIR@/policy.xml
ProxyPass / @BACKEND@/
<Location /basic/>
    AuthType Basic
    AuthName "The staff"
    AuthUserFile @DIR@/users
    Require valid-user
</Location>
CONF
my $gateway = FCT::Gateway->new(policy => $rules, config => $config, modules => [qw(auth_basic authn_core authn_file authz_user)],
    files => { users => 'alice:{SHA}' . sha1_base64('secret') . '=' },
    places => { mount => '<backend profile="wsgi" mount="/mount" override="yes"/>', raw => '<request encoded-slash="raw"/>', split => '<backend profile="php-fpm" index="index.php" docroot="/srv/app" override="yes"/>'
            . '<param name="SCRIPT_FILENAME" from="script.filename"/><param name="PATH_TRANSLATED" from="script.path-translated"/>',
        need => '<param name="REMOTE_USER" from="auth.user" required="yes" override="yes"/>', stream => '<request chunked="stream" max-body="unlimited" methods="POST"/>' },
    each => sub ($conn, $request) { $conn->send(answer($request->{id}, 'told')); 1 });
my $dir    = $gateway->httpd->dir;
my @server = ('--local', '127.0.0.1:' . $gateway->port, '--server-name', 'test.example', '--server-alias', 'alias.example other.example', '--server-admin', 'admin@test.example',
    '--set', 'TIER=production', '--document-root', $gateway->httpd->docroot);
my $login = 'Authorization: Basic ' . encode_base64('alice:secret', '');

sub get ($path, @lines) { return request("GET $path HTTP/1.1", 'Host: test.example', @lines) }
sub request (@lines) { return join "\r\n", @lines, '', '' }

# A name, the bytes, what the tool is told beside (--…), and options: policy, local, status (where the table itself says what both must answer).
my @rows = (
    ['a plain request', get('/page')],
    ['a query', get('/page?a=b&c=%20d')],
    ['an empty query', get('/page?')],
    ['two question marks', get('/page??x')],
    ['many headers', get('/page', 'User-Agent: x/1', 'Accept: text/html', 'Accept-Language: de, en;q=0.5', 'Referer: http://a/?b', 'DNT: 1', 'Sec-Fetch-Site: none', 'X-Unknown: 1')],
    ['an encoded path', get('/a%20b/%7euser/%41')],
    ['a path in UTF-8', get('/%C3%A4%E2%82%AC')],
    ['a path in no UTF-8', get('/%ff%fe')],
    ['raw bytes above 7F in a path', get("/\xc3\xa4\xff")],
    ['slashes', get('//a///b/')],
    ['a semicolon', get('/a;b=c/d')],
    ['a dot segment', get('/a/./b'), status => 400],
    ['two dots', get('/a/../b'), status => 400],
    ['encoded dots', get('/a/%2e%2E/b'), status => 400],
    ['a way out', get('/../b'), status => 400],
    ['an encoded slash', get('/a%2fb'), status => 404],
    ['an encoded zero', get('/a%00b'), status => 404],
    ['half an encoding', get('/a%2'), status => 400],
    ['an encoded percent', get('/a%2541')],
    ['an encoded question mark', get('/a%3fb')],
    ['an encoded control byte', get('/a%0ab'), status => 400],
    ['an encoded backslash', get('/a%5cb')],
    ['a fragment', get('/a#b'), status => 400],
    ['an absolute target', request('GET http://test.example/abs?x HTTP/1.1', 'Host: elsewhere')],
    ['an absolute target with a port', request('GET http://ALIAS.example:81/abs HTTP/1.1', 'Host: test.example')],
    ['an absolute target of another scheme', request('GET https://test.example/abs HTTP/1.1', 'Host: other.example')],
    ['an absolute target with a user', request('GET http://u@test.example/ HTTP/1.1', 'Host: a'), status => 400],
    ['a target without a slash', request('GET page HTTP/1.1', 'Host: a'), status => 400],
    ['HTTP/1.0', request('GET /old HTTP/1.0', 'Host: test.example')],
    ['HTTP/1.0 without Host', request('GET /old HTTP/1.0')],
    ['HTTP/1.1 without Host', request('GET /page HTTP/1.1', 'X-A: b'), status => 400],
    ['two Hosts', request('GET /page HTTP/1.1', 'Host: a', 'Host: b'), status => 400],
    ['an empty Host', request('GET /page HTTP/1.1', 'Host:'), status => 400],
    ['an alias as Host', request('GET /page HTTP/1.1', 'Host: Other.Example')],
    ['a Host with a port', request('GET /page HTTP/1.1', 'Host: test.example:8080')],
    ['a Host with port 0', request('GET /page HTTP/1.1', 'Host: test.example:0'), status => 400],
    ['a Host in IPv6', request('GET /page HTTP/1.1', 'Host: [::1]:80')],
    ['a Host that is a number', request('GET /page HTTP/1.1', 'Host: 12345'), status => 400],
    ['a Host that is an address', request('GET /page HTTP/1.1', 'Host: 192.0.2.1')],
    ['a Host with a slash', request('GET /page HTTP/1.1', 'Host: a/b'), status => 400],
    ['a Host with a final dot', request('GET /page HTTP/1.1', 'Host: test.example.')],
    ['HTTP/1.7', request('GET /page HTTP/1.7', 'Host: test.example')],
    ['HTTP/3.0', request('GET /page HTTP/3.0', 'Host: test.example')],
    ['no such version', request('GET /page HTTP/1.1.1', 'Host: a'), status => 400],
    ['a version in small letters', request('GET /page http/1.1', 'Host: a'), status => 400],
    ['two blanks', request('GET  /page HTTP/1.1', 'Host: a'), status => 400],
    ['a blank behind', request('GET /page HTTP/1.1 ', 'Host: a'), status => 400],
    ['a method that is no token', request('G(T /page HTTP/1.1', 'Host: a'), status => 400],
    ['a method that no policy has', request('LOCK /page HTTP/1.1', 'Host: a'), status => 405],
    ['an unknown method', request('BREW /page HTTP/1.1', 'Host: a'), status => 405],
    ['blank lines before', "\r\n\r\n" . get('/page')],
    ['a field without a colon', get('/page', 'X-A'), status => 400],
    ['a blank before the colon', get('/page', 'X-A : b'), status => 400],
    ['a control byte in a value', get('/page', "X-A: b\x01"), status => 400],
    ['a carriage return in a value', get('/page', "X-A: b\rc"), status => 400],
    ['a zero byte in a value', get('/page', "X-A: b\0c"), status => 400],
    ['a bare line feed', "GET /page HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n", status => 400],
    ['bytes above 7F in a value', get('/page', "X-App-A: \xe4\xff")],
    ['a folded value', get('/page', "X-App-A: a\r\n  b\r\n\tc")],
    ['a folded value of a repeated field', get('/page', 'X-App-A: x', "X-App-A: a\r\n b")],
    ['a first line that is folded', "GET /page HTTP/1.1\r\n X: y\r\nHost: a\r\n\r\n", status => 400],
    ['blanks around a value', get('/page', "X-App-A: \t a \t ")],
    ['an empty value', get('/page', 'X-App-A:')],
    ['a long request line', get('/' . 'a' x 8170)],
    ['the longest request line', get('/' . 'a' x (8191 - 14))],
    ['too long a request line', get('/' . 'a' x (8192 - 14)), status => 414],
    ['the longest field', get('/page', 'X-Unknown: ' . 'a' x (8191 - 11))],
    ['too long a field', get('/page', 'X-Unknown: ' . 'a' x (8192 - 11)), status => 400],
    ['fields that are too long together', get('/page', map { 'X-Unknown: ' . 'a' x 5000 } 1 .. 2), status => 400],
    ['as many fields as may be', get('/page', map {"X-Unknown-$_: a"} 1 .. 99)],
    ['one field more', get('/page', map {"X-Unknown-$_: a"} 1 .. 100), status => 400],
    ['an unknown expectation', get('/page', 'Expect: magic'), status => 417],
    ['cookies', get('/page', 'Cookie: sid=1; other=2; app-a=3; app-secret=4')],
    ['cookies in two fields', get('/page', 'Cookie: sid=1', 'X-A: b', 'Cookie: app-a=2')],
    ['no cookie that passes', get('/page', 'Cookie: other=2')],
    ['cookies that are none', get('/page', 'Cookie: ;; sid; =x; app-a="q"; sid=2')],
    ['two cookies of one name', get('/page', 'Cookie: sid=1; sid=2'), status => 400],
    ['repeated fields', get('/page', 'X-App-A: 1', 'X-App-B: 3', 'x-app-a: 2')],
    ['more fields than a rule lets through', get('/page', map {"X-App-$_: a"} 1 .. 4), status => 431],
    ['longer than a rule lets through', get('/page', 'X-App-Special: 123456'), status => 431],
    ['a repeated list', get('/page', 'If-Match: "a"', 'If-Match: "b"')],
    ['two User-Agents', get('/page', 'User-Agent: a', 'User-Agent: b'), status => 400],
    ['an alias', get('/page', 'X-App-A: 1', 'X_App_A: 2'), status => 400],
    ['an alias alone', get('/page', 'X_App_A: 2')],
    ['an underscore of the rule', get('/page', 'Under_Score: 1')],
    ['a hyphen for it', get('/page', 'Under-Score: 1')],
    ['a refused field', get('/page', 'X-Evil-One: 1'), status => 400],
    ['a dropped field', get('/page', 'If: (<x>)')],
    ['a restricting field that nobody names', get('/page', 'Depth: 1'), status => 400],
    ['an upgrade', get('/page', 'Connection: Upgrade', 'Upgrade: h2c')],
    ['a websocket', get('/chat', 'Connection: Upgrade', 'Upgrade: websocket'), status => 501],
    ['what the server alone makes', get('/page', 'X-Remote-User: eve'), status => 400],
    ['what the server alone makes, folded', get('/page', 'X_Remote-User: eve'), status => 400],
    ['nominated', get('/page', 'Connection: close, X-App-A', 'X-App-A: 1', 'X-App-B: 2')],
    ['a reserved name', get('/page', 'X-Forwarded-For: 192.0.2.1', 'Forwarded: for=x', 'Proxy: http://evil/')],
    ['an upstream\'s field', get('/page', 'X-Up-User: bob', 'X-Up-Ok: yes'), local => '127.0.0.2'],
    ['an upstream\'s field without what it needs', get('/page', 'X-Up-User: bob', 'X-Up-Ok: no'), local => '127.0.0.2'],
    ['an upstream\'s field twice', get('/page', 'X-Up-User: bob', 'X-Up-User: eve'), local => '127.0.0.2', status => 400],
    ['an upstream\'s field from elsewhere', get('/page', 'X-Up-User: bob'), status => 400],
    ['a condition on the peer', get('/local/page', 'X-Local: 1', 'X-Not: 2')],
    ['another peer', get('/local/page', 'X-Local: 1', 'X-Not: 2'), local => '127.0.0.3'],
    ['a parameter from a field', get('/page', 'X-Tenant: ACME', 'X-Role: adm,none,adm', 'X-Two: 2')],
    ['a parameter that is no token', get('/page', 'X-Tenant: A B'), status => 400],
    ['a parameter that is too long', get('/page', 'X-Tenant: ' . 'a' x 13), status => 431],
    ['a parameter that a map does not know', get('/page', 'X-Role: boss')],
    ['Max-Forwards', get('/page', 'Max-Forwards: 5')],
    ['Max-Forwards, none left', get('/page', 'Max-Forwards: 0'), status => 400],
    ['Max-Forwards, no number', get('/page', 'Max-Forwards: x'), status => 400],
    ['a body', request('POST /form HTTP/1.1', 'Host: test.example', 'Content-Type: text/plain', 'Content-Length: 3') . 'a=b'],
    ['an empty body', request('POST /form HTTP/1.1', 'Host: test.example', 'Content-Length: 0')],
    ['PUT without a body', request('PUT /form HTTP/1.1', 'Host: test.example')],
    ['a chunked body', request('POST /form HTTP/1.1', 'Host: test.example', 'Transfer-Encoding: chunked') . "3\r\na=b\r\n0\r\n\r\n"],
    ['a chunked body with an extension and a trailer', request('POST /form HTTP/1.1', 'Host: test.example', 'Transfer-Encoding: Chunked') . "3 ;x=y\r\na=b\r\n0\r\nX-T: 1\r\n\r\n"],
    ['a chunk without its end', request('POST /form HTTP/1.1', 'Host: test.example', 'Transfer-Encoding: chunked') . "3\r\na=bX\r\n0\r\n\r\n", status => 400],
    ['a chunk without a size', request('POST /form HTTP/1.1', 'Host: test.example', 'Transfer-Encoding: chunked') . "x\r\na=b\r\n0\r\n\r\n", status => 400],
    ['a chunked body that is too long', request('POST /form HTTP/1.1', 'Host: test.example', 'Transfer-Encoding: chunked') . "3e9\r\n" . 'a' x 1001 . "\r\n0\r\n\r\n", status => 413],
    ['too long a body', request('POST /form HTTP/1.1', 'Host: test.example', 'Content-Length: 1001', 'Connection: close') . 'a' x 1001, status => 413],
    ['two lengths', request('POST /form HTTP/1.1', 'Host: test.example', 'Content-Length: 3', 'Content-Length: 3') . 'a=b', status => 400],
    ['a signed length', request('POST /form HTTP/1.1', 'Host: test.example', 'Content-Length: +3') . 'a=b', status => 400],
    ['a length and chunks', request('POST /form HTTP/1.1', 'Host: test.example', 'Content-Length: 3', 'Transfer-Encoding: chunked') . "3\r\na=b\r\n0\r\n\r\n", status => 400],
    ['chunks of another coding', request('POST /form HTTP/1.1', 'Host: test.example', 'Transfer-Encoding: gzip, chunked') . "3\r\na=b\r\n0\r\n\r\n", status => 400],
    ['no chunks', request('POST /form HTTP/1.1', 'Host: test.example', 'Transfer-Encoding: identity') . 'a=b', status => 400],
    ['chunks in HTTP/1.0', request('POST /form HTTP/1.0', 'Host: test.example', 'Transfer-Encoding: chunked') . "3\r\na=b\r\n0\r\n\r\n", status => 400],
    ['a type that is none', request('POST /form HTTP/1.1', 'Host: test.example', 'Content-Type: x', 'Content-Length: 0'), status => 400],
    ['two types', request('POST /form HTTP/1.1', 'Host: test.example', 'Content-Type: a/b', 'Content-Type: c/d', 'Content-Length: 0'), status => 400],
    ['the limits of a place', request('POST /small/form HTTP/1.1', 'Host: test.example', 'Content-Length: 11', 'Connection: close') . 'a' x 11, status => 413],
    ['no chunks in a place', request('POST /small/form HTTP/1.1', 'Host: test.example', 'Transfer-Encoding: chunked', 'Connection: close') . "0\r\n\r\n", status => 411],
    ['HEAD', request('HEAD /page HTTP/1.1', 'Host: test.example')],
    ['OPTIONS', request('OPTIONS /page HTTP/1.1', 'Host: test.example')],
    ['a password', get('/basic/page', $login), given => ['--user', 'alice', '--auth-type', 'Basic', '--realm', 'The staff']],
    ['a password where none is asked for', get('/page', $login)],
    ['nobody where somebody is required', get('/need/page'), policy => 'need', status => 403],
    ['a mount', get('/mount/a/b%20c?x'), policy => 'mount', given => ['--mount', '/']],
    ['the mount itself', get('/mount/'), policy => 'mount'],
    ['raw encoded slashes, which httpd refuses', get('/raw/a%2fb'), policy => 'raw', status => 404],
    ['a script', get('/split/a.php/info/x?y'), policy => 'split'],
    ['a script\'s directory', get('/split/'), policy => 'split'],
    ['a script with a question mark', get('/split/a%3f.php'), policy => 'split', status => 400],
    ['no script', get('/split/page'), policy => 'split', status => 404],
);

cmp_ok(scalar @rows, '>=', 60, 'the table has at least 60 requests: ' . @rows);
for my $row (@rows) {
    my ($name, $bytes, %opt) = @$row;
    my $policy = "$dir/" . ($opt{policy} // 'policy') . '.xml';
    my $module = agree($gateway, $name, $policy, $bytes, [@server, ($opt{given} // [])->@*], local => $opt{local});
    is($module->{status}, $opt{status} // 0, "$name: " . ($opt{status} ? "it ends with $opt{status}" : 'it is served'));
}
my %findings = map { $_ => 1 } $gateway->httpd->log->text =~ /\bFCT(\d{4})\b/g;
$gateway->finish(findings => [map {"FCT$_"} sort grep { $_ != 5023 } keys %findings], allow => [qr/AH10244: invalid URI path/, qr/AH(?:00898|10188): Max-Forwards/]);
done_testing;
