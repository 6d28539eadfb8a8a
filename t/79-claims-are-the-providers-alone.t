# mod_auth_openidc in other arrangements: claims as header fields, bearer tokens, several users on one connection, the document of a refusal, and
# entries that httpd writes ahead of it. SPEC 6; EVIDENCE T4, T5, T6.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
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

my $provider = FCT::Oidc->start(users => { alice => { email => 'alice@corp.example', groups => ['hr'] }, bob => { email => 'bob@corp.example' }, eve => { forged => 1 },
    carol => { name => "Carol\nREMOTE_USER: mallory" } });
my $app = FCT::Sso->application;
my $h2  = FCT::Gateway->speaks_h2;
my $HEADERS = <<'POLICY';
<extends shipped="generic"/>
<param name="REMOTE_USER" from="auth.user" override="yes"/>
<param name="EMAIL" from="auth.header.OIDC_CLAIM_email"/>
<param name="NAME" from="auth.header.OIDC_CLAIM_name"/>
<param name="USER_FIELD" from="auth.header.X-Remote-User"/>
POLICY
my $httpd = FCT::Httpd->new(
    modules => [FCT::Sso->modules, qw(auth_openidc), $h2 ? 'http2' : ()],
    set => { APP => $app->url, PROTOCOLS => $h2 ? 'Protocols h2c http/1.1' : '', PROVIDER => $provider->directives . $provider->bearer_directives },
    files => {
        'headers.xml' => FCT::Sso::policy('headers', $HEADERS),
        'open.xml' => FCT::Sso::policy('open', '<extends shipped="sso-oidc"/>
            <param name="REMOTE_USER" from="auth.user" auth-type="openid-connect" override="yes" why="Not everybody logs in here"/>'),
        'bearer.xml' => FCT::Sso::policy('bearer', '<extends shipped="generic"/>
            <param name="REMOTE_USER" from="auth.user" auth-type="oauth20" required="yes" override="yes"/>
            <param name="OIDC_CLAIM_email" from="auth.env.OIDC_CLAIM_email" auth-type="oauth20" exact-name="yes"/>'),
    },
    config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
TypesConfig /dev/null
@PROTOCOLS@
LogLevel auth_openidc:crit
@PROVIDER@
FcgiTrustPolicy @SHIPPED@/sso-oidc.xml
RewriteEngine on
RewriteRule . - [E=OIDC_CLAIM_roles:%{HTTP:X-Roles},E=OIDC_CLAIM_email:%{HTTP:X-Email}]
RequestHeader set OIDC_CLAIM_name mallory early
ProxyPass /app/ @APP@/
ProxyPass /open/ @APP@/
ProxyPass /headers/ @APP@/
ProxyPass /nobody/ @APP@/
ProxyPass /bearer/ @APP@/
ProxyPass /either/ @APP@/
ProxyPass /hr/ @APP@/
<Location />
    AuthType openid-connect
    Require valid-user
</Location>
<Location /open/>
    OIDCUnAuthAction pass
    FcgiTrustPolicy @DIR@/open.xml
</Location>
<LocationMatch ^/(headers|nobody)/>
    OIDCUnAuthAction pass
    OIDCPassClaimsAs headers
    OIDCAuthNHeader X-Remote-User
    FcgiTrustPolicy @DIR@/headers.xml
</LocationMatch>
<Location /nobody/>
    AuthType None
    AuthMerging Off
    Require all granted
</Location>
<LocationMatch ^/(bearer|either)/>
    AuthType oauth20
</LocationMatch>
<Location /bearer/>
    FcgiTrustPolicy @DIR@/bearer.xml
</Location>
<Location /hr/>
    AuthMerging Off
    Require claim groups:hr
    ErrorDocument 401 /open/refused
</Location>
CONF

my $issuer = $provider->issuer;
my ($alice, $bob, $stranger) = map { FCT::Browser->new(port => $httpd->port) } 1 .. 3;
my %alice = (REMOTE_USER => "alice\@$issuer", AUTH_TYPE => 'openid-connect', OIDC_CLAIM_email => 'alice@corp.example', OIDC_CLAIM_roles => undef,
    OIDC_CLAIM_name => undef);
my %nobody = map { $_ => undef } keys %alice;
FCT::Sso::is_told($provider->log_in($alice, '/app/page', 'alice'), \%alice, 'who logged in is told');
$provider->log_in($bob, '/app/page', 'bob');

# --- entries that stand there before authentication begins ---

my @forged = ('X-Roles' => 'mallory', 'X-Email' => 'mallory@corp.example');
FCT::Sso::is_told($alice->get('/app/page', @forged), \%alice, 'a rewrite rule ahead of authentication makes no claim and changes none');
FCT::Sso::is_told($stranger->get('/open/page', @forged), \%nobody, 'and makes nobody anybody');
FCT::Sso::is_told($alice->get('/app/page', 'X-Roles' => 'mallory', 'X-Email' => 'alice@corp.example'), \%alice, 'the same value there is the claim all the same');

# --- claims as header fields ---

my %fields = (EMAIL => 'alice@corp.example', NAME => undef, USER_FIELD => "alice\@$issuer", REMOTE_USER => "alice\@$issuer");
my %none   = map { $_ => undef } keys %fields;
FCT::Sso::is_told($alice->get('/headers/page'), \%fields, 'claims that the module writes as header fields are told, and one that RequestHeader wrote early is not');
FCT::Sso::is_told($alice->get('/headers/page', OIDC_CLAIM_email => 'alice@corp.example', 'X-Remote-User' => "alice\@$issuer"), \%fields,
    'also where the client sent the very same');
FCT::Sso::is_told($alice->get('/headers/page', OIDC_CLAIM_email => 'mallory', OIDC_CLAIM_name => 'mallory', 'X-Remote-User' => 'mallory'), \%fields,
    'what else the client sent under these names is nothing');
FCT::Sso::is_told($alice->get('/headers/page', Connection => 'close, OIDC_CLAIM_email, X-Remote-User'), \%fields, 'and nominating them takes nothing away');
for my $path ('/headers/page', '/nobody/page') {
    FCT::Sso::is_told($stranger->get($path, OIDC_CLAIM_email => 'mallory', OIDC_CLAIM_name => 'mallory', 'X-Remote-User' => 'mallory'), \%none,
        "$path: a stranger's fields are no claims");
}

# --- one connection, several users ---

my $client = FCT::Client->connect(port => $httpd->port);
sub next_on_connection ($browser) {
    my @headers = $browser ? (headers => [Cookie => $browser->cookie_header]) : ();
    $client->send(FCT::Client::request_bytes('/open/page', host => $alice->{host}, @headers));
    return $client->response;
}
FCT::Sso::is_told(next_on_connection($alice), \%alice, 'of several on one connection the first is told');
FCT::Sso::is_told(next_on_connection($bob), { %alice, REMOTE_USER => "bob\@$issuer", OIDC_CLAIM_email => 'bob@corp.example' }, 'the second is another');
FCT::Sso::is_told(next_on_connection(undef), \%nobody, 'and the third is nobody');
$client->close;

SKIP: {
    skip 'HTTP/2 is not for prefork', 1 if !$h2;
    my $shared = FCT::H2->connect(port => $httpd->port);
    my @users  = (["alice\@$issuer", $alice], ["bob\@$issuer", $bob], ['nobody', undef]);
    my %wanted;
    for my $n (0 .. 59) {
        my ($name, $browser) = $users[$n % 3]->@*;
        my @headers = $browser ? (headers => [cookie => $browser->cookie_header]) : ();
        $wanted{ $shared->request("/open/page?$n", host => $alice->{host}, @headers) } = $name;
    }
    my @wrong = grep { (FCT::Sso::told($shared->answer($_)->{body})->{REMOTE_USER} // 'nobody') ne $wanted{$_} } sort { $a <=> $b } keys %wanted;
    is("@wrong", '', 'sixty requests at once on one HTTP/2 connection: each is told as its own user');
    $shared->close;
}

# --- claims that no application should read ---

my $carol = FCT::Browser->new(port => $httpd->port);
FCT::Sso::is_refused($provider->log_in($carol, '/app/page', 'carol'), 403, 'a claim with a line end is refused, not cut');

# --- the document of a refusal ---

FCT::Sso::is_told($alice->get('/hr/page'), \%alice, 'who has the claim that is required is told');
FCT::Sso::is_told($bob->get('/hr/page'), { %nobody, REQUEST_URI => '/hr/page' }, 'the document of a refusal is told nobody: who was refused was not authorized');
FCT::Sso::is_told($bob->get('/open/page'), { %alice, REMOTE_USER => "bob\@$issuer", OIDC_CLAIM_email => 'bob@corp.example' }, 'elsewhere he is who he is');

# --- bearer tokens ---

my $bearer = $provider->access_token('alice');
sub bearer ($path, $token) { return $stranger->get($path, Authorization => "Bearer $token", OIDC_CLAIM_email => 'mallory') }
FCT::Sso::is_told(bearer('/bearer/page', $bearer), { REMOTE_USER => 'alice', AUTH_TYPE => 'oauth20', OIDC_CLAIM_email => 'alice@corp.example', HTTP_AUTHORIZATION => undef },
    'a program with a token of the provider is told as its user, and the token is not');
FCT::Sso::is_refused(bearer('/bearer/page', $provider->access_token('eve')), 401, 'a token that somebody else signed is nobody');
FCT::Sso::is_refused(bearer('/either/page', $bearer), 403, 'under sso-oidc, which is for people, a token is not enough');
FCT::Sso::is_refused(bearer('/app/page', $bearer), 401, 'nor where people log in');
$httpd->finish(findings => [qw(FCT2015 FCT2016)], allow => [qr/AH016\d\d/]);
$_->stop for $app, $provider;
done_testing;
