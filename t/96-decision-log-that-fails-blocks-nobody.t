# A decision log that cannot be written, whatever the reason, blocks no request; what is lost is counted and told. SPEC 7.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep time);
use FCT::Decisions;
use FCT::Gateway;
use FCT::Proc qw(find_program read_file wait_until);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

use constant STATUS => "ProxyPass /status !\n<Location /status>\nSetHandler fcgi-trust-status\n</Location>";

sub gateway ($target, %opt) { return FCT::Gateway->new(front => join("\n", "FcgiTrustAuditLog $target", STATUS), worker => 'enablereuse=on', %opt) }

sub lost ($gateway) { return JSON::PP::decode_json($gateway->ask('/status?format=json')->body)->{decision_log_lost_lines} }

# Asks so often over one connection, each time after so many seconds; the number of whole answers.
sub ask_many ($gateway, $times, $pause = 0) {
    my $client = $gateway->client;
    return scalar grep { sleep $pause; $client->ask("/n$_")->is_success } 1 .. $times;
}

# --- a disk without room ---

my $full = gateway('/dev/full');
is(ask_many($full, 9, 0.05), 9, 'with a full disk every request is served');      # so slowly that each line is written on its own
wait_until(10, sub { lost($full) >= 9 });      # a line is written after its answer
is(lost($full), 9, 'every line is counted as lost');
is($full->httpd->log->count(qr/FCT6001/), 4, 'the error log tells the first, second, fourth and eighth');
is(ask_many($full, 20), 20, 'also where requests come so fast that their lines are written together');
wait_until(10, sub { lost($full) >= 29 });
is(lost($full), 29, 'every line of them is counted');
is($full->httpd->log->count(qr/FCT6001/), 5, 'the error log tells it when the sixteenth is among them');
$full->finish(findings => ['FCT6001']);

# --- a disk that becomes full in the middle of a line ---

SKIP: {
    my $limit = sub ($bytes) { system('prlimit', '--pid', $$, "--fsize=$bytes:unlimited") == 0 };
    skip 'prlimit (util-linux) cannot limit files here', 6 if !find_program('prlimit') || !$limit->(20_000);
    my $short = gateway('@DIR@/run/decisions.log');
    $limit->('unlimited');
    my $log = FCT::Decisions->new($short->httpd);
    is(ask_many($short, 12), 12, 'where only a part of a line fits, requests are served');
    wait_until(10, sub { lost($short) + $log->all >= 12 });
    like($log->text, qr/\}\n\z/, 'the part is taken back');
    my $kept = $log->all;
    ok($kept > 2 && $kept < 12, 'whole lines are left');
    is(lost($short), 12 - $kept, 'the others are counted as lost');
    truncate $short->httpd->dir . '/run/decisions.log', 0;
    ask_many($short, 1);
    ok($short->httpd->log->wait_for(qr/FCT6002/), 'that it is written again is told');
    $log->judge;
    $short->finish(findings => [qw(FCT6001 FCT6002)]);
}

# --- a pipe that nobody reads ---

my $stuck = gateway('"|/bin/sleep 600"');
my $start = time;
is(ask_many($stuck, 60), 60, 'with a pipe that nobody reads every request is served');
ok(time - $start < 15, 'without waiting for it');
ok(lost($stuck) > 0, 'what it does not take is counted as lost');
$stuck->finish(findings => ['FCT6001']);

# --- a command that ends at once ---

my $dead = gateway('"|/bin/false"');
is(ask_many($dead, 60), 60, 'with a command that ends every request is served');
$dead->finish(allow => [qr/FCT6001/, qr/piped log program/]);

# --- a pipe that works ---

my $piped = gateway('"|$cat >>@DIR@/run/decisions.log"', policy => '<header name="X-Long-*"/>');
my $log = FCT::Decisions->new($piped->httpd);
$piped->ask('/short');
$piped->ask('/long', headers => [map { ("X-Long-$_" => 'x') } 1 .. 60]);
$piped->ask('/' . 'l' x 5000, headers => [map { ('X-Long-' . 'n' x 90 . $_ => 'x') } 1 .. 60]);
my ($short) = $log->for('/short');
ok($short->{parameters}, 'a short line has everything');
my ($long) = $log->for('/long');
ok($long->{left_out}, 'a line that is too long for a pipe says what is left out');
ok(wait_until(10, sub { scalar(split /\n/, $log->text) == 3 }), 'the longest comes too');
is(scalar(grep { length > 4095 } split /\n/, $log->text), 0, 'none is longer than a pipe takes at once');
$log->judge('what is left of every line is what the schema says');
is(lost($piped), 0, 'none is lost');
$piped->finish;

# --- a path that cannot be ---

for my $case (['a directory that is not there', '@DIR@/nowhere/decisions.log'], ['a directory', '@DIR@/run']) {
    my ($what, $target) = @$case;
    my $httpd = FCT::Httpd->new(config => "Listen 127.0.0.1:\@PORT\@\nFcgiTrustAuditLog $target\n");
    my $started = eval { local *STDERR; open STDERR, '>', '/dev/null'; $httpd->start; 1 };
    ok(!$started, "with $what httpd does not start");
    like($httpd->log->text . ($@ // ''), qr/FcgiTrustAuditLog: '.*' cannot be opened/, 'and says why');
}
done_testing;
