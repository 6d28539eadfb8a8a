# The policy sso-oidc against mod_auth_openidc and an OpenID provider: whoever logs in there is told to the application, with the claims that the
# provider signed; nobody else is, whatever they write. SPEC 6; EVIDENCE T4, T6, T9, T10.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(encode_base64);
use Test::More;
use Time::HiRes qw(sleep time);
use FCT::Backend;
use FCT::Browser;
use FCT::Client;
use FCT::Gateway;
use FCT::H2;
use FCT::Httpd;
use FCT::Oidc;
use FCT::Sso;

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();
FCT::Backend::missing('mod_auth_openidc', 'libapache2-mod-auth-openidc') if !FCT::Httpd->has_module('auth_openidc');

my $provider = FCT::Oidc->start(users => {
    alice => { email => 'alice@corp.example', email_verified => JSON::PP::true(), name => 'Alice Example', groups => [qw(staff hr)] },
    bob => { email => 'bob@corp.example' }, eve => { email => 'alice@corp.example', forged => 1 },
});
my $app  = FCT::Sso->application;
my $h2   = FCT::Gateway->speaks_h2;
my $httpd = FCT::Httpd->new(
    modules => [FCT::Sso->modules, qw(auth_openidc), $h2 ? 'http2' : ()],
    set => { APP => $app->url, PROVIDER => $provider->directives, PROTOCOLS => $h2 ? 'Protocols h2c http/1.1' : '' },
    env => { OIDC_CLAIM_roles => 'mallory' },
    files => {
        FCT::Sso->files,
        'front.xml' => FCT::Sso::policy('front', '<extends shipped="php-fpm"/><extends shipped="sso-oidc"/>'),
        'open.xml' => FCT::Sso::policy('open', '<extends shipped="sso-oidc"/>
            <param name="REMOTE_USER" from="auth.user" auth-type="openid-connect" override="yes" why="Not everybody logs in here"/>'),
        'local.xml' => FCT::Sso::policy('local', '<extends shipped="sso-oidc"/>
            <param name="REMOTE_USER" from="auth.user" auth-type="openid-connect" required="yes" strip-suffix="@' . $provider->issuer . '" override="yes"/>'),
    },
    config => FCT::Sso->lines . <<'CONF')->start;
Listen 127.0.0.1:@PORT@
@PROTOCOLS@
LogLevel auth_openidc:crit
@PROVIDER@
OIDCSessionInactivityTimeout 10
FcgiTrustPolicy @SHIPPED@/sso-oidc.xml
ProxyPass /app/ @APP@/
ProxyPass /open/ @APP@/
ProxyPass /asked/ @APP@/
ProxyPass /local/ @APP@/
ProxyPass /hr/ @APP@/
ProxyPass /forged/ @APP@/
<Location />
    AuthType openid-connect
    Require valid-user
</Location>
<LocationMatch ^/(open|asked)/>
    OIDCUnAuthAction pass
</LocationMatch>
<Location /open/>
    FcgiTrustPolicy @DIR@/open.xml
</Location>
<Location /local/>
    FcgiTrustPolicy @DIR@/local.xml
</Location>
<Location /hr/>
    AuthMerging Off
    Require claim groups:hr
</Location>
<Location /forged/>
    OIDCPassClaimsAs headers
    SetEnv OIDC_CLAIM_email mallory@corp.example
    SetEnv OIDC_CLAIM_name mallory
    SetEnvIf X-Name (.+) OIDC_CLAIM_name=$1 REMOTE_USER=$1 AUTH_TYPE=$1 OIDC_CLAIM_acr=$1
    PassEnv OIDC_CLAIM_roles
    RequestHeader set OIDC_CLAIM_family_name mallory
    RequestHeader append OIDC_CLAIM_given_name mallory
    RewriteEngine on
    RewriteRule . - [E=OIDC_CLAIM_groups:mallory]
</Location>
CONF

sub browser () { return FCT::Browser->new(port => $httpd->port) }

my $issuer = $provider->issuer;
my %alice = (
    REMOTE_USER => "alice\@$issuer", AUTH_TYPE => 'openid-connect', OIDC_CLAIM_iss => $issuer, OIDC_CLAIM_sub => 'alice',
    OIDC_CLAIM_email => 'alice@corp.example', OIDC_CLAIM_email_verified => 1, OIDC_CLAIM_name => 'Alice Example', OIDC_CLAIM_groups => 'staff,hr',
);
my %nobody = map { $_ => undef } keys %alice;
my @secrets = qw(OIDC_access_token OIDC_id_token HTTP_AUTHORIZATION HTTP_OIDC_CLAIM_SUB HTTP_OIDC_CLAIM_EMAIL OIDC_CLAIM_nonce);

# --- who logs in is told, and who does not is nobody ---

FCT::Sso::is_refused(browser()->get('/app/page'), 401, 'whoever did not log in does not reach the application');
my ($alice, $bob) = map { browser() } 1 .. 2;
my $answer = $provider->log_in($alice, '/app/page', 'alice');
FCT::Sso::is_told($answer, { %alice, map { $_ => undef } @secrets }, 'whoever logged in is told with the claims, and no token is');
FCT::Sso::is_told($provider->log_in($bob, '/app/page', 'bob'), { %nobody, REMOTE_USER => "bob\@$issuer", AUTH_TYPE => 'openid-connect', OIDC_CLAIM_iss => $issuer,
    OIDC_CLAIM_sub => 'bob', OIDC_CLAIM_email => 'bob@corp.example' }, 'another user is another, and claims that the provider does not make are absent');
my $eve = browser();
ok(!FCT::Sso::told($provider->log_in($eve, '/app/page', 'eve')), 'a token that somebody else signed logs nobody in');
FCT::Sso::is_refused($eve->get('/app/page'), 401, 'not afterwards either');

$alice->{jar}{session} = 'of-the-application';
FCT::Sso::is_told($alice->get('/app/page'), { %alice, HTTP_COOKIE => 'session=of-the-application' }, "the application gets its own cookie, and not the log-in's");
FCT::Sso::is_told($alice->get('/local/page'), { %alice, REMOTE_USER => 'alice' }, 'a policy may cut off the issuer');
FCT::Sso::is_told($alice->get('/hr/page'), \%alice, 'where a claim is required, who has it is told');
FCT::Sso::is_refused($bob->get('/hr/page'), 401, 'and who has it not is not let in');

# --- where the module lets everybody through ---

FCT::Sso::is_refused(browser()->get('/asked/page'), 403, 'where the module lets everybody pass, the policy still wants a user');
FCT::Sso::is_told($alice->get('/asked/page'), \%alice, 'and is content with one who logged in');
FCT::Sso::is_told(browser()->get('/open/page'), \%nobody, 'under a policy that wants none, nobody is told as nobody');
FCT::Sso::is_told($alice->get('/open/page'), \%alice, 'and who logged in as who they are');
FCT::Sso::is_told(browser()->get('/open/page', Authorization => 'Basic ' . encode_base64('mallory:secret', '')), \%nobody,
    'a name and a password that nobody checked are nobody');

# --- forgeries ---

my @names = (qw(REMOTE_USER AUTH_TYPE OIDC_CLAIM_sub OIDC_CLAIM_email OIDC_CLAIM_groups OIDC_CLAIM_roles OIDC_access_token), 'X-Remote-User');
FCT::Sso::is_forgery_proof('logged in', 'told', FCT::Sso::asked($alice, '/app/page'), @names);
FCT::Sso::is_forgery_proof('nobody, under a policy that wants none', 'told', FCT::Sso::asked(browser(), '/open/page'), @names);
FCT::Sso::is_forgery_proof('nobody, under one that wants a user', 'refused', FCT::Sso::asked(browser(), '/asked/page'), @names);
FCT::Sso::is_forgery_proof('not logged in', 'refused', FCT::Sso::asked(browser(), '/app/page'), @names);

my $thief = browser();
$thief->{jar}{mod_auth_openidc_session} = 'alice';
FCT::Sso::is_refused($thief->get('/app/page'), 401, 'a session that the server did not make is none');

# The server's own configuration writes the same names into the same tables.
FCT::Sso::is_told($alice->get('/forged/page', 'X-Name' => 'mallory'), { %nobody, REMOTE_USER => $alice{REMOTE_USER}, AUTH_TYPE => 'openid-connect',
    map { ("OIDC_CLAIM_$_" => undef) } qw(roles acr given_name family_name) },
    'SetEnv, SetEnvIf, PassEnv, RequestHeader and [E=] make no claim, where the module publishes none under these names');

FCT::Sso::is_not_mallory($alice->get('/forged/page', 'X-Name' => 'mallory'), 'and change none, where it does');

# --- redirects, parts of pages, HTTP/2 ---

FCT::Sso::is_told_inside($httpd, sub ($path, @headers) { return $alice->get($path, @headers) }, \%alice);
FCT::Sso::is_refused_inside(sub ($path) { return browser()->get($path) }, 401);
SKIP: {
    skip 'HTTP/2 is not for prefork', 1 if !$h2;
    my $client = FCT::H2->connect(port => $httpd->port);
    my $stream = $client->request('/app/page', host => $alice->{host}, headers => [cookie => $alice->cookie_header, oidc_claim_sub => 'mallory']);
    FCT::Sso::is_told($client->answer($stream)->{body}, \%alice, 'over HTTP/2 as well, and a field in lower case is no claim');
    $client->close;
}

# --- the end of a session ---

my $cookie = $alice->cookie('mod_auth_openidc_session');
$answer = $alice->get('/oidc/callback?logout=' . FCT::Browser::escape($alice->origin . '/pages/page.html'));
is($answer->status, 302, 'alice logs out');
FCT::Sso::is_refused($alice->get('/app/page'), 401, 'and is nobody again');
$alice->{jar}{mod_auth_openidc_session} = $cookie;
FCT::Sso::is_refused($alice->get('/app/page'), 401, 'her old cookie does not help');
FCT::Sso::is_told($alice->get('/open/page'), \%nobody, 'nor where nobody has to log in');

my $since = time;
FCT::Sso::is_told($bob->get('/open/page'), { %nobody, REMOTE_USER => "bob\@$issuer", AUTH_TYPE => 'openid-connect', OIDC_CLAIM_iss => $issuer,
    OIDC_CLAIM_sub => 'bob', OIDC_CLAIM_email => 'bob@corp.example' }, 'bob is still there');
sleep 0.5 while time - $since < 11;
FCT::Sso::is_told($bob->get('/open/page'), \%nobody, 'whose session has expired is nobody');
$httpd->finish(findings => ['FCT2015'], allow => [qr/AH01629|AH0163[01]|AH02034/, qr/ FCT2010 | FCT2019 /]);
$_->stop for $app, $provider;
done_testing;
