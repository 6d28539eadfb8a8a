# Framing that two parsers could read differently is refused: 400, the connection ends, and nothing of it reaches the backend.
# SPEC 4; EVIDENCE R6, R10.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;

my $smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
my $chunks = "5\r\nabcde\r\n0\r\n\r\n";

# The lines of the head behind "POST … HTTP/1.1" and Host; what follows the head.
my @refused = (
    ['gzip, chunked', "Transfer-Encoding: gzip, chunked\r\n", $chunks],
    ['identity, chunked', "Transfer-Encoding: identity, chunked\r\n", $chunks],
    ['chunked, chunked', "Transfer-Encoding: chunked, chunked\r\n", $chunks],
    ['chunked, identity', "Transfer-Encoding: chunked, identity\r\n", $chunks],
    ['gzip', "Transfer-Encoding: gzip\r\n", $chunks],
    ['identity', "Transfer-Encoding: identity\r\n", $chunks],
    ['an empty value', "Transfer-Encoding:\r\n", $chunks],
    ['xchunked', "Transfer-Encoding: xchunked\r\n", $chunks],
    ['chunkedx', "Transfer-Encoding: chunkedx\r\n", $chunks],
    ['quoted', "Transfer-Encoding: \"chunked\"\r\n", $chunks],
    ['chunked with a parameter', "Transfer-Encoding: chunked;q=1\r\n", $chunks],
    ['a comma behind it', "Transfer-Encoding: chunked,\r\n", $chunks],
    ['a comma before it', "Transfer-Encoding: ,chunked\r\n", $chunks],
    ['the field twice', "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", $chunks],
    ['the field twice, first gzip', "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", $chunks],
    ['the field twice, second identity', "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", $chunks],
    ['with Content-Length behind it', "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", $chunks],
    ['with Content-Length before it', "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", $chunks],
    ['with Content-Length 0', "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", $chunks],
    ['with the Content-Length of the raw bytes', "Content-Length: " . length($chunks) . "\r\nTransfer-Encoding: chunked\r\n", $chunks],
    ['with a Content-Length that is none', "Content-Length: abc\r\nTransfer-Encoding: chunked\r\n", $chunks],
    ['a vertical tab before it', "Transfer-Encoding: \x0bchunked\r\n", $chunks],
    ['a folded line', "Transfer-Encoding:\r\n chunked, gzip\r\n", $chunks],
    ['two Content-Lengths', "Content-Length: 5\r\nContent-Length: 6\r\n", 'abcde'],
    ['a Content-Length with a sign', "Content-Length: +5\r\n", 'abcde'],
    ['a negative Content-Length', "Content-Length: -5\r\n", 'abcde'],
    ['a Content-Length list', "Content-Length: 5, 5\r\n", 'abcde'],
    ['a hexadecimal Content-Length', "Content-Length: 0x5\r\n", 'abcde'],
    ['an empty Content-Length', "Content-Length:\r\n", 'abcde'],
    ['a Content-Length beyond 64 bits', "Content-Length: 99999999999999999999\r\n", 'abcde'],
);

# The framing is right and the chunks are not.
my @malformed = (
    ['a chunk size with a sign', "+5\r\nabcde\r\n0\r\n\r\n"], ['a chunk size in 0x', "0x5\r\nabcde\r\n0\r\n\r\n"], ['a negative chunk size', "-5\r\nabcde\r\n0\r\n\r\n"],
    ['no chunk size', "\r\nabcde\r\n0\r\n\r\n"], ['a chunk longer than its size', "3\r\nabcde\r\n0\r\n\r\n"], ['a chunk size beyond 64 bits', "fffffffffffffffff\r\nabcde\r\n0\r\n\r\n"],
    ['a bare LF behind the size', "5\nabcde\r\n0\r\n\r\n"], ['a bare LF behind the chunk', "5\r\nabcde\n0\r\n\r\n"], ['nonsense', "zzz\r\nabcde\r\n0\r\n\r\n"],
);

my $gateway = FCT::Gateway->new(worker => 'enablereuse=on');
for (@refused) {
    my ($name, $head, $after) = @$_;
    for my $version ('1.1', '1.0') {
        my $what = $version eq '1.1' ? $name : "$name, HTTP/1.0";
        my $client = $gateway->client(timeout => 5);
        $client->send("POST /refused HTTP/$version\r\nHost: test.example\r\n$head\r\n$after$smuggled");
        my $answer = $client->response;
        is($answer->status, 400, "$what: 400");
        ok(!$answer->keeps_alive && defined $client->closed_within(3), "$what: the connection ends");
        is($client->leftover, '', "$what: nothing else is answered");
        $client->close;
    }
}
for (['what is right on HTTP/1.1, on HTTP/1.0', "Transfer-Encoding: chunked\r\n", $chunks]) {
    my ($name, $head, $after) = @$_;
    my $client = $gateway->client(timeout => 5);
    $client->send("POST /refused HTTP/1.0\r\nHost: test.example\r\n$head\r\n$after$smuggled");
    is($client->response->status, 400, "$name: 400");
    ok(defined $client->closed_within(3) && $client->leftover eq '', "$name: the connection ends");
}
for (@malformed) {
    my ($name, $bytes) = @$_;
    my $client = $gateway->client(timeout => 5);
    $client->send("POST /malformed HTTP/1.1\r\nHost: test.example\r\nTransfer-Encoding: chunked\r\n\r\n$bytes$smuggled");
    my $answer = $client->response;
    like($answer->status, qr/^4(?:00|13)$/, "$name: refused");
    ok(!$answer->keeps_alive && defined $client->closed_within(3), "$name: the connection ends");
    is($client->leftover, '', "$name: nothing else is answered");
    $client->close;
}
is(scalar(() = $gateway->peer->requests), 0, 'nothing of all this reached the backend');

# And what is right is served, in whatever letters.
for my $letters ('chunked', 'Chunked', 'CHUNKED', 'cHuNkEd', ' chunked ', "\tchunked") {
    my $client = $gateway->client(timeout => 5);
    $client->send("POST /served HTTP/1.1\r\nHost: test.example\r\nTransfer-Encoding:$letters\r\n\r\n$chunks");
    my $answer = $client->response;
    is($answer->status, 200, "'$letters': served");
    my $request = ($gateway->peer->requests)[-1];
    is($request->{stdin}, 'abcde', "'$letters': the body arrives without its chunks");
    is($request->{param}{CONTENT_LENGTH}, 5, "'$letters': with its length");
    is(scalar(grep {/TRANSFER_ENCODING/} keys $request->{param}->%*), 0, "'$letters': Transfer-Encoding does not go on");
    is($client->ask('/next')->status, 200, "'$letters': the connection is kept");
}
$gateway->finish(findings => ['FCT5017'], allow => [qr/AH0\d+/, qr/FCT5010/]);
done_testing;
