# "100 Continue" is an invitation: nobody gets it whose request is refused unread, everybody gets it once whose body is wanted. SPEC 3.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Proc qw(free_port);
use FCT::Record qw(:all);

# /early answers before it reads the body; everything else says what it got.
sub serve ($conn) {
    while (my $request = $conn->read_request('params')) {
        if ($request->{param}{REQUEST_URI} =~ /early/) {
            $conn->send(answer($request->{id}, 'early', 'Status: 403', 'Content-Type: text/plain'));
            $conn->drain(2);
            return;
        }
        $conn->tell('params' . ($request->{param}{QUERY_STRING} // ''));
        $conn->read_rest($request) or return;
        $conn->send(answer($request->{id}, "got $request->{stdin}"));
    }
}

my $down = free_port();
my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', serve => \&serve,
    front => "ProxyPass /down/ fcgi://127.0.0.1:$down/\n<Location /forbidden/>\nRequire all denied\n</Location>",
    places => {
        strict => '<request max-body="10" chunked="refuse" override="yes"/>', stream => '<request chunked="stream" override="yes"/>',
        methods => '<request methods="GET" override="yes"/>',
    });

# Sends the head with Expect and waits; what comes back before any body is sent.
sub ask_first ($path, $length, %opt) {
    my $client = $gateway->client(timeout => 5);
    my $framing = $length eq 'chunked' ? 'Transfer-Encoding: chunked' : "Content-Length: $length";
    my $version = $opt{version} // '1.1';
    $client->send("@{[$opt{method} // 'POST']} $path HTTP/$version\r\nHost: test.example\r\n$framing\r\nExpect: 100-continue\r\n@{[$opt{more} // '']}\r\n");
    return $client;
}

# Requests that are refused as they stand.
for my $row (
    ['a method that is not allowed', '/methods/page', 5, 405], ['a body over its limit', '/strict/page', 11, 413], ['no length', '/strict/page', 'chunked', 411],
    ['a wrong host', '/page', 5, 400, more => "Host: b\r\n"], ['an upgrade of Transfer-Encoding', '/page', 5, 400, more => "Transfer-Encoding: gzip\r\n"],
    ['a place that is forbidden', '/forbidden/page', 5, 403], ['a backend that is down', '/down/page', 5, 503], ['a large body for a backend that is down', '/down/page', 10_000_000, 503],
) {
    my ($name, $path, $length, $status, %opt) = @$row;
    my $client = ask_first($path, $length, %opt);
    my $answer = $client->response;
    is($answer->status, $status, "$name: $status");
    is(scalar $answer->{interim}->@*, 0, "$name: and no 100 Continue before it");
    ok($answer->is_complete, "$name: a complete answer") or diag($answer->summary);
    ok(!$answer->keeps_alive && defined $client->closed_within(3), "$name: the connection is not used again, for nobody knows whether the body comes");
}

# Requests that are wanted: the invitation comes once, and for a body with a length the backend has the parameters already.
for my $row (
    ['a body with a length', '/page?a', 6, 'abcdef'], ['a chunked body', '/page?b', 'chunked', "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"],
    ['a streamed body', '/stream/page?c', 'chunked', "6\r\nabcdef\r\n0\r\n\r\n"], ['a body of 200 KB', '/page?d', 200_000, 'abcdef' . 'x' x 199_994],
) {
    my ($name, $path, $length, $body) = @$row;
    my $client = ask_first($path, $length);
    ok($client->wait_bytes(qr{\AHTTP/1\.1 100 Continue\r\n\r\n\z}, 5), "$name: invited");
    ok($gateway->peer->wait_told('params' . ($path =~ /\?(.)/)[0], 5), "$name: the backend has the parameters") if $path !~ /b$/;
    $client->send($body);
    my $answer = $client->response;
    is(scalar $answer->{interim}->@*, 1, "$name: invited once");
    like($answer->body, qr/\Agot abcdef/, "$name: the body arrives");
    ok($answer->keeps_alive, "$name: the connection is kept");
    is($client->ask('/next')->body, 'got ', "$name: and the next request on it is answered");
}

# Bodies that come without waiting, and clients that cannot be told.
my $client = ask_first('/page', 6);
$client->send('abcdef');
is($client->response->body, 'got abcdef', 'a client that does not wait is served');
$client = ask_first('/page', 6, version => '1.0');
$client->send('abcdef');
my $answer = $client->response;
is(scalar $answer->{interim}->@*, 0, 'an HTTP/1.0 client gets no 100 Continue');
is($answer->body, 'got abcdef', 'an HTTP/1.0 client is served');
$client = ask_first('/page', 0);
$answer = $client->response;
is($answer->status, 200, 'an empty body is served');
is(scalar $answer->{interim}->@*, 0, 'an empty body needs no invitation');

# An application that answers without the body.
$client = ask_first('/early', 10_000);
$answer = $client->response;
is($answer->status . ' ' . $answer->body, '403 early', 'an early answer reaches a client that was invited and waits still');
ok(!$answer->keeps_alive && defined $client->closed_within(3), 'and its connection is not used again');

is(scalar(grep { $_->{param}{REQUEST_URI} =~ /strict|methods|forbidden|down/ } $gateway->peer->requests), 0, 'no refused request reached the backend');
$gateway->finish(findings => [qw(FCT2001 FCT2003 FCT2004 FCT5001)], log => [qr/AH01630/, qr/AH0(?:1114|0957|0959)/], allow => [qr/FCT5017/, qr/AH0052[0-9]/, qr/FCT5018/]);
done_testing;
