# In which hook, and into which table of httpd, each authentication module writes what it found out: what provenance (SPEC 6) relies on, seen
# with a module that looks between the phases. A module of another version that does otherwise fails here first.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::MD5 qw(md5_hex);
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Backend;
use FCT::Browser;
use FCT::Client;
use FCT::Httpd;
use FCT::Kdc;
use FCT::Ldap;
use FCT::Oidc;
use FCT::Phases;
use FCT::Saml;
use FCT::Shibd;
use FCT::Sso;

plan skip_all => 'a test of other modules' if FCT::Httpd::is_stock();
for (['auth_openidc', 'libapache2-mod-auth-openidc'], ['auth_gssapi', 'libapache2-mod-auth-gssapi'], ['auth_mellon', 'libapache2-mod-auth-mellon']) {
    FCT::Backend::missing("mod_$_->[0]", $_->[1]) if !FCT::Httpd->has_module($_->[0]);
}

sub basic ($user, $password) { return (Authorization => 'Basic ' . encode_base64("$user:$password", '')) }

sub get ($httpd, $path, @headers) { return FCT::Client::request($httpd->port, $path, headers => \@headers, close => 1)->status }

# "hook kind change" lines.
sub at ($hook, @changes) { return map {"$hook initial $_"} @changes }

# --- httpd's own modules, mod_auth_openidc, mod_auth_gssapi ---

my $SECRET = '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=';
my $ldap = FCT::Ldap->start(people => { alice => { mail => 'alice@corp.example', password => 'secret' } }, groups => { staff => ['alice'] });
my $kdc = FCT::Kdc->start(principals => ['alice', 'HTTP/test.example']);
my $keytab = $kdc->keytab('HTTP/test.example');
$kdc->kinit('alice');
my $provider = FCT::Oidc->start(users => { alice => { email => 'alice@corp.example' } });
my $database = FCT::Sso->database("create table users(name, password, role); insert into users values('alice', '$SECRET', 'admin')");

my @own = (
    modules => [qw(auth_basic auth_digest auth_form auth_openidc auth_gssapi authn_core authn_anon authn_dbd authn_file authnz_ldap authz_user dbd dir
        ldap request session session_cookie)],
    env => $kdc->environment,
    files => {
        users => "alice:$SECRET\n", digest => 'alice:x:' . md5_hex('alice:x:secret') . "\n",
        map { ("htdocs/$_/page" => "page\n") } qw(basic fake digest form ldap group mixed dbd anon oidc gssapi),
    },
    set => {
        KEYTAB => $keytab, PROVIDER => $provider->directives, DATABASE => $database, PEOPLE => $ldap->url('people', 'uid,mail'),
        STAFF => $ldap->group('staff'),
    },
);
my $httpd = FCT::Httpd->new(@own, config => FCT::Phases::lines() . <<'CONF')->start;
Listen 127.0.0.1:@PORT@
FcgiTrustMode off
DBDriver sqlite3
DBDParams @DATABASE@
LDAPSharedCacheSize 0
LogLevel auth_openidc:crit
@PROVIDER@
<Location />
    AuthType Basic
    AuthName x
    AuthUserFile @DIR@/users
    Require valid-user
</Location>
<Location /fake>
    AuthBasicFake fake secret
</Location>
<Location /digest>
    AuthType Digest
    AuthDigestProvider file
    AuthUserFile @DIR@/digest
</Location>
<Location /form>
    AuthType form
    AuthFormProvider file
    AuthFormFakeBasicAuth on
    Session on
    SessionEnv on
    SessionCookieName session path=/
</Location>
<Location /ldap>
    AuthBasicProvider ldap
    AuthLDAPURL @PEOPLE@
    AuthLDAPRemoteUserAttribute mail
</Location>
<Location /group>
    AuthBasicProvider ldap
    AuthLDAPURL @PEOPLE@
    Require ldap-group @STAFF@
</Location>
<Location /mixed>
    AuthLDAPURL @PEOPLE@
    Require ldap-group @STAFF@
</Location>
<Location /dbd>
    AuthBasicProvider dbd
    AuthDBDUserPWQuery "SELECT password, role FROM users WHERE name = %s"
