# Bodies in pieces of any size, large and small in any order, arrive byte for byte in both directions, behind each other and with what is
# pipelined behind them; and many small pieces cost little memory. SPEC 4, 5, 11.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::MD5 qw(md5_hex);
use Test::More;
use FCT::Gateway;
use FCT::Proc qw(fork_child stop_child);
use FCT::Record qw(:all);

# Bytes that are never twice the same.
sub text ($seed, $length) {
    my $text = '';
    for (my $n = 0; length $text < $length; $n++) { $text .= sprintf '%x.%x|', $seed, $n }
    return substr $text, 0, $length;
}

my @sizes = (5000, 1, 100, 4095, 4096, 9, 8, 7, 30_000, 3000, 3000, 1, 65_535, 2, 4100, 4000, 4100, 10);

# /answer: the sizes above as records, all in one write, the order turned; else what came, as a digest.
sub serve ($conn) {
    while (my $request = $conn->read_request) {
        my $id = $request->{id};
        if ($request->{param}{REQUEST_URI} =~ m{/answer/(\d+)/(\w+)}) {
            my ($turn, $how) = ($1, $2);
            my @order = @sizes[map { ($_ + $turn) % @sizes } 0 .. $#sizes];
            my $n = 0;
            my $bytes = join '', map { record(FCGI_STDOUT, $id, text(++$n, $_), pad => $how eq 'padded' ? 5 : 0) } @order;
            $conn->send(stdout($id, "Content-Type: text/plain\r\n\r\n") . $bytes . stdout_end($id) . end_request($id));
            next;
        }
        $conn->send(answer($id, length($request->{stdin}) . ' ' . md5_hex($request->{stdin})));
    }
}

my $gateway = FCT::Gateway->new(serve => \&serve, worker => 'enablereuse=on', threads => 4,
    places => { stream => '<request chunked="stream" max-body="64M" override="yes"/>', held => '<response hold="8M" override="yes"/>' });

for my $turn (0 .. $#sizes) {
    my @order = @sizes[map { ($_ + $turn) % @sizes } 0 .. $#sizes];
    my $n = 0;
    my $whole = join '', map { text(++$n, $_) } @order;
    for my $place ('', '/held') {
        for my $how (qw(plain padded)) {
            my $body = $gateway->ask("$place/answer/$turn/$how")->body;
            ok($body eq $whole, "an answer in pieces of @order[0, 1, 2] …, $how" . ($place && ', held') . ': byte for byte') or diag length($body) . ' bytes';
        }
    }
    for my $place ('', '/stream') {
        my $chunks = join '', map { sprintf("%x\r\n", length $_) . "$_\r\n" } do { $n = 0; map { text(++$n, $_) } @order };
        my $client = $gateway->client;
        my $post = "POST $place/echo HTTP/1.1\r\nHost: test.example\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n";
        my $pid = fork_child('sender', sub { $client->send($post . "GET $place/answer/$turn/plain HTTP/1.1\r\nHost: test.example\r\n\r\n" . $post) });
        my $digest = length($whole) . ' ' . md5_hex($whole);
        is($client->response->body, $digest, "a body in chunks of @order[0, 1, 2] …$place: byte for byte");
        ok($client->response->body eq $whole, 'and what is pipelined behind it');
        is($client->response->body, $digest, 'and the next');
        stop_child($pid);
        $client->close;
    }
}

sub peak { my ($pid) = $gateway->httpd->child_pids; open my $fh, '<', "/proc/$pid/status" or return 0; local $/; return <$fh> =~ /VmHWM:\s+(\d+)/ ? $1 : 0 }

SKIP: {
    skip 'there is no /proc', 4 if !-e '/proc/self/status';
    for my $place ('', '/stream') {
        my $before = peak();
        my $client = $gateway->client(timeout => 60);
        my $body = text(1, 500_000);
        my $pid = fork_child('sender', sub {
            $client->send("POST $place/echo HTTP/1.1\r\nHost: test.example\r\nTransfer-Encoding: chunked\r\n\r\n" . join('', map {"1\r\n$_\r\n"} split //, $body) . "0\r\n\r\n");
        });
        is($client->response->body, '500000 ' . md5_hex($body), "half a million chunks of one byte$place: byte for byte");
        stop_child($pid);
        cmp_ok(peak() - $before, '<', 4000, 'and no more than 4 MB for them');
    }
}
$gateway->finish;
done_testing;
