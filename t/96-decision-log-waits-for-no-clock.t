# Lines of the decision log that wait for others are written although the clock was set back meanwhile. SPEC 7.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Decisions;
use FCT::Gateway;
use FCT::Proc qw(asan_preload out_dir wait_until);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();
plan skip_all => 'a sanitizer is preloaded itself' if asan_preload(FCT::Httpd->module_file);

use constant REQUESTS => 30;

my $gateway = FCT::Gateway->new(front => FCT::Decisions::directive(), worker => 'enablereuse=on',
    env => { LD_PRELOAD => out_dir() . '/t/aux/preload_clock_ahead.so' });
my $log = FCT::Decisions->new($gateway->httpd);
my $client = $gateway->client;
is(scalar(grep { $client->ask('/many')->is_success } 1 .. REQUESTS), REQUESTS, 'requests that come at once are answered');
is(scalar($log->for('/many', REQUESTS)), REQUESTS, 'and each has its line, though nothing else happens');
$client->close;
$gateway->finish;
done_testing;
