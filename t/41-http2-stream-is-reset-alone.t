# Over HTTP/2 an answer that began and cannot be finished resets its stream, and only that: the other streams of the connection, and the
# requests after it, get exactly their own answers. SPEC 3; EVIDENCE F8.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Record qw(:all);

plan skip_all => 'mod_http2 does not run under prefork' if !FCT::Gateway->speaks_h2;

my $part = "the first part\n";
my %fault = (
    closes    => sub ($conn, $id) { $conn->close },
    resets    => sub ($conn, $id) { $conn->reset },
    nonsense  => sub ($conn, $id) { $conn->send(record(42, $id, 'x')); $conn->drain(5) },
    overload  => sub ($conn, $id) { $conn->send(end_request($id, 0, FCGI_OVERLOADED)); $conn->drain(5) },
    silence   => sub ($conn, $id) { $conn->drain(5) },
    short     => sub ($conn, $id) { $conn->send(stdout_end($id) . end_request($id)) },
);

# /fault: begin, wait, fail; /slow: begin, wait, finish; anything else: its own answer.
sub serve ($conn) {
    while (my $request = $conn->read_request) {
        my $id = $request->{id};
        my ($path, $query) = split /\?/, $request->{param}{REQUEST_URI}, 2;
        if ($path eq '/fault') {
            my ($fault, $length, $token) = split /,/, $query;
            $conn->send(stdout($id, "Content-Type: text/plain\r\n" . ($length ? "Content-Length: $length\r\n" : '') . "\r\n$part"));
            $conn->wait_for($token, 8);
            return $fault{$fault}->($conn, $id);
        }
        if ($path eq '/slow') {
            $conn->send(stdout($id, "Content-Type: text/plain\r\n\r\nbefore "));
            $conn->wait_for($query, 8);
            $conn->send(stdout($id, 'after') . stdout_end($id) . end_request($id));
            next;
        }
        $conn->send(answer($id, "own $request->{param}{REQUEST_URI} $request->{stdin}"));
    }
}

my %front = ('h2c' => {}, 'h2 over TLS' => { tls => 1 });

for my $name (sort keys %front) {
    subtest $name => sub {
        my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', serve => \&serve, front => 'ProxyTimeout 1', h2 => 1, $front{$name}->%*);
        my $h2 = $gateway->h2;
        my $n = 0;
        for my $fault (sort keys %fault) {
            for my $length (0, 100_000) {
                next if $fault eq 'short' && !$length;
                my $what = "the backend's $fault in an answer " . ($length ? 'with Content-Length' : 'without a length');
                my ($stop, $go) = ('stop' . ++$n, "go$n");
                my $slow   = $h2->request("/slow?$go");
                my $doomed = $h2->request("/fault?$fault,$length,$stop");
                ok($h2->wait_body($doomed, length $part, 5), "$what: the answer begins");
                ok($h2->wait_body($slow, length 'before ', 5), "$what: the other one too");
                $gateway->peer->signal($stop);
                my $answer = $h2->answer($doomed, 4);
                is($answer->{verdict}, 'reset', "$what: the stream is reset");
                is($answer->{body}, $part, "$what: after the part that came");
                my $own = $h2->ask("/own?$n", body => "body $n");
                is($own->{body}, "own /own?$n body $n", "$what: a new stream gets its own answer");
                $gateway->peer->signal($go);
                my $other = $h2->answer($slow, 5);
                is($other->{verdict} eq 'complete' ? $other->{body} : "$other->{verdict} $other->{status} $other->{body}", 'before after', "$what: the other stream is finished")
                    if $fault ne 'silence';    # there the time-out meets both
            }
        }
        ok(!defined $h2->{goaway} && !$h2->{client}{closed}, 'one connection carried it all');
        my $refused = $h2->ask('/page', method => 'OPTIONS');
        is("$refused->{status} $refused->{verdict}", '405 complete', 'a refused request is a complete answer');
        $h2->close;
        $gateway->finish(findings => [qw(FCT1210 FCT1106 FCT1206 FCT5002 FCT1212 FCT2001)]);
    };
}
done_testing;
