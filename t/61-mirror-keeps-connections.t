# The mirror keeps a connection exactly when it is asked to, serves many at once, and ends when its time has come.
use v5.26;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use FCT::Proc qw(wait_until);
use FCT::Record qw(record FCGI_BEGIN_REQUEST FCGI_PARAMS FCGI_STDIN FCGI_ABORT_REQUEST);
use FCT::Tool;

sub memory_kb {
    my ($pid) = @_;
    open my $in, '<', "/proc/$pid/status" or return;
    my ($kb) = map { /^VmRSS:\s+(\d+)/ ? $1 : () } <$in>;
    return $kb;
}

subtest 'one connection' => sub {
    my $mirror = FCT::Tool::Mirror->start;
    my $c = $mirror->connect;
    for my $n (1 .. 20) {
        my $answer = $c->ask(id => $n, keep => 1, params => [['N', $n]]);
        like($answer->{body}, qr/ connection=1 exchange=$n\n.*^N=$n$/ms, "request $n on the same connection gets its own answer");
    }
    ok(!$c->is_closed(0.2), 'the connection stays open');
    ok($c->ask(id => 21)->{ended}, 'a request without KEEP_CONN is answered');
    ok($c->is_closed, 'and then the connection is closed');
    is($mirror->stop, 0, 'it ends with 0');
    is($mirror->errors, '', 'it had nothing to complain of');
};

subtest 'one behind the other' => sub {
    my $mirror = FCT::Tool::Mirror->start;
    my $c = $mirror->connect;
    $c->send(join '', map { FCT::Tool::Connection::request_bytes(id => $_, keep => 1, params => [['N', $_]]) } 1 .. 50);
    my @got = map { $c->read_answer->{body} =~ /^N=(\d+)$/m } 1 .. 50;
    is_deeply(\@got, [1 .. 50], 'requests that come in one piece are answered in their order');
    is($mirror->stop, 0, 'it ends with 0');
};

subtest 'many connections at once' => sub {
    my $mirror = FCT::Tool::Mirror->start;
    my @c = map { $mirror->connect } 1 .. 300;
    $_->send(record(FCGI_BEGIN_REQUEST, 7, pack 'nCx5', 1, 1)) for @c;
    $c[$_]->send(record(FCGI_PARAMS, 7, FCT::Record::encode_pair(N => $_)) . record(FCGI_PARAMS, 7, '')) for reverse 0 .. $#c;
    $c[$_]->send(record(FCGI_STDIN, 7, "body $_")) for 0 .. $#c;
    $_->send(record(FCGI_STDIN, 7, '')) for @c;
    my @own = grep { $c[$_]->read_answer->{body} =~ /^N=$_\n.*begins with \(\d+ bytes\) body $_\n/ms } 0 .. $#c;
    is(scalar @own, 300, 'each of 300 interleaved requests gets its own answer');
    my $before = memory_kb($mirror->pid);
    for my $round (1 .. 10) { $_->ask(keep => 1, params => [['FILL', 'x' x 20_000]], stdin => 'y' x 20_000) for @c }
    cmp_ok(memory_kb($mirror->pid) - $before, '<', 4_000, '3000 requests of 40 KB later it has not grown by 4 MB') if defined $before;
    $_->close for @c;
    is($mirror->stop, 0, 'it ends with 0');
    is($mirror->errors, '', 'it had nothing to complain of');
};

subtest 'more connections than allowed' => sub {
    my $mirror = FCT::Tool::Mirror->start('--max-connections', 2);
    my @c = map { $mirror->connect } 1 .. 3;
    ok($_->ask(keep => 1)->{ended}, 'one that is allowed is served') for @c[0, 1];
    $c[2]->send(FCT::Tool::Connection::request_bytes());
    ok(!defined $c[2]->read_record(0.4), 'one too many waits');
    $c[0]->close;
    ok($c[2]->read_answer->{ended}, 'and is served when another has gone');
    is($mirror->stop, 0, 'it ends with 0');
};

