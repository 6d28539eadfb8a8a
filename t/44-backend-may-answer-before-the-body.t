# The body is never waited for while the backend may answer: an early answer reaches a client that has stopped in the middle of its
# body, and the two directions can go on side by side. SPEC 4; EVIDENCE R8.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time sleep);
use FCT::Gateway;
use FCT::Record qw(:all);

# /early/N answers 403 as soon as N bytes of STDIN came; /part/N sends the head and a part then, and the rest after the body;
# /echo returns every record of STDIN as it comes; anything else its own answer.
sub serve ($conn) {
    while (my $request = $conn->read_request('params')) {
        my $id = $request->{id};
        my ($what, $after) = $request->{param}{REQUEST_URI} =~ m{/(early|part|echo)(?:/(\d+))?\z};
        if (!$what) { $conn->read_rest($request) or return; FCT::Gateway::say_own($conn, $request); next }
        if ($what ne 'echo') { read_some($conn, $request, $after) or return }
        if ($what eq 'early') {
            $conn->send(answer($id, "stop\n" . 'x' x 20_000, 'Status: 403', 'Content-Type: text/plain', 'X-Connection: ' . $conn->number));
            $conn->drain(3);
            return;
        }
        $conn->send(stdout($id, "Content-Type: text/plain\r\n\r\n" . ($what eq 'part' ? 'part ' : '')));
        echo($conn, $request, $what eq 'echo') or return;
        $conn->send(($what eq 'part' ? stdout($id, length $request->{stdin}) : '') . stdout_end($id) . end_request($id));
    }
}

