# The nearest policy replaces the others whole, in the order httpd gives its sections: server, vhost, <Proxy>, <Directory>, <Files>,
# <Location>; <Proxy> governs ProxyPass and server-level [P], <Directory> and <Files> SetHandler and per-directory [P]. FcgiTrustSet is
# inherited name by name. SPEC 1.
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

# The backend says which policy let the request through, and every value it was given.
my $peer = FCT::Peer->start(serve => sub ($conn) {
    while (my $r = $conn->read_request) {
        $conn->send(answer($r->{id}, join ' ', map { defined $r->{param}{$_} ? "$_=$r->{param}{$_}" : () } qw(APP_POLICY APP_A APP_B APP_C)));
    }
});

# A policy that says its own name; only `server` gives APP_A to APP_C on.
my @names = qw(server vhost other location deeper directory subdirectory files proxy handler);
my %files = map { my $name = $_; ("$name.xml" => FCT::Gateway::policy_text($name, <<"POLICY")) } @names;
  <param name="APP_POLICY" value="$name"/>
  <param name="APP_A" from="config.A"/>
  <param name="APP_B" from="config.B"/>
  <param name="APP_C" from="config.C"/>
  <backend profile="generic" script="none" override="yes"/>
POLICY
$files{"htdocs/$_"} = '' for 'x.php', 'x.special', 'dir/x.php', 'dir/sub/x.php', 'dir/x.special', 'loc/x.php', 'rewrite/x';

my $httpd = FCT::Httpd->new(modules => [qw(rewrite alias proxy_balancer slotmem_shm lbmethod_byrequests)], set => { BACKEND => $peer->url }, files => \%files, config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @DIR@/server.xml
FcgiTrustSet A server
FcgiTrustSet B server
<Directory @DIR@/htdocs>
    Require all granted
</Directory>
<Directory @DIR@/htdocs/dir>
    FcgiTrustPolicy @DIR@/directory.xml
    FcgiTrustSet A directory
</Directory>
<Directory @DIR@/htdocs/dir/sub>
    FcgiTrustPolicy @DIR@/subdirectory.xml
    FcgiTrustSet C subdirectory
</Directory>
<Files "*.special">
    FcgiTrustPolicy @DIR@/files.xml
</Files>
<Location /loc>
    FcgiTrustPolicy @DIR@/location.xml
    FcgiTrustSet B location
</Location>
<Location /loc/deeper>
    FcgiTrustPolicy @DIR@/deeper.xml
</Location>
<LocationMatch "^/match">
    FcgiTrustPolicy @DIR@/location.xml
</LocationMatch>
<Proxy "@BACKEND@/proxied">
    FcgiTrustPolicy @DIR@/proxy.xml
    FcgiTrustSet C proxy
</Proxy>
<Proxy balancer://b>
    BalancerMember @BACKEND@
    FcgiTrustPolicy @DIR@/proxy.xml
</Proxy>
<FilesMatch "\.(php|special)$">
    SetHandler "proxy:@BACKEND@"
</FilesMatch>
<VirtualHost 127.0.0.1:@PORT@>
    ServerName plain.example
    ProxyPass /pass/ @BACKEND@/
    ProxyPass /proxied/ @BACKEND@/proxied/
    ProxyPass /loc/ @BACKEND@/
    ProxyPass /match/ @BACKEND@/
    ProxyPass /balanced/ balancer://b/
    ProxyPass /dir/pass/ @BACKEND@/
    ProxyPass /both/ @BACKEND@/proxied/
    <Location /both>
        FcgiTrustPolicy @DIR@/location.xml
    </Location>
    RewriteEngine on
    RewriteRule ^/rewritten/(.*) @BACKEND@/proxied/$1 [P]
    <Directory @DIR@/htdocs/rewrite>
        FcgiTrustPolicy @DIR@/handler.xml
        RewriteEngine on
        RewriteRule ^x$ @BACKEND@/elsewhere [P]
    </Directory>
</VirtualHost>
<VirtualHost 127.0.0.1:@PORT@>
    ServerName vhost.example
    FcgiTrustPolicy @DIR@/vhost.xml
    FcgiTrustSet B vhost
    ProxyPass /pass/ @BACKEND@/
    ProxyPass /loc/ @BACKEND@/
    <Location /own>
        FcgiTrustPolicy @DIR@/other.xml
        ProxyPass @BACKEND@/
    </Location>
</VirtualHost>
CONF

for my $row (
    # host, path, what applies there
    ['plain', '/pass/a', 'server', 'server server'], ['plain', '/x.php', 'server', 'server server'],
    ['plain', '/loc/a', 'location', 'server location'], ['plain', '/loc/deeper/a', 'deeper', 'server location'], ['plain', '/loc/deepera', 'location', 'server location'],
    ['plain', '/loc/x.php', 'location', 'server location'], ['plain', '/match/a', 'location', 'server server'],
    ['plain', '/dir/x.php', 'directory', 'directory server'], ['plain', '/dir/sub/x.php', 'subdirectory', 'directory server subdirectory'],
    ['plain', '/dir/x.special', 'files', 'directory server'], ['plain', '/x.special', 'files', 'server server'],
    ['plain', '/dir/pass/a', 'server', 'server server'], ['plain', '/proxied/a', 'proxy', 'server server proxy'], ['plain', '/both/a', 'location', 'server server proxy'],
    ['plain', '/rewritten/a', 'proxy', 'server server proxy'], ['plain', '/rewrite/x', 'handler', 'server server'], ['plain', '/balanced/a', 'proxy', 'server server'],
    ['vhost', '/pass/a', 'vhost', 'server vhost'], ['vhost', '/x.php', 'vhost', 'server vhost'], ['vhost', '/loc/a', 'location', 'server location'],
    ['vhost', '/own/a', 'other', 'server vhost'], ['vhost', '/dir/x.php', 'directory', 'directory vhost'],
    ['unknown', '/pass/a', 'server', 'server server'],
) {
    my ($host, $path, $policy, $values) = @$row;
    my @values = split ' ', $values;
    my $answer = request($httpd->port, $path, host => "$host.example");
    my $wanted = join ' ', "APP_POLICY=$policy", map { defined $values[$_] ? 'APP_' . chr(65 + $_) . "=$values[$_]" : () } 0 .. 2;
    is($answer->body, $wanted, "$host.example$path: the policy of the $policy, and the values of " . join ', ', @values) or diag($answer->summary);
}

# A graceful restart brings what the files say now, and only then.
FCT::Proc::write_file($httpd->dir . '/server.xml', $files{'server.xml'} =~ s/value="server"/value="changed"/r);
is(request($httpd->port, '/pass/a')->body, 'APP_POLICY=server APP_A=server APP_B=server', 'a policy file that is changed changes nothing at once');
ok($httpd->graceful, 'httpd is told to read its configuration again');
is(request($httpd->port, '/pass/a')->body, 'APP_POLICY=changed APP_A=server APP_B=server', 'then what the file says is in force');

# A file that is broken stops no server that runs.
FCT::Proc::write_file($httpd->dir . '/server.xml', '<policy');
my ($exit, $said) = $httpd->check_config;
ok($exit != 0 && $said =~ /server\.xml:\d+: FCT3005/, 'a broken policy is a fault of httpd -t');
is(request($httpd->port, '/pass/a')->body, 'APP_POLICY=changed APP_A=server APP_B=server', 'and the server that runs goes on with the policy it read');
$peer->stop;
is(join('', $peer->script_errors), '', 'the peer played what it was told to');
$httpd->finish(allow => [qr/FCT4008/]);
done_testing;
