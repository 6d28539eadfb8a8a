# A response whose header block repeats one field as often as the policy allows costs memory and time in proportion to its bytes, and the
# client gets every value, in order. SPEC 5 (memory per request is bounded).
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);
use FCT::Gateway;
use FCT::Record qw(:all);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

# /COUNT: a field X with so many values, among others.
sub reply ($conn, $request) {
    my ($count) = $request->{param}{REQUEST_URI} =~ m{/(\d+)\z};
    my @lines = map { ("X: " . value($_) . "\r\n", $_ % 10 ? () : "Set-Cookie: c$_=1\r\n", $_ % 7 ? () : "Y: v$_\r\n") } 1 .. $count;
    $conn->send(stdout($request->{id}, join '', "Content-Type: text/plain\r\n", @lines, "\r\nbody") . end_request($request->{id}));
    return 1;
}

sub value ($n) { return sprintf '%05d-%s', $n, 'v' x 90 }

my $gateway = FCT::Gateway->new(each => \&reply, worker => 'enablereuse=on', policy => '<response max-header-bytes="1M" max-header-count="10000" override="yes"/>');

sub peak { my ($pid) = $gateway->httpd->child_pids; open my $fh, '<', "/proc/$pid/status" or return 0; local $/; return <$fh> =~ /VmHWM:\s+(\d+)/ ? $1 : 0 }

$gateway->ask('/10');
for my $count (1, 2, 150, 8000) {
    my $before = peak();
    my $start = time;
    my $answer = $gateway->ask("/$count", timeout => 20);
    is($answer->status, 200, "$count fields: served");
    ok(($answer->header('X') // '') eq join(', ', map { value($_) } 1 .. $count), "$count fields: every value, in order");
    is(scalar $answer->all('Set-Cookie'), int($count / 10), "$count fields: cookies stay apart");
    ok(($answer->header('Y') // '') eq join(', ', map { 'v' . 7 * $_ } 1 .. $count / 7), "$count fields: and so do other names");
    cmp_ok(time - $start, '<', 5, "$count fields: in time");
    cmp_ok(peak() - $before, '<', 20_000, "$count fields: within 20 MB") if !FCT::Proc::asan_preload($gateway->httpd->module_file);
}
$gateway->finish;
done_testing;
