# mod_proxy_hcheck's TCP check takes a member out that nobody listens for, before a request meets it, and brings it back. SPEC 1.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Backend;
use FCT::Client;
use FCT::Httpd;
use FCT::Proc qw(wait_until);

my %backend = map { uc $_ => FCT::Backend->$_ } qw(go perl_fcgi);
my $httpd = FCT::Httpd->new(
    set => { map { $_ => $backend{$_}->url } keys %backend },
    modules => [(FCT::Httpd->has_module('watchdog') ? 'watchdog' : ()), qw(proxy_balancer lbmethod_byrequests slotmem_shm proxy_hcheck)],
    config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @SHIPPED@/generic.xml
<Proxy balancer://all>
    BalancerMember @GO@ hcmethod=TCP hcinterval=1 hcpasses=1 hcfails=1 route=go retry=60
    BalancerMember @PERL_FCGI@ hcmethod=TCP hcinterval=1 hcpasses=1 hcfails=1 route=perl retry=60
</Proxy>
<Location /balancer-manager>
    SetHandler balancer-manager
</Location>
ProxyPass /balancer-manager !
ProxyPass / balancer://all/
CONF

sub status_of ($route) {
    my $xml = FCT::Client::request($httpd->port, '/balancer-manager?xml=1', headers => [Referer => 'http://test.example/balancer-manager'], close => 1)->body;
    for my $worker ($xml =~ m{<httpd:worker>(.*?)</httpd:worker>}gs) {
        return $1 if $worker =~ m{<httpd:route>$route<} && $worker =~ m{<httpd:status>(.*?)</httpd:status>}s;
    }
    return 'unknown';
}

sub is_served ($n) { return FCT::Client::request($httpd->port, '/echo', body => "own $n")->body eq "own $n" }

is(join(' ', map { is_served($_) ? 'served' : 'not' } 1 .. 4), 'served served served served', 'requests are served while both members are checked');
unlike(status_of($_), qr/HcFl/, "$_ is in service") for qw(go perl);

$backend{PERL_FCGI}->stop;
ok(wait_until(8, sub { status_of('perl') =~ /HcFl/ }), 'a member that nobody listens for is taken out by the check alone') or diag(status_of('perl'));
is(join(' ', map { is_served($_) ? 'served' : 'not' } 1 .. 6), join(' ', ('served') x 6), 'every request goes to the other');
is($httpd->log->count(qr/FCT5001/), 0, 'and none was spent on finding out');

$backend{PERL_FCGI}->restart;
ok(wait_until(8, sub { status_of('perl') !~ /HcFl/ }), 'a member that is back is brought back by the check alone');
ok(is_served('again'), 'and requests are served');
$httpd->finish(allow => [qr/\[proxy_hcheck:/, qr/AH00957/]);
$_->stop for values %backend;
done_testing;