</Location>
<Location /anon>
    AuthBasicProvider anon
    Anonymous *
</Location>
<LocationMatch ^/(oidc|callback)>
    AuthType openid-connect
</LocationMatch>
<Location /gssapi>
    AuthType GSSAPI
    GssapiCredStore keytab:@KEYTAB@
    GssapiPublishMech on
</Location>
CONF

my @names = qw(user type AUTHENTICATE_UID AUTHENTICATE_MAIL AUTHENTICATE_ROLE AUTHORIZE_UID AUTHORIZE_MAIL Authorization HTTP_SESSION);
my @ldap = ('env+AUTHENTICATE_UID=alice', 'env+AUTHENTICATE_MAIL=alice@corp.example');
my @ldap_group = ('env+AUTHORIZE_UID=alice', 'env+AUTHORIZE_MAIL=alice@corp.example');
for (
    ['basic', 'mod_auth_basic', at(check_user_id => 'user=alice', 'type=Basic')],
    ['fake', 'AuthBasicFake', at(check_user_id => 'user=alice', 'type=Basic'), at('fixups of mod_auth_basic.c' => 'header+Authorization=Basic ZmFrZTpzZWNyZXQ=')],
    ['ldap', 'mod_authnz_ldap as a provider of users', at(check_user_id => @ldap, 'user=alice@corp.example', 'type=Basic')],
    ['group', 'mod_authnz_ldap as both', at(check_user_id => @ldap, 'user=alice', 'type=Basic'), at(auth_checker => @ldap_group)],
    ['mixed', 'mod_authnz_ldap as a provider of groups', at(check_user_id => 'user=alice', 'type=Basic'), at(auth_checker => @ldap, @ldap_group)],
    ['dbd', 'mod_authn_dbd', at(check_user_id => 'env+AUTHENTICATE_ROLE=admin', 'user=alice', 'type=Basic')],
    ['anon', 'mod_authn_anon', at(check_user_id => 'user=alice', 'type=Basic')],
) {
    my ($place, $name, @wanted) = @$_;
    is(get($httpd, "/$place/page", basic('alice', 'secret')), 200, "$name lets its user in");
    FCT::Phases::is_seen($httpd, "/$place/page", \@names, \@wanted, "$name publishes where the table says");
}
my $digest = qx(curl -s -o /dev/null -w '%{http_code}' --digest -u alice:secret 'http://127.0.0.1:@{[$httpd->port]}/digest/page');
is($digest, 200, 'mod_auth_digest lets its user in');
FCT::Phases::is_seen($httpd, '/digest/page', \@names, [at(check_user_id => 'user=alice', 'type=Digest')], 'mod_auth_digest publishes where the table says');

my $browser = FCT::Browser->new(port => $httpd->port);
is($browser->post('/form/page', [httpd_username => 'alice', httpd_password => 'secret'])->status, 200, 'mod_auth_form lets its user in');
FCT::Phases::is_seen($httpd, '/form/page', \@names, [at(check_user_id => 'user=alice', 'type=form', 'header+Authorization=Basic YWxpY2U6c2VjcmV0'),
    at('fixups of mod_session.c' => 'env+HTTP_SESSION=x-user=alice&x-pw=secret'), 'fixups of mod_session.c part env+HTTP_SESSION='], 'mod_auth_form publishes where the table says, and mod_session the password too');

is($provider->log_in($browser, '/oidc/page', 'alice')->status, 200, 'mod_auth_openidc lets its user in');
FCT::Phases::is_seen($httpd, '/oidc/page', [qw(user type OIDC_CLAIM_email OIDC_CLAIM_sub)], [at(check_user_id => 'user=alice@' . $provider->issuer,
    'type=openid-connect', map { ("$_+OIDC_CLAIM_email=alice\@corp.example", "$_+OIDC_CLAIM_sub=alice") } qw(env header))],
    'mod_auth_openidc publishes where the table says');

is($kdc->get('alice', 'http://test.example:' . $httpd->port . '/gssapi/page')->status, 200, 'mod_auth_gssapi lets its user in');
FCT::Phases::is_seen($httpd, '/gssapi/page', [qw(user type GSS_NAME GSS_MECH)], [at(check_user_id => 'env+GSS_NAME=alice@TEST.EXAMPLE',
    'env+GSS_MECH=Negotiate/krb5', 'user=alice@TEST.EXAMPLE', 'type=Negotiate')], 'mod_auth_gssapi publishes where the table says');
