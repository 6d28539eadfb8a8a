# The README's portal behind mutual TLS serves as it says, with PHP-FPM: who has a certificate of the company's CA is told by the address in it, and nobody else
# is served, over TLS 1.2 and 1.3, HTTP/1.1 and HTTP/2, in full and resumed sessions. The policy mtls alone tells mod_ssl's names, as mod_ssl has them.
use v5.26;
use warnings;
use Test::More;
use FCT::Backend;
use FCT::Proc qw(read_file repo_root write_file);
use FCT::Readme;
use FCT::Shown;

plan skip_all => 'stock mod_proxy_fcgi has no policies' if FCT::Httpd::is_stock();

my ($vhost) = grep { /ServerName +portal\.example/ } map { $_->{text} } FCT::Readme::blocks('apache');
my ($policy) = map { $_->{text} } grep { $_->{before} =~ m{/portal\.xml`:\s*\z} } FCT::Readme::blocks('xml');
my $php = FCT::Backend->php_fpm(unix => 1);
$vhost =~ s{\*:443>}{*:\@PORT\@>};
$vhost =~ s{/run/php/php-fpm\.sock}{$php->path}e;
$vhost =~ s{(?<=\s)/(etc|var)/}{\@DIR\@/$1/}g;

my $use = 'extendedKeyUsage=clientAuth';
my $front = FCT::Shown->new(modules => ['dir', 'setenvif', 'auth_basic', 'authn_core', 'authn_file', 'authz_user'], certificates => sub {
        my ($cert) = @_;
        $cert->intermediate('other-ca', 'client-ca', '/O=Example/CN=Other CA');
        $cert->issue('anna', 'client-ca', '/C=DE/O=Example/CN=Anna Muster', 'subjectAltName=email:anna@home.example,email:Anna@corp.example,DNS:pc.corp.example,URI:urn:x:anna', $use);
        $cert->issue('both', 'client-ca', '/CN=both', 'subjectAltName=email:a@corp.example,email:b@corp.example', $use);
        $cert->issue('none', 'client-ca', '/CN=none', 'subjectAltName=email:a@elsewhere.example', $use);
        $cert->issue('two', 'client-ca', '/CN=anna/CN=admin', $use);
        $cert->issue('under', 'other-ca', '/CN=under', 'subjectAltName=email:admin@corp.example', $use);
        $cert->authority('foreign-ca', '/O=Example/CN=Foreign CA');
        $cert->issue('foreign', 'foreign-ca', '/CN=foreign', 'subjectAltName=email:admin@corp.example', $use);
        write_file($cert->file('employees.pem'), join '', map { read_file($cert->file("$_.pem")) } qw(client-ca foreign-ca));
    },
    beside => { 'etc/apache2/fcgi-trust/issuing-ca.pem' => 'client-ca.pem', 'etc/ssl/portal.pem' => 'server.pem', 'etc/ssl/portal.key' => 'server.key', 'etc/ssl/employees-ca.pem' => 'employees.pem' },
    files => { 'etc/apache2/fcgi-trust/portal.xml' => $policy, 'var/www/portal/index.php' => read_file(repo_root() . '/t/lib/php/vars.php'), users => "bob:xxj31ZMTZzkVA\n" },
    config => "Listen 127.0.0.1:\@PORT\@\n$vhost" . FCT::Shown::vhost('MTLS_PORT', 'ServerName mtls.example', 'SSLVerifyClient require', 'SSLVerifyDepth 2', 'SSLCACertificateFile @CERTS@/employees.pem', 'FcgiTrustPolicy @SHIPPED@/mtls.xml',
        '<Location /named/>', 'SSLUserName SSL_CLIENT_SAN_Email_0', 'Require ssl-verify-client', '</Location>', 'SetEnvIf ^.* ^ SSL_CLIENT_S_DN=CN=admin'),
    stopped => 1);
$front->httpd->start;

# --- the portal ---

sub portal {
    my ($shows, %how) = @_;
    my $client = $front->connect('PORT', $shows, %how);
    my $answer = $client->ask('/index.php', host => 'portal.example', headers => ['X-Remote-User' => 'admin', 'SSL-Client-S-DN' => 'CN=admin']);
    my ($status, $body) = ref $answer eq 'HASH' ? @$answer{qw(status body)} : ($answer->status, $answer->body);
    FCT::Proc::wait_until(2, sub { -s $how{session} }) if $how{session} && ($status // 0) == 200;
    $client->close;
    my %is = map { /^([A-Za-z_0-9]+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $body // '';
    return ($status // 0) == 200 ? join ' ', map { $is{$_} // '-' } qw(REMOTE_USER AUTH_TYPE SSL_CLIENT_S_DN SSL_CLIENT_VERIFY) : $status || 'no connection';
}
my $anna = 'anna@corp.example ClientCert CN=Anna Muster,O=Example,C=DE SUCCESS';
for my $version (qw(1_2 1_3)) {
    for my $h2 (0, FCT::Shown::speaks_h2() ? 1 : ()) {
        my %how = (tls => $version, h2 => $h2);
        my $where = "TLS $version, HTTP/" . ($h2 ? 2 : 1.1);
        my $session = FCT::Proc::scratch() . "/portal$version$h2";
        is(portal('anna', %how, session => $session), $anna, "$where: who has a certificate of the CA");
        is(portal('anna', %how, session => $session), $anna, "$where: in a resumed session, too");
        is(portal('both', %how), 403, "$where: two addresses of the company are ambiguous");
        is(portal('none', %how), 403, "$where: no address of the company");
        is(portal('two', %how), 403, "$where: two names");
        is(portal('foreign', %how), 403, "$where: a CA that this server accepts and the policy does not");
        is(portal('under', %how, chain => 'other-ca'), $anna =~ s/anna@/admin@/r =~ s/CN=Anna.*DE/CN=under/r, "$where: one below an intermediate of the CA counts as its own");
        is(portal(undef, %how), 'no connection', "$where: no certificate, no connection");
    }
}

for my $why ('no client certificate counts as verified', "the client's certificate has none that this rule takes") {
    cmp_ok($front->{httpd}->log->count(qr/ FCT2015 request: \S+ is required and tls\.client\.\S+ has no value: \Q$why\E /), '>=', 1, "the log says that $why");
}

# --- mtls by itself, and what mod_ssl calls the same ---

my $told = $front->told('MTLS_PORT', 'anna');
my $cert = $front->cert;
my %want = (SSL_CLIENT_VERIFY => 'SUCCESS', SSL_CLIENT_S_DN => 'CN=Anna Muster,O=Example,C=DE', SSL_CLIENT_S_DN_CN => 'Anna Muster', SSL_CLIENT_SAN_Email_0 => 'anna@home.example', SSL_CLIENT_SAN_DNS_0 => 'pc.corp.example',
    SSL_CLIENT_SAN_URI_0 => 'urn:x:anna', SSL_CLIENT_I_DN => 'CN=Test client CA,O=Example', SSL_CLIENT_M_SERIAL => $cert->said('x509', '-in', $cert->file('anna.pem'), '-noout', '-serial') =~ s/.*=|\n//gr,
    SSL_PROTOCOL => 'TLSv1.3', SSL_CIPHER => 'TLS_AES_256_GCM_SHA384', REMOTE_USER => undef, AUTH_TYPE => undef);
is_deeply({ map { ($_ => ref $told ? $told->{$_} : $told) } keys %want }, \%want, 'mtls: the fields of mod_ssl, whatever a SetEnvIf says');
is(ref($told = $front->told('MTLS_PORT', 'anna', path => '/named/x')) && $told->{REMOTE_USER}, 'anna@home.example', 'mtls: with SSLUserName, REMOTE_USER is what that takes from the verified certificate');
is($front->told('MTLS_PORT', 'two'), 403, 'mtls: two names are ambiguous');
is($front->told('MTLS_PORT', undef), 'no connection', 'mtls: no certificate, no connection');
# Before 2.4.64 httpd does not keep the sessions of virtual hosts apart, whatever their names (t/14-certificate-of-another-virtual-host-is-not-resumed.t).
my $is_old = FCT::Httpd->patch < 64;
$front->finish(findings => [qw(FCT2015 FCT2016 FCT7001), $is_old ? ('FCT4022') : ()], allow => [qr/\bAH\d+/, qr/SSL Library Error/]);
$php->stop;
done_testing;
