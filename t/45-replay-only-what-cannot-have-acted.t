# Only an idempotent request whose body is still at hand, and that met a kept connection which closed before its first response byte, is sent
# once more: on a newly opened connection, once. Everything else is 502. SPEC 4; EVIDENCE R1, R7.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::H2;
use FCT::Record qw(:all);

# /keep is answered and the connection kept. /lose?TOKEN[,HOW] on a kept connection is read and the connection ends without an answer;
# on a new connection it is answered. HOW: begun – after the first byte of an answer; twice – new connections end as well; reset.
sub serve ($conn) {
    my $requests = 0;
    while (my $request = $conn->read_request('params')) {
        $requests++;
        my ($token, $how) = $request->{param}{REQUEST_URI} =~ /lose\?(\w+),?(\w*)/;
        $how //= '';
        if ($token && ($requests > 1 || $how =~ /^(?:twice|new)$/)) {
            $conn->read_rest($request) or return if $how ne 'unread';
            $conn->send(substr stdout($request->{id}, "Content-Type: text/plain\r\n\r\n"), 0, 1) if $how eq 'begun';
            return $conn->reset if $how eq 'reset';
            return;
        }
        $conn->read_rest($request) or return;
        $conn->send(answer($request->{id}, "served $request->{param}{REQUEST_METHOD} $request->{stdin}"));
    }
}

my $gateway = FCT::Gateway->new(worker => 'enablereuse=on max=1', serve => \&serve, h2 => 1,
    policy => '<request methods="GET HEAD POST PUT DELETE OPTIONS PATCH" max-body="64M" override="yes"/>',
    places => { stream => '<request methods="GET POST PUT" chunked="stream" max-body="64M" override="yes"/>' });
my $n = 0;

# Every request with this token that reached the peer, with the number of its connection.
sub attempts ($token) {
    my @found;
    for my $c ($gateway->peer->connections) {
        push @found, map { +{ %$_, connection => $c->{number}, place => $c->{requests}[0]{id} == $_->{id} ? 'first' : 'later' } }
            grep { ($_->{param}{QUERY_STRING} // '') =~ /^$token\b/ } $c->{requests}->@*;
    }
    return @found;
}

# name, method, body, how the connection is lost, replayed?, more for the request
my @rows = (
    ['GET', 'GET', undef, '', 1], ['HEAD', 'HEAD', undef, '', 1], ['DELETE', 'DELETE', undef, '', 1], ['OPTIONS', 'OPTIONS', undef, '', 1],
    ['DELETE with a body', 'DELETE', 'abc', '', 1], ['PUT with a small body', 'PUT', 'abc', '', 1], ['PUT with an empty body', 'PUT', '', '', 1],
    ['PUT with 60 KB', 'PUT', 'x' x 60_000, '', 1], ['GET with a body', 'GET', 'abc', '', 1],
    ['GET, connection reset', 'GET', undef, 'reset', 1], ['PUT, connection reset', 'PUT', 'abc', 'reset', 1],
    ['POST', 'POST', 'abc', '', 0], ['POST without a body', 'POST', '', '', 0], ['PATCH', 'PATCH', 'abc', '', 0], ['POST, connection reset', 'POST', 'abc', 'reset', 0],
    ['POST, its body unread', 'POST', 'x' x 60_000, 'unread', 0],
    ['GET after the first byte of an answer', 'GET', undef, 'begun', 0], ['PUT after the first byte of an answer', 'PUT', 'abc', 'begun', 0],
);
for (@rows) {
    my ($name, $method, $body, $how, $is_replayed) = @$_;
    my $token = 't' . ++$n;
    is($gateway->ask('/keep')->status, 200, "$name: a connection is kept");
    my $answer = $gateway->ask("/lose?$token,$how", method => $method, body => $body);
    my @attempts = attempts($token);
    if ($is_replayed) {
        is($answer->status . ' ' . $answer->body, $method eq 'HEAD' ? '200 ' : "200 served $method " . ($body // ''), "$name: the client gets its answer");
        is(scalar @attempts, 2, "$name: it was sent twice");
        isnt($attempts[0]{connection}, $attempts[1]{connection} // '', "$name: the second time on another connection");
        is($attempts[1]{place} // '', 'first', "$name: a newly opened one");
        is($attempts[1]{stdin} // '', $body // '', "$name: the whole body went again");
    }
    else {
        is($answer->status, 502, "$name: the client gets 502");
        is(scalar @attempts, 1, "$name: it was never sent again");
    }
}

# Once means once; and a connection that was new has no second chance.
for my $how ('twice', 'new') {
    my $token = 't' . ++$n;
    $gateway->ask('/keep') if $how eq 'twice';
    if ($how eq 'new') { $gateway->ask("/lose?x$token,twice") }    # leaves no connection
    my $answer = $gateway->ask("/lose?$token,$how");
    is($answer->status, 502, $how eq 'twice' ? 'lost again: 502' : 'lost on a new connection: 502');
    is(scalar attempts($token), $how eq 'twice' ? 2 : 1, $how eq 'twice' ? 'lost again: two attempts' : 'lost on a new connection: one attempt');
}

# A body that is not at hand any more: larger than what is kept, or streamed.
for my $row (['1 MB with a length', '/lose', 'Content-Length: 1000000', 'x' x 1_000_000], ['a streamed body', '/stream/lose', 'Transfer-Encoding: chunked', "5\r\nabcde\r\n", "0\r\n\r\n"]) {
    my ($name, $path, $framing, @pieces) = @$row;
    my $token = 't' . ++$n;
    is($gateway->ask('/keep')->status, 200, "$name: a connection is kept");
    my $client = $gateway->client;
    $client->send("PUT $path?$token HTTP/1.1\r\nHost: test.example\r\n$framing\r\n\r\n");
    $client->send_pieces(\@pieces, 0.05);
    is($client->response->status, 502, "PUT with $name: 502");
    my @attempts = attempts($token);
    is(scalar @attempts, 1, "PUT with $name: never sent again");
}

# A spooled body is at hand.
my $token = 't' . ++$n;
$gateway->ask('/keep');
my $client = $gateway->client;
$client->send("PUT /lose?$token HTTP/1.1\r\nHost: test.example\r\nTransfer-Encoding: chunked\r\n\r\n" . sprintf("%x\r\n%s\r\n0\r\n\r\n", 300_000, 'x' x 300_000));
is($client->response->status, 200, 'PUT with a spooled body of 300 KB is served');
is(join(' ', map { length $_->{stdin} } attempts($token)), '300000 300000', 'it was sent twice, whole');

# HTTP/2.
for my $row (['GET', undef, 200, 2], ['POST', 'abc', 502, 1]) {
    last if !$gateway->speaks_h2;
    my ($method, $body, $status, $times) = @$row;
    $token = 't' . ++$n;
    $gateway->ask('/keep');
    my $h2 = $gateway->h2;
    is($h2->ask("/lose?$token", method => $method, body => $body, length => defined $body)->{status}, $status, "HTTP/2, $method: $status");
    is(scalar attempts($token), $times, "HTTP/2, $method: sent $times times");
}
$gateway->finish(findings => [qw(FCT5006 FCT1201|FCT1210)], allow => [qr/FCT1210/, qr/FCT1201/]);
done_testing;
