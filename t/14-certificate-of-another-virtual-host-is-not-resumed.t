# httpd resumes sessions in virtual hosts of the same name that verify certificates by other settings, and before 2.4.64 in others (CVE-2025-23048): there a
# resumed session has no certificate that counts, unless a trust anchor verifies it anew. Nor has a request on a connection to one that verifies otherwise, where mod_ssl
# lets it through. Where all virtual hosts verify alike, nothing is lost. POLICY 1, SPEC 6.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use Test::More;
use FCT::Proc qw(scratch);
use FCT::Shown;

plan skip_all => 'stock mod_proxy_fcgi has no policies' if FCT::Httpd::is_stock();

my $patch = FCT::Httpd->patch;
my $is_old = $patch < 64;
my $ask = '<param name="SSL_CLIENT_S_DN" from="tls.client.subject"/>';
my %policies = (may => $ask, anchored => "<trust-anchor file=\"client-ca.pem\"/>$ask");

sub make_certificates ($cert) {
    $cert->authority('other-ca', '/O=Example/CN=Another client CA');
    $cert->issue('alice', 'client-ca', '/CN=alice', 'extendedKeyUsage=clientAuth');
    $cert->issue('mallory', 'other-ca', '/CN=mallory', 'extendedKeyUsage=clientAuth');
    return;
}
sub ca ($name) { return "SSLCACertificateFile \@CERTS\@/$name.pem" }
sub policy ($name) { return "FcgiTrustPolicy \@DIR\@/$name.xml" }
# A second virtual host at the first one's port.
sub beside ($name, @lines) { return FCT::Shown::vhost('PORT', "ServerName $name.example", @lines) =~ s/^Listen.*\n//r }
sub brief ($told) { return ref $told ? $told->{SSL_CLIENT_S_DN} // '-' : $told // 'no session' }

# --- what the start says ---

my $require = 'SSLVerifyClient require';
my @rows = (
    ['two CAs', [$require, ca('client-ca')], [$require, ca('other-ca')], 1],
    ['one CA', [$require, ca('client-ca')], [$require, ca('client-ca')], 0],
    ['one CA of the server, and one of its own', [$require], [$require, ca('other-ca')], 1, ca('client-ca')],
    ['one CA, named in the server', [$require], [$require, ca('client-ca')], 0, ca('client-ca')],
    ['one CA, once with a list of what was revoked', [$require, ca('client-ca')], [$require, ca('client-ca'), 'SSLCARevocationCheck chain'], 1],
    ['two CAs, and one of them asks nobody', [$require, ca('client-ca')], ['SSLVerifyClient none', ca('other-ca')], 0],
    ['two CAs, and one of them asks in a section', [$require, ca('client-ca')], ['<Location /in>', $require, '</Location>', ca('other-ca')], 1],
    ['two CAs, asked for in the server', [ca('client-ca')], [ca('other-ca')], 1, $require],
    ['two CAs, and one without TLS', [$require, ca('client-ca')], ['SSLEngine off', $require, ca('other-ca')], 0],
);
my $stopped = FCT::Shown->new(stopped => 1, certificates => \&make_certificates, policies => \%policies, beside => { 'client-ca.pem' => 'client-ca.pem' }, config => 'X');
sub findings ($first, $second, $policy, @server) {
    $stopped->httpd->{config} = join "\n", "SSLSessionCache shmcb:\@DIR\@/run/sessions(512000)", @server, FCT::Shown::vhost('PORT', 'ServerName a.example', policy($policy), @$first),
        beside('b', 'FcgiTrustMode off', @$second);
    my ($exit, $said) = $stopped->httpd->check_config;
    return ($exit ? "does not load: $said" : join(' ', $said =~ /\bFCT\d+/g), $said);
}
for my $row (@rows) {
    my ($about, $first, $second, $differs, @server) = @$row;
    my ($found, $said) = findings($first, $second, 'may', @server);
    is($found, $differs && $is_old ? 'FCT4022' : '', "2.4.$patch, $about: " . ($differs && $is_old ? 'is told' : 'nothing to tell')) or diag $said;
    like($said, qr{FCT4022 configuration: <VirtualHost \S+ in \S+httpd\.conf:\d+ verifies .*CVE-2025-23048}, 'and the virtual host is named') if $differs && $is_old;
    is((findings($first, $second, 'anchored', @server))[0], '', "$about, with a trust anchor: nothing to tell");
}

{
    local $stopped->httpd->{config} = join "\n", "SSLSessionCache shmcb:\@DIR\@/run/sessions(512000)",
        map { FCT::Shown::vhost($_->[0], $_->[1], $require, ca($_->[2]), policy('may')) } ['PORT', 'ServerName a.example', 'client-ca'], ['OTHERPORT', 'ServerName https://A.example:444', 'other-ca'];
    my (undef, $said) = $stopped->httpd->check_config;
    like($said, qr/FCT4022/, 'two CAs under one name at two ports are told by every httpd');
}

# --- what requests are told ---

my $front = FCT::Shown->new(certificates => \&make_certificates, policies => \%policies, beside => { 'client-ca.pem' => 'client-ca.pem' },
    config => FCT::Shown::vhost('PORT', 'ServerName a.example', $require, ca('client-ca'), policy('may'), '<Location /anchored/>', policy('anchored'), '</Location>')
        . beside('b', $require, ca('other-ca'), policy('may')));

for my $version (qw(1_2 1_3)) {
    my %of_a = (tls => $version, name => 'a.example', host => 'a.example');
    is(join(', ', map { brief($_) } $front->twice('PORT', 'alice', %of_a)), $is_old ? 'CN=alice, -' : 'CN=alice, CN=alice', "TLS $version: a session that is resumed where it began");
    is(join(', ', map { brief($_) } $front->twice('PORT', 'alice', %of_a, path => '/anchored/x')), 'CN=alice, CN=alice', "TLS $version: the same under a trust anchor");
    my $session = scratch() . "/of-b-$version";
    is(brief($front->told('PORT', 'mallory', tls => $version, name => 'b.example', host => 'b.example', session => $session)), 'CN=mallory', "TLS $version: one of the other CA in its own virtual host");
    for my $path ('/x', '/anchored/x') {
        my $told = brief($front->told('PORT', undef, %of_a, path => $path, session => $session));
        unlike($told, qr/mallory/, "TLS $version, $path: whom the other virtual host let in is nobody here ($told)");
    }
}
# --- one name at two ports, and sessions in the shared cache: httpd resumes them with the other's CA ---

my $twin = FCT::Shown->new(certificates => \&make_certificates, policies => \%policies, beside => { 'client-ca.pem' => 'client-ca.pem' },
    config => FCT::Shown::vhost('PORT', 'ServerName a.example', 'SSLSessionTickets off', $require, ca('client-ca'), policy('may'), '<Location /anchored/>', policy('anchored'), '</Location>')
        . FCT::Shown::vhost('OTHERPORT', 'ServerName a.example', 'SSLSessionTickets off', $require, ca('other-ca'), policy('may')));
for my $version (qw(1_2 1_3)) {
    my %one = (tls => $version, name => 'a.example', host => 'a.example');
    for my $path ('/x', '/anchored/x') {
        my $session = scratch() . "/twin-$version" . $path =~ tr{/}{-}r;
        is(brief($twin->told('OTHERPORT', 'mallory', %one, session => $session)), 'CN=mallory', "TLS $version: one of the other CA at its own port");
        like(brief($twin->told('PORT', undef, %one, path => $path, session => $session)), qr/^(?:-|no connection)$/, "TLS $version, $path: httpd lets the session in at this port, or an old one does not, and it names nobody");
    }
}
$twin->finish(findings => ['FCT4022'], allow => [qr/\bAH\d+/, qr/SSL Library Error/, qr/FCT7001/]);
$front->finish(findings => [$is_old ? 'FCT4022' : ()], allow => [qr/\bAH\d+/, qr/SSL Library Error/, qr/FCT7001/]);
# --- a request for one virtual host on a connection to another: mod_ssl lets some through under SSLVHostSNIPolicy insecure, and before 2.4.66 where
# only what was revoked differs ---

my $crossed = FCT::Shown->new(certificates => sub ($cert) { make_certificates($cert); $cert->revoke('client-ca', 'alice') }, policies => \%policies, beside => { 'client-ca.pem' => 'client-ca.pem' },
    config => ($patch >= 66 ? "SSLVHostSNIPolicy insecure\n" : '')
        . FCT::Shown::vhost('PORT', 'ServerName a.example', 'ServerAlias *.a.example', $require, ca('client-ca'), policy('may'))
        . beside('b', $require, ca('client-ca'), 'SSLCARevocationCheck leaf', 'SSLCARevocationFile @CERTS@/client-ca.crl', policy('may'), '<Location /anchored/>', policy('anchored'), '</Location>')
        . beside('c', $require, ca('client-ca'), policy('may')) . beside('d', 'SSLVerifyClient none', policy('may')));
for my $version (qw(1_2 1_3)) {
    for my $row (
        ['a', 'a', 'CN=alice', 'its own'], ['www.a', 'img.a', 'CN=alice', 'its own, by two aliases'], [undef, 'a', 'CN=alice', 'the default one, by a name in SNI that none has'], ['a', 'c', 'CN=alice', 'one that verifies alike'],
        ['a', 'b', '-', 'one that would have refused the certificate'], [undef, 'b', '-', 'the same, by such a name'], ['a', 'd', $patch < 66 ? 421 : '-', 'one that verifies none'],
        ['a', 'b', 'CN=alice', 'one whose trust anchor verifies it', '/anchored/x'],
    ) {
        my ($name, $host, $want, $about, $path) = @$row;
        is(brief($crossed->told('PORT', 'alice', tls => $version, host => "$host.example", $name ? (name => "$name.example") : (), path => $path // '/x')), $want, "TLS $version, a request for $about: $want");
    }
}
$crossed->finish(findings => [$is_old ? 'FCT4022' : ()], allow => [qr/\bAH\d+/, qr/SSL Library Error/, qr/FCT7001.*(?:the TLS handshake was with another virtual host|is resumed)/]);
done_testing;
