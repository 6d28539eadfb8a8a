# A client that leaves in the middle of its body: the backend is told to abort and the connection ends; it never sees the empty STDIN that
# would make the body look whole. One that leaves later is noticed when something is written. SPEC 4; EVIDENCE R9.
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

# Every connection is drained to its end unless the path says otherwise; what came stands in the transcript.
sub serve ($conn) {
    while (my $request = $conn->read_request('params')) {
        my $id = $request->{id};
        my ($what, $token) = $request->{param}{REQUEST_URI} =~ m{/(endless|begun|whole|upload)\?(\w+)\z};
        if (!$what) { $conn->read_rest($request) or return; FCT::Gateway::say_own($conn, $request); next }
        $conn->tell("has-$token");
        if ($what eq 'begun') { $conn->send(stdout($id, "Content-Type: text/plain\r\n\r\npart")) }
        if ($what eq 'endless') {
            $conn->read_rest($request) or return;
            $conn->send(stdout($id, "Content-Type: text/plain\r\n\r\n"));
            eval { $conn->send(stdout($id, 'x' x 60_000)) while 1 };
            $conn->tell("ended-$token");
            return;
        }
        if ($what eq 'whole') {
            $conn->read_rest($request) or return;
            $conn->pause(0.3);
            $conn->send(answer($id, 'whole ' . length $request->{stdin}));
            next;
        }
        $conn->drain(6);
        $conn->tell("ended-$token");
        return;
    }
}

