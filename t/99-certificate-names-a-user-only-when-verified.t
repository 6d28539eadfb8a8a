# A user whose name mod_ssl takes from a certificate (SSLUserName, FakeBasicAuth) is told only where that certificate was verified; one that
# anybody can sign for himself names nobody, whatever else authenticates. POLICY 1 (auth.*); EVIDENCE S1.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Gateway;
use FCT::Record qw(answer);

sub tell ($conn, $request) {
    my $param = $request->{param};
    $conn->send(answer($request->{id}, join ' ', map { $param->{$_} // '-' } qw(REMOTE_USER AUTH_TYPE APP_REALM)));
    return 1;
}

# SSLVerifyClient optional_no_ca on a port of its own: one place where nothing is verified must not weaken the other, but it may (SPEC 6).
my $policy = FCT::Gateway::policy_text('users', '<param name="APP_REALM" from="auth.realm"/>');
my $config = <<'CONF';
Listen 127.0.0.1:@PORT@
SSLEngine on
SSLCertificateFile @CERTS@/server.pem
SSLCertificateKeyFile @CERTS@/server.key
SSLSessionCache none
SSLSessionTickets off
SSLCACertificateFile @CERTS@/client-ca.pem
SSLVerifyClient @VERIFY@
FcgiTrustPolicy @DIR@/policy.xml
ProxyPass / @BACKEND@/
<Location /named/>
    SSLUserName SSL_CLIENT_S_DN_CN
</Location>
<Location /valid/>
    SSLUserName SSL_CLIENT_S_DN_CN
    AuthType Basic
    AuthName here
    AuthUserFile @DIR@/users
    Require valid-user
</Location>
<Location /other/>
    SSLUserName SSL_CLIENT_S_DN_CN
    AuthType Basic
    AuthName here
    AuthUserFile @DIR@/users
    Require user bob
</Location>
<Location /fake/>
    SSLOptions +FakeBasicAuth
    AuthType Basic
    AuthName here
    AuthUserFile @DIR@/users
    Require valid-user
</Location>
<Location /fake-named/>
    SSLOptions +FakeBasicAuth
    SSLUserName SSL_CLIENT_S_DN_CN
    AuthType Basic
    AuthName here
    AuthUserFile @DIR@/users
    Require valid-user
</Location>
<Location /verified/>
    SSLUserName SSL_CLIENT_S_DN_CN
    Require ssl-verify-client
</Location>
CONF

# bob has a password; the others the word that FakeBasicAuth puts in its place.
my $dn = '/C=DE/O=Example/OU=Staff/CN=alice';
my $users = "bob:" . crypt('secret', 'ab') . "\n" . join '', map {"$_:xxj31ZMTZzkVA\n"} $dn, 'alice', '/CN=admin', 'admin';
my @bob = (Authorization => 'Basic ' . encode_base64('bob:secret', ''));

# Under optional and under optional_no_ca: the certificate, the path, the client's password, what is told.
my ($none, $good, $own) = (undef, 'client', 'own');
my %rows = (
    optional => [
        [$none, '/named/x', [], '- - -'],
        [$none, '/named/x', \@bob, '- - -'],
        [$good, '/x', [], '- - -'],
        [$good, '/named/x', [], 'alice TYPE -'],
        [$good, '/verified/x', [], 'alice TYPE -'],
        [$none, '/verified/x', [], 403],
        [$good, '/valid/x', [], 'alice TYPE -'],
        [$none, '/valid/x', \@bob, 'bob Basic here'],
        [$none, '/valid/x', [], 401],
        [$good, '/other/x', \@bob, 403],               # alice is not bob, and who he is is known
        [$none, '/other/x', \@bob, 'bob Basic here'],
        [$good, '/fake/x', [], "$dn Basic here"],
        [$none, '/fake/x', [], 401],
        [$none, '/fake/x', \@bob, 'bob Basic here'],
        [$good, '/fake-named/x', [], 'NAME Basic here'],
        [$none, '/fake-named/x', [Authorization => 'Basic ' . encode_base64('alice:password', '')], 'alice Basic here'],    # whose password it is
        [$none, '/fake/x', [Authorization => 'Basic ' . encode_base64("$dn:password", '')], 403],
    ],
    optional_no_ca => [
        [$own, '/x', [], '- - -'],
        [$own, '/named/x', [], '- - -'],
        [$own, '/valid/x', [], '- - -'],
        [$own, '/fake/x', [], '- - -'],
        [$own, '/fake-named/x', [], '- - -'],
        [$own, '/verified/x', [], 403],
        [$good, '/named/x', [], 'alice TYPE -'],
        [$good, '/fake-named/x', [], 'NAME Basic here'],
        [$none, '/named/x', [], '- - -'],
        [$none, '/valid/x', \@bob, 'bob Basic here'],
    ],
);

for my $verify (sort keys %rows) {
    my $gateway = FCT::Gateway->new(each => \&tell, set => { VERIFY => $verify }, certificates => 1, files => { users => $users, 'policy.xml' => $policy }, config => $config,
        modules => [qw(ssl socache_shmcb auth_basic authn_core authn_file authz_user)]);
    my $cert = $gateway->httpd->cert;
    $cert->issue('own', undef, '/CN=admin', 'extendedKeyUsage=clientAuth');
    for my $row ($rows{$verify}->@*) {
        my ($name, $path, $password, $wanted) = @$row;
        my %tls = (ca => $cert->file('server-ca.pem'), $name ? (cert => $cert->file("$name.pem"), key => $cert->file("$name.key")) : ());
        my $answer = $gateway->ask($path, tls => \%tls, headers => $password);
        my $told = $answer->status == 200 ? $answer->body : $answer->status;
        # SSLUserName sets no type, or ClientCert in newer httpds; FakeBasicAuth heeds it in the newest
        my $matches = $wanted =~ s/TYPE/(?:-|ClientCert)/r =~ s/NAME/(?:alice|\Q$dn\E)/r;
        like($told, qr/^(?:$matches)$/, sprintf '%s, %s certificate, %s%s: %s', $verify, $name ? $name eq 'own' ? 'a self-signed' : 'a good' : 'no', $path, @$password ? ', a password' : '', $wanted);
    }
    $gateway->finish(allow => [qr/AH0\d{4}|AH10\d{3}/]);
}
done_testing;
