# A backend whose name nobody knows was never reached, so that the next member is; a proxy for HTTP is no way to a FastCGI backend; what a
# backend has had is never asked for again; and messages name the backend, also where its connection is gone. SPEC 3, 4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Peer;
use FCT::Record qw(:all);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

my $sink = FCT::Peer->start(serve => sub ($conn) { $conn->drain(1) });      # where ProxyRemote would lead

sub serve ($conn) {
    while (my $request = $conn->read_request) {
        return if $request->{param}{REQUEST_URI} =~ /dies/;
        FCT::Gateway::say_own($conn, $request);
    }
}

my $gateway = FCT::Gateway->new(serve => \&serve, modules => [qw(proxy_balancer lbmethod_byrequests slotmem_shm rewrite)],
    places => { plain => '<backend script="none"/>' }, set => { SINK => $sink->port }, config => <<'CONF');
Listen 127.0.0.1:@PORT@
Listen 127.0.0.1:@REMOTEPORT@
FcgiTrustPolicy @POLICIES@/open.xml
<Proxy balancer://first-unknown>
    BalancerMember fcgi://no-such-host.invalid:9000
    BalancerMember @BACKEND@
</Proxy>
ProxyPass /unknown/ fcgi://no-such-host.invalid:9000/
ProxyPass /balanced/ balancer://first-unknown/
ProxyPass /direct/ @BACKEND@/
<Location /handler/>
    FcgiTrustPolicy @DIR@/plain.xml
    SetHandler "proxy:@BACKEND@"
</Location>
RewriteEngine on
RewriteRule ^/rewritten/(.*) @BACKEND@/$1 [P]
<Location /rewritten/>
    FcgiTrustPolicy @DIR@/plain.xml
</Location>
<VirtualHost 127.0.0.1:@REMOTEPORT@>
    FcgiTrustPolicy @POLICIES@/open.xml
    ProxyRemote * http://127.0.0.1:@SINK@
    ProxyPass / @BACKEND@/ enablereuse=on
</VirtualHost>
CONF

for my $attempt (1 .. 4) {
    for my $row (['GET'], ['POST', body => "body $attempt"]) {
        my ($method, @body) = @$row;
        my $answer = $gateway->ask("/balanced/$attempt", method => $method, @body);
        is($answer->body, "own answer /balanced/$attempt", "balancer, $method $attempt: the member that can be reached answers") or diag $answer->summary;
    }
}
is($gateway->ask('/unknown/page')->status, 503, 'a backend whose name is unknown: 503');

for my $route (qw(direct handler rewritten)) {
    is($gateway->ask("/$route/dies")->status, 502, "$route: a backend that dies is 502");
    my $name = 'fcgi://127.0.0.1:' . $gateway->peer->port;
    my @lines = $gateway->httpd->log->lines;
    my ($line) = grep {/FCT1210/} reverse @lines;
    like($line, qr/\Q$name\E\b/, "$route: the message names it");
}

my $remote = $gateway->httpd->port('REMOTEPORT');
for my $row (['GET', '/page', 200], ['POST', '/page', 200], ['GET', '/dies', 502], ['POST', '/dies', 502]) {
    my ($method, $path, $status) = @$row;
    my $answer = FCT::Client::request($remote, "$path?$method", method => $method, $method eq 'POST' ? (body => 'x') : ());
    is($answer->status, $status, "ProxyRemote, $method $path: $status");
    is(scalar $gateway->requests_for("$path?$method", 1), 1, "ProxyRemote, $method $path: the backend had it once");
}
is($sink->connection_count, 0, 'no connection was made to the proxy');
$sink->stop;
$gateway->finish(findings => [qw(FCT5001 FCT1210)], log => [qr/AH00898|AH02477|DNS lookup failure/], allow => [qr/FCT4008/]);
done_testing;
