# A backend that takes a connection, or part of a body, and reads no further is found out after the time allowed, whatever is still to be
# sent: 504, or a visible abort. A client that stops sending is 408. SPEC 3, 4, 5.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);
use FCT::Gateway;
use FCT::Record qw(:all);

my $gateway = FCT::Gateway->new(front => "ProxyTimeout 1\nTimeout 2", h2 => 1, places => { stream => '<request chunked="stream" max-body="64M" override="yes"/>' }, serve => sub ($conn) {
    my $request = $conn->read_request('params') or return;
    my ($what) = $request->{param}{REQUEST_URI} =~ m{/(\w+)\z};
    if ($what eq 'half') { $conn->fill(2) for 1 .. 5 }
    if ($what eq 'begun') { $conn->send(stdout($request->{id}, "Content-Type: text/plain\r\n\r\npart")) }
    $conn->pause(5);
});

sub took ($what, $start, $most = 3.5) { my $took = time - $start; return ok($took > 0.8 && $took < $most, "$what: after the time allowed ($took s)") }

for my $row (['nothing of a small body', '/none', 'x' x 100, 504], ['nothing of 20 MB', '/none', 'x' x 20_000_000, 504], ['part of 20 MB', '/half', 'x' x 20_000_000, 504],
    ['nothing of 20 MB, its answer begun', '/begun', 'x' x 20_000_000, 'abort']) {
    my ($name, $path, $body, $wanted) = @$row;
    my $what = "a backend that reads $name";
    my $client = $gateway->client(timeout => 8);
    my $start = time;
    my $pid = FCT::Proc::fork_child('sender', sub { $client->send(FCT::Client::request_bytes($path, body => $body)) });
    my $answer = $client->response(timeout => 8);
    FCT::Proc::stop_child($pid);
    $wanted eq 'abort' ? is($answer->verdict, 'truncated', "$what: the answer is visibly not whole") : is($answer->status, $wanted, "$what: $wanted");
    took($what, $start);
    $client->close;
}
for my $row (['with a length', '/none', "Content-Length: 1000\r\n\r\nabc"], ['in chunks', '/stream/none', "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"]) {
    my ($name, $path, $rest) = @$row;
    my $client = $gateway->client(timeout => 8);
    my $start = time;
    $client->send("POST $path HTTP/1.1\r\nHost: test.example\r\n$rest");
    my $answer = $client->response(timeout => 8);
    like($answer->status, qr/^(?:408|504)$/, "both silent, a body $name: the request ends");
    ok(!$answer->keeps_alive && defined $client->closed_within(3), "both silent, a body $name: and the connection");
    took("both silent, a body $name", $start);
}
if ($gateway->speaks_h2) {
    my $start = time;
    my $h2 = $gateway->h2(timeout => 8);
    is($h2->ask('/none', body => 'x' x 100, length => 1)->{status}, 504, 'HTTP/2: 504');
    took('HTTP/2', $start);
}
$gateway->finish(findings => ['FCT5002'], allow => [qr/FCT5010/]);
done_testing;
