# The policy sso-gssapi against mod_auth_gssapi and a Kerberos realm: whoever has a ticket is told to the application; nobody else is, whatever they
# write. SPEC 6; EVIDENCE T4, T6, T9, T10.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Backend;
use FCT::Gateway;
use FCT::Httpd;
use FCT::Kdc;
use FCT::Proc qw(read_file);
use FCT::Sso;

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();
FCT::Backend::missing('mod_auth_gssapi', 'libapache2-mod-auth-gssapi') if !FCT::Httpd->has_module('auth_gssapi');
FCT::Backend::missing('curl with GSS-API', 'curl') if qx(curl --version) !~ /GSS-API/;

# Two realms; users of the second are let in by the first.
my $other = FCT::Kdc->start(realm => 'OTHER.EXAMPLE', principals => ['alice']);
my $kdc   = FCT::Kdc->start(principals => [qw(alice bob HTTP/test.example)], trusts => $other);
my $keytab = $kdc->keytab('HTTP/test.example');
$_->kinit('alice') for $kdc, $other;
$kdc->kinit('bob');
my $app = FCT::Sso->application;
my $h2  = FCT::Gateway->speaks_h2;
my $httpd = FCT::Httpd->new(
    modules => [FCT::Sso->modules, qw(auth_basic auth_gssapi authn_file session session_cookie), $h2 ? 'http2' : ()],
    set => { APP => $app->url, KEYTAB => $keytab, OWN => $kdc->own_dir, PROTOCOLS => $h2 ? 'Protocols h2c http/1.1' : '' },
    env => $kdc->environment,
    files => {
        users => 'alice@TEST.EXAMPLE:' . crypt('secret', 'ab') . "\n",
        FCT::Sso->files,
        'front.xml' => FCT::Sso::policy('front', '<extends shipped="php-fpm"/><extends shipped="sso-gssapi"/>'),
        'open.xml' => FCT::Sso::policy('open', '<extends shipped="sso-gssapi"/>
            <param name="REMOTE_USER" from="auth.user" auth-type="Negotiate" override="yes" why="Not everybody logs in here"/>'),
        'local.xml' => FCT::Sso::policy('local', '<extends shipped="sso-gssapi"/>
            <param name="REMOTE_USER" from="auth.user" auth-type="Negotiate" required="yes" strip-suffix="@TEST.EXAMPLE" override="yes"/>
            <param name="KRB5CCNAME" from="auth.env.KRB5CCNAME" auth-type="Negotiate"/>'),
    },
    config => FCT::Sso->lines . <<'CONF')->start;
Listen 127.0.0.1:@PORT@
@PROTOCOLS@
FcgiTrustPolicy @SHIPPED@/sso-gssapi.xml
ProxyPass /app/ @APP@/
ProxyPass /open/ @APP@/
ProxyPass /local/ @APP@/
ProxyPass /bob/ @APP@/
ProxyPass /typed/ @APP@/
ProxyPass /basic/ @APP@/
ProxyPass /forged/ @APP@/
ProxyPass /session/ @APP@/
<Location />
    AuthType GSSAPI
    AuthName x
    GssapiCredStore keytab:@KEYTAB@
    GssapiPublishMech on
    Require valid-user
</Location>
<Location /open/>
    AuthMerging Off
    Require all granted
    FcgiTrustPolicy @DIR@/open.xml
</Location>
<Location /local/>
    FcgiTrustPolicy @DIR@/local.xml
    GssapiCredStore keytab:@KEYTAB@
    GssapiPublishMech on
    GssapiDelegCcacheDir @OWN@
</Location>
<Location /bob/>
    AuthMerging Off
    Require user bob@TEST.EXAMPLE
</Location>
<Location /typed/>
    GssapiCredStore keytab:@KEYTAB@
    GssapiPublishMech on
    GssapiBasicAuth on
</Location>
<Location /basic/>
    AuthType Basic
    AuthUserFile @DIR@/users
</Location>
<Location /session/>
    GssapiCredStore keytab:@KEYTAB@
    GssapiPublishMech on
    GssapiUseSessions on
    Session on
    SessionCookieName gssapi_session path=/session/;httponly
</Location>
<Location /forged/>
    SetEnv GSS_NAME mallory
    SetEnv GSS_SESSION_EXPIRATION 1
    SetEnvIf X-Name (.+) GSS_NAME=$1 REMOTE_USER=$1 AUTH_TYPE=$1
    RewriteEngine on
    RewriteRule . - [E=GSS_MECH:mallory]
</Location>
CONF

# This path, as this principal.
sub get ($user, $path, @headers) { return $kdc->get($user, 'http://test.example:' . $httpd->port . $path, @headers) }

sub foreigner ($path, @headers) { return $other->get('alice', 'http://test.example:' . $httpd->port . $path, @headers) }

my %alice = (REMOTE_USER => 'alice@TEST.EXAMPLE', AUTH_TYPE => 'Negotiate', GSS_NAME => 'alice@TEST.EXAMPLE', GSS_MECH => 'Negotiate/krb5');
my %nobody = map { $_ => undef } keys %alice;
my @secrets = qw(KRB5CCNAME HTTP_AUTHORIZATION GSS_NAME_ATTRS_JSON);

# --- who has a ticket is told, and who has none is nobody ---

FCT::Sso::is_refused(get('nobody', '/app/page'), 401, 'whoever has no ticket does not reach the application');
FCT::Sso::is_told(get('alice', '/app/page'), { %alice, map { $_ => undef } @secrets }, 'whoever has one is told, and no credentials are');
like(FCT::Sso::told(get('alice', '/app/page'))->{GSS_SESSION_EXPIRATION}, qr/^\d{10}$/, 'and when the ticket ends');
FCT::Sso::is_told(get('bob', '/app/page'), { %alice, REMOTE_USER => 'bob@TEST.EXAMPLE', GSS_NAME => 'bob@TEST.EXAMPLE' }, 'another user is another');
FCT::Sso::is_told(get('bob', '/bob/page'), { %alice, REMOTE_USER => 'bob@TEST.EXAMPLE', GSS_NAME => 'bob@TEST.EXAMPLE' }, 'where one user is required, he is told');
FCT::Sso::is_refused(get('alice', '/bob/page'), 401, 'and nobody else is let in');

FCT::Sso::is_told(foreigner('/app/page'), { %alice, REMOTE_USER => 'alice@OTHER.EXAMPLE', GSS_NAME => 'alice@OTHER.EXAMPLE' },
    'whom the realm trusts is told with the realm they come from');
FCT::Sso::is_told(get('alice', '/local/page'), { %alice, REMOTE_USER => 'alice', KRB5CCNAME => undef }, 'a policy may cut off the realm');
FCT::Sso::is_refused(foreigner('/local/page'), 403, 'and then no foreign realm becomes a local name');
my $delegated = FCT::Sso::told(get('alice', '/local/page', ['--negotiate', '-u', ':', '--delegation', 'always']));
like($delegated->{KRB5CCNAME} // '', qr{^FILE:.*/alice\@TEST\.EXAMPLE}, 'delegated credentials are named where the policy asks for them');

# --- other ways in are not this one ---

my @typed = (['-u', 'alice:password-of-alice', '--basic']);
FCT::Sso::is_refused(get('nobody', '/typed/page', @typed), 403, 'a password in place of a ticket is not enough, though the module accepts it');
FCT::Sso::is_told(get('alice', '/typed/page'), \%alice, 'there a ticket is told as elsewhere');
FCT::Sso::is_refused(get('nobody', '/basic/page', ['-u', 'alice@TEST.EXAMPLE:secret', '--basic']), 403, "another module's user of the same name is not this one's");

FCT::Sso::is_told(get('alice', '/open/page'), \%nobody, 'where nobody has to log in, a ticket that nobody looked at is nobody');
FCT::Sso::is_told(get('nobody', '/open/page', Authorization => 'Basic ' . encode_base64('mallory:secret', '')), \%nobody, 'nor is a password');

# --- forgeries ---

my @names = (qw(REMOTE_USER AUTH_TYPE GSS_NAME GSS_MECH GSS_SESSION_EXPIRATION KRB5CCNAME), 'X-Remote-User');
sub asked ($user, $path) {
    return sub ($query, @headers) { return get($user, $path . ($query ? "?$query" : ''), @headers) };
}
FCT::Sso::is_forgery_proof('with a ticket', 'told', asked('alice', '/session/page'), @names);
FCT::Sso::is_forgery_proof('without, where none is needed', 'told', asked('nobody', '/open/page'), @names);
FCT::Sso::is_forgery_proof('without, where one is', 'refused', asked('nobody', '/app/page'), @names);
my $forged = get('alice', '/forged/page', 'X-Name' => 'mallory');
FCT::Sso::is_told($forged, { %alice, GSS_SESSION_EXPIRATION => FCT::Sso::told($forged)->{GSS_SESSION_EXPIRATION} },
    'SetEnv, SetEnvIf and [E=] of the same names change nothing');
like(FCT::Sso::told($forged)->{GSS_SESSION_EXPIRATION}, qr/^\d{10}$/, 'not the end of the ticket either');

# --- redirects, parts of pages, HTTP/2, sessions ---

FCT::Sso::is_told_inside($httpd, sub ($path, @headers) { return get('alice', $path, @headers) }, \%alice);
FCT::Sso::is_refused_inside(sub ($path) { return get('nobody', $path) }, 401);
SKIP: {
    skip 'HTTP/2 is not for prefork', 1 if !$h2;
    FCT::Sso::is_told(get('alice', '/app/page', ['--negotiate', '-u', ':', '--http2-prior-knowledge'], gss_name => 'mallory'), \%alice, 'over HTTP/2 as well');
}
my $jar = $kdc->own_dir . '/cookies';
FCT::Sso::is_told(get('alice', '/session/page', ['--negotiate', '-u', ':', '-c', $jar]), \%alice, 'a session begins with a ticket');
my ($cookie) = read_file($jar) =~ /\tgssapi_session\t(\S+)/;
ok($cookie, 'and is kept in a cookie');
FCT::Sso::is_told(get('nobody', '/session/page', Cookie => "gssapi_session=$cookie; own=1"), { %alice, GSS_MECH => undef, HTTP_COOKIE => 'own=1' },
    'with the cookie alone the user is told again, and the application gets its own cookie alone');
my $bent = $cookie =~ s/=(.)/'=' . ($1 eq 'A' ? 'B' : 'A')/er;
FCT::Sso::is_refused(get('nobody', '/session/page', Cookie => "gssapi_session=$bent"), 401, 'a session that the server did not make is none');
FCT::Sso::is_refused(get('nobody', '/app/page', Cookie => "gssapi_session=$cookie"), 401, 'nor is one where there are no sessions');
$httpd->finish(findings => [qw(FCT2015 FCT2016)], allow => [qr/AH016\d\d|auth_gssapi:/, qr/ FCT2010 | FCT2019 /]);
$_->stop for $app, $kdc, $other;
done_testing;
