# In a balancer whose members speak several protocols, no member is told a body of which another module has read something: neither when the
# turn goes on to HTTP nor when it comes from there. SPEC 4 (CONTENT_LENGTH equals STDIN; Replay); EVIDENCE R1.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use Test::More;
use FCT::Gateway;
use FCT::Proc qw(fork_child stop_child free_port);
use FCT::Record qw(answer);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

# An HTTP backend that says how much of a body it got before the end.
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 16, ReuseAddr => 1) or die "listen: $!\n";
sub take_request ($client) {
    my $in = '';
    while ($in !~ /\r\n\r\n/) { sysread($client, $in, 65_536, length $in) or return }
    my ($head, $body) = split /\r\n\r\n/, $in, 2;
    my ($length) = $head =~ /^Content-Length: (\d+)/mi;
    while (defined $length ? length $body < $length : $head =~ /^Transfer-Encoding:/mi && $body !~ /(?:\A|\r\n)0\r\n\r\n\z/) { sysread($client, $body, 65_536, length $body) or last }
    $body =~ s/[0-9a-f]+\r\n(.*?)\r\n/$1/gs if !defined $length;
    my $said = 'HTTP ' . ($body =~ tr/x//);
    syswrite $client, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " . length($said) . "\r\n\r\n$said";
    return;
}
my $pid = fork_child('HTTP peer', sub { while (my $client = $listener->accept) { take_request($client); close $client } });

my $gateway = FCT::Gateway->new(each => sub ($conn, $request) { $conn->send(answer($request->{id}, 'FastCGI ' . length $request->{stdin})); 1 },
    modules => [qw(proxy_http proxy_balancer lbmethod_byrequests slotmem_shm)], set => { HTTP => $listener->sockport, DEAD => free_port() },
    places => { stream => '<request chunked="stream" max-body="64M" override="yes"/>' }, config => <<'CONF');
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @POLICIES@/open.xml
<Location /stream/>
    FcgiTrustPolicy @DIR@/stream.xml
</Location>
<Proxy balancer://on>
    BalancerMember fcgi://127.0.0.1:@DEAD@ retry=0
    BalancerMember http://127.0.0.1:@HTTP@ lbset=1
    ProxySet maxattempts=2
</Proxy>
<Proxy balancer://back>
    BalancerMember http://127.0.0.1:@DEAD@ retry=0
    BalancerMember @BACKEND@ lbset=1
    ProxySet maxattempts=2
</Proxy>
ProxyPass /on/ balancer://on/
ProxyPass /back/ balancer://back/
ProxyPass /stream/on/ balancer://on/
ProxyPass /stream/back/ balancer://back/
CONF

for my $place ('', '/stream') {
    for my $way (qw(on back)) {
        for my $size (10, 100_000, 1_000_000) {
            for my $framing ('length', 'chunked') {
                my $client = $gateway->client(timeout => 5);
                my $body = 'x' x $size;
                $client->send("POST $place/$way/page HTTP/1.1\r\nHost: test.example\r\n" . ($framing eq 'length' ? "Content-Length: $size\r\n\r\n$body"
                    : "Transfer-Encoding: chunked\r\n\r\n" . sprintf("%x\r\n", $size) . "$body\r\n0\r\n\r\n"));
                my $answer = $client->response;
                my ($got) = $answer->body =~ /^(?:HTTP|FastCGI) (\d+)$/;
                ok($answer->status >= 400 || ($got // -1) == $size, "$place/$way, $size bytes, $framing: the whole body, or an error") or diag $answer->summary, ' ', $answer->body;
                $client->close;
            }
        }
        # retry=0: mod_proxy may ask the dead member again instead of the next
        ok(FCT::Proc::wait_until(5, sub { $gateway->ask("$place/$way/page")->status == 200 }), "$place/$way: without a body the next member answers");
    }
}
stop_child($pid);
$gateway->finish(findings => ['FCT5025'], allow => [qr/FCT5001|FCT5009|FCT5010|AH0/]);
done_testing;
