# httpd joins repeated header fields with ", " before a module sees them. The module watched the lines: cookies are joined with "; ", lists
# with ", ", what may stand there once is refused, and a comma in one line is no second line. POLICY 4, RFC 9110 5.3.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Httpd;

plan skip_all => 'stock mod_proxy_fcgi passes what httpd joined' if FCT::Httpd::is_stock();

my $gateway = FCT::Gateway->new(modules => ['headers'], policy => '<header name="X-Test-*"/>',
    front => "RequestHeader set X-Test-Changed \"new\" \"expr=req('X-Test-Changed') != ''\"\n");

# name, header lines, status, { parameter => value }
my @rows = (
    ['one cookie field', ['Cookie: a=1; b=2'], 200, { HTTP_COOKIE => 'a=1; b=2' }],
    ['two cookie fields', ['Cookie: a=1', 'Cookie: b=2'], 200, { HTTP_COOKIE => 'a=1; b=2' }],
    ['three cookie fields with others between', ['Cookie: a=1', 'Accept: x', 'cookie: b=2', 'X-Test-A: y', 'COOKIE:c=3'], 200, { HTTP_COOKIE => 'a=1; b=2; c=3', HTTP_ACCEPT => 'x', HTTP_X_TEST_A => 'y' }],
    ['a comma in a cookie', ['Cookie: a=1, b=2'], 200, { HTTP_COOKIE => 'a=1, b=2' }],
    ['two cookie fields with commas', ['Cookie: a=1, b', 'Cookie: c=2, d'], 200, { HTTP_COOKIE => 'a=1, b; c=2, d' }],
    ['two lines of a list', ['Accept: text/html', 'Accept: text/plain;q=0.5'], 200, { HTTP_ACCEPT => 'text/html, text/plain;q=0.5' }],
    ['two lines of a field of the application', ['X-Test-A: one', 'x-test-a:  two '], 200, { HTTP_X_TEST_A => 'one, two' }],
    ['an empty second line', ['X-Test-A: one', 'X-Test-A:'], 200, { HTTP_X_TEST_A => 'one, ' }],
    ['commas in one line', ['X-Test-A: one, two', 'User-Agent: Mozilla/5.0 (KHTML, like Gecko)'], 200, { HTTP_X_TEST_A => 'one, two', HTTP_USER_AGENT => 'Mozilla/5.0 (KHTML, like Gecko)' }],
    ['a singleton twice', ['User-Agent: one', 'User-Agent: two'], 400],
    ['a singleton twice in other letters', ['Referer: http://a/', 'REFERER: http://b/'], 400],
    ['a singleton twice alike', ['Referer: http://a/', 'Referer: http://a/'], 400],
    ['two lines of a list, the second folded', ['X-Test-A: one', "X-Test-A: two\r\n  three"], 200, { HTTP_X_TEST_A => 'one, two three' }],
    ['a singleton twice, the second folded', ['Referer: http://a/', "Referer: http://b/\r\n c"], 400],
    ['two cookie fields, the second folded', ['Cookie: a=1', "Cookie: b=2;\r\n c=3"], 400],
    ['one cookie field, folded', ["Cookie: a=1;\r\n\tb=2"], 200, { HTTP_COOKIE => 'a=1; b=2' }],
    ['a field that the server changed', ['X-Test-Changed: one', 'X-Test-Changed: two'], 200, { HTTP_X_TEST_CHANGED => undef }],
);
my $i = 0;
for my $pieces (0, 1) {
    for my $row (@rows) {
        my ($name, $lines, $status, $params) = @$row;
        my $path = '/' . ++$i;
        my $bytes = join "\r\n", "GET $path HTTP/1.1", 'Host: a.example', 'Connection: close', @$lines, '', '';
        my $client = $gateway->client;
        $pieces ? $client->send_pieces([split /(?<=.{3})/s, $bytes], 0.001) : $client->send($bytes);
        my $label = $name . ($pieces ? ', in small pieces' : '');
        is($client->response->status, $status, "$label: $status");
        my ($request) = $gateway->requests_for($path);
        is($request ? 1 : 0, $status == 200 ? 1 : 0, "$label: the application " . ($status == 200 ? 'is asked' : 'is not asked'));
        is($request->{param}{$_}, $params->{$_}, "$label: $_") for $request ? sort keys %{ $params // {} } : ();
    }
}

# One connection, one request after the other, bodies and trailers between them: each has its own lines.
my $client = $gateway->client;
$client->send(join '', map { "\r\nPOST /p$_ HTTP/1.1\r\nHost: a.example\r\nX-Test-N: $_\r\nCookie: n=$_\r\nTransfer-Encoding: chunked\r\n\r\n"
    . "5\r\nX: 1\n\r\n0\r\nX-Test-N: trailer\r\n\r\n" } 1 .. 5);
is($client->response->status, 200, "pipelined request $_ is answered") for 1 .. 5;
for (1 .. 5) {
    my ($request) = $gateway->requests_for("/p$_");
    is_deeply([map { $request->{param}{$_} } qw(HTTP_X_TEST_N HTTP_COOKIE CONTENT_LENGTH)], [$_, "n=$_", 5], "pipelined request $_ has its own fields");
}
$gateway->finish(findings => ['FCT2009']);
done_testing;
