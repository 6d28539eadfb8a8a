# A changed policy takes effect on a graceful restart. A faulty one stops it with strict; with keep-last the last good one stays, loudly. SPEC 1.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Httpd;
use FCT::Proc qw(write_file wait_until alive);

plan skip_all => 'stock mod_proxy_fcgi has no policies' if FCT::Httpd::is_stock();

my %good   = map { $_ => FCT::Gateway::policy_text('policy', "<param name=\"APP_TIER\" value=\"$_\" assert=\"test\"/>") } qw(one two three);
my $faulty = FCT::Gateway::policy_text('policy', '<param name="REMOTE_USER" from="header.X-User"/>');

sub tier ($gateway) {
    my $before = () = $gateway->{peer}->requests;
    $gateway->ask('/');
    my @requests = $gateway->{peer}->requests;
    return @requests > $before ? $requests[-1]{param}{APP_TIER} : 'nothing';
}

sub gateway ($front) {
    my $gateway = FCT::Gateway->new(front => $front, policy => '<param name="APP_TIER" value="one" assert="test"/>');
    is(tier($gateway), 'one', "$front: the first policy is in force");
    return ($gateway, $gateway->{httpd}->dir . '/policy.xml');
}

{
    my ($gateway, $file) = gateway('FcgiTrustReload strict');
    write_file($file, $good{two});
    is(tier($gateway), 'one', 'strict: a changed file alone changes nothing');
    $gateway->{httpd}->graceful;
    is(tier($gateway), 'two', 'strict: a graceful restart takes the changed policy');
    write_file($file, $faulty);
    kill 'USR1', $gateway->{httpd}->pid;
    ok(wait_until(20, sub { !alive($gateway->{httpd}->pid) }), 'strict: a faulty policy stops the restart as any fault does');
    $gateway->{httpd}->{log}->judge(findings => ['FCT3104'], log => [qr/AH00014|Configuration check failed/]);
}

{
    my ($gateway, $file) = gateway('FcgiTrustReload keep-last');
    write_file($file, $faulty);
    $gateway->{httpd}->graceful;
    is(tier($gateway), 'one', 'keep-last: with a faulty policy the last good one stays in force');
    is($gateway->{httpd}->log->count(qr/FCT3104 .*REMOTE_USER/) >= 1, 1, 'keep-last: the fault is told');
    is($gateway->{httpd}->log->count(qr/\[fcgi_trust:error\].*FCT4012 .*policy version \S+, sha256:[0-9a-f]{64}/) >= 1, 1, 'keep-last: and which policy stays');
    write_file($file, $good{two});
    $gateway->{httpd}->graceful;
    is(tier($gateway), 'two', 'keep-last: a good policy is taken');
    for my $round (1 .. 3) {
        write_file($file, $faulty);
        $gateway->{httpd}->graceful;
        is(tier($gateway), 'two', "keep-last: restart $round with a faulty policy keeps the newest good one");
    }
    unlink $file;
    $gateway->{httpd}->graceful;
    is(tier($gateway), 'two', 'keep-last: so it does where the file is gone');
    write_file($file, $good{three});
    $gateway->{httpd}->graceful;
    is(tier($gateway), 'three', 'keep-last: and takes the next good one');
    $gateway->finish(findings => [qw(FCT3104 FCT4012 FCT3001)]);
}

# There is no last one at the first start.
my $httpd = FCT::Httpd->new(files => { 'own.xml' => $faulty }, config => "Listen 127.0.0.1:\@PORT\@\nFcgiTrustReload keep-last\nFcgiTrustPolicy \@DIR\@/own.xml\nProxyPass / fcgi://127.0.0.1:1/\n");
my ($exit, $said) = $httpd->check_config;
isnt($exit, 0, 'keep-last: a first start with a faulty policy is refused');
like($said, qr/FCT3104/, 'keep-last: and says why');
for my $row (['FcgiTrustReload sometimes', qr/'sometimes' is not one of strict, keep-last/], ["<Location />\nFcgiTrustReload strict\n</Location>", qr/FcgiTrustReload not allowed/]) {
    my ($line, $message) = @$row;
    my ($status, $answer) = FCT::Httpd->new(config => "Listen 127.0.0.1:\@PORT\@\n$line\n")->check_config;
    ok($status != 0 && $answer =~ $message, 'refused: ' . $line =~ s/\n/ /gr) or diag($answer);
}
done_testing;
