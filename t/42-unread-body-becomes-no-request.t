# What is left of a body that nobody wants is dropped where it is there and small; else the connection ends and says so. It never becomes a
# request, and never keeps the answer back. SPEC 3; EVIDENCE F9, R8.
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

# The peer answers from the parameters alone, as the path says, and never reads a body.
sub serve ($conn) {
    my $request = $conn->read_request('params') or return;
    my ($what) = $request->{param}{REQUEST_URI} =~ m{/(\w+)\z};
    my $id = $request->{id};
    return if $what eq 'closes';
    $conn->send($what eq 'forbids' ? answer($id, 'forbidden', 'Status: 403', 'Content-Type: text/plain')
        : $what eq 'accepts' ? answer($id, 'accepted') : $what eq 'overloaded' ? end_request($id, 0, FCGI_OVERLOADED)
        : $what eq 'lies' ? stdout($id, "no header\n") . end_request($id) : answer($id, "own $request->{param}{REQUEST_URI}"));
    $conn->drain(1);
}

my $gateway = FCT::Gateway->new(serve => \&serve, places => { closed => '<request methods="GET" override="yes"/>' });
my $smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
my @endings = (['/closed/page', 405], ['/forbids', 403], ['/accepts', 200], ['/overloaded', 503], ['/lies', 502], ['/closes', 502]);

sub body_of ($size) { return substr $smuggled x (1 + $size / length $smuggled), 0, $size }

for (@endings) {
    my ($path, $status) = @$_;
    for my $row (
        ['a small body that is there', 100, 100], ['64 KB that are there', 65_000, 65_000], ['a body of 1 MB', 1_000_000, 1_000_000],
        ['half of a small body', 100, 50], ['half of 60 KB', 60_000, 30_000], ['half of 1 MB', 1_000_000, 500_000], ['nothing of a small body', 100, 0],
        ['nothing of 60 MB', 60_000_000, 0], ['a chunked body, unfinished', undef, 200],
    ) {
        my ($name, $length, $sent) = @$row;
        my $what = "$status, $name";
        my $client = $gateway->client(timeout => 5);
        my $framing = defined $length ? "Content-Length: $length" : 'Transfer-Encoding: chunked';
        my $body = defined $length ? body_of($sent) : "c8\r\n" . body_of(200) . "\r\n";
        next if !defined $length && $path ne '/closed/page';    # elsewhere it is spooled first
        my $start = time;
        $client->send("POST $path HTTP/1.1\r\nHost: test.example\r\n$framing\r\n\r\n$body");
        my $answer = $client->response;
        is($answer->status, $status, "$what: the answer comes");
        cmp_ok(time - $start, '<', 3, "$what: at once");
        if ($answer->keeps_alive) {
            is($sent, $length, "$what: the connection is kept, for all of the body was there");
            is($client->ask('/next')->body, 'own /next', "$what: and the next request on it gets its own answer");
        }
        else {
            isnt($answer->header('Connection'), undef, "$what: the connection is not kept, the client is told so");
            ok(defined $client->closed_within(4), "$what: and it ends");
            is($client->leftover, '', "$what: without another answer");
        }
        $client->close;
    }
}
my $client = $gateway->client;
$client->send("POST /closed/page HTTP/1.1\r\nHost: test.example\r\nContent-Length: 10\r\n\r\n0123456789");
is($client->response->keeps_alive, 1, 'a refusal of a request whose body is there keeps the connection');
is($client->ask('/next')->body, 'own /next', 'and the next request is served');

is(scalar $gateway->requests_for('/smuggled'), 0, 'no byte of a body became a request');
$gateway->finish(findings => [qw(FCT2001 FCT1206 FCT1304 FCT1210)]);
done_testing;
