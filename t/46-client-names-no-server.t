# Request lines and Hosts, however odd, never decide SERVER_NAME, SERVER_PORT or SERVER_PROTOCOL; a Host that is none is refused; HTTP_HOST
# is the authority the client named, once. EVIDENCE R5; POLICY 1, 4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;

my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', modules => ['headers'], h2 => 1, config => <<'CONF');
Listen 127.0.0.1:@PORT@
Protocols h2c http/1.1
FcgiTrustPolicy @POLICIES@/open.xml
<VirtualHost 127.0.0.1:@PORT@>
    ServerName main.example
    ServerAlias alias.example *.wild.example
    ProxyPass / @BACKEND@/ enablereuse=on
    <Location /rewritten>
        RequestHeader set Host "a b"
    </Location>
</VirtualHost>
<VirtualHost 127.0.0.1:@PORT@>
    ServerName other.example:8443
    ProxyPass / @BACKEND@/ enablereuse=on
</VirtualHost>
<VirtualHost 127.0.0.1:@PORT@>
    ServerName https://front.example
    ProxyPass / @BACKEND@/ enablereuse=on
</VirtualHost>
CONF
my $port = $gateway->port;

# The parameters the backend saw for these bytes, or the status of the refusal.
sub told ($bytes) {
    my $mark = mark();
    my $client = $gateway->client(timeout => 5);
    $client->send($bytes =~ s/\bapp\b/app?$mark/r);
    my $answer = $client->response;
    $client->close;
    return ($answer->status, param_of($mark));
}

# A query that no other request has, and the parameters of the request that has it.
sub mark () { state $n = 0; return 'request' . ++$n }

