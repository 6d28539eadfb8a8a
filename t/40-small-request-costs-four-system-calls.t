# From the second request on a kept connection a small request costs at most four system calls on the backend's side, and the request
# leaves in one of them. SPEC 4, 11; EVIDENCE P1.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Strace;

use constant REQUESTS => 20;

for my $case (['TCP'], ['a Unix socket', unix => 1]) {
    my ($name, %peer) = @$case;
    subtest $name => sub {
        my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', peer => \%peer);
        my $client = $gateway->client;
        is($client->ask('/first')->status, 200, 'the first request is answered');
        my $trace = FCT::Strace->attach([$gateway->httpd->child_pids], $peer{unix} ? (unix => 1) : (port => $gateway->peer->port));
        plan skip_all => 'strace is not installed or may not look at processes' if !$trace;
        my @bodies = map { $_ % 2 ? undef : 'a=' . 'b' x $_ } 1 .. REQUESTS;
        my @answers = map { $client->ask('/next', body => $_) } @bodies;
        my @calls = $trace->stop;
        is(scalar(grep { $_->status == 200 } @answers), REQUESTS, REQUESTS . ' requests are answered');
        is($gateway->peer->connection_count, 1, 'all on one connection');
        cmp_ok(scalar @calls, '>=', 2 * REQUESTS, 'the trace saw the requests');
        cmp_ok(scalar @calls, '<=', 4 * REQUESTS, 'at most four system calls a request') or diag(map {"$_->[1]\n"} @calls[0 .. 15]);
        my @writes = grep { $_->[0] =~ /^(?:write|writev|sendmsg|sendto|sendmmsg)$/ } @calls;
        is(scalar @writes, REQUESTS, 'one write a request, whether it has a body or not') or diag(map {"$_->[1]\n"} @calls[0 .. 15]);
        $gateway->finish;
    };
}

subtest 'the first request on a connection' => sub {
    my $gateway = FCT::Gateway->new;
    my $trace = FCT::Strace->attach([$gateway->httpd->child_pids], port => $gateway->peer->port);
    plan skip_all => 'strace is not installed or may not look at processes' if !$trace;
    is($gateway->ask('/page', body => 'x=1')->status, 200, 'is answered');
    my @writes = grep { $_->[0] =~ /^(?:write|writev|sendmsg|sendto|sendmmsg)$/ } $trace->stop;
    is(scalar @writes, 1, 'BEGIN_REQUEST, PARAMS, STDIN and the end markers leave in one write');
    like($writes[0][1] // '', qr/^(?:writev|sendmsg)\(/, 'a vectored one');
    $gateway->finish;
};
done_testing;
