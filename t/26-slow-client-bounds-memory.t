# A backend that is faster than its client is made to wait; the gateway's memory does not follow the size of a response. SPEC 5.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Client;
use FCT::Httpd;
use FCT::Peer;
use FCT::Proc;
use FCT::Record qw(:all);

my $size = 200 * 1024 * 1024;
my $piece = 'x' x 65_528;
my $peer = FCT::Peer->start(serve => sub ($conn) {
    while (my $request = $conn->read_request) {
        my $id = $request->{id};
        my $small = $request->{param}{REQUEST_URI} eq '/small';
        $conn->send(stdout($id, "Content-Type: text/plain\r\n\r\n"));
        for (my $left = $small ? 100_000 : $size; $left > 0; $left -= length $piece) {
            $conn->send(record(FCGI_STDOUT, $id, $left < length $piece ? substr $piece, 0, $left : $piece));
            $conn->tell('sent', $size - $left) if !$small;
        }
        $conn->send(stdout_end($id) . end_request($id));
    }
});

my $httpd = FCT::Httpd->new(set => { BACKEND => $peer->url }, config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
ProxyPass / @BACKEND@/ enablereuse=on
FcgiTrustPolicy @POLICIES@/open.xml
CONF

# The most memory any serving process has had, in KB; undef where there is no /proc.
sub memory () {
    my @kb = map { -r "/proc/$_/status" && FCT::Proc::read_file("/proc/$_/status") =~ /^VmHWM:\s+(\d+)/m ? $1 : () } $httpd->child_pids;
    return (sort { $b <=> $a } @kb)[0];
}

is(length FCT::Client::get($httpd->port, '/small')->body, 100_000, 'a response of 100 KB arrives');
my $before = memory();
my $client = FCT::Client->connect(port => $httpd->port);
$client->send(FCT::Client::request_bytes('/big'));
$client->wait_head;
my $still = -1;
FCT::Proc::wait_until(5, sub { my $sent = $peer->told('sent') // 0; my $stopped = $sent == $still; $still = $sent; select undef, undef, undef, 0.3; $stopped });
cmp_ok($still, '<', $size / 2, 'the backend waits while the client does not read');
my $total = 0;
my $end = time + 60;
$client->{in} =~ s/\A.*?\r\n\r\n//s;
while (time < $end) {
    $total += length $client->{in};
    my $is_last = $client->{in} =~ /\r\n0\r\n\r\n\z/;
    $client->{in} = '';
    last if $is_last || !$client->fill(10);
}
cmp_ok($total, '>=', $size, 'the whole response arrives in the end');
SKIP: {
    skip 'there is no /proc to read the memory from', 1 if !$before;
    skip 'a sanitizer holds on to what was freed', 1 if FCT::Proc::asan_preload(FCT::Httpd->module_file) && !FCT::Httpd::is_stock();
    my $grown = memory() - $before;
    cmp_ok($grown, '<', 16_384, "200 MB cost the gateway less than 16 MB ($grown KB)");
}
is(length FCT::Client::get($httpd->port, '/small')->body, 100_000, 'a response of 100 KB arrives after it');
$httpd->finish;
$peer->stop;
is(join('', $peer->script_errors), '', 'the peer played what it was told to');
done_testing;