sub param_of ($mark) {
    my ($request) = grep { ($_->{param}{REQUEST_URI} // '') =~ /\?$mark\z/ } $gateway->peer->requests;
    return $request ? $request->{param} : undef;
}

# Who the server is, by its configuration: [request line, further lines, SERVER_NAME, SERVER_PORT, HTTP_HOST].
for my $row (
    ['GET /app HTTP/1.1', "Host: main.example\r\n", 'main.example', $port, 'main.example'],
    ['GET /app HTTP/1.1', "Host: MAIN.example:$port\r\n", 'main.example', $port, "MAIN.example:$port"],
    ['GET /app HTTP/1.1', "Host: main.example:1\r\n", 'main.example', $port, 'main.example:1'],
    ['GET /app HTTP/1.1', "Host: alias.example\r\n", 'alias.example', $port, 'alias.example'],
    ['GET /app HTTP/1.1', "Host: ALIAS.example\r\n", 'alias.example', $port, 'ALIAS.example'],
    ['GET /app HTTP/1.1', "Host: a.wild.example\r\n", 'main.example', $port, 'a.wild.example'],
    ['GET /app HTTP/1.1', "Host: unknown.example\r\n", 'main.example', $port, 'unknown.example'],
    ['GET /app HTTP/1.1', "Host: 192.0.2.1\r\n", 'main.example', $port, '192.0.2.1'],
    ['GET /app HTTP/1.1', "Host: [2001:db8::1]:80\r\n", 'main.example', $port, '[2001:db8::1]:80'],
    ['GET /app HTTP/1.1', "Host: other.example\r\n", 'other.example', 8443, 'other.example'],
    ['GET /app HTTP/1.1', "Host: other.example:80\r\n", 'other.example', 8443, 'other.example:80'],
    ['GET /app HTTP/1.1', "Host: front.example\r\n", 'front.example', $port, 'front.example'],
    ['GET http://main.example/app HTTP/1.1', "Host: other.example\r\n", 'main.example', $port, 'main.example'],
    ['GET http://other.example:99/app HTTP/1.1', "Host: main.example\r\n", 'other.example', 8443, 'other.example:99'],
    ['GET /app HTTP/1.0', '', 'main.example', $port, undef],
    ['GET /app HTTP/1.0', "Host: other.example\r\n", 'other.example', 8443, 'other.example'],
) {
    my ($line, $lines, $name, $server_port, $host) = @$row;
    my ($status, $param) = told("$line\r\n$lines\r\n");
    my $what = "$line, " . ($lines =~ s/\r\n//r || 'no Host');
    is($status, 200, "$what: served");
    is($param->{SERVER_NAME}, $name, "$what: SERVER_NAME is $name");
    is($param->{SERVER_PORT}, $server_port, "$what: SERVER_PORT is the server's");
    is($param->{HTTP_HOST}, $host, "$what: HTTP_HOST is what the client named");
    is($param->{SERVER_PROTOCOL}, $line =~ m{HTTP/1\.0} ? 'HTTP/1.0' : 'HTTP/1.1', "$what: SERVER_PROTOCOL is what this server speaks");
}

# What is refused, unseen by the backend.
my @hosts = (
    '', ' ', 'a b', 'a/b', 'user@main.example', 'user:pass@main.example', 'main.example:', 'main.example:abc', 'main.example:0', 'main.example:65536',
    'main.example:80:80', 'main.example:-1', 'main.example:+80', 'main.example, other.example', 'main.example;x', 'main.example?x', 'main.example#x', 'main.example\\x',
    "main\x00.example", "main\x80.example", "\xc3\xa4.example", '<script>', '"main.example"', "main'example", 'main%2eexample', '[::1', '::1]', '[]', '[::1]x', '[::1]:', '[zz]',
    'main.example/../x', '*', '${jndi}', 'main.example:8 0', "main.example\x0b", '[fe80::1%25eth0]', 'main.example:99999999999999999999',
);
for my $host (@hosts) {
    my ($status, $param) = told("GET /app HTTP/1.1\r\nHost: $host\r\n\r\n");
    my $shown = $host =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger;
    if ($host =~ /^ *$/) {    # an empty Host is legal and names nobody
        ok($status == 400 || ($status == 200 && !defined $param->{HTTP_HOST} && $param->{SERVER_NAME} eq 'main.example'), "Host '$shown': names nobody");
        next;
    }
    is($status, 400, "Host '$shown': 400");
    ok(!$param, "Host '$shown': the backend sees nothing of it");
}
for my $row (
    ['two Hosts', "GET /app HTTP/1.1\r\nHost: main.example\r\nHost: other.example\r\n\r\n"], ['the same Host twice', "GET /app HTTP/1.1\r\nHost: main.example\r\nHost: main.example\r\n\r\n"],
    ['no Host', "GET /app HTTP/1.1\r\n\r\n"], ['userinfo in the request line', "GET http://user\@main.example/app HTTP/1.1\r\nHost: main.example\r\n\r\n"],
    ['a port that is none in the request line', "GET http://main.example:x/app HTTP/1.1\r\nHost: main.example\r\n\r\n"],
    ['a path without a slash', "GET app HTTP/1.1\r\nHost: main.example\r\n\r\n"], ['HTTP/2.0 in a request line', "GET /app HTTP/2.0\r\nHost: main.example\r\n\r\n", 'any'],
    ['HTTP/1.9 in a request line', "GET /app HTTP/1.9\r\nHost: main.example\r\n\r\n", 'any'], ['HTTP/9.9', "GET /app HTTP/9.9\r\nHost: main.example\r\n\r\n", 'any'],
    ['HTTP/0.9', "GET /app\r\n\r\n", 'any'], ['no protocol at all', "GET /app XXXX\r\nHost: main.example\r\n\r\n"], ['http/1.1 in small letters', "GET /app http/1.1\r\nHost: main.example\r\n\r\n", 'any'],
    ['no host in the request line', "GET http:///app HTTP/1.1\r\nHost: main.example\r\n\r\n", 'any'], ['another scheme', "GET ftp://main.example/app HTTP/1.1\r\nHost: main.example\r\n\r\n", 'any'],
    ['CONNECT', "CONNECT main.example:443 HTTP/1.1\r\nHost: main.example\r\n\r\n"], ['a method that is no token', "G(T /app HTTP/1.1\r\nHost: main.example\r\n\r\n"],
    ['a method in small letters', "get /app HTTP/1.1\r\nHost: main.example\r\n\r\n"], ['two blanks', "GET  /app HTTP/1.1\r\nHost: main.example\r\n\r\n"], ['a tab', "GET\t/app HTTP/1.1\r\nHost: main.example\r\n\r\n"],
) {
    my ($name, $bytes, $is_any) = @$row;
    my ($status, $param) = told($bytes);
    if (!$is_any) { ok($status >= 400 && $status < 502 && !$param, "$name: refused") or diag("status $status"); next }
    # httpd may take these; then nothing of them is believed.
    ok(!$param || ($param->{SERVER_NAME} eq 'main.example' && $param->{SERVER_PORT} eq $port && $param->{SERVER_PROTOCOL} =~ m{^HTTP/(?:0\.9|1\.[01])\z}),
        "$name: refused, or nothing of it is believed") or diag("status $status, " . join ' ', map { "$_=" . ($param->{$_} // 'absent') } qw(SERVER_NAME SERVER_PORT SERVER_PROTOCOL));
}

# A Host that httpd would not have taken, but one of its modules made.
is($gateway->ask('/rewritten', host => 'main.example')->status, 400, 'a Host that this server broke itself: 400');

# HTTP/2: :authority and Host.
for my $row (['main.example', [], 200, 'main.example', 'main.example'], ['other.example:9', [], 200, 'other.example', 'other.example:9'],
    ['a b', [], 400], ['user@main.example', [], 400], ['main.example:x', [], 400], ['main.example', ['host' => 'other.example'], 'any', 'main.example', 'main.example']) {
    last if !$gateway->speaks_h2;
    my ($authority, $headers, $wanted, $name, $host) = @$row;
    my $mark = mark();
    my $answer = $gateway->h2->ask("/app?$mark", host => $authority, headers => $headers);
    my $param = param_of($mark);
    if ($wanted eq 400) { ok(!$param && ($answer->{status} == 400 || $answer->{verdict} ne 'complete'), "HTTP/2, :authority $authority: refused") or diag($answer->{status}); next }
    ok(!$param || ($param->{SERVER_NAME} eq $name && $param->{HTTP_HOST} eq $host), "HTTP/2, :authority $authority @$headers: one authority, the client's");
    is($answer->{status}, 200, "HTTP/2, :authority $authority: served") if $wanted eq 200;
    is($param->{SERVER_PROTOCOL}, 'HTTP/2.0', "HTTP/2, :authority $authority: SERVER_PROTOCOL is what this server speaks") if $wanted eq 200;
}
$gateway->finish(findings => ['FCT5018'], allow => [qr/AH0\d+/, qr/FCT2001/, qr/FCT20\d\d/]);
done_testing;
