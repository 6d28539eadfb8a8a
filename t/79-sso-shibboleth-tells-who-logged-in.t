# The policy sso-shibboleth against mod_shib, shibd and an identity provider: whoever has a session is told to the application with the attributes
# of the signed assertion; nobody else is, whatever they write. SPEC 6; EVIDENCE T4, T6, T9, T10.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Browser;
use FCT::Gateway;
use FCT::H2;
use FCT::Httpd;
use FCT::Saml;
use FCT::Shibd;
use FCT::Sso;

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

my $idp = FCT::Saml->new(users => { alice => { mail => 'alice@corp.example', affiliation => [qw(staff member)] }, bob => {} });
my $shibd = FCT::Shibd->start($idp, attributes => [qw(uid mail affiliation displayName)]);
my $app   = FCT::Sso->application;
my $h2    = FCT::Gateway->speaks_h2;
my $httpd = FCT::Httpd->new(
    modules => [FCT::Sso->modules, qw(auth_basic authn_file), $h2 ? 'http2' : ()],
    set => { APP => $app->url, SHIB => $shibd->directives, PROTOCOLS => $h2 ? 'Protocols h2c http/1.1' : '' },
    env => { displayName => 'mallory' },
    files => {
        users => 'alice:' . crypt('secret', 'ab') . "\n",
        FCT::Sso->files,
        'front.xml' => FCT::Sso::policy('front', '<extends shipped="php-fpm"/><extends shipped="sso-shibboleth"/>'),
        'open.xml' => FCT::Sso::policy('open', '<extends shipped="sso-shibboleth"/>
            <param name="REMOTE_USER" from="auth.user" auth-type="shibboleth" override="yes" why="Not everybody logs in here"/>'),
    },
    config => FCT::Sso->lines . <<'CONF')->start;
@SHIB@
Listen 127.0.0.1:@PORT@
@PROTOCOLS@
ServerName http://test.example:@PORT@
UseCanonicalName on
FcgiTrustPolicy @SHIPPED@/sso-shibboleth.xml
ShibCompatValidUser on
ProxyPass /Shibboleth.sso !
ProxyPass /app/ @APP@/
ProxyPass /lazy/ @APP@/
ProxyPass /open/ @APP@/
ProxyPass /staff/ @APP@/
ProxyPass /basic/ @APP@/
ProxyPass /forged/ @APP@/
ProxyPass /headers/ @APP@/
<Location />
    AuthType shibboleth
    ShibRequestSetting requireSession 1
    Require shib-session
</Location>
<Location /Shibboleth.sso>
    SetHandler shib
    AuthType None
    AuthMerging Off
    Require all granted
</Location>
<LocationMatch ^/(open|lazy)/>
    ShibRequestSetting requireSession 0
    AuthMerging Off
    Require shibboleth
</LocationMatch>
<Location /open/>
    FcgiTrustPolicy @DIR@/open.xml
</Location>
<Location /staff/>
    AuthMerging Off
    Require shib-attr affiliation staff
</Location>
<Location /basic/>
    AuthType Basic
    AuthName x
    AuthUserFile @DIR@/users
    AuthMerging Off
    Require valid-user
</Location>
<Location /headers/>
    ShibUseHeaders on
</Location>
<Location /forged/>
    SetEnv mail mallory@corp.example
    SetEnv cn mallory
    SetEnvIf X-Name (.+) uid=$1 REMOTE_USER=$1 AUTH_TYPE=$1 eppn=$1 Shib-Session-ID=$1
    PassEnv displayName
    RewriteEngine on
    RewriteRule . - [E=affiliation:mallory,E=sn:mallory]
</Location>
CONF

sub browser () { return FCT::Browser->new(port => $httpd->port) }

my %alice = (
    REMOTE_USER => 'alice', AUTH_TYPE => 'shibboleth', uid => 'alice', mail => 'alice@corp.example', affiliation => 'staff;member',
    'Shib-Identity-Provider' => FCT::Saml::ENTITY, 'Shib-Application-ID' => 'default',
    'Shib-AuthnContext-Class' => 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
);
my %nobody = (map { $_ => undef } keys %alice, 'Shib-Session-ID', 'Shib-Handler');
my %bob = (%alice, REMOTE_USER => 'bob', uid => 'bob', mail => undef, affiliation => undef);

# --- who logs in is told, and who does not is nobody ---

FCT::Sso::is_refused(browser()->get('/app/page'), 302, 'whoever has no session is sent to the identity provider');
my ($alice, $bob) = map { browser() } 1 .. 2;
my $told = $idp->log_in($alice, '/app/page', 'alice');
FCT::Sso::is_told($told, \%alice, 'whoever logged in is told with the attributes of the assertion');
like(FCT::Sso::told($told)->{'Shib-Session-ID'} // '', qr/^_[0-9a-f]{32}$/, 'and with the session');
FCT::Sso::is_told($idp->log_in($bob, '/app/page', 'bob'), \%bob, 'another user is another, and attributes that the provider does not release are absent');
for my $fault (qw(forged expired)) {
    my $eve = browser();
    ok(!FCT::Sso::told($idp->log_in($eve, '/app/page', 'alice', $fault => 1)), "an assertion that is $fault logs nobody in");
    FCT::Sso::is_refused($eve->get('/app/page'), 302, 'not afterwards either');
}
$alice->{jar}{session} = 'of-the-application';
FCT::Sso::is_told($alice->get('/app/page'), { %alice, HTTP_COOKIE => 'session=of-the-application' }, "the application gets its own cookie, and not the log-in's");
FCT::Sso::is_told($alice->get('/staff/page'), \%alice, 'where an attribute is required, who has it is told');
FCT::Sso::is_refused($bob->get('/staff/page'), 401, 'and who has it not is not let in');

# --- where sessions are not required ---

FCT::Sso::is_refused(browser()->get('/lazy/page'), 403, 'where the module lets everybody pass, the policy still wants a user');
FCT::Sso::is_told($alice->get('/lazy/page'), \%alice, 'and is content with one who logged in');
FCT::Sso::is_told(browser()->get('/open/page'), \%nobody, 'under a policy that wants none, nobody is told as nobody');
FCT::Sso::is_told($alice->get('/open/page'), \%alice, 'and who logged in as who they are');
FCT::Sso::is_refused(browser()->get('/basic/page', Authorization => 'Basic YWxpY2U6c2VjcmV0'), 403, "another module's user of the same name is not this one's");

# --- forgeries ---

my @names = (qw(REMOTE_USER AUTH_TYPE uid mail affiliation eppn), 'Shib-Session-ID', 'Shib-Identity-Provider', 'X-Remote-User');
FCT::Sso::is_forgery_proof('logged in', 'told', FCT::Sso::asked($alice, '/app/page'), @names);
FCT::Sso::is_forgery_proof('nobody, under a policy that wants none', 'told', FCT::Sso::asked(browser(), '/open/page'), @names);
FCT::Sso::is_forgery_proof('nobody, under one that wants a user', 'refused', FCT::Sso::asked(browser(), '/lazy/page'), @names);
FCT::Sso::is_forgery_proof('not logged in', 'refused', FCT::Sso::asked(browser(), '/app/page'), @names);
my ($session) = grep {/^_shibsession_/} keys $alice->{jar}->%*;
my $thief = browser();
$thief->{jar}{$session} = '_' . '0' x 32;
FCT::Sso::is_refused($thief->get('/app/page'), 302, 'a session that shibd does not know is none');

# The server's own configuration writes the same names into the same table.
my $forged = $bob->get('/forged/page', 'X-Name' => 'mallory');
FCT::Sso::is_told($forged, { REMOTE_USER => 'bob', AUTH_TYPE => 'shibboleth', map { $_ => undef } qw(mail cn displayName eppn sn affiliation) },
    'SetEnv, SetEnvIf, PassEnv and [E=] make no attribute, where the provider releases none');
FCT::Sso::is_not_mallory($_, 'and nowhere else does what they write arrive') for $forged, $alice->get('/forged/page', 'X-Name' => 'mallory');
FCT::Sso::is_told($alice->get('/headers/page'), { %alice, map { $_ => undef } qw(HTTP_REMOTE_USER HTTP_UID HTTP_MAIL HTTP_SHIB_SESSION_ID) },
    'where the module writes header fields too, they do not reach the application');
FCT::Sso::is_refused($alice->get('/headers/page', 'Shib-Session-ID' => 'mallory'), 500, 'and the module ends requests that bring them along');

# --- redirects, parts of pages, HTTP/2 ---

FCT::Sso::is_told_inside($httpd, sub ($path, @headers) { return $alice->get($path, @headers) }, \%alice);
FCT::Sso::is_refused_inside(sub ($path) { return browser()->get($path) }, 302);
SKIP: {
    skip 'HTTP/2 is not for prefork', 1 if !$h2;
    my $client = FCT::H2->connect(port => $httpd->port);
    my $stream = $client->request('/app/page', host => $alice->{host}, headers => [cookie => $alice->cookie_header, mail => 'mallory', 'shib-session-id' => 'mallory']);
    FCT::Sso::is_told($client->answer($stream)->{body}, \%alice, 'over HTTP/2 as well');
    $client->close;
}

# --- the end of a session ---

my $cookie = $alice->cookie($session);
is($alice->get('/Shibboleth.sso/Logout')->status, 200, 'alice logs out');
$alice->{jar}{$session} = $cookie;
FCT::Sso::is_refused($alice->get('/app/page'), 302, 'and is nobody again, with her old cookie too');
FCT::Sso::is_told($alice->get('/open/page'), \%nobody, 'also where nobody has to log in');
$httpd->finish(findings => ['FCT2015'], allow => [qr/AH016\d\d/, qr/\[mod_shib:error\]/, qr/ FCT2010 | FCT2019 /]);
$_->stop for $app, $shibd;
done_testing;
