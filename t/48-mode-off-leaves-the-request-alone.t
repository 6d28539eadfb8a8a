# FcgiTrustMode off: mod_proxy_fcgi serves, as if this module was not there. Otherwise this module comes first, in whatever order the two are
# loaded, and a route without a policy is answered 500; start-up names it. SPEC 1.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Client qw(request);
use FCT::Httpd;
use FCT::Peer;
use FCT::Record qw(:all);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

my $peer = FCT::Peer->start(serve => sub ($conn) {
    while (my $r = $conn->read_request) {
        my $engine = exists $r->{param}{SCRIPT_FILENAME} && $r->{param}{SCRIPT_FILENAME} =~ /^proxy:/ ? 'mod_proxy_fcgi' : 'mod_fcgi_trust';
        $conn->send(answer($r->{id}, "$engine $r->{param}{REQUEST_URI} $r->{stdin}"));
    }
});

my $places = <<'CONF';
Listen 127.0.0.1:@PORT@
<Directory @DIR@/htdocs>
    Require all granted
</Directory>
<FilesMatch "\.php$">
    SetHandler "proxy:@BACKEND@"
</FilesMatch>
ProxyPass /on/ @BACKEND@/on/
ProxyPass /off/ @BACKEND@/off/
ProxyPass /none/ @BACKEND@/none/
<Location /on/>
    FcgiTrustPolicy @POLICIES@/open.xml
</Location>
<Location /off/>
    FcgiTrustPolicy @POLICIES@/open.xml
    FcgiTrustMode off
</Location>
<Directory @DIR@/htdocs/off>
    FcgiTrustMode off
</Directory>
CONF

my %order = (
    'mod_proxy_fcgi loaded before' => { modules => [qw(proxy_fcgi alias)], config => $places },
    'mod_proxy_fcgi loaded behind' => { modules => ['alias'], config => 'LoadModule proxy_fcgi_module ' . FCT::Httpd->module_dir . "/mod_proxy_fcgi.so\n$places" },
);
for my $order (sort keys %order) {
    my $httpd = FCT::Httpd->new(set => { BACKEND => $peer->url }, files => { map { ("htdocs/$_/x.php" => '') } qw(off none) }, $order{$order}->%*)->start;
    my $n = 0;
    for my $row (['/on/a', 200, 'mod_fcgi_trust'], ['/off/a', 200, 'mod_proxy_fcgi'], ['/off/x.php', 200, 'mod_proxy_fcgi'], ['/none/a', 500], ['/none/x.php', 500]) {
        my ($path, $status, $engine) = @$row;
        for my $body (undef, 'a=b', 'x' x 300_000) {
            my $what = "$order, $path, " . length($body // '') . ' bytes of body';
            my $requests = () = $peer->requests;
            my $answer = request($httpd->port, $path, body => $body);
            is($answer->status, $status, "$what: $status");
            if ($engine) { ok($answer->body eq "$engine $path " . ($body // ''), "$what: $engine serves it") or diag(substr $answer->body, 0, 100) }
            else { is(scalar(() = $peer->requests), $requests, "$what: the backend sees nothing of it") }
        }
    }
    my $log = $httpd->log->text;
    like($log, qr/FCT4009.*ProxyPass \/none\//, "$order: start-up names the route without a policy");
    unlike($log, qr/FCT4009.*ProxyPass \/(?:on|off)\//, "$order: and no other ProxyPass");
    like($log, qr/FCT4001 .*\[request \S+\]/, "$order: a request to it is a finding");
    $httpd->finish(findings => [qw(FCT4001 FCT4009)], allow => [qr/FCT4008/]);    # a mount may not be known there
}

# Off, and mod_proxy_fcgi is not there: mod_proxy's own answer, not this module's.
my $httpd = FCT::Httpd->new(set => { BACKEND => $peer->url }, config => "Listen 127.0.0.1:\@PORT\@\nFcgiTrustMode off\nProxyPass / \@BACKEND\@/\n")->start;
is(request($httpd->port, '/x')->status, 500, 'off without mod_proxy_fcgi: mod_proxy says that nobody serves it');
ok(!$httpd->log->count(qr/FCT\d{4}/), 'off: this module says nothing');
$httpd->finish(log => [qr/AH01144/]);

# Off for all, on for one.
$httpd = FCT::Httpd->new(modules => ['proxy_fcgi'], set => { BACKEND => $peer->url }, config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
FcgiTrustMode off
FcgiTrustPolicy @POLICIES@/open.xml
ProxyPass / @BACKEND@/
<Location /on/>
    FcgiTrustMode enforce
</Location>
CONF
like(request($httpd->port, '/on/a')->body, qr/^mod_fcgi_trust/, 'enforce within off: the policy that is inherited decides');
like(request($httpd->port, '/a')->body, qr/^mod_proxy_fcgi/, 'off elsewhere');
is(request($httpd->port, '/on/a', method => 'OPTIONS')->status, 405, 'and refuses');
$httpd->finish(findings => ['FCT2001']);

# Without any policy the module costs nothing and touches nothing else.
my $other = FCT::Httpd->new(modules => [qw(proxy_http proxy_fcgi)], set => { BACKEND => $peer->url }, config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
Listen 127.0.0.1:@PORTBACK@
FcgiTrustMode off
<VirtualHost 127.0.0.1:@PORT@>
    ProxyPass /http/ http://127.0.0.1:@PORTBACK@/
    ProxyPass /fcgi/ @BACKEND@/
</VirtualHost>
<VirtualHost 127.0.0.1:@PORTBACK@>
    ProxyPass / @BACKEND@/
</VirtualHost>
CONF
like(request($other->port, '/http/a')->body, qr{^mod_proxy_fcgi /a}, 'http:// routes are mod_proxy_http\'s');
like(request($other->port, '/fcgi/a')->body, qr{^mod_proxy_fcgi /fcgi/a}, 'fcgi:// routes are mod_proxy_fcgi\'s');
$other->finish;
$peer->stop;
is(join('', $peer->script_errors), '', 'the peer played what it was told to');
done_testing;
