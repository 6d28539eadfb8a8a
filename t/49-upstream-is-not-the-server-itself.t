# An <upstream> that calls from this server's own address is anybody who may write a .htaccess: that sends itself a request by RewriteRule [P], with header
# fields of its own. The start says so, naming both lines; and the request that it means is shown. SPEC 1, POLICY 4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Client qw(request);
use FCT::Gateway;
use FCT::Httpd;
use FCT::Peer;
use FCT::Record qw(:all);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

sub policy_text ($peers) {
    return FCT::Gateway::policy_text('front', <<"XML");
<upstream name="edge" peers="$peers" assert="A test"><field name="X-Edge-User"/></upstream>
<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/>
<param name="APP_EDGE" from="upstream.edge.X-Edge-User" assert="A test"/>
XML
}
sub directory (@lines) { return join "\n", '<Directory @DIR@/htdocs>', @lines, '</Directory>', '' }

# --- what the start says ---

my $all = directory('AllowOverride All');
for (
    ['its own loopback, and a .htaccess that may do anything', '127.0.0.1', $all, 'AllowOverride'],
    ['another address of loopback', '127.0.0.2', $all, 'AllowOverride'],
    ['a range around it', '192.0.2.1 0.0.0.0/0', $all, 'AllowOverride'],
    ['loopback of IPv6', '::1', $all, 'AllowOverride'],
    ['an address that Listen names', '192.0.2.7', "Listen 192.0.2.7:\@OTHERPORT\@\n$all", 'AllowOverride'],
    ['an address beside it', '192.0.2.8', "Listen 192.0.2.7:\@OTHERPORT\@\n$all", undef],
    ['a proxy elsewhere', '10.0.0.0/8', $all, undef],
    ['FileInfo alone', '127.0.0.1', directory('AllowOverride FileInfo'), 'AllowOverride'],
    ['rewrite rules alone', '127.0.0.1', directory('AllowOverride None', 'AllowOverrideList RewriteEngine RewriteRule'), 'AllowOverrideList'],
    ['handlers alone', '127.0.0.1', directory('AllowOverride None', 'AllowOverrideList SetHandler'), 'AllowOverrideList'],
    ['in another virtual host', '127.0.0.1', "<VirtualHost 127.0.0.1:\@PORT\@>\nServerName b.example\n$all</VirtualHost>\n", 'AllowOverride'],
    ['no .htaccess', '127.0.0.1', directory('AllowOverride None'), undef],
    ['one that forwards nothing', '127.0.0.1', directory('AllowOverride Indexes Limit'), undef],
    ['one with redirects', '127.0.0.1', directory('AllowOverride None', 'AllowOverrideList Redirect'), undef],
) {
    my ($about, $peers, $lines, $directive) = @$_;
    my $httpd = FCT::Httpd->new(modules => ['rewrite'], files => { 'front.xml' => policy_text($peers) },
        config => "Listen 127.0.0.1:\@PORT\@\nFcgiTrustPolicy \@DIR\@/front.xml\nProxyPass / fcgi://127.0.0.1:1/\n$lines");
    my ($exit, $said) = $httpd->check_config;
    is($exit, 0, "$about: it is a warning at most") or diag $said;
    is(join(' ', $said =~ /\b(FCT\d+)/g), $directive ? 'FCT4014' : '', "$about: " . ($directive ? 'told' : 'nothing to tell')) or diag $said;
    like($said, qr{front\.xml:\d+: FCT4014 configuration: the peers of upstream edge \(\Q$peers\E\) .*\Q$directive\E [^\n]* in \S+httpd\.conf:\d+ }, 'both lines are named') if $directive;
}

# --- what it means ---

my $peer = FCT::Peer->start(serve => sub ($conn) {
    while (my $r = $conn->read_request) { $conn->send(answer($r->{id}, $r->{param}{APP_EDGE} // 'nobody')) }
});
my $httpd = FCT::Httpd->new(modules => [qw(rewrite headers proxy_http)], set => { BACKEND => $peer->url }, files => { 'front.xml' => policy_text('127.0.0.1'), 'htdocs/x' => '' }, config => <<'CONF');
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @DIR@/front.xml
ProxyPass /app/ @BACKEND@/
<Directory @DIR@/htdocs>
    Require all granted
    AllowOverride FileInfo
</Directory>
CONF
$httpd->start;
my $port = $httpd->port;
FCT::Proc::write_file($httpd->dir . '/htdocs/.htaccess', "RewriteEngine on\nRewriteRule ^x\$ http://127.0.0.1:$port/app/ [P]\nRequestHeader set X-Edge-User admin\n");
is(request($port, '/app/')->body, 'nobody', 'whoever asks for it himself is nobody');
is(request($port, '/x')->body, 'admin', 'a .htaccess speaks for the proxy in front');
$peer->stop;
$httpd->finish(findings => ['FCT4014']);
done_testing;
