# Lines of the decision log that come together are written together; those of a child that is killed are not lost. SPEC 7.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET ();
use Test::More;
use FCT::Decisions;
use FCT::Client;
use FCT::Httpd;
use FCT::Proc qw(alive find_program free_port out_dir spawn_command stop_child wait_until);
use FCT::Strace;

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

use constant { REQUESTS => 2000, ROUNDS => 5, BURST => 25 };

my $port = free_port();
my $backend = spawn_command('backend', [out_dir() . '/t/aux/backend', "fcgi:127.0.0.1:$port"]);
wait_until(10, sub { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") }) or die "the backend does not listen\n";

sub start (%opt) {
    return FCT::Httpd->new(threads => 16, %opt, config => join "\n", 'Listen 127.0.0.1:@PORT@', FCT::Decisions::directive(),
        'FcgiTrustPolicy @POLICIES@/open.xml', "ProxyPass / fcgi://127.0.0.1:$port/ enablereuse=on", '')->start;
}

sub lines ($log) { my $text = $log->text; return $text =~ tr/\n// }

subtest 'under load' => sub {
    plan skip_all => 'h2load (nghttp2) is not installed' if !find_program('h2load');
    my $httpd = start(processes => 2);
    my $log = FCT::Decisions->new($httpd);
    my $trace = FCT::Strace->attach([$httpd->child_pids], file => $httpd->dir . '/run/decisions.log');
    plan skip_all => 'strace is not installed or may not look at processes' if !$trace;
    my $said = qx{h2load --h1 -n @{[ REQUESTS ]} -c 8 -t 1 'http://127.0.0.1:@{[ $httpd->port ]}/small' 2>&1};
    like($said, qr/\b@{[ REQUESTS ]} succeeded/, 'every request is answered');
    ok(wait_until(20, sub { lines($log) >= REQUESTS }), 'each has a line');
    my @writes = grep { $_->[0] eq 'write' } $trace->stop;
    if ($httpd->mpm eq 'prefork') { is(scalar @writes, REQUESTS, 'where a child serves one request at a time, each line is a write') }
    else                          { cmp_ok(scalar @writes, '<', REQUESTS, 'there are fewer writes than lines') }
    is(scalar(grep { $_->[1] !~ /"\{\\"time\\":/ } @writes), 0, 'and each begins with a line');
    $log->judge;
    $httpd->finish;
};

# What was answered before the last answer of a connection has been decided and handed over: the connection goes on only then.
subtest 'of a child that is killed' => sub {
    my $httpd = start(processes => 1);
    my $log = FCT::Decisions->new($httpd);
    my @killed;
    for my $round (1 .. ROUNDS) {
        my $client = FCT::Client->connect(port => $httpd->port);
        my $answered = grep { $client->ask("/r$round/$_/small")->is_success } 1 .. BURST;
        push @killed, $httpd->child_pids;
        kill 'KILL', $killed[-1];
        is($answered, BURST, "round $round: every request is answered");
        ok(wait_until(20, sub { !alive($killed[-1]) && $httpd->child_pids }), 'the child is gone, and there is another');
        my $told = sub { grep { $_->{path} =~ m{^/r$round/} && $_->{path} ne "/r$round/" . BURST . "/small" } $log->all };
        wait_until(5, sub { $told->() >= BURST - 1 });
        is(scalar $told->(), BURST - 1, 'what it had decided is in the log, once');
    }
    $log->judge;
    $httpd->finish(killed => \@killed);
};

stop_child($backend);

done_testing;
