# An error document that this module serves itself gets a GET without the body of the request that failed; a part of a page that
# mod_include asks for has no body, and one that cannot be finished leaves no page that looks whole. SPEC 3, 4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Record qw(:all);

my $part = "the first part\n";

sub serve ($conn) {
    while (my $request = $conn->read_request) {
        my $id = $request->{id};
        my ($what) = $request->{param}{REQUEST_URI} =~ m{/(\w+)(?:\?|\z)};
        my ($script) = ($request->{param}{SCRIPT_NAME} // '') . ($request->{param}{PATH_INFO} // '');
        if ($script =~ m{/(broken|malformed|gone|fine)\z}) { $what = $1 }
        elsif ($script =~ m{/error\z}) { $what = 'error' }
        if ($what eq 'malformed') { $conn->send(stdout($id, "no colon\r\n\r\n") . end_request($id)); next }
        if ($what eq 'gone') { return }
        if ($what eq 'broken') {
            $conn->send(stdout($id, "Content-Type: text/html\r\n\r\n$part"));
            $conn->pause(0.2);
            return;
        }
        my $told = join ' ', map { "$_=" . ($request->{param}{$_} // 'none') } qw(REQUEST_METHOD CONTENT_LENGTH REQUEST_URI SERVER_PROTOCOL);
        $conn->send(answer($id, "$what: $told stdin=" . length $request->{stdin}));
    }
}

my $gateway = FCT::Gateway->new(serve => \&serve, modules => [qw(include mime dir alias)], files => {
    'htdocs/page.shtml'      => '[<!--#include virtual="/app/fine" -->|<!--#include virtual="/app/fine?2" -->]',
    'htdocs/broken.shtml'    => '[<!--#include virtual="/app/broken" -->|end of the page]',
    'htdocs/malformed.shtml' => '[<!--#include virtual="/app/malformed" -->|end of the page]',
    'htdocs/static.html'     => 'a static error page',
}, config => <<'CONF');
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @POLICIES@/open.xml
<Directory @DIR@/htdocs>
    Require all granted
    Options +Includes
    AddOutputFilter INCLUDES .shtml
    AddType text/html .shtml
</Directory>
TypesConfig /dev/null
ProxyPass /app/ @BACKEND@/
ProxyPass /other/ @BACKEND@/
ProxyPass /self/ @BACKEND@/
<Location /app/>
    ErrorDocument 502 /other/error
    ErrorDocument 405 /other/error
    ErrorDocument 413 /other/error
</Location>
<Location /other/>
    ErrorDocument 502 /static.html
</Location>
<Location /self/>
    ErrorDocument 502 /self/malformed
</Location>
CONF

my $big = 'b' x 200_000;
for my $row (
    ['a GET that fails', 502, '/app/malformed'], ['a POST that fails', 502, '/app/malformed', body => 'a=b'], ['a large POST that fails', 502, '/app/malformed', body => $big],
    ['a chunked POST that fails', 502, '/app/malformed', method => 'POST', headers => ['Transfer-Encoding' => 'chunked'], raw => "3\r\na=b\r\n0\r\n\r\n"],
    ['a POST whose backend is gone', 502, '/app/gone', body => 'a=b'], ['a method that is refused', 405, '/app/fine', method => 'OPTIONS'],
    ['a method that is refused, with a body', 405, '/app/fine', method => 'PATCH', body => 'a=b'], ['a body that is refused', 413, '/app/fine', method => 'POST', headers => ['Content-Length' => 100_000_000]],
) {
    my ($name, $status, $path, %request) = @$row;
    my $raw = delete $request{raw} // '';
    my $client = $gateway->client(timeout => 5);
    $client->send(FCT::Client::request_bytes($path, %request) . $raw);
    my $answer = $client->response(timeout => 5);
    is($answer->status, $status, "$name: $status");
    is($answer->body, "error: REQUEST_METHOD=GET CONTENT_LENGTH=none REQUEST_URI=$path SERVER_PROTOCOL=HTTP/1.1 stdin=0", "$name: the error document is asked for with a GET, without the body");
    if ($answer->keeps_alive) { is($client->ask('/app/fine')->status, 200, "$name: the connection is kept, the next request is served") }
    else { ok(defined $client->closed_within(3), "$name: the connection ends") }
}
is($gateway->ask('/other/malformed')->body, 'a static error page', 'a static error document is served');
my $answer = $gateway->ask('/self/fine?x');
is($answer->status, 200, 'a place whose error document fails like itself is served while nothing fails');
$answer = $gateway->ask('/self/malformed');
is($answer->status, 502, 'where the error document fails as well: 502, once');
ok($answer->is_complete, 'a complete one');

# Parts of pages.
my $fine = 'fine: REQUEST_METHOD=GET CONTENT_LENGTH=none REQUEST_URI=/page.shtml SERVER_PROTOCOL=INCLUDED stdin=0';
for my $body (undef, 'a=b', $big) {
    my $what = length($body // '') . ' bytes of body';
    my $client = $gateway->client(timeout => 5);
    my $page = $client->ask('/page.shtml', method => defined $body ? 'POST' : 'GET', body => $body);
    if (defined $body) { like($page->status, qr/^(?:200|405)$/, "a page with parts, $what: answered") }
    is($page->body, "[$fine|$fine]", "a page with parts, $what: each part has a GET without a body") if $page->status == 200;
    is($client->ask('/app/fine')->status, 200, "a page with parts, $what: the next request on the connection is served") if $page->keeps_alive;
}
$answer = $gateway->ask('/malformed.shtml');
ok($answer->is_complete && $answer->body !~ /colon/, 'a part that is refused: a page without it, and without the backend\'s bytes');
like($answer->body, qr/an error occurred/, 'a part that is refused: the page says so');
$answer = $gateway->ask('/broken.shtml');
ok($answer->verdict eq 'truncated' || $answer->body !~ /end of the page/, 'a part that breaks off: no page that looks whole') or diag($answer->summary, $answer->body);
$gateway->finish(findings => [qw(FCT1304 FCT1210 FCT2001 FCT2003)], log => [qr{unable to include "/app/malformed"}], allow => [qr/AH0\d+/, qr/FCT1201/]);
done_testing;