sub transcript_of ($gateway, $token) {
    return (grep { my $c = $_; grep { ($_->{param}{QUERY_STRING} // '') eq $token } $c->{requests}->@* } $gateway->peer->connections)[0] // { requests => [{}], records => [{}] };
}

my %leave = (
    'closes'      => sub ($client) { $client->close },
    'resets'      => sub ($client) { $client->reset },
    'half-closes' => sub ($client) { $client->half_close },
);

# The client goes on reading its connection, as clients do. One that does not is not heard by mod_http2: it writes to the connection until
# the client has taken what it was sent, or Timeout, before it reads the frame that resets the stream.
sub cancel_endless ($gateway, $h2, $what, $token, $bytes) {
    my $stream = $h2->request("/endless?$token");
    ok($h2->wait_body($stream, $bytes, 5), "$what: it has begun");
    $h2->cancel($stream);
    my $gone;
    for (my $end = time + 3; !$gone && time < $end;) {
        $h2->read_frame(0.02) or sleep 0.005;
        $gone = defined $gateway->peer->told("ended-$token");
    }
    ok($gone, "$what: the backend's connection ends");
    return;
}

sub over_h2 ($gateway, $where, $tokens) {
    my $h2 = $gateway->h2(timeout => 20);
    cancel_endless($gateway, $h2, "$where/2, the client resets a stream whose answer comes", "${tokens}read", 10_000);
    is($h2->ask('/own')->{body}, 'own answer /own', "$where/2: another stream is served");
    my $narrow = $gateway->h2(timeout => 20, window => 30_000);
    for my $n (1 .. 20) {
        cancel_endless($gateway, $narrow, "$where/2, the client resets stream $n, whose answer waits for room", "${tokens}wait$n", 30_000);
    }
    is($narrow->ask('/own')->{body}, 'own answer /own', "$where/2: no worker is left behind, another stream is served");
    for my $how ('resets the stream', 'closes the connection') {
        my $token = $tokens . $how =~ tr/ //dr;
        my $stream = $h2->request("/stream/upload?$token", open => 1, headers => ['content-length' => 1000]);
        $h2->data($stream, 'x' x 10, 0);
        ok($gateway->peer->wait_told("has-$token", 5), "$where/2, the client $how: the backend has the request");
        $how =~ /stream/ ? $h2->cancel($stream) : $h2->close;
        ok($gateway->peer->wait_told("ended-$token", 5), "$where/2, the client $how: the backend's connection ends");
        my ($request) = transcript_of($gateway, $token)->{requests}->@*;
        ($request) = grep { ($_->{param}{QUERY_STRING} // '') eq $token } transcript_of($gateway, $token)->{requests}->@*;
        ok(!$request->{stdin_ended}, "$where/2, the client $how: no end of STDIN was sent");
        ok($request->{aborted}, "$where/2, the client $how: FCGI_ABORT_REQUEST was");
        is($h2->ask('/own')->{body}, 'own answer /own', "$where/2: other streams are served") if $how =~ /stream/;
    }
    return;
}

for my $tls (0, 1) {
    my $where = $tls ? 'HTTPS' : 'HTTP';
    my $n = 0;
    my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', front => 'ProxyTimeout 8', serve => \&serve, tls => $tls, h2 => 1,
        places => { stream => '<request chunked="stream" max-body="64M" override="yes"/>' });
    for my $how (sort keys %leave) {
        next if $tls && $how ne 'closes';
        for my $row (
            ['nothing of its body', '/upload', 'Content-Length: 100000', ''], ['one byte', '/upload', 'Content-Length: 100000', 'x'],
            ['all but one byte', '/upload', 'Content-Length: 100000', 'x' x 99_999], ['half of 10 MB', '/upload', 'Content-Length: 10000000', 'x' x 5_000_000],
            ['a chunk', '/stream/upload', 'Transfer-Encoding: chunked', "5\r\nabcde\r\n"], ['half a chunk', '/stream/upload', 'Transfer-Encoding: chunked', "5\r\nab"],
            ['all but the end of the last chunk', '/stream/upload', 'Transfer-Encoding: chunked', "5\r\nabcde\r\n0"],
            ['half a body, with an answer begun', '/begun', 'Content-Length: 100000', 'x' x 50_000],
        ) {
            my ($name, $path, $framing, $first) = @$row;
            my $token = 't' . ++$n;
            my $what = "$where, the client $how after $name";
            my $client = $gateway->client(timeout => 5);
            $client->send("POST $path?$token HTTP/1.1\r\nHost: test.example\r\n$framing\r\n\r\n$first");
            ok($gateway->peer->wait_told("has-$token", 5), "$what: the backend has the request");
            $client->wait_bytes(qr/part/, 3) if $path eq '/begun';
            sleep 0.05 if length $first > 100_000;
            my $start = time;
            $leave{$how}->($client);
            ok($gateway->peer->wait_told("ended-$token", 5), "$what: the backend's connection ends");
            cmp_ok(time - $start, '<', 3, "$what: at once");
            my $seen = transcript_of($gateway, $token);
            my ($request) = grep { ($_->{param}{QUERY_STRING} // '') eq $token } $seen->{requests}->@*;
            ok(!$request->{stdin_ended}, "$what: no end of STDIN was sent");
            ok($request->{aborted}, "$what: FCGI_ABORT_REQUEST was") if length $first < 1_000_000;
            is(($seen->{records}[-1]{rest} // ''), '', "$what: no record is left unfinished") if length $first < 1_000_000;
            $client->close;
        }
    }

    # A body that is spooled first never reaches the backend.
    my $before = $gateway->peer->connection_count;
    for my $bytes ("5\r\nabcde\r\n", "5\r\nab", '') {
        my $client = $gateway->client;
        $client->send("POST /spooled HTTP/1.1\r\nHost: test.example\r\nTransfer-Encoding: chunked\r\n\r\n$bytes");
        sleep 0.05;
        $client->close;
    }
    sleep 0.2;
    is(scalar $gateway->requests_for('/spooled'), 0, "$where: a body without a length that is never whole never reaches the backend");

    # Leaving while the answer comes: the backend is not read to its end.
    for my $how (sort keys %leave) {
        next if $how eq 'half-closes' || $tls && $how ne 'closes';
        my $token = 't' . ++$n;
        my $client = $gateway->client(timeout => 5);
        $client->send("GET /endless?$token HTTP/1.1\r\nHost: test.example\r\n\r\n");
        ok($client->wait_bytes(qr/xxx/, 5), "$where, the client $how while an endless answer comes: it came so far");
        $leave{$how}->($client);
        ok($gateway->peer->wait_told("ended-$token", 5), "$where, the client $how while an endless answer comes: the backend's connection ends");
    }

    # A client that only ends its own half, its request whole, gets its answer.
    if (!$tls) {
        for my $body ('', 'abc') {
            my $token = 't' . ++$n;
            my $client = $gateway->client(timeout => 5);
            $client->send("POST /whole?$token HTTP/1.1\r\nHost: test.example\r\nContent-Length: @{[length $body]}\r\n\r\n$body");
            $client->half_close;
            is($client->response->body, 'whole ' . length $body, "$where: a client that has nothing more to say gets its answer");
        }
    }

    over_h2($gateway, $where, "t$tls") if $gateway->speaks_h2;
    is($gateway->ask('/own')->body, 'own answer /own', "$where: the next client is served");
    $gateway->finish(findings => ['FCT5009'], allow => [qr/FCT5010/]);
}
done_testing;
