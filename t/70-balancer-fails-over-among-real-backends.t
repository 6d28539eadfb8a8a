# A balancer over real backends: requests are spread, a member that went away is passed over and comes back, its sessions keep their route. SPEC 1, 3.
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

my %backend = map { uc $_ => FCT::Backend->$_(processes => 1, $_ eq 'libfcgi' ? () : (unix => 1)) } qw(go perl_fcgi libfcgi);
my $httpd = FCT::Httpd->new(
    set => { map { $_ => $backend{$_}->url } keys %backend }, modules => [qw(proxy_balancer lbmethod_byrequests slotmem_shm headers status)],
    config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @SHIPPED@/generic.xml
<Proxy balancer://spread>
    BalancerMember @GO@ retry=1 route=go
    BalancerMember @PERL_FCGI@ retry=1 route=perl
    BalancerMember @LIBFCGI@ retry=1 route=c
    ProxySet lbmethod=byrequests
</Proxy>
ProxyPass /spread/ balancer://spread/
<Proxy balancer://sticky>
    BalancerMember @GO@/s retry=1 route=go
    BalancerMember @PERL_FCGI@/s retry=1 route=perl
    ProxySet lbmethod=byrequests stickysession=ROUTE|route
</Proxy>
ProxyPass /sticky/ balancer://sticky/
<Proxy balancer://bound>
    BalancerMember @GO@/b retry=1 route=go
    BalancerMember @PERL_FCGI@/b retry=1 route=perl
    ProxySet lbmethod=byrequests stickysession=ROUTE nofailover=On
</Proxy>
ProxyPass /bound/ balancer://bound/
Header always add Set-Cookie "ROUTE=.%{BALANCER_WORKER_ROUTE}e; path=/" env=BALANCER_ROUTE_CHANGED
<Location /server-status>
    SetHandler server-status
</Location>
CONF

# Which process answered, or what went wrong.
sub who ($path, %opt) {
    my $answer = FCT::Client::request($httpd->port, $path, %opt);
    return $answer->is_success ? $answer->body =~ s/\s//gr : $answer->summary;
}

sub cookie ($route) { return headers => [Cookie => "ROUTE=abc.$route"] }

# Stops a backend; returns when nothing listens at its address any more.
sub take_away ($backend) {
    $backend->stop;
    return wait_until(5, sub { !$backend->can_connect });
}

# --- spreading ---

my %asked;
$asked{ who('/spread/pid') }++ for 1 .. 12;
is(join(' ', sort values %asked), '4 4 4', 'twelve requests are spread evenly over three members') or diag(explain \%asked);

# --- sessions ---

my $answer = FCT::Client::request($httpd->port, '/sticky/pid');
my ($route) = ($answer->header('Set-Cookie') // '') =~ /^ROUTE=\.(go|perl);/;
ok($route, 'a client without a session is given a route') or diag($answer->{raw});
my %pid = map { $_ => who('/sticky/pid', cookie($_)) } qw(go perl);
isnt($pid{go}, $pid{perl}, 'two routes lead to two members');
is(join(' ', map { who('/sticky/pid', cookie($_)) } (qw(go perl)) x 3), join(' ', map { $pid{$_} } (qw(go perl)) x 3), 'a cookie keeps to its route');
is(who('/sticky/pid?route=abc.perl'), $pid{perl}, 'a route in the query is followed');

# --- a member goes away ---

take_away($backend{PERL_FCGI});
my @answers = map { my $got = FCT::Client::request($httpd->port, '/spread/echo', body => "own $_"); $got->is_success ? $got->body : $got->summary } 1 .. 12;
is(join("\n", @answers), join("\n", map {"own $_"} 1 .. 12), 'with a member down every POST is answered by those that run');
$answer = FCT::Client::request($httpd->port, '/sticky/pid', cookie('perl'));
is($answer->body =~ s/\s//gr, $pid{go}, 'its sessions move to the other member');
like($answer->header('Set-Cookie') // '', qr/^ROUTE=\.go;/, 'and are told so');
is(FCT::Client::request($httpd->port, '/bound/pid', cookie('perl'))->status, 503, 'nofailover: its sessions get 503 instead');

# --- and comes back ---

$backend{PERL_FCGI}->restart;
ok(wait_until(6, sub { who('/sticky/pid', cookie('perl')) ne $pid{go} }), 'after its retry time its sessions are served there again');
%asked = ();
wait_until(6, sub { $asked{ who('/spread/pid') }++; keys %asked == 3 });
is(scalar keys %asked, 3, 'and it has its share of the others');

# --- all are gone ---

take_away($_) for values %backend;
is(FCT::Client::request($httpd->port, '/spread/pid')->status, 503, 'with no member left the answer is 503');
$backend{GO}->restart;
ok(wait_until(6, sub { FCT::Client::request($httpd->port, '/spread/pid')->is_success }), 'one that comes back is found');
$httpd->finish(findings => ['FCT5001'], allow => [qr/AH00957|AH02454|AH00959|AH01167/]);
done_testing;