subtest 'more memory than allowed' => sub {
    my $mirror = FCT::Tool::Mirror->start('--max-memory', '6M');
    my $before = memory_kb($mirror->pid);
    my @c = map { $mirror->connect } 1 .. 40;
    my $half = FCT::Record::encode_pair(FILL => 'x' x 600_000);
    for my $c (@c) {
        $c->send(record(FCGI_BEGIN_REQUEST, 1, pack 'nCx5', 1, 1));
        $c->send(record(FCGI_PARAMS, 1, $_)) for FCT::Record::split_records(substr($half, 0, 500_000), 65535);
    }
    ok($mirror->wait_error(qr/all connections together hold more than --max-memory allows; it is closed/), 'where connections hold too much together, one that needs more is closed, and a line says so');
    my @closed = grep { $_->is_closed(0.3) } @c;
    cmp_ok(scalar @closed, '>=', 35, 'so that most of 40 large requests are not taken');
    cmp_ok(scalar @closed, '<', 40, 'and those that fit are');
    cmp_ok(memory_kb($mirror->pid) - $before, '<', 16_000, 'and memory stays where it was allowed to be') if defined $before;
    my $small = $mirror->connect->ask(params => [[A => 'b']]);
    like($small->{body}, qr/^A=b$/m, 'a small request is answered all the while');
    $_->close for @c;
    ok(wait_until(5, sub { my $answer = $mirror->connect->ask(params => [[FILL => 'x' x 60_000]], keep => 0); ($answer->{body} // '') =~ /^FILL=x/m }), 'when they have gone there is room again');
    is($mirror->stop, 0, 'it ends with 0');
};

subtest 'a reader that does not read' => sub {
    my $mirror = FCT::Tool::Mirror->start;
    my $slow = $mirror->connect;
    my $piece = FCT::Tool::Connection::request_bytes(keep => 1, params => [['P', '<' x 60_000]]);
    $slow->{socket}->blocking(0);
    my $sent = 0;
    for (1 .. 3000) { my $put = syswrite $slow->{socket}, $piece; last if !$put; $sent += $put }
    ok($sent < 60_000 * 2000, 'a web server that takes no answers is not read from for ever');
    ok($mirror->connect->ask->{ended}, 'others are served meanwhile');
    cmp_ok(memory_kb($mirror->pid) // 0, '<', 60_000, 'and it holds little memory for it') if !$ENV{T_OUT} || $ENV{T_OUT} !~ /asan/;
    is($mirror->stop, 0, 'it ends with 0');
};

subtest 'ABORT_REQUEST' => sub {
    my $mirror = FCT::Tool::Mirror->start;
    my $c = $mirror->connect;
    my $begin = record(FCGI_BEGIN_REQUEST, 5, pack 'nCx5', 1, 1);
    $c->send($begin . record(FCGI_PARAMS, 5, '') . record(FCGI_STDIN, 5, 'part') . record(FCGI_ABORT_REQUEST, 5));
    my $answer = $c->read_answer;
    is($answer->{stdout}, '', 'an aborted request gets no output');
    is($answer->{ended}, pack('NCx3', 0, 0), 'but END_REQUEST');
    $c->send(record(FCGI_STDIN, 5, 'late') . record(FCGI_ABORT_REQUEST, 5));
    like($c->ask(id => 6, keep => 1)->{body}, qr/id=6 .*^# stdin length=0/ms, 'late records of it are skipped, and the next request is served');
    is($mirror->stop, 0, 'it ends with 0');
    is($mirror->errors, '', 'it had nothing to complain of');
};

subtest 'a bounded life' => sub {
    my $mirror = FCT::Tool::Mirror->start('--count', 3);
    my $c = $mirror->connect;
    ok($c->ask(keep => 1)->{ended}, 'a request is answered') for 1 .. 3;
    ok($c->is_closed, 'after the third of --count 3 the connection is closed, though it was to be kept');
    is($mirror->wait_end, 0, 'and it ends with 0');
    my $start = time;
    $mirror = FCT::Tool::Mirror->start('--for', 1);
    is($mirror->wait_end, 0, '--for 1 ends it with 0');
    cmp_ok(time - $start, '>=', 0.9, 'after a second, not before');
    $mirror = FCT::Tool::Mirror->start('--idle', 1);
    ok($mirror->connect->is_closed, 'a connection on which nothing happens is closed after --idle');
    for my $signal (qw(INT TERM HUP)) {
        $mirror = FCT::Tool::Mirror->start;
        my $open = $mirror->connect;
        ok($open->ask(keep => 1)->{ended}, 'while a connection is open');
        is($mirror->stop($signal), 0, "SIG$signal ends it with 0");
    }
};

done_testing;
