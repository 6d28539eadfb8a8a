# A body without a length is spooled, streamed or refused, and a body over max-body is refused, announced or not. What an input filter
# changes has no announced length. SPEC 4; POLICY 5.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Record qw(:all);

sub say_body ($conn, $request) {
    $conn->send(answer($request->{id}, ($request->{param}{CONTENT_LENGTH} // 'none') . " $request->{stdin}"));
    return 1;
}

my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', modules => [qw(deflate filter)], h2 => 1, each => \&say_body, policy => '', places => {
    spool  => '<request max-body="100" override="yes"/>',
    stream => '<request max-body="100" chunked="stream" override="yes"/>',
    refuse => '<request max-body="100" chunked="refuse" override="yes"/>',
    all    => '<request max-body="unlimited" chunked="stream" override="yes"/>',
    inflate => '<request max-body="1M" override="yes"/>',
    inflate_few => '<request max-body="100" override="yes"/>',
}, front => "<LocationMatch ^/inflate>\nSetInputFilter DEFLATE\n</LocationMatch>");

sub chunked (@chunks) { return join '', (map { sprintf "%x\r\n%s\r\n", length, $_ } @chunks), "0\r\n\r\n" }

# One POST on a connection of its own: its status, and the body where that is 200.
sub post ($path, $framing, @pieces) {
    my $client = $gateway->client(timeout => 10);
    $client->send_pieces(["POST $path HTTP/1.1\r\nHost: test.example\r\n$framing\r\n\r\n", @pieces], 0.02);
    my $answer = $client->response;
    return $answer->status == 200 ? '200 ' . $answer->body : $answer->status . ($answer->keeps_alive ? ' kept' : '');
}

sub h2_post ($path, @pieces) {
    my $h2 = $gateway->h2;
    my $stream = $h2->request($path, open => 1);
    for my $i (0 .. $#pieces) { $h2->data($stream, $pieces[$i], $i == $#pieces) }
    my $answer = $h2->answer($stream, 5);
    return $answer->{status} == 200 ? "200 $answer->{body}" : "$answer->{status} $answer->{verdict}";
}

my $chunked = 'Transfer-Encoding: chunked';
my $most = 'm' x 100;
my $over = 'm' x 101;
# path, framing, pieces, what the client gets
my @rows = (
    ['spool', $chunked, [chunked('abc')], '200 3 abc'], ['spool', $chunked, [chunked(split //, $most)], "200 100 $most"],
    ['spool', $chunked, [chunked($over)], '413'], ['spool', $chunked, [map {"1\r\n$_\r\n"} split //, $over], '413'],
    ['spool', $chunked, ["ffffffff\r\n" . 'x' x 1000], '413'], ['spool', 'Content-Length: 100', [$most], "200 100 $most"],
    ['spool', 'Content-Length: 101', [], '413'], ['spool', 'Content-Length: 101', [$over], '413'], ['spool', 'Content-Length: 99999999999', [], '413'],
    ['stream', $chunked, [chunked('abc')], '200 3 abc', '200 none abc'], ['stream', $chunked, ["3\r\nabc\r\n", chunked('def')], '200 none abcdef'],
    ['stream', $chunked, [chunked($over)], '413'], ['stream', $chunked, ["64\r\n$most\r\n", "1\r\nx\r\n", "0\r\n\r\n"], '413'],
    ['stream', 'Content-Length: 100', [$most], "200 100 $most"], ['stream', 'Content-Length: 101', [], '413'],
    ['refuse', $chunked, [chunked('abc')], '411 kept', '411'], ['refuse', $chunked, [], '411'], ['refuse', 'Content-Length: 100', [$most], "200 100 $most"],
    ['all', $chunked, ["3\r\nabc\r\n", chunked('x' x 100_000)], '200 none abc' . 'x' x 100_000],
    ['all', 'Content-Length: 200000', ['x' x 200_000], '200 200000 ' . 'x' x 200_000],
    ['page', $chunked, [chunked(('x' x 10_000) x 100)], '200 1000000 ' . 'x' x 1_000_000],
    ['page', $chunked, [chunked(('x' x 10_000) x 110)], '413'], ['page', 'Content-Length: 1048577', [], '413'], ['page', 'Content-Length: 1048576', ['x' x 1_048_576], '200 1048576 ' . 'x' x 1_048_576],
);
for (@rows) {
    my ($place, $framing, $pieces, @wanted) = @$_;
    my $got = post("/$place/page", $framing, @$pieces);
    my $length = 0;
    $length += length for @$pieces;
    ok(scalar(grep { $got eq $_ } @wanted), "$place, $framing, $length bytes: " . substr $wanted[0], 0, 20) or diag(substr $got, 0, 200);
}
for (['spool', ['abc'], '200 3 abc'], ['spool', [$over], '413 complete'], ['spool', [('x') x 101], '413 complete'], ['refuse', ['abc'], '411 complete'],
    ['stream', [$over], '413 complete'], ['all', ['abc', 'x' x 50_000], '200 none abc' . 'x' x 50_000]) {
    last if !FCT::Gateway->speaks_h2;
    my ($place, $pieces, $wanted) = @$_;
    my $got = h2_post("/$place/page", @$pieces);
    $got =~ s/^200 \d+ /200 none / if $wanted =~ /^200 none/;
    is(substr($got, 0, 200), substr($wanted, 0, 200), "HTTP/2, $place, " . length(join '', @$pieces) . ' bytes: ' . substr $wanted, 0, 20);
}

# An input filter that changes the length: what is announced is not what arrives.
my $plain = substr join('', map { sprintf 'line %d of a text; ', $_ * $_ } 1 .. 5000), 0, 50_000;
my $deflated = do {
    my $file = FCT::Proc::write_file(FCT::Proc::scratch() . '/plain', $plain);
    my $gzip = FCT::Proc::find_program('gzip') // die "gzip is not installed\n";
    qx($gzip -nc '$file');
};
my $length = length $deflated;
for my $framing ("Content-Length: $length", $chunked) {
    my $bytes = $framing eq $chunked ? chunked($deflated) : $deflated;
    my $got = post('/inflate/page', "$framing\r\nContent-Encoding: gzip", $bytes);
    ok($got eq "200 50000 $plain", "a body inflated on its way, $framing: the length is that of what arrives") or diag(substr $got, 0, 80);
    is(post('/inflate_few/page', "$framing\r\nContent-Encoding: gzip", $bytes), '413', "a body inflated over max-body, $framing: 413");
}
my $mixed = post('/inflate/page', "Content-Length: 3", 'abc');
is($mixed, '200 3 abc', 'a body that the filter leaves alone arrives');

is(scalar(grep { ($_->{param}{CONTENT_LENGTH} // length $_->{stdin}) != length $_->{stdin} && $_->{stdin_ended} } $gateway->peer->requests), 0,
    'no STDIN that was ended had another length than was announced');
ok(!(grep { $_->{stdin_ended} && length $_->{stdin} > 100 && $_->{param}{REQUEST_URI} =~ m{^/(?:spool|stream|refuse|inflate_few)/} } $gateway->peer->requests),
    'no body over its limit looked whole to the backend');
$gateway->finish(findings => [qw(FCT2003 FCT2004 FCT5019)], allow => [qr/FCT5010/, qr/AH01\d+/]);
done_testing;
