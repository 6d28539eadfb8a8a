# mod_proxy's books: an application's 500 or 503 leaves its member in service, and elected, read and transferred are counted. SPEC 3; issue: bookkeeping.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Backend;
use FCT::Client;
use FCT::Proc qw(wait_until);
use FCT::Twins;

my %backend = map { uc $_ => FCT::Backend->$_ } qw(go perl_fcgi);
my $twins = FCT::Twins->start(
    set => { map { $_ => $backend{$_}->url } keys %backend }, modules => [qw(proxy_balancer lbmethod_byrequests slotmem_shm)],
    config => <<'CONF');
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @SHIPPED@/generic.xml
<Proxy balancer://all>
    BalancerMember @GO@ retry=60 route=go
    BalancerMember @PERL_FCGI@ retry=60 route=perl
    ProxySet lbmethod=byrequests
</Proxy>
<Location /balancer-manager>
    SetHandler balancer-manager
</Location>
ProxyPass /balancer-manager !
ProxyPass / balancer://all/
CONF

# The books of a server: route → { elected, read, transferred, busy, status }.
sub books ($httpd) {
    my $xml = FCT::Client::request($httpd->port, '/balancer-manager?xml=1', close => 1, headers => [Referer => 'http://test.example/balancer-manager'])->body;
    my %book;
    while ($xml =~ m{<httpd:worker>(.*?)</httpd:worker>}gs) {
        my $worker = $1;
        my %field = map { $_ => $worker =~ m{<httpd:$_>(.*?)</httpd:$_>}s ? $1 : undef } qw(route elected read transferred busy status);
        $book{ $field{route} // 'none' } = \%field;
    }
    return \%book;
}

# The requests of which the books are kept: path, request.
my @asked = (
    (map { ['/env', {}] } 1 .. 4), (map { ['/status?500', {}] } 1 .. 4), (map { ['/status?503', {}] } 1 .. 4), (map { ['/status?502', {}] } 1 .. 2),
    ['/status?404', {}], ['/status?504', {}], (map { ['/echo', { body => 'x' x 50_000 }] } 1 .. 2), (map { ['/download?300000', {}] } 1 .. 2),
    ['/redirect?/elsewhere', {}], ['/status?304', {}], ['/env', { method => 'HEAD' }],
);
for my $request (@asked) {
    my ($path, $opt) = @$request;
    my ($stock, $module) = $twins->ask($path, %$opt);
    is($module->status, $stock->status, "$path: the same status through a balancer");
}

my ($stock, $module) = map { books($twins->$_) } qw(stock module);
for my $route (qw(go perl)) {
    my ($there, $here) = map { $_->{$route} } $stock, $module;
    is($here->{elected}, $there->{elected}, "$route was elected as often as with stock mod_proxy_fcgi");
    is($here->{status} =~ s/\s//gr, 'InitOk', "$route is in service after the application's errors");
    is($here->{busy}, 0, "$route has no request under way");
    cmp_ok($here->{transferred}, '>', 50_000, "$route: what was sent is counted");
    cmp_ok($here->{read}, '>', 300_000, "$route: what was read is counted");
    # What goes out differs by the parameters that the module does not send, what comes in by nothing.
    cmp_ok(abs($here->{read} - $there->{read}), '<', 0.02 * $there->{read}, "$route: as much was read as with stock mod_proxy_fcgi")
        or diag("stock $there->{read}, module $here->{read}");
}

# A client that leaves is no fault of the member.
for (1 .. 4) {
    my $client = FCT::Client->connect(port => $twins->module->port);
    $client->send("GET /download?50000000 HTTP/1.1\r\nHost: test.example\r\n\r\n");
    $client->wait_bytes(qr/.{5000}/s, 5);
    $client->close;
}
my $idle = wait_until(5, sub { my $book = books($twins->module); !grep { $_->{busy} != 0 } values %$book });
ok($idle, 'members of clients that left have no request under way');
is(join(' ', map { books($twins->module)->{$_}{status} =~ s/\s//gr } qw(go perl)), 'InitOk InitOk', 'and are in service');
$twins->finish(allow => [qr/FCT5009/]);
$_->stop for values %backend;
done_testing;