sub read_some ($conn, $request, $bytes) {
    until (length $request->{stdin} >= $bytes) {
        FCT::PeerConnection::take_record($request, $conn->read_record // return);
    }
    return 1;
}

sub echo ($conn, $request, $is_echo) {
    until ($request->{stdin_ended}) {
        my $record = $conn->read_record // return;
        FCT::PeerConnection::take_record($request, $record);
        $conn->send(stdout($request->{id}, $record->{content})) if $is_echo && $record->{content} ne '';
    }
    return 1;
}

sub over_h2 ($gateway, $where) {
    my $h2 = $gateway->h2(timeout => 5);
    for my $row (['/early/0', ''], ['/early/5', 'abcde'], ['/stream/early/5', 'abcde'], ['/early/0', 'abcde', 1000]) {
        my ($path, $first, $length) = @$row;
        next if $path eq '/early/0' && !$length || $path eq '/early/5';    # without a length it is spooled first
        my $stream = $h2->request($path, open => 1, headers => $length ? ['content-length' => $length] : []);
        $h2->data($stream, $first, 0);
        my $start = time;
        my $got = $h2->answer($stream, 5);
        is("$got->{status} " . length $got->{body}, '403 20005', "$where/2, $path: an early answer comes");
        cmp_ok(time - $start, '<', 2, "$where/2, $path: at once");
        is($h2->ask('/own')->{body}, 'own answer /own', "$where/2, $path: other streams are served");
    }
    my $stream = $h2->request('/stream/echo', open => 1);
    my $heard = 0;
    for my $n (1 .. 20) {
        $h2->data($stream, 'word ', 0);
        $h2->wait_body($stream, 5 * $n, 3) or last;
        $heard++;
    }
    is($heard, 20, "$where/2: each word comes back before the next is said");
    $h2->data($stream, '', 1);
    is($h2->answer($stream)->{verdict}, 'complete', "$where/2: and the answer ends with the body");
    $stream = $h2->request('/late/part/3', open => 1, headers => ['content-length' => 10]);
    $h2->data($stream, 'abc', 0);
    ok($h2->wait_body($stream, 5, 5), "$where/2: a hold-time longer than a tick ends while the rest of the body is waited for");
    $h2->data($stream, 'defghij', 1);
    is($h2->answer($stream)->{body}, 'part 10', "$where/2: and the answer ends with the body");
    return;
}

for my $tls (0, 1) {
    my $where = $tls ? 'HTTPS' : 'HTTP';
    my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', serve => \&serve, tls => $tls, h2 => 1,
        places => { stream => '<request chunked="stream" max-body="64M" override="yes"/>', late => '<response hold-time="200ms" override="yes"/>' });

    # An early answer to a client that has stopped: [name, path, framing, what it sends first].
    for my $row (
        ['nothing of its body sent', '/early/0', 'Content-Length: 100000', ''], ['one byte sent', '/early/1', 'Content-Length: 100000', 'x'],
        ['half of 1 KB sent', '/early/0', 'Content-Length: 1000', 'x' x 500], ['70 KB of 200 KB sent', '/early/60000', 'Content-Length: 200000', 'x' x 70_000],
        ['a chunk sent', '/stream/early/5', 'Transfer-Encoding: chunked', "5\r\nabcde\r\n"], ['half a chunk sent', '/stream/early/0', 'Transfer-Encoding: chunked', "5\r\nab"],
        ['half a chunk size sent', '/stream/early/0', 'Transfer-Encoding: chunked', "5\r"],
    ) {
        my ($name, $path, $framing, $first) = @$row;
        my $client = $gateway->client(timeout => 5);
        my $start = time;
        $client->send("POST $path HTTP/1.1\r\nHost: test.example\r\n$framing\r\n\r\n$first");
        my $answer = $client->response;
        is($answer->status . ' ' . $answer->verdict . ' ' . length $answer->body, '403 complete 20005', "$where, $name: the answer comes, whole");
        cmp_ok(time - $start, '<', 2, "$where, $name: at once");
        ok(!$answer->keeps_alive || defined $client->closed_within(3), "$where, $name: the client's connection ends");
        $client->close;
        my $next = $gateway->ask('/own');
        isnt($next->header('X-Connection'), $answer->header('X-Connection'), "$where, $name: the backend's connection is not used again");
        is($next->body, 'own answer /own', "$where, $name: the next request gets its own answer");
    }

    # The answer has begun when the rest of the body comes.
    my $client = $gateway->client(timeout => 5);
    $client->send("POST /part/10 HTTP/1.1\r\nHost: test.example\r\nContent-Length: 100000\r\n\r\n" . 'x' x 10);
    ok($client->wait_bytes(qr/part /, 3), "$where: an answer begins in the middle of the body");
    $client->send('x' x 99_990);
    my $answer = $client->response;
    is($answer->body, 'part 100000', "$where: and ends when all of the body came");
    ok($answer->keeps_alive && $client->ask('/own')->is_success, "$where: the connection is kept");

    # A body that keeps coming does not keep back an answer that has begun.
    $client = $gateway->client(timeout => 5);
    $client->send("POST /part/10 HTTP/1.1\r\nHost: test.example\r\nContent-Length: 100000\r\n\r\n");
    my $pieces = 0;
    until ($client->leftover =~ /part / || $pieces == 1999) {
        $client->send('x' x 50);
        $client->fill(0.005);
        $pieces++;
    }
    cmp_ok($pieces, '<', 1999, "$where: an answer that has begun comes while the body trickles in");
    $client->send('x' x (100_000 - 50 * $pieces));
    is($client->response->body, 'part 100000', "$where: and ends when all of the body came");

    # A conversation: each chunk is answered before the next is sent.
    for my $framing ('Transfer-Encoding: chunked', 'Content-Length: 300') {
        my $is_chunked = $framing =~ /chunked/;
        $client = $gateway->client(timeout => 5);
        $client->send("POST /stream/echo HTTP/1.1\r\nHost: test.example\r\n$framing\r\n\r\n");
        my $heard = 0;
        my $start = time;
        for my $n (1 .. 30) {
            my $word = sprintf 'word %04d;', $n;
            $client->send($is_chunked ? "a\r\n$word\r\n" : $word);
            $client->wait_bytes(qr/\Q$word\E/, 3) or last;
            $heard++;
        }
        is($heard, 30, "$where, $framing: each word comes back before the next is said");
        cmp_ok(time - $start, '<', 5, "$where, $framing: without waiting");
        $client->send("0\r\n\r\n") if $is_chunked;
        $answer = $client->response;
        is($answer->verdict . ' ' . length $answer->body, 'complete 300', "$where, $framing: and the answer ends with the body");
    }

    # 4 MB each way at once, more than any buffer holds: a gateway that finishes one direction first never ends.
    $client = $gateway->client(timeout => 15);
    $client->send("POST /stream/echo HTTP/1.1\r\nHost: test.example\r\nContent-Length: 4000000\r\n\r\n");
    $answer = FCT::Answer->new(method => 'POST');
    for (1 .. 400) {
        $client->send('y' x 10_000);
        while ($client->fill(0)) { }
    }
    $answer = $client->response;
    is($answer->verdict . ' ' . length $answer->body, 'complete 4000000', "$where: 4 MB go in and come back side by side");

    over_h2($gateway, $where) if $gateway->speaks_h2;
    $gateway->finish;
}
done_testing;
