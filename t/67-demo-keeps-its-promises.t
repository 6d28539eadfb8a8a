# build/demo shows on the real server that every promise is kept, says so only where it is so, and leaves nothing behind.
use v5.26;
use warnings;
use Test::More;
use FCT::Proc qw(scratch repo_root out_dir spawn_command alive wait_until stop_child read_file asan_preload);

plan skip_all => 'there is no ' . out_dir() . '/mod_fcgi_trust.so' if !-e out_dir() . '/mod_fcgi_trust.so';
plan skip_all => 'the demo shows a build without sanitizers' if asan_preload(out_dir() . '/mod_fcgi_trust.so');

my $demo = repo_root() . '/build/demo';

# A private TMPDIR that must be empty afterwards; the demo runs from another directory than its own.
sub start_demo {
    my ($name, @arguments) = @_;
    my $tmp = scratch() . "/$name";
    mkdir $tmp or die "$tmp: $!";
    my $pid = spawn_command('demo', [$demo, '--built', @arguments], out => "$tmp.out", dir => '/', env => { OUT => out_dir(), TMPDIR => $tmp });
    return ($pid, $tmp);
}

sub finish_demo {
    my ($pid, $tmp) = @_;
    my $done = wait_until(90, sub { !alive($pid) });
    my $exit = $done ? $? >> 8 : -1;
    stop_child($pid);
    return ($exit, read_file("$tmp.out"));
}

sub is_empty { my ($dir) = @_; my @left = glob "$dir/*"; return is_deeply(\@left, [], $_[1]) }

for my $round (1, 2) {
    my ($pid, $tmp) = start_demo("honest$round");
    my ($exit, $said) = finish_demo($pid, $tmp);
    is($exit, 0, "round $round: exit code 0") or diag $said;
    like($said, qr/^Every promise was kept\.$/m, "round $round: it says that every promise was kept");
    unlike($said, qr/BROKEN/, "round $round: and names no broken one");
    cmp_ok(scalar(() = $said =~ /^   kept:   /mg), '>=', 18, "round $round: it names the promises");
    like($said, qr/^     REQUEST_METHOD=GET$/m, "round $round: what the application was told is shown");
    like($said, qr/^     REMOTE_USER=alice\@corp\.example$/m, "round $round: and what it was told of a certificate");
    like($said, qr/^     FCT2015 request: SSL_CLIENT_VERIFY is required/m, "round $round: and why a request without one is refused");
    like($said, qr/^     "REMOTE_USER":\["tls\.client\.san\.email","verified","portal\.xml:\d+"/m,
        "round $round: and what the decision log has of it");
    cmp_ok(scalar(() = $said =~ /^     FCT\d{4} \w+: /mg), '>=', 5, "round $round: the findings are shown");
    is_empty($tmp, "round $round: nothing is left behind");
}

my ($pid, $tmp) = start_demo('stock', '--stock');
my ($exit, $said) = finish_demo($pid, $tmp);
is($exit, 1, 'with mod_proxy_fcgi the exit code is 1: the demo can tell a broken promise') or diag $said;
like($said, qr/^   BROKEN: nothing forged reaches the application$/m, 'there forged header fields reach the application');
like($said, qr/^   BROKEN: the application knows alice by her verified certificate$/m, 'there it is told nothing of a certificate');
like($said, qr/^   BROKEN: the client gets 502, not a 200 that only looks whole$/m, 'there a truncated answer looks whole');
is_empty($tmp, 'nothing is left behind');

subtest '--stay' => sub {
    my ($pid, $tmp) = start_demo('stay', '--stay');
    my $up = wait_until(60, sub { !alive($pid) || -e "$tmp.out" && read_file("$tmp.out") =~ /stays up until Ctrl-C/ });
    ok($up && alive($pid), 'it stays up') or diag read_file("$tmp.out");
    my ($curl) = wait_until(5, sub { read_file("$tmp.out") =~ /^ +(curl --cacert .*)$/m ? $1 : undef });
    my $answer = qx($curl -sS --max-time 10 --noproxy '*' 2>&1);
    like($answer, qr/^REQUEST_URI=\/app\/hello$/m, 'the curl command that it prints works');
    my ($url) = read_file("$tmp.out") =~ m{browser: +(https://\S+)};
    my $page = qx(curl -ksS --max-time 10 --noproxy '*' -H 'Accept: text/html' '$url' 2>&1);
    like($page, qr/<h1>What the application was told<\/h1>/, 'a browser gets a page, also without a certificate');
    my ($status) = read_file("$tmp.out") =~ m{(https://\S+/fcgi-trust-status)};
    like(qx(curl -ksS --max-time 10 --noproxy '*' '$status' 2>&1), qr/<h1>.*\bportal\b/s, 'the status page that it names has the policies');
    kill 'TERM', $pid;
    my $gone = wait_until(20, sub { !alive($pid) });
    is($gone ? $? >> 8 : -1, 0, 'it ends with 0 when it is told to');
    stop_child($pid);
    my ($port) = $url =~ /:(\d+)/;
    ok(!IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port), 'its server is gone');
    is_empty($tmp, 'nothing is left behind');
};

my $usage = qx('$demo' --no-such-option 2>&1);
ok($? >> 8 == 2 && $usage =~ /there is no option '--no-such-option'/, 'an unknown option is refused');
like(qx('$demo' --help), qr/\AShows on a private httpd.*--stay/s, '--help says what it does');

done_testing;