$httpd->finish(allow => [qr/ auth_openidc:/]);

# --- SAML ---

my $saml = FCT::Saml->new(users => { alice => { mail => 'alice@corp.example', groups => [qw(staff hr)] } });
my $shibd = FCT::Shibd->start($saml, attributes => [qw(uid groups)]);
my ($key, $certificate) = $saml->key_pair('sp');
$httpd = FCT::Httpd->new(
    modules => [qw(auth_mellon authn_core authz_user dir env rewrite setenvif)], files => { map { ("htdocs/$_/page" => "page\n") } qw(saml shib headers) },
    set => { SHIB => $shibd->directives, KEY => $key, CERTIFICATE => $certificate, METADATA => $saml->metadata },
    config => FCT::Phases::lines() . <<'CONF')->start;
@SHIB@
Listen 127.0.0.1:@PORT@
ServerName http://test.example:@PORT@
UseCanonicalName on
FcgiTrustMode off
ShibCompatValidUser on
SetEnv BY_MOD_ENV 1
MellonLockFile @DIR@/run/mellon.lock
<Location />
    MellonSPPrivateKeyFile @KEY@
    MellonSPCertFile @CERTIFICATE@
    MellonIdPMetadataFile @METADATA@
    MellonSPentityId https://sp.test.example/mellon
    MellonUser uid
    MellonSecureCookie off
    MellonEnable off
    RewriteEngine on
    RewriteRule . - [E=BY_MOD_REWRITE:1]
</Location>
<Location /saml>
    AuthType Mellon
    MellonEnable auth
    Require valid-user
</Location>
<LocationMatch ^/(shib|headers)/>
    AuthType shibboleth
    ShibRequestSetting requireSession 1
    Require valid-user
</LocationMatch>
<Location /headers>
    ShibUseHeaders on
</Location>
<Location /Shibboleth.sso>
    SetHandler shib
</Location>
CONF

$browser = FCT::Browser->new(port => $httpd->port);
is($saml->log_in($browser, '/saml/page', 'alice')->status, 200, 'mod_auth_mellon lets its user in');
FCT::Phases::is_seen($httpd, '/saml/page', [qw(user type MELLON_mail MELLON_groups_1)], [at(access_checker => 'user=alice', 'type=Mellon',
    'env+MELLON_mail=alice@corp.example', 'env+MELLON_groups_1=hr')], 'mod_auth_mellon publishes before httpd asks for a user');
is($saml->log_in($browser, '/shib/page', 'alice')->status, 200, 'mod_shib lets its user in');
my @shib = ('env+uid=alice', 'env+groups=staff;hr', 'env+Shib-Identity-Provider=https://idp.test.example/idp');
FCT::Phases::is_seen($httpd, '/shib/page', [qw(user type uid groups Shib-Identity-Provider)], [at(check_user_id => 'user=alice', 'type=shibboleth'),
    at('fixups of mod_shib.cpp' => @shib)], 'mod_shib publishes its user in time, and its attributes after all phases, by its own fixups');
FCT::Phases::is_seen($httpd, '/shib/page', [qw(BY_MOD_ENV BY_MOD_REWRITE)], [at('fixups of mod_env.c' => 'env+BY_MOD_ENV=1'), at('fixups of mod_rewrite.c' => 'env+BY_MOD_REWRITE=1')],
    'which can be told from those of mod_env and mod_rewrite');
is($browser->get('/headers/page')->status, 200, 'with ShibUseHeaders too');
FCT::Phases::is_seen($httpd, '/headers/page', [qw(user type uid REMOTE_USER)], [at(check_user_id => 'user=alice', 'type=shibboleth', 'header+uid=alice',
    'header+REMOTE_USER=alice'), at('fixups of mod_shib.cpp' => 'env+uid=alice')], 'where it writes into the table of request headers in time');
$httpd->finish;
$_->stop for $shibd, $provider, $kdc, $ldap;
done_testing;
