# A user whose name comes from a certificate did not log in: REMOTE_USER and AUTH_TYPE stay away, for a verified certificate too.
use v5.26;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Client;
use FCT::Httpd;
use FCT::Tool;

my $mirror = FCT::Tool::Mirror->start;
my $httpd = FCT::Httpd->new(set => { BACKEND => ($mirror->addresses)[0] }, certificates => 1, modules => [qw(ssl socache_shmcb auth_basic authn_core authn_file authz_user)],
    files => { users => "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n/C=DE/O=Example/OU=Staff/CN=alice:xxj31ZMTZzkVA\n" }, config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
SSLEngine on
SSLCertificateFile @CERTS@/server.pem
SSLCertificateKeyFile @CERTS@/server.key
SSLSessionCache shmcb:@DIR@/run/sessions(512000)
SSLCACertificateFile @CERTS@/client-ca.pem
SSLVerifyClient optional
FcgiTrustPolicy @SHIPPED@/generic.xml
ProxyPass / fcgi://@BACKEND@/
SSLUserName SSL_CLIENT_S_DN_CN
<Location /basic/>
    AuthType Basic
    AuthName here
    AuthUserFile @DIR@/users
    Require valid-user
</Location>
<Location /verified/>
    Require ssl-verify-client
</Location>
<Location /fake/>
    SSLOptions +FakeBasicAuth
    AuthType Basic
    AuthName here
    AuthUserFile @DIR@/users
    Require valid-user
</Location>
CONF

my $cert = $httpd->cert;
my %with = (ca => $cert->file('server-ca.pem'), cert => $cert->file('client.pem'), key => $cert->file('client.key'));

# "user type" of what the application is told.
sub told {
    my ($path, %opt) = @_;
    my $answer = FCT::Client::request($httpd->port, $path, close => 1, %opt);
    return $answer->status if $answer->status != 200;
    my %param = map { /^([^=#]+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $answer->body;
    return join ' ', map { $param{$_} // '-' } qw(REMOTE_USER AUTH_TYPE);
}

my @password = (headers => [Authorization => 'Basic ' . encode_base64('alice:secret', '')]);
my $bare = { ca => $with{ca} };
is(told('/x', tls => \%with), '- -', 'SSLUserName: the name in a certificate is nobody who logged in');
is(told('/verified/x', tls => \%with), '- -', 'SSLUserName: nor where a verified certificate is required');
is(told('/verified/x', tls => $bare), 403, 'which it was');
is(told('/basic/x', tls => \%with, @password), '- -', 'SSLUserName: httpd takes that name for a valid user and asks for no password, so nobody logged in');
is(told('/basic/x', tls => $bare, @password), 'alice Basic', 'without a certificate who logs in with a password is told');
is(told('/basic/x', tls => $bare), 401, 'and asked for it');
is(told('/fake/x', tls => \%with), '- -', 'FakeBasicAuth: a certificate is no password');
is(told('/x', tls => $bare, @password), '- -', 'credentials that nobody asked for name nobody');
$httpd->finish(allow => [qr/AH0\d{4}/]);
$mirror->stop;
done_testing;
