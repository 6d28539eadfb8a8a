# CONTENT_LENGTH is the number of bytes of STDIN or it is absent, whatever the client's framing, its pace, and what input filters do.
# SPEC 4; EVIDENCE R2.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Digest::MD5 qw(md5_hex);
use Time::HiRes qw(sleep);
use FCT::Gateway;
use FCT::Record qw(:all);

# The peer says what it was told and what it got.
sub say_body ($conn, $request) {
    my $length = $request->{param}{CONTENT_LENGTH} // 'none';
    my $forwarded = join ' ', sort grep {/TRANSFER_ENCODING|HTTP_CONTENT_LENGTH|HTTP_TE$/} keys $request->{param}->%*;
    $conn->send(answer($request->{id}, "$length " . length($request->{stdin}) . ' ' . md5_hex($request->{stdin}) . ($forwarded ? " $forwarded" : '')));
    return 1;
}

# A body of this many bytes whose every place differs.
sub body_of ($size) {
    state $pattern = join '', map { pack 'N', $_ * 2_654_435_761 & 0xffff_ffff } 1 .. 300_000;
    return substr $pattern x (1 + $size / length $pattern), 0, $size;
}

sub expected ($body, $length = length $body) { return "$length " . length($body) . ' ' . md5_hex($body) }

sub chunked ($body, $size) { return join '', (map { sprintf "%x\r\n%s\r\n", length, $_ } unpack "(a$size)*", $body), "0\r\n\r\n" }

sub post_head ($framing, $path = '/page') { return "POST $path HTTP/1.1\r\nHost: test.example\r\n$framing\r\n\r\n" }

# A request in the given pieces; what the peer said.
sub says ($client, @pieces) {
    $client->send_pieces(\@pieces, 0.01);
    my $answer = $client->response(timeout => 20);
    return $answer->status == 200 && $answer->is_complete ? $answer->body : $answer->summary;
}

my @sizes = (0, 1, 127, 128, 8191, 8192, 8193, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 1_000_000);

# HTTP/2: with a length, without one, in many frames, slowly.
sub over_h2 ($gateway, $where, $small) {
    my $h2 = $gateway->h2(timeout => 20);
    for my $size (@sizes) {
        my $body = body_of($size);
        my $answer = $h2->ask('/page', body => $body, length => 1);
        is($answer->{body}, expected($body), "$where/2, $size bytes with content-length");
        $answer = $h2->ask('/page', body => $body);
        like($answer->{body}, $size ? qr/\A\Q@{[expected($body)]}\E\z/ : qr/\A(?:0|none) 0 /, "$where/2, $size bytes without");
        my $stream = $h2->request('/page', open => 1);
        sleep 0.02;
        $h2->data($stream, $body, 1);
        is($h2->answer($stream)->{body}, expected($body), "$where/2, $size bytes without, later than the head");
    }
    is($h2->ask('/page')->{body}, expected('', 'none'), "$where/2, no body: no length");
    my $stream = $h2->request('/page', open => 1);
    for my $byte (split //, $small) { $h2->data($stream, $byte, 0); sleep 0.002 }
    $h2->data($stream, '', 1);
    is($h2->answer($stream)->{body}, expected($small), "$where/2, one byte a frame");
    $h2->close;
    return;
}

for my $tls (0, 1) {
    my $where = $tls ? 'HTTPS' : 'HTTP';
    my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', each => \&say_body, tls => $tls, h2 => 1);
    my $client = $gateway->client(timeout => 20);
    is(says($client, "GET /page HTTP/1.1\r\nHost: test.example\r\n\r\n"), expected('', 'none'), "$where, no body: no length");
    for my $size (@sizes) {
        my $body = body_of($size);
        my $head = post_head("Content-Length: $size");
        is(says($client, $head . $body), expected($body), "$where, $size bytes in one write");
        is(says($client, $head, $body), expected($body), "$where, $size bytes behind the head") if $size;
        is(says($client, $head, substr($body, 0, $size / 2), substr $body, $size / 2), expected($body), "$where, $size bytes in two halves") if $size > 1;
        my $chunked = post_head('Transfer-Encoding: chunked');
        is(says($client, $chunked . chunked($body, 8000)), expected($body), "$where, $size bytes, chunked");
        is(says($client, $chunked, chunked($body, 70_000)), expected($body), "$where, $size bytes, chunked, behind the head");
        is(says($client, $chunked, unpack '(a16384)*', chunked($body, 1000)), expected($body), "$where, $size bytes, chunked and slow") if $size < 200_000;
    }
    my $small = body_of(60);
    is(says($client, post_head('Content-Length: 60'), split //, $small), expected($small), "$where, one byte a write");
    is(says($client, post_head('Transfer-Encoding: chunked'), split //, chunked($small, 1)), expected($small), "$where, chunks of one byte, one byte a write");
    is(says($client, post_head('Transfer-Encoding: chunked') . chunked(body_of(5000), 1)), expected(body_of(5000)), "$where, 5000 chunks of one byte");
    is(says($client, post_head('Transfer-Encoding: chunked'), "5;a=b;c=\"d\"\r\nabcde\r\n", "0\r\nX-Trailer: 1\r\nContent-Length: 99\r\n\r\n"), expected('abcde'),
        "$where, chunk extensions and trailers are no part of it");
    $client->close;

    over_h2($gateway, $where, $small) if $gateway->speaks_h2;
    is(scalar(grep { $_->{stdin_ended} } $gateway->peer->requests), scalar(() = $gateway->peer->requests), "$where: every STDIN was ended");
    $gateway->finish;
}
done_testing;
