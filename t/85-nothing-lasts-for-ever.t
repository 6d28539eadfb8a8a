# A backend that never ends what nobody gets, or sends records that say nothing, holds a request no longer than the time-out; and a response
# that is a head alone goes out only when it is proven. SPEC 3, 5 (time-out; body with HEAD, 204, 304).
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

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

use constant TIMEOUT => 2;

# /STATUS/HOW
my %play = (
    flood  => sub ($conn, $id, $head) { $conn->send(stdout($id, "$head\r\n")); while (1) { $conn->send(stdout($id, 'x' x 60_000)) } },
    drip   => sub ($conn, $id, $head) { $conn->send(stdout($id, "$head\r\n")); while (1) { $conn->send(stdout($id, 'x')); $conn->pause(0.1) } },
    empty  => sub ($conn, $id, $) { while (1) { $conn->send(record(FCGI_STDERR, $id, '')); $conn->pause(0.1) } },
    padded => sub ($conn, $id, $) { while (1) { $conn->send(record(FCGI_STDERR, $id, '', pad => 255)); $conn->pause(0.1) } },
    crowd  => sub ($conn, $id, $) { my $many = record(FCGI_STDERR, $id, '') x 5000; while (1) { $conn->send($many) } },
    letters => sub ($conn, $id, $head) { for (split //, $head . 'X-Long: ' . 'x' x 1000) { $conn->send(stdout($id, $_)); $conn->pause(0.1) } },
    hangs  => sub ($conn, $id, $head) { $conn->send(stdout($id, "${head}X-A: b\r\n\r\n")); $conn->pause(TIMEOUT + 2) },
    after  => sub ($conn, $id, $head) { $conn->send(stdout($id, "$head\r\nbody")); while (1) { $conn->send(record(FCGI_STDERR, $id, '')); $conn->pause(0.1) } },
    dies   => sub ($conn, $id, $head) { $conn->send(stdout($id, "$head\r\n")); $conn->pause(0.3) },
    whole  => sub ($conn, $id, $head) { $conn->send(stdout($id, "$head\r\n")); $conn->pause(0.3); $conn->send(stdout_end($id) . end_request($id)) },
    sends  => sub ($conn, $id, $head) { $conn->send(stdout($id, "${head}X-Sendfile: page.txt\r\n\r\n")); while (1) { $conn->send(stdout($id, 'x')); $conn->pause(0.1) } },
    # as slow as the drip, but each record says something
    talks  => sub ($conn, $id, $head) {
        $conn->send(stdout($id, "$head\r\n"));
        for (1 .. 10) { $conn->send(stdout($id, 'x')); $conn->pause(TIMEOUT / 5) }
        $conn->send(stdout_end($id) . end_request($id));
    },
);

sub serve ($conn) {
    while (my $request = $conn->read_request) {
        my ($status, $how) = $request->{param}{REQUEST_URI} =~ m{^/(?:file/)?(\w+)/(\w+)} or return;
        my $head = $status eq 'none' ? "Status: 200\r\nContent-Length: 0\r\n" : "Status: $status\r\n";
        $play{$how}->($conn, $request->{id}, $head . "Content-Type: text/plain\r\n");
        return if $how eq 'dies';
    }
}

my $gateway = FCT::Gateway->new(serve => \&serve, worker => 'enablereuse=on timeout=' . TIMEOUT, h2 => 1,
    places => { file => '<response sendfile="@DIR@/files" override="yes"/>' }, files => { 'files/page.txt' => 'a file' },
    front => "ProxyErrorOverride On 404\nErrorDocument 404 \"the server's own\"");

my @unwanted = (['HEAD', 200, 200], ['GET', 204, 204], ['GET', 304, 304], ['GET', 404, 404]);
my @rows = (
    (map { my ($method, $status, $want) = @$_; (["$method /$status/flood", $want, 0, 1.9], ["$method /$status/drip", $want, 1.5, 3]) } @unwanted),
    ['GET /200/empty', 504, 1.5, 3], ['GET /200/padded', 504, 1.5, 3], ['GET /200/crowd', 504, 1.5, 3.5], ['GET /200/letters', 504, 1.5, 3],
    ['HEAD /200/hangs', 504, 1.5, 3], ['GET /204/hangs', 504, 1.5, 3], ['GET /none/hangs', 504, 1.5, 3],
    ['HEAD /200/dies', 502, 0, 1.5], ['GET /204/dies', 502, 0, 1.5], ['GET /304/dies', 502, 0, 1.5], ['GET /none/dies', 502, 0, 1.5],
    ['HEAD /200/whole', 200, 0, 1.5], ['GET /204/whole', 204, 0, 1.5], ['GET /304/whole', 304, 0, 1.5], ['GET /none/whole', 200, 0, 1.5],
    ['GET /file/200/sends', 200, 1.5, 3], ['GET /200/talks', 200, 3, 6],
);
for my $row (@rows) {
    my ($what, $status, $least, $most) = @$row;
    my ($method, $path) = split / /, $what;
    my $start = time;
    my $answer = $gateway->ask($path, method => $method, timeout => 8);
    my $took = time - $start;
    is($answer->status, $status, "$what: $status");
    ok($answer->is_complete, "$what: whole") or diag $answer->summary;
    ok($took >= $least && $took <= $most, sprintf '%s: after %.1f s (%s to %s)', $what, $took, $least, $most);
}

if ($gateway->speaks_h2) {
    my $h2 = $gateway->h2;
    for my $row (['HEAD /200/dies', 502], ['GET /204/dies', 502], ['GET /304/dies', 502], ['GET /none/dies', 502], ['GET /204/whole', 204], ['HEAD /200/flood', 200]) {
        my ($what, $status) = @$row;
        my ($method, $path) = split / /, $what;
        my $seen = $h2->ask($path, method => $method);
        is("$seen->{verdict} $seen->{status}", "complete $status", "HTTP/2, $what: $status");
    }
    $h2->close;
}

my $start = time;
my $answer = $gateway->ask('/200/after', timeout => 8);
is($answer->verdict, 'truncated', 'records that say nothing after part of a body: the response is cut off');
cmp_ok(time - $start, '<', 4, 'in time');
$gateway->finish(findings => [qw(FCT5002 FCT1210 FCT5022)]);
done_testing;
