# The policy sso-mellon against mod_auth_mellon and an identity provider: whoever has a session is told to the application with the attributes of the
# signed assertion; nobody else is, whatever they write. SPEC 6; EVIDENCE T4, T6, T9, T10.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Backend;
use FCT::Browser;
use FCT::Gateway;
use FCT::H2;
use FCT::Httpd;
use FCT::Saml;
use FCT::Sso;

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();
FCT::Backend::missing('mod_auth_mellon', 'libapache2-mod-auth-mellon') if !FCT::Httpd->has_module('auth_mellon');

my $idp = FCT::Saml->new(users => { alice => { mail => 'alice@corp.example', groups => [qw(staff hr)] }, bob => {} });
my ($key, $certificate) = $idp->key_pair('sp');
my $app   = FCT::Sso->application;
my $h2    = FCT::Gateway->speaks_h2;
my $httpd = FCT::Httpd->new(
    modules => [FCT::Sso->modules, qw(auth_basic auth_mellon authn_file), $h2 ? 'http2' : ()],
    set => { APP => $app->url, KEY => $key, CERTIFICATE => $certificate, METADATA => $idp->metadata, PROTOCOLS => $h2 ? 'Protocols h2c http/1.1' : '' },
    env => { MELLON_cn => 'mallory' },
    files => {
        users => 'alice:' . crypt('secret', 'ab') . "\n",
        FCT::Sso->files,
        'front.xml' => FCT::Sso::policy('front', '<extends shipped="php-fpm"/><extends shipped="sso-mellon"/>'),
        'open.xml' => FCT::Sso::policy('open', '<extends shipped="sso-mellon"/>
            <param name="REMOTE_USER" from="auth.user" auth-type="Mellon" override="yes" why="Not everybody logs in here"/>'),
        'all.xml' => FCT::Sso::policy('all', '<extends shipped="sso-mellon"/>
            <param name="MELLON_groups_0" from="auth.env.MELLON_groups_0" auth-type="Mellon" exact-name="yes"/>
            <param name="MELLON_groups_1" from="auth.env.MELLON_groups_1" auth-type="Mellon" exact-name="yes"/>'),
    },
    config => FCT::Sso->lines . <<'CONF')->start;
Listen 127.0.0.1:@PORT@
@PROTOCOLS@
ServerName http://test.example:@PORT@
UseCanonicalName on
FcgiTrustPolicy @SHIPPED@/sso-mellon.xml
MellonLockFile @DIR@/run/mellon.lock
ProxyPass /mellon !
ProxyPass /app/ @APP@/
ProxyPass /all/ @APP@/
ProxyPass /info/ @APP@/
ProxyPass /open/ @APP@/
ProxyPass /basic/ @APP@/
ProxyPass /forged/ @APP@/
<Location />
    MellonSPPrivateKeyFile @KEY@
    MellonSPCertFile @CERTIFICATE@
    MellonIdPMetadataFile @METADATA@
    MellonSPentityId https://sp.test.example/mellon
    MellonUser uid
    MellonIdP IDP
    MellonSecureCookie off
    MellonEnable auth
    AuthType Mellon
    Require valid-user
</Location>
<Location /mellon>
    MellonEnable off
    MellonEnabledInvalidateSessionEndpoint on
    AuthMerging Off
    Require all granted
</Location>
<LocationMatch ^/(open|info)/>
    MellonEnable info
    AuthMerging Off
    Require all granted
</LocationMatch>
<Location /open/>
    FcgiTrustPolicy @DIR@/open.xml
</Location>
<Location /all/>
    FcgiTrustPolicy @DIR@/all.xml
</Location>
<Location /basic/>
    MellonEnable off
    AuthType Basic
    AuthName x
    AuthUserFile @DIR@/users
</Location>
<Location /forged/>
    SetEnv MELLON_mail mallory@corp.example
    SetEnvIf X-Name (.+) MELLON_uid=$1 REMOTE_USER=$1 AUTH_TYPE=$1 MELLON_IDP=$1
    PassEnv MELLON_cn
    RewriteEngine on
    RewriteRule . - [E=MELLON_groups:mallory]
</Location>
CONF

sub browser () { return FCT::Browser->new(port => $httpd->port) }

my %alice = (REMOTE_USER => 'alice', AUTH_TYPE => 'Mellon', MELLON_uid => 'alice', MELLON_mail => 'alice@corp.example', MELLON_groups => 'staff',
    MELLON_IDP => FCT::Saml::ENTITY);
my %nobody = (map { $_ => undef } keys %alice, 'MELLON_NAME_ID');
my %bob = (%alice, REMOTE_USER => 'bob', MELLON_uid => 'bob', MELLON_mail => undef, MELLON_groups => undef);

# --- who logs in is told, and who does not is nobody ---

FCT::Sso::is_refused(browser()->get('/app/page'), 303, 'whoever has no session is sent to the identity provider');
my ($alice, $bob) = map { browser() } 1 .. 2;
my $told = $idp->log_in($alice, '/app/page', 'alice');
FCT::Sso::is_told($told, \%alice, 'whoever logged in is told with the attributes of the assertion');
like(FCT::Sso::told($told)->{MELLON_NAME_ID} // '', qr/^transient-/, 'and with its subject');
FCT::Sso::is_told($alice->get('/all/page'), { %alice, MELLON_groups_0 => 'staff', MELLON_groups_1 => 'hr' }, 'with each value of an attribute where the policy asks for it');
FCT::Sso::is_told($idp->log_in($bob, '/app/page', 'bob'), \%bob, 'another user is another, and attributes that the provider does not release are absent');
for my $fault (qw(forged expired)) {
    my $eve = browser();
    ok(!FCT::Sso::told($idp->log_in($eve, '/app/page', 'alice', $fault => 1)), "an assertion that is $fault logs nobody in");
    FCT::Sso::is_refused($eve->get('/app/page'), 303, 'not afterwards either');
}
$alice->{jar}{session} = 'of-the-application';
FCT::Sso::is_told($alice->get('/app/page'), { %alice, HTTP_COOKIE => 'session=of-the-application' }, "the application gets its own cookie, and not the log-in's");

# --- where nobody has to log in ---

FCT::Sso::is_refused(browser()->get('/info/page'), 403, 'where the module lets everybody pass, the policy still wants a user');
FCT::Sso::is_told(browser()->get('/open/page'), \%nobody, 'under a policy that wants none, nobody is told as nobody');
FCT::Sso::is_refused(browser()->get('/basic/page', Authorization => 'Basic YWxpY2U6c2VjcmV0'), 403, "another module's user of the same name is not this one's");

# --- forgeries ---

my @names = (qw(REMOTE_USER AUTH_TYPE MELLON_uid MELLON_mail MELLON_groups MELLON_IDP MELLON_NAME_ID), 'X-Remote-User');
FCT::Sso::is_forgery_proof('logged in', 'told', FCT::Sso::asked($alice, '/app/page'), @names);
FCT::Sso::is_forgery_proof('nobody, under a policy that wants none', 'told', FCT::Sso::asked(browser(), '/open/page'), @names);
FCT::Sso::is_forgery_proof('nobody, under one that wants a user', 'refused', FCT::Sso::asked(browser(), '/info/page'), @names);
FCT::Sso::is_forgery_proof('not logged in', 'refused', FCT::Sso::asked(browser(), '/app/page'), @names[0, 2]);    # each is signed a request to log in
my ($session) = grep {/^mellon-/} keys $alice->{jar}->%*;
my $thief = browser();
$thief->{jar}{$session} = '0' x length $alice->cookie($session);
FCT::Sso::is_refused($thief->get('/app/page'), 303, 'a session that the server did not make is none');

# The server's own configuration writes the same names into the same table.
FCT::Sso::is_told($bob->get('/forged/page', 'X-Name' => 'mallory'), { %bob, map { ("MELLON_$_" => undef) } qw(mail cn groups) },
    'SetEnv, SetEnvIf, PassEnv and [E=] make no attribute, where the provider releases none');

FCT::Sso::is_not_mallory($alice->get('/forged/page', 'X-Name' => 'mallory'), 'and change none, where it does');

# --- redirects, parts of pages, HTTP/2 ---

FCT::Sso::is_told_inside($httpd, sub ($path, @headers) { return $alice->get($path, @headers) }, \%alice);
FCT::Sso::is_refused_inside(sub ($path) { return browser()->get($path) }, 303);
SKIP: {
    skip 'HTTP/2 is not for prefork', 1 if !$h2;
    my $client = FCT::H2->connect(port => $httpd->port);
    my $stream = $client->request('/app/page', host => $alice->{host}, headers => [cookie => $alice->cookie_header, mellon_mail => 'mallory']);
    FCT::Sso::is_told($client->answer($stream)->{body}, \%alice, 'over HTTP/2 as well');
    $client->close;
}

# --- the end of a session ---

my $cookie = $alice->cookie($session);
is($alice->get('/mellon/invalidate?ReturnTo=' . FCT::Browser::escape($alice->origin . '/open/page'))->status, 303, 'alice logs out');
$alice->{jar}{$session} = $cookie;
FCT::Sso::is_refused($alice->get('/app/page'), 303, 'who logged out is nobody again, with the old cookie too');
$httpd->finish(findings => ['FCT2015'], allow => [qr/AH016\d\d/, qr/\[auth_mellon:error\]/, qr/ FCT2010 | FCT2019 /]);
$app->stop;
done_testing;
