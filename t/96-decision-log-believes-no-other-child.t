# What one child writes into the memory where children keep lines of the decision log harms no other child. SPEC 7, 12.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Decisions;
use FCT::Gateway;
use FCT::Proc qw(wait_until);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();
plan skip_all => 'prefork keeps no lines' if FCT::Httpd->mpm eq 'prefork';

use constant REQUESTS => 30;

my $gateway = FCT::Gateway->new(front => join("\n", 'LoadModule scribbler_module @OUT@/t/aux/mod_scribbler.so', FCT::Decisions::directive(),
    'ProxyPass /scribble !', '<Location /scribble>', 'SetHandler scribbler', '</Location>'), worker => 'enablereuse=on');
my $log = FCT::Decisions->new($gateway->httpd);
my @children = $gateway->httpd->child_pids;
my ($asked, $places) = (0, 0);
wait_until(20, sub {
    my $client = $gateway->client;
    $asked += grep { $client->ask('/many')->is_success } 1 .. REQUESTS;
    $places = $client->ask('/scribble')->body;
    $client->close;
    return $places > 0;
});
cmp_ok($places, '>', 0, 'the memory is found and overwritten');
my $client = $gateway->client;
my $answered = grep { (eval { $client->ask('/many') } // last)->is_success } 1 .. REQUESTS;
is($answered, REQUESTS, 'every request after that is answered');
is(scalar($log->for('/many', $asked + $answered)), $asked + $answered, 'and has its line');
is(scalar(grep { !-d "/proc/$_" } @children), 0, 'no child died');
$client->close;
$log->judge;
$gateway->finish;
done_testing;
