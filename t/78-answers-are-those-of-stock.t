# Well-formed traffic is answered as stock mod_proxy_fcgi answers it: status, header fields, body and log, but for the differences of the
# table in t/lib/differences.txt, each of which is seen here. Issue: behaviour that people who migrate rely on.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX qw(strftime);
use Test::More;
use FCT::Client;
use FCT::Differences;
use FCT::Peer;
use FCT::Proc qw(read_file wait_until);
use FCT::Record qw(answer);
use FCT::Twins;

# A backend that writes the header lines that the query asks for, percent-decoded, and a body: body=TEXT, size=BYTES, or what it was asked.
sub respond ($request) {
    my $query = $request->{param}{QUERY_STRING} // '';
    my (@lines, $body);
    for my $part (split /&/, $query) {
        my $text = $part =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger;
        if ($text =~ /^body=(.*)/s) { $body = $1 }
        elsif ($text =~ /^size=(\d+)$/) { $body = 'x' x $1 }
        elsif ($text =~ /^[A-Z][\w-]*: /) { push @lines, $text }
    }
    push @lines, 'Content-Type: text/plain' if !grep {/^(?:Content-Type|No-Type): /i} @lines;
    @lines = grep { !/^No-Type: / } @lines;
    $body //= join ' ', map { $request->{param}{$_} // '-' } qw(REQUEST_METHOD REQUEST_URI QUERY_STRING CONTENT_LENGTH);
    push @lines, 'X-Nothing: 1' if !@lines;
    return answer($request->{id}, $body, @lines);
}

my $peer = FCT::Peer->start(serve => sub ($conn) {
    while (my $request = $conn->read_request) { $conn->send(respond($request)) }
});

my $twins = FCT::Twins->start(
    set => { BACKEND => $peer->url }, modules => [qw(headers deflate filter expires env buffer cache cache_disk)],
    files => { 'htdocs/errors/404.html' => "the server's own page\n" },
    config => <<'CONF');
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @SHIPPED@/generic.xml
ErrorDocument 404 /errors/404.html
LogFormat "%r|%>s|%B|%{Location}o" compared
CustomLog @DIR@/access.log compared
Header set X-Set-By-Server always-there
Header append X-Appended server
<Location /deflate/>
    SetOutputFilter DEFLATE
</Location>
<Location /gathered/>
    SetOutputFilter BUFFER
</Location>
CacheRoot @DIR@/run
CacheEnable disk /cached/
<Location /expires/>
    ExpiresActive On
    ExpiresDefault A60
</Location>
ProxyPass /errors/ !
ProxyPass / @BACKEND@/ enablereuse=on
CONF

# --- the table ---

my $now    = strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime time - 1000);
my $before = strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime time - 9000);

# A path whose query makes the backend write these lines.
sub lines (@lines) { return '/r?' . join '&', map { s/([^\w:\/=.,;*-])/sprintf '%%%02X', ord $1/ger } @lines }

