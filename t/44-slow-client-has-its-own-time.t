# How long a client may pause in its body is httpd's Timeout, not the backend's: a backend that waits for the body is not at fault, and a
# client slower than ProxyTimeout is served. One that pauses for longer than Timeout is 408. SPEC 4; as mod_proxy_fcgi has it.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time sleep);
use FCT::Gateway;

my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', front => "Timeout 4\nProxyTimeout 1", h2 => 1, tls => 0,
    each => sub ($conn, $request) { $conn->send(FCT::Record::answer($request->{id}, length $request->{stdin})); return 1 },
    places => { stream => '<request chunked="stream" override="yes"/>' });

for my $row (['with a length', '/page', "Content-Length: 10\r\n\r\n", ['12345', '67890'], 10], ['in chunks, spooled', '/page', "Transfer-Encoding: chunked\r\n\r\n", ["5\r\n12345\r\n", "5\r\n67890\r\n0\r\n\r\n"], 10],
    ['in chunks, streamed', '/stream/page', "Transfer-Encoding: chunked\r\n\r\n", ["5\r\n12345\r\n", "5\r\n67890\r\n0\r\n\r\n"], 10],
    ['with a length, larger than what is read at first', '/page', "Content-Length: 200000\r\n\r\n", ['x' x 100_000, 'x' x 100_000], 200_000]) {
    my ($name, $path, $framing, $pieces, $length) = @$row;
    my $client = $gateway->client(timeout => 8);
    $client->send("POST $path HTTP/1.1\r\nHost: test.example\r\n$framing");
    for my $piece (@$pieces) { sleep 1.6; $client->send($piece) }
    my $answer = $client->response;
    is($answer->status . ' ' . $answer->body, "200 $length", "a body $name, sent with pauses longer than ProxyTimeout, is served");
}
if ($gateway->speaks_h2) {
    my $h2 = $gateway->h2(timeout => 8);
    my $stream = $h2->request('/page', open => 1, headers => ['content-length' => 10]);
    for my $piece ('12345', '67890') { sleep 1.6; $h2->data($stream, $piece, $piece eq '67890') }
    my $answer = $h2->answer($stream);
    is("$answer->{status} $answer->{body}", '200 10', 'HTTP/2: a body sent with pauses longer than ProxyTimeout is served');
}
my $client = $gateway->client(timeout => 10);
my $start = time;
$client->send("POST /page HTTP/1.1\r\nHost: test.example\r\nContent-Length: 10\r\n\r\n12345");
my $answer = $client->response;
my $took = time - $start;
is($answer->status, 408, 'a client that pauses for longer than Timeout: 408');
ok($took > 3 && $took < 7, "after that time ($took s)");
ok(defined $client->closed_within(3), 'and its connection ends');
ok(!(grep { $_->{stdin_ended} && $_->{stdin} eq '12345' } $gateway->peer->requests), 'the backend never takes its body for whole');
$gateway->finish(findings => ['FCT5010']);
done_testing;
