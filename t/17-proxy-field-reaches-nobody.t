# HTTP_PROXY, which many HTTP libraries take for their configuration, is never told: not from the field Proxy in any spelling, not from a field that the
# server sets, not from its environment, and no policy can ask for it. EVIDENCE T11; POLICY 2.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Httpd;
use FCT::Told;

my $gateway = FCT::Gateway->new(each => \&FCT::Told::keep, h2 => 1, modules => [qw(env headers setenvif rewrite)], env => { HTTP_PROXY => 'http://evil.example', http_proxy => 'http://evil.example' },
    policy => '<header name="P*"/><header name="X-*"/>', front => <<'CONF');
<Location /set/>
    RequestHeader set Proxy http://evil.example
</Location>
<Location /env/>
    SetEnv HTTP_PROXY http://evil.example
    SetEnv HTTPS_PROXY http://evil.example
    SetEnv ALL_PROXY http://evil.example
    SetEnv NO_PROXY *
</Location>
<Location /passed/>
    PassEnv HTTP_PROXY
</Location>
<Location /copied/>
    SetEnvIf Proxy (.*) HTTP_PROXY=$1
</Location>
CONF

my %nothing = map { $_ => undef } qw(HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY);

# Each way to write five letters, as five bits.
my @letters = map { my $bits = $_; join '', map { $bits >> $_ & 1 ? uc substr('proxy', $_, 1) : substr 'proxy', $_, 1 } 0 .. 4 } 0 .. 31;
is_told(told($gateway, ["$_: http://evil.example"]), "the field $_ is not told", \%nothing) for @letters;

# The header lines, the path.
my @rows = (
    ['twice', ['Proxy: http://a.example', 'PROXY: http://b.example']],
    ['beside others of the prefix rule', ['Proxy: http://a.example', 'Pragma: no-cache', 'P-Own: x']],
    ['where the server sets it', ['Proxy: http://a.example'], '/set/page'],
    ['where the server alone sets it', [], '/set/page'],
    ['from the environment', [], '/env/page'],
    ['from the environment of the process', [], '/passed/page'],
    ['copied into the environment', ['Proxy: http://a.example'], '/copied/page'],
    ['named in Connection', ['Connection: Proxy', 'Proxy: http://a.example']],
    ['with a blank line of its own', ["X-Own: a\r\n Proxy: http://a.example"]],
    ['on HTTP/1.0', ['Proxy: http://a.example'], '/page', version => '1.0'],
);
for my $row (@rows) {
    my ($name, $lines, $path, %opt) = @$row;
    is_told(told($gateway, $lines, path => $path, %opt), "$name: no such name is told", \%nothing);
}
is_told(told($gateway, ['proxy: http://evil.example'], h2 => 1), 'HTTP/2: no such name is told', \%nothing) if $gateway->speaks_h2;
is_told(told($gateway, ['P-Own: x', 'Pragma: no-cache']), 'what else begins with the prefix is', { HTTP_P_OWN => 'x', HTTP_PRAGMA => 'no-cache' });
$gateway->finish;

# A policy that asks for it does not load.
my %asks = (
    'a parameter' => ['<param name="HTTP_PROXY" value="x"/>', qr/FCT310[67]/], 'HTTPS_PROXY' => ['<param name="HTTPS_PROXY" value="x"/>', qr/FCT3107/],
    'another spelling' => ['<param name="http-proxy" exact-name="yes" value="x"/>', qr/FCT310[67]/], 'a header' => ['<header name="Proxy"/>', qr/FCT3110/],
    'a header with trust' => ['<header name="proxy" trust="client"/>', qr/FCT3110/], 'a server-header' => ['<server-header name="Proxy" value="x" why="y"/>', qr/FCT31(?:10|07)/],
);
for my $name (FCT::Httpd::is_stock() ? () : sort keys %asks) {
    my ($inside, $finding) = $asks{$name}->@*;
    my $httpd = FCT::Httpd->new(files => { 'policy.xml' => FCT::Gateway::policy_text('asks', $inside) }, config => "Listen 127.0.0.1:\@PORT\@\nFcgiTrustPolicy \@DIR\@/policy.xml\n");
    my ($exit, $said) = $httpd->check_config;
    ok($exit != 0 && $said =~ $finding, "$name: such a policy does not load") or diag($said);
}
done_testing;