# name, path, request; differs => the row of the table of differences that this one shows; head => the same for a HEAD.
my @table = (
    # requests
    ['a path', '/some/path', {}],
    ['the root', '/', {}],
    ['an empty query', '/path?', {}],
    ['a query with a question mark', '/path?a=b?c=d', {}],
    ['a query with odd bytes', '/path?%22%3C%3E%00%FF\'()*!', {}],
    ['a long query', '/path?' . 'q' x 7000, {}],
    ['an encoded blank', '/with%20blank', {}],
    ['UTF-8 in the path', '/%C3%A9t%C3%A9', {}],
    ['raw 8-bit in the path', "/\xc3\xa9", {}],
    ['a path parameter', '/a;b=c/d,e', {}],
    ['signs in the path', '/~user/+a-b_c.d!$&\'()*,:@=e', {}],
    ['two slashes', '//a//b', {}],
    ['an encoded slash', '/a%2Fb', {}],
    ['an encoded NUL', '/a%00b', {}],
    ['an absolute target', 'http://test.example/absolute?q', {}],
    ['a body', '/post', { body => 'a=b' }],
    ['an empty body', '/post', { body => '' }],
    ['a body of 100 kB', '/post', { body => 'x' x 100_000 }],
    ['Expect: 100-continue', '/post', { body => 'a=b', headers => [Expect => '100-continue'] }],
    ['HTTP/1.0', '/old', { version => '1.0' }],
    ['HTTP/1.0 that is kept', '/old', { version => '1.0', headers => [Connection => 'keep-alive'] }, differs => 'framing'],
    ['a port in Host', '/host', { host => 'test.example:1234' }],
    ['no host that anybody has', '/host', { host => 'bad host' }],
    ['a long cookie', '/cookie', { headers => [Cookie => 'c=' . 'x' x 7000] }],
    ['a field that is too long for httpd', '/cookie', { headers => [Cookie => 'c=' . 'x' x 9000] }],
    ['OPTIONS', '/options', { method => 'OPTIONS' }, differs => 'methods'],
    ['PUT', '/put', { method => 'PUT', body => 'a=b' }, differs => 'methods'],
    ['DELETE', '/delete', { method => 'DELETE' }, differs => 'methods'],
    ['a method of its own', '/x', { method => 'PURGE' }, differs => 'methods'],
    ['TRACE', '/x', { method => 'TRACE' }, differs => 'methods'],
    ['a dot segment', '/a/../b', {}, differs => 'paths'],
    ['an encoded dot segment', '/a/%2e%2e/b', {}, differs => 'paths'],
    ['an encoded line feed', '/a%0Ab', {}, differs => 'paths'],
    ['a body of 2 MB', '/post', { body => 'x' x 2_000_000 }, differs => 'max-body'],
    ['a Transfer-Encoding of two codings', '/te', { raw => "POST /te HTTP/1.1\r\nHost: test.example\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" }, differs => 'transfer-encoding'],
    ['a field that narrows the request', '/dav', { headers => [Depth => 1] }, differs => 'restricting'],
    ['two fields that an application takes for one', '/x', { headers => ['X-Requested-With' => 'a', 'X_Requested_With' => 'b'] }, differs => 'aliases'],
    ['a WebSocket', '/ws', { headers => [Connection => 'Upgrade', Upgrade => 'websocket', 'Sec-WebSocket-Key' => 'x', 'Sec-WebSocket-Version' => 13] }, differs => 'websocket'],

    # responses
    (map { ["status $_", lines("Status: $_"), {}] } 200, 201, 202, 203, 205, 206, 299, 301, 303, 400, 401, 402, 403, 404, 409, 410, 418, 422, 429, 451, 499, 500, 501, 502, 503, 504, 599),
    (map { ["status $_ without a body", lines("Status: $_", 'body='), {}] } 204, 304, 200, 404, 500),
    (map { ["$_ to another place", lines("Status: $_", 'Location: http://other.example/a?b=c', 'body='), {}] } 301, 302, 303, 307, 308),
    ['a redirect to a path', lines('Status: 302', 'Location: /elsewhere'), {}],
    ['201 with Location', lines('Status: 201', 'Location: /new'), {}],
    ['Location without Status', lines('Location: http://other.example/', 'body='), {}, differs => 'location'],
    ['a path in Location without Status', lines('Location: /elsewhere', 'body='), {}, differs => 'local-redirect'],
    ['a reason of the application\'s own', lines('Status: 404 Gone fishing'), {}, differs => 'reason'],
    ['Content-Type with a charset', lines('Content-Type: Text/HTML; Charset="UTF-8"'), {}],
    ['no Content-Type', lines('No-Type: 1', 'X-A: b'), {}, differs => 'content-type'],
    ['fields of its own', lines('X-One: 1', 'X-Two: a b  c', 'X-Empty: ', 'Vary: Accept', 'Cache-Control: no-store', 'Link: </a>; rel=x'), {}],
    ['a field that the server appends to', lines('X-Appended: application'), {}],
    ['a field that the server sets', lines('X-Set-By-Server: application'), {}],
    ['a field twice', lines('X-One: 1', 'X-One: 2', 'Vary: A', 'Vary: B'), {}],
    ['WWW-Authenticate twice', lines('Status: 401', 'WWW-Authenticate: Basic realm=a', 'WWW-Authenticate: Negotiate'), {}],
    ['Set-Cookie three times', lines('Set-Cookie: a=1; Path=/', 'Set-Cookie: b=2', 'Set-Cookie: a=3'), {}],
    ['Set-Cookie with 404', lines('Status: 404', 'Set-Cookie: a=1'), {}],
    ['Date and Server', lines('Date: Thu, 01 Jan 2026 00:00:00 GMT', 'Server: mine'), {}],
    ['Allow', lines('Status: 405', 'Allow: GET, PUT'), {}],
    ['Retry-After', lines('Status: 503', 'Retry-After: 5'), {}],
    ['Content-Language, -Disposition, -Encoding', lines('Content-Language: de', 'Content-Disposition: attachment', 'Content-Encoding: x-own'), {}],
    ['fields of the connection', lines('Connection: close', 'Keep-Alive: timeout=5'), {}, differs => 'hop-by-hop'],
    ['a body of 100 kB and no length', lines('size=100000'), {}],
    ['a small body and its length', lines('Content-Length: 5', 'body=hello'), {}],

    # conditions and ranges
    ['Last-Modified', lines("Last-Modified: $now"), {}],
    ['ETag', lines('ETag: "v1"'), {}],
    ['not modified since', lines("Last-Modified: $before"), { headers => ['If-Modified-Since' => $now] }],
    ['modified since', lines("Last-Modified: $now"), { headers => ['If-Modified-Since' => $before] }],
    ['none matches', lines('ETag: "v1"'), { headers => ['If-None-Match' => '"v2"'] }],
    ['one matches', lines('ETag: "v1"'), { headers => ['If-None-Match' => '"v1"'] }],
    ['one matches, and Status', lines('Status: 200 OK', 'ETag: "v1"'), { headers => ['If-None-Match' => '"v1"'] }],
    ['one matches weakly', lines('ETag: W/"v1"'), { headers => ['If-None-Match' => '"v1"'] }],
    ['one matches, and Set-Cookie', lines('ETag: "v1"', 'Set-Cookie: a=b', 'X-One: 1', 'Cache-Control: max-age=5'), { headers => ['If-None-Match' => '"v1"'] }],
    ['must match and does', lines('ETag: "v1"'), { headers => ['If-Match' => '"v1"'] }],
    ['must match and does not', lines('ETag: "v1"'), { headers => ['If-Match' => '"v2"'] }],
    ['must be unmodified and is not', lines("Last-Modified: $now"), { headers => ['If-Unmodified-Since' => $before] }],
    ['a condition and POST', lines('ETag: "v1"'), { body => 'a=b', headers => ['If-None-Match' => '"v1"'] }],
    ['a range', lines('body=0123456789'), { headers => [Range => 'bytes=2-4'] }],
    ['a range the application serves', lines('Status: 206', 'Content-Range: bytes 2-4/10', 'body=234'), { headers => [Range => 'bytes=2-4'] }],
    ['a range that cannot be', lines('body=0123456789'), { headers => [Range => 'bytes=20-'] }],
    ['a range and its length', lines('Content-Length: 10', 'Accept-Ranges: bytes', 'body=0123456789'), { headers => [Range => 'bytes=2-4'] }],

    # filters
    ['compressed by the server', '/deflate/x?size=5000', { headers => ['Accept-Encoding' => 'gzip'] }, head => 'head-body'],
    ['compressed, with an ETag', '/deflate/x?size=5000&ETag:%20%22v1%22', { headers => ['Accept-Encoding' => 'gzip'] }, head => 'head-body'],
    ['a range of what a filter gathers', '/gathered/x?body=0123456789', { headers => [Range => 'bytes=2-4'] }, differs => 'range'],
    ['what a cache keeps', '/cached/x?body=0123456789&ETag:%20%22v1%22&Cache-Control:%20max-age=0', {}],
    ['a range of it, once the application has said that it is still so', '/cached/x?body=0123456789&ETag:%20%22v1%22&Cache-Control:%20max-age=0', { headers => [Range => 'bytes=2-4'] }],
    ['Expires by the server', '/expires/x?size=10', {}],
);

