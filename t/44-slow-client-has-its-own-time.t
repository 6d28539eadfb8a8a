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

use constant LARGE => 3_000_000;

sub answer_long ($conn, $id, $pause, $size) {
    $conn->send(FCT::Record::stdout($id, "Content-Type: text/plain\r\n\r\n"));
    for (my $left = LARGE; $left > 0; $left -= $size) {
        $conn->send(FCT::Record::stdout($id, 'x' x ($left < $size ? $left : $size)));
        sleep $pause if $pause && $left > LARGE - 1_500_000;
    }
    $conn->send(FCT::Record::stdout_end($id) . FCT::Record::end_request($id));
    return 1;
}

my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', front => "Timeout 4\nProxyTimeout 1\nSendBufferSize 32768", h2 => 1, tls => 0,
    each => sub ($conn, $request) {
        my ($pause, $size) = $request->{param}{REQUEST_URI} =~ m{/long\?([\d.]+),(\d+)} or do {
            $conn->send(FCT::Record::answer($request->{id}, length $request->{stdin}));
            return 1;
        };
        return answer_long($conn, $request->{id}, $pause, $size);
    },
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

# What cannot be sent waits with the gateway, for longer than ProxyTimeout: the backend, which is made to wait too, is not at fault.
for my $row (['at once', 0, 60_000], ['piece by piece', 0.03, 30_000]) {
    my ($name, $pause, $size) = @$row;
    my $client = $gateway->client(timeout => 8);
    $client->send("GET /long?$pause,$size HTTP/1.1\r\nHost: test.example\r\n\r\n");
    sleep 2;
    my $answer = $client->response;
    is($answer->verdict . ' ' . length $answer->body, 'complete ' . LARGE, "a client that reads nothing for longer than ProxyTimeout gets a large answer, sent $name, whole");
    next if !$gateway->speaks_h2;
    my $h2 = $gateway->h2(timeout => 8);
    my $stream = $h2->request("/long?$pause,$size");
    sleep 2;
    $answer = $h2->answer($stream);
    is("$answer->{verdict} " . length $answer->{body}, 'complete ' . LARGE, "HTTP/2: the same");
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

# mod_reqtimeout watches the clock only when it is asked for more.
SKIP: {
    skip 'mod_reqtimeout is not there', 1 if !FCT::Httpd->has_module('reqtimeout');
    my $watched = FCT::Gateway->new(modules => ['reqtimeout'], front => "Timeout 60\nRequestReadTimeout body=1,MinRate=1000");
    $client = $watched->client(timeout => 20);
    $client->send("POST /page HTTP/1.1\r\nHost: test.example\r\nContent-Length: 10\r\n\r\n12345");
    is($client->response->status, 408, 'a client that pauses for longer than RequestReadTimeout allows: 408, long before Timeout');
    $watched->finish(findings => ['FCT5010']);
}
done_testing;
