# Whatever way a request ends, its backend connection goes back to the pool of its worker: a worker with one connection serves the next
# request at once, however often, and no balancer member stays busy. SPEC 1, 3.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);
use FCT::Gateway;
use FCT::Proc qw(fork_child stop_child);
use FCT::Record qw(:all);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

my %play = (
    whole     => sub ($conn, $id) { $conn->send(answer($id, 'own')); 1 },
    dies      => sub ($conn, $id) { 0 },
    lies      => sub ($conn, $id) { $conn->send(stdout($id, "no header\n")); 0 },
    overload  => sub ($conn, $id) { $conn->send(end_request($id, 0, FCGI_OVERLOADED)); 1 },
    cut       => sub ($conn, $id) { $conn->send(stdout($id, "Content-Type: text/plain\r\n\r\npart")); $conn->pause(0.1); 0 },
    silent    => sub ($conn, $id) { $conn->pause(1.5); 0 },
    stalls    => sub ($conn, $id) { $conn->send(stdout($id, "Content-Type: text/plain\r\n\r\npart")); $conn->pause(1.5); 0 },
    redirects => sub ($conn, $id) { $conn->send(stdout($id, "Location: /whole\r\n\r\n") . stdout_end($id) . end_request($id)); 1 },
    endless   => sub ($conn, $id) { $conn->send(stdout($id, "Content-Type: text/plain\r\n\r\n")); $conn->send(stdout($id, 'x' x 60_000)) for 1 .. 400; 0 },
    broken    => sub ($conn, $id) { $conn->send(answer($id, 'x' x 20_000, 'Content-Type: text/plain')); 1 },
    trailing  => sub ($conn, $id) { $conn->send(answer($id, 'own') . 'more'); 1 },
    early     => sub ($conn, $id) { $conn->send(answer($id, 'own')); $conn->drain(1); 0 },
);

sub serve ($conn) {
    while (my $request = $conn->read_request('params')) {
        my ($what) = $request->{param}{REQUEST_URI} =~ m{(\w+)\z};
        $conn->read_rest($request) if $what ne 'early';
        $play{$what}->($conn, $request->{id}) or return;
    }
}

my $gateway = FCT::Gateway->new(serve => \&serve, h2 => 1, modules => [qw(substitute proxy_balancer lbmethod_bybusyness slotmem_shm status)],
    places => { follow => '<response local-redirect="follow" override="yes"/>', pinned => '<backend workers="fcgi://127.0.0.1:1"/>' }, config => <<'CONF');
Listen 127.0.0.1:@PORT@
Protocols h2c http/1.1
FcgiTrustPolicy @POLICIES@/open.xml
<Proxy balancer://one>
    BalancerMember @BACKEND@ max=1 acquire=300 enablereuse=on timeout=1
    ProxySet lbmethod=bybusyness
</Proxy>
<Location /manager>
    SetHandler balancer-manager
</Location>
<Location /follow/>
    FcgiTrustPolicy @DIR@/follow.xml
</Location>
<Location /pinned/>
    FcgiTrustPolicy @DIR@/pinned.xml
</Location>
<Location /filtered/>
    SetOutputFilter SUBSTITUTE
    Substitute s/own/OWN/
    SubstituteMaxLineLength 1000
</Location>
ProxyPass /manager !
ProxyPass / balancer://one/ failontimeout=off
CONF

my @endings = (
    (map { my $what = $_; ["GET /$what", sub { $gateway->ask("/$what", timeout => 5) }] } qw(whole dies lies overload cut silent stalls redirects trailing)),
    ['a refused method', sub { $gateway->ask('/whole', method => 'PATCH') }],
    ['a refused path', sub { $gateway->ask('/a%0ab') }],
    ['a backend that is not pinned', sub { $gateway->ask('/pinned/whole') }],
    ['a local redirect', sub { $gateway->ask('/follow/redirects') }],
    ['a filter that fails', sub { $gateway->ask('/filtered/broken') }],
    ['HEAD of what never ends', sub { $gateway->ask('/endless', method => 'HEAD') }],
    ['a client that leaves a download', sub { my $c = $gateway->client; $c->send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n"); $c->wait_head; $c->reset }],
    ['a client that leaves an upload', sub { my $c = $gateway->client; $c->send("POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc"); Time::HiRes::sleep(0.1); $c->reset }],
    ['an answer before the body', sub { my $c = $gateway->client; $c->send("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc"); $c->response; $c->close }],
    ['a body whose framing breaks', sub { my $c = $gateway->client; $c->send("POST /whole HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef"); $c->response; $c->close }],
    !FCT::Gateway->speaks_h2 ? () : ['an HTTP/2 stream that is cancelled', sub { my $h2 = $gateway->h2; my $s = $h2->request('/endless'); $h2->wait_body($s, 10); $h2->cancel($s); $h2->close }],
);

# The next request waits for the one connection at most as long as acquire allows, and until the peer has seen the last one leave.
sub serves_next () {
    my $answer;
    FCT::Proc::wait_until(4, sub { $answer = $gateway->ask('/whole'); $answer->status == 200 });
    return $answer;
}

for my $round (1 .. 2) {
    for my $row (@endings) {
        my ($name, $end) = @$row;
        $end->();
        is(serves_next()->status, 200, "$name, $round: the only connection is free again");
    }
}
# What balancer-manager says of the member, by column.
sub member () {
    my $page = $gateway->ask('/manager')->body;
    my @cells = $page =~ m{<th>Busy</th>.*?</tr>\s*(?:<!--.*?-->)?\s*<tr>(.*?)</tr>}s ? $1 =~ m{<td>(.*?)</td>}sg : ();
    my @heads = $page =~ m{(<th>Worker URL</th>.*?</tr>)}s ? $1 =~ m{<th>(.*?)</th>}sg : ();
    my %cell;
    @cell{@heads} = @cells;
    return %cell;
}

# A client has its answer before mod_proxy counts the member free.
my %cell;
FCT::Proc::wait_until(4, sub { %cell = member(); ($cell{Busy} // '') eq '0' });
is($cell{Busy}, 0, 'the balancer member is busy with nothing');
like($cell{Status} // '', qr/Ok/, 'and in service');
$gateway->finish(findings => [qw(FCT1210 FCT5002 FCT5020 FCT5005 FCT2001)], allow => [qr/FCT\d{4}|AH01328|AH0|balancer/]);
done_testing;
