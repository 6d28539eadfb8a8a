# An answer that began and cannot be finished ends the client's connection at once; nothing that the client sent behind the request, and
# nothing that is left of its body, is ever taken for an answer or a request. SPEC 3; EVIDENCE F8, F9.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Record qw(:all);

# Rows of EVIDENCE that no public text tells: tests of this module alone.
plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

my $part = "the first part\n";
my %fault = (
    'closes'          => sub ($conn, $id) { $conn->close },
    'resets'          => sub ($conn, $id) { $conn->reset },
    'sends nonsense'  => sub ($conn, $id) { $conn->send(record(42, $id, 'x')); $conn->drain(5) },
    'ends OVERLOADED' => sub ($conn, $id) { $conn->send(end_request($id, 0, FCGI_OVERLOADED)); $conn->drain(5) },
    'falls silent'    => sub ($conn, $id) { $conn->drain(5) },
);
my %head = ('with Content-Length' => "Content-Length: 100000\r\n", 'without a length' => '');

# The query says what happens: begin an answer of a kind, then the fault, once the client has seen the beginning.
sub serve ($conn) {
    while (my $request = $conn->read_request('params')) {
        my ($fault, $head, $token) = map { tr/+/ /r } $request->{param}{QUERY_STRING} =~ /fault=([\w+]*)&head=([\w+-]*)&token=(\w+)/;
        if (!defined $token) {
            $conn->read_rest($request) or return;
            $conn->send(answer($request->{id}, "own $request->{param}{REQUEST_URI}"));
            next;
        }
        $conn->send(stdout($request->{id}, "Content-Type: text/plain\r\n$head{$head}\r\n$part"));
        $conn->wait_for($token, 5);
        return $fault{$fault}->($conn, $request->{id});
    }
}

my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', front => "ProxyTimeout 1\nTimeout 2", serve => \&serve);
my $smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
my $token = 0;

# What the client sends before the fault, as [name, bytes of the head, bytes after it].
my @clients = (
    ['a GET and a pipelined GET', "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", $smuggled],
    ['a GET and 20 pipelined', "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", $smuggled x 20],
    ['a POST, its body, and a pipelined GET', "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", "12345$smuggled"],
    ['half of a small body', "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n", $smuggled x 25],
    ['half of a large body', "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", $smuggled x 10_000],
);

for my $fault (sort keys %fault) {
    for my $head (sort keys %head) {
        for (@clients) {
            my ($name, $request, $after) = @$_;
            my $what = "the backend $fault in an answer $head, the client sent $name";
            my $client = $gateway->client(timeout => 4);
            my $path = sprintf '/page?fault=%s&head=%s&token=t%d', map({ tr/ /+/r } $fault, $head), ++$token;
            my $bytes = sprintf($request, $path) . $after;
            $client->send(substr $bytes, 0, 200_000);
            ok($client->wait_bytes(qr/\Q$part\E/, 5), "$what: the answer begins");
            $gateway->peer->signal("t$token");
            $client->send(substr $bytes, 200_000) if length $bytes > 200_000;
            my $answer = $client->response;
            is($answer->verdict, 'truncated', "$what: the client can tell that it is not whole");
            ok(defined $client->closed_within(3), "$what: the connection is ended");
            ok($answer->{body} eq $part && $client->leftover eq '', "$what: nothing follows the part that came") or diag($answer->body, $client->leftover);
            $client->close;
        }
    }
}
is($gateway->ask('/after')->body, 'own /after', 'the next client gets its own answer');
is(scalar $gateway->requests_for('/smuggled'), 0, 'no byte of a body, and no pipelined request, reached the backend');
$gateway->finish(findings => [qw(FCT1210 FCT1106 FCT1206 FCT5002)], allow => [qr/FCT5010/]);
done_testing;