# --- comparing ---

# What both servers must agree on. The framing of a body is compared apart, below; what is in Vary, Connection and so on is compared.
sub seen ($answer) {
    my %count;
    my @fields = sort map { my ($name, $value) = @$_; lc($name) =~ /^(?:content-length|transfer-encoding|date|expires)$/ ? () : "$name: $value" } $answer->{headers}->@*;
    push @fields, 'Date: of the application' if ($answer->header('Date') // '') =~ /^Thu, 01 Jan 2026/;
    @fields = grep { !/^(?:ETag|Last-Modified):/ } @fields if $answer->body eq "the server's own page\n";
    my $body = $answer->body =~ s/<!DOCTYPE.*/a page of httpd's/sr;
    return join "\n", $answer->verdict, $answer->{version}, $answer->status, "interim: " . scalar $answer->{interim}->@*, @fields, $body;
}

# The same bytes to both.
sub raw ($bytes) {
    return map {
        my $client = FCT::Client->connect(port => $twins->$_->port);
        $client->send($bytes);
        $client->response;
    } qw(stock module);
}

my $differences = FCT::Differences->new(qw(request response));

sub compare ($method, $row) {
    my ($name, $path, $request, %more) = @$row;
    my ($stock, $module) = $request->{raw} ? raw($request->{raw}) : $twins->ask($path, %$request, $method ? (method => $method) : ());
    my ($there, $here) = map { seen($_) } $stock, $module;
    my $shown = $method ? "$method, $name" : $name;
    if ($more{differs}) {
        ($there, $here) = map { $_->{reason} } $stock, $module if $more{differs} eq 'reason';
        isnt($here, $there, "$shown: differs from stock on purpose ($more{differs})");
        $differences->seen($more{differs}) if $here ne $there;
        return;
    }
    is($here, $there, "$shown: as with stock");
    # The reason of an unknown status is none, of a known one its own.
    is($module->{reason}, $stock->{reason}, "$shown: with the same reason") if $stock->{reason} ne '';
    return;
}

compare(undef, $_) for @table;
for my $row (@table) {
    my ($name, $path, $request, %more) = @$row;
    next if $path !~ m{^/(?:r|deflate|expires)[/?]} || $request->{body} || $more{differs};
    compare(HEAD => [$name, $path, $request, $more{head} ? (differs => $more{head}) : ()]);
}

# --- what differs in the framing ---

my ($stock, $module) = $twins->ask(lines('body=hello'));
is(join(' ', $stock->framing, $module->framing), 'chunked length', 'a small response has its Content-Length, where stock sends it chunked');
$differences->seen('framing');
($stock, $module) = $twins->ask(lines('Content-Length: 10', 'body=0123456789'), method => 'HEAD');
like(join(' ', map { $_->header('Content-Length') // 'none' } $stock, $module), qr/^(?:none|10) 10$/,
    'HEAD has the Content-Length of the application, where stock has none (2.4.52 has it)');
$differences->seen('framing');
$differences->seen('error-page');          # 72-error-override
$differences->seen('reverse-mapping');     # 73-reverse-mapping
$differences->all_were_seen;

# --- the access log ---

my $logged = sub { map { [split /\n/, $twins->normalised($_, read_file($twins->$_->dir . '/access.log'))] } qw(stock module) };
wait_until(5, sub { my @both = $logged->(); $both[0]->@* == $both[1]->@* });      # httpd logs a request after its answer has gone out
my @logs = map { [sort @$_] } $logged->();      # two answers may be logged in either order
is(scalar $logs[1]->@*, scalar $logs[0]->@*, 'both servers logged every request once');
my %differ = map { my (undef, $path, undef, %more) = @$_; $more{differs} || $more{head} ? ($path => 1) : () } @table;
my @wrong = map { my ($there, $here) = ($logs[0][$_], $logs[1][$_]); my ($target) = $here =~ /^\S+ (\S+) /; $there eq $here || $differ{ $target // '' } ? () : "stock:  $there\nmodule: $here" }
    0 .. $logs[0]->$#*;
is(join("\n", @wrong), '', 'and with the same status and length');
$twins->finish(findings => ['FCT2001', 'FCT2012', 'FCT2010', 'FCT5013', 'FCT2002', 'FCT220[12]', 'FCT2003', 'FCT5017'], allow => [qr/AH0\d{4}|AH10\d{3}/]);
$peer->stop;
done_testing;
