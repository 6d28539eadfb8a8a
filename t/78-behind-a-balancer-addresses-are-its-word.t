# Behind a balancer the application is told the client that mod_remoteip took from the balancer; what anybody else writes into forwarded
# fields does nothing, and none of them arrives. policies/behind-balancer.xml.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Backend;
use FCT::Client qw(request request_bytes);
use FCT::Httpd;
use FCT::Proc qw(read_file repo_root);

# The application behind the gateway; the gateway; and a balancer in front, which is httpd with mod_proxy_http and calls from 127.0.0.2.
my $php = FCT::Backend->php_fpm(unix => 1);
my $gateway = FCT::Httpd->new(
    modules => [qw(remoteip unique_id)], set => { PHP => $php->url },
    files => {
        'htdocs/app.php' => read_file(repo_root() . '/t/lib/apps/app.php'),
        'balanced.xml' => <<'POLICY',
<policy xmlns="urn:mod-fcgi-trust:policy:1" name="t-balanced" version="1" language="1.0">
  <extends shipped="php-fpm"/>
  <extends shipped="behind-balancer"/>
  <param name="HTTPS" from="server.scheme" map="https-of-scheme" override="yes"/>
</policy>
POLICY
    },
    config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
Listen 127.0.0.1:@PROXYPORT@
FcgiTrustPolicy @DIR@/balanced.xml
<VirtualHost *:@PORT@>
    ServerName https://www.example.com:443
    RemoteIPHeader X-Forwarded-For
    RemoteIPInternalProxy 127.0.0.2
    ProxyPass / @PHP@@DOCROOT@/
</VirtualHost>
<VirtualHost *:@PROXYPORT@>
    ServerName http://plain.example.com:80
    RemoteIPProxyProtocol On
    ProxyPass / @PHP@@DOCROOT@/
</VirtualHost>
CONF
my $balancer = FCT::Httpd->new(
    modules => [qw(proxy_http ssl socache_shmcb)], set => { GATEWAY => 'http://127.0.0.1:' . $gateway->port },
    config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
SSLEngine on
SSLSessionCache shmcb:@DIR@/run/sessions(64000)
SSLCertificateFile @CERTS@/server.pem
SSLCertificateKeyFile @CERTS@/server.key
ProxySourceAddress 127.0.0.2
ProxyPreserveHost On
ProxyPass / @GATEWAY@/ disablereuse=on
CONF
my @NAMES = qw(REMOTE_ADDR BALANCER_ADDR HTTPS REQUEST_SCHEME SERVER_NAME SERVER_PORT);

# What the application is told: the names that matter, then every forwarded field or forged value that arrived, and REMOTE_PORT if there is one.
sub told ($answer) {
    my %env = map { /^([A-Z_0-9]+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $answer->body;
    my @stray = grep { $_ !~ /^(?:REMOTE_ADDR|BALANCER_ADDR)$/ && (/FORWARDED|REAL_IP|CLIENT_IP|VIA/ || $env{$_} =~ /10\.6\.6\.6/) } sort keys %env;
    return join ' ', (map { $env{$_} // '-' } @NAMES), @stray, defined $env{REMOTE_PORT} ? 'with port' : ();
}

# Through the balancer, encrypted, from an address of the client's own.
sub through ($from, @headers) {
    my $tls = { ca => $balancer->cert->file('server-ca.pem'), arguments => ['-bind', "$from:0"] };
    return told(request($balancer->port, '/app.php/env', host => 'www.example.com', tls => $tls, headers => \@headers, close => 1));
}

# Around it.
sub around ($from, @headers) {
    return told(request($gateway->port, '/app.php/env', host => 'www.example.com', local => $from, headers => \@headers, close => 1));
}

my $site = 'on https www.example.com 443';
is(through('127.0.0.5'), "127.0.0.5 127.0.0.2 $site", 'through the balancer the client is known, and so is the scheme it used');
is(through('127.0.0.6'), "127.0.0.6 127.0.0.2 $site", 'each client by its own address');
my @forged = ('X-Forwarded-For' => '10.6.6.6', 'X-Forwarded-Proto' => 'http', 'X-Forwarded-Port' => '80', Forwarded => 'for=10.6.6.6;proto=http',
    'X-Real-IP' => '10.6.6.6', 'Client-IP' => '10.6.6.6', 'X-Client-IP' => '10.6.6.6', 'True-Client-IP' => '10.6.6.6');
is(through('127.0.0.5', @forged), "127.0.0.5 127.0.0.2 $site", 'what the client forges is left behind what the balancer knows');
is(through('127.0.0.5', 'X-Forwarded-For' => '127.0.0.2, 127.0.0.9'), "127.0.0.5 127.0.0.2 $site", 'a whole chain too');

is(around('127.0.0.1'), "127.0.0.1 127.0.0.1 $site with port", 'who goes around the balancer is seen');
is(around('127.0.0.1', @forged), "127.0.0.1 127.0.0.1 $site with port", 'and its forwarded fields do nothing');
is(around('127.0.0.3', 'X-Forwarded-For' => '127.0.0.2'), "127.0.0.3 127.0.0.3 $site with port", 'claiming to be the balancer neither');
is(around('127.0.0.3', 'X_Forwarded_For' => '10.6.6.6'), "127.0.0.3 127.0.0.3 $site with port", 'in another spelling neither');
is(around('127.0.0.2', 'X-Forwarded-For' => 'not an address'), "127.0.0.2 127.0.0.2 $site with port", 'where the balancer speaks nonsense, it is itself the client');
is(around('127.0.0.2', 'X-Forwarded-For' => '2001:db8::7'), "2001:db8::7 127.0.0.2 $site", 'an IPv6 address is one too');

# The PROXY protocol says it ahead of the request.
my $client = FCT::Client->connect(port => $gateway->port('PROXYPORT'), local => '127.0.0.2');
$client->send("PROXY TCP4 192.0.2.7 127.0.0.1 4711 80\r\n" . request_bytes('/app.php/env', host => 'plain.example.com', headers => [@forged], close => 1));
like(told($client->response), qr/^192\.0\.2\.7 127\.0\.0\.2 - http plain\.example\.com 80/, 'with the PROXY protocol the client is known, the peer is still the balancer, and HTTPS is absent');
$balancer->finish;
$gateway->finish;
$php->stop;
done_testing;
