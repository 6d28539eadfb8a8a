# Passwords that httpd checks itself, and what its directories know of their users: mod_auth_basic, mod_auth_digest, mod_auth_form with sessions,
# mod_authnz_ldap and mod_authn_dbd. Who logged in is told; nobody else is, whatever they write. SPEC 6; EVIDENCE T4, T6, T10.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::MD5 qw(md5_hex);
use MIME::Base64 qw(encode_base64);
use Test::More;
use Time::HiRes qw(sleep);
use FCT::Browser;
use FCT::Client;
use FCT::Httpd;
use FCT::Ldap;
use FCT::Sso;

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

my $SECRET = '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=';
my $ldap = FCT::Ldap->start(
    people => { alice => { mail => 'alice@corp.example', password => 'secret' }, bob => { mail => 'bob@corp.example', password => 'hidden' } },
    groups => { staff => ['alice'] },
);
my $database = FCT::Sso->database("create table users(name, password, role); insert into users values('alice', '$SECRET', 'admin')");
my $app = FCT::Sso->application;

# What such a site would tell: the user, and what the directories know.
my $inside = <<'POLICY';
<extends shipped="generic"/>
<param name="REMOTE_USER" from="auth.user" required="yes" override="yes"/>
<param name="REMOTE_REALM" from="auth.realm"/>
<param name="AUTHENTICATE_MAIL" from="auth.env.AUTHENTICATE_MAIL"/>
<param name="AUTHENTICATE_ROLE" from="auth.env.AUTHENTICATE_ROLE"/>
<param name="AUTHORIZE_MAIL" from="auth.env.AUTHORIZE_MAIL"/>
<param name="FAKED" from="auth.header.Authorization"/>
<server-header name="X-Remote-User" from="auth.user"/>
<header name="Cookie" cookies="* !session" override="yes"/>
<request methods="GET HEAD POST"/>
POLICY
my %setup = (
    modules => [qw(alias auth_basic auth_digest auth_form authn_anon authn_core authn_dbd authn_file authnz_ldap authz_user dbd dir env filter headers
        include ldap mime request rewrite session session_cookie session_crypto setenvif)],
    set => { APP => $app->url, DATABASE => $database, PEOPLE => $ldap->url('people', 'uid,mail'), STAFF => $ldap->group('staff') },
    files => {
        users => "alice:$SECRET\n", digest => 'alice:here:' . md5_hex('alice:here:secret') . "\n",
        'htdocs/pages/page.shtml' => qq{told:\n<!--#include virtual="/basic/part" -->\n},
        'policy.xml' => FCT::Sso::policy('told', $inside),
        'open.xml' => FCT::Sso::policy('open', $inside =~ s/ required="yes"//r),
    },
);
my $config = <<'CONF';
Listen 127.0.0.1:@PORT@
DBDriver sqlite3
DBDParams @DATABASE@
LDAPSharedCacheSize 0
TypesConfig /dev/null
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
FcgiTrustPolicy @DIR@/policy.xml
ProxyPass /basic/ @APP@/
ProxyPass /digest/ @APP@/
ProxyPass /form/ !
ProxyPass /inside/ @APP@/
ProxyPass /short/ @APP@/
ProxyPass /ldap/ @APP@/
ProxyPass /group/ @APP@/
ProxyPass /dbd/ @APP@/
ProxyPass /open/ @APP@/
ProxyPass /forged/ @APP@/
ErrorDocument 404 /basic/missing
<Location />
    AuthType Basic
    AuthName here
    AuthUserFile @DIR@/users
    Require valid-user
</Location>
<Location /digest>
    AuthType Digest
    AuthName here
    AuthDigestProvider file
    AuthUserFile @DIR@/digest
</Location>
<LocationMatch ^/(form|inside|short)/>
    AuthType form
    AuthFormProvider file
    AuthFormFakeBasicAuth on
    Session on
    SessionEnv on
    SessionCookieName session path=/;httponly
    SessionCryptoPassphrase passphrase-of-the-test
</LocationMatch>
<Location /short/>
    SessionCookieName brief path=/;httponly
    SessionMaxAge 2
</Location>
<Location /form/in>
    SetHandler form-login-handler
    AuthFormLoginSuccessLocation /inside/page
</Location>
<Location /form/out>
    SetHandler form-logout-handler
    AuthFormLogoutLocation /open/bye
    SessionMaxAge 1
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
<Location /dbd>
    AuthBasicProvider dbd
    AuthDBDUserPWQuery "SELECT password, role FROM users WHERE name = %s"
</Location>
<Location /open>
    AuthMerging Off
    Require all granted
    FcgiTrustPolicy @DIR@/open.xml
</Location>
<Location /forged>
    SetEnv AUTHENTICATE_MAIL mallory
    SetEnvIf X-Name (.+) REMOTE_USER=$1 AUTHORIZE_MAIL=$1 AUTH_TYPE=$1
    RewriteEngine on
    RewriteRule . - [E=AUTHENTICATE_ROLE:mallory]
    RequestHeader set X-Remote-User mallory
</Location>
<Directory @DOCROOT@/pages>
    Options +Includes
</Directory>
CONF
my $httpd = FCT::Httpd->new(%setup, config => $config)->start;

sub basic ($user, $password) { return (Authorization => 'Basic ' . encode_base64("$user:$password", '')) }

sub get ($path, @headers) { return FCT::Client::request($httpd->port, $path, headers => \@headers, close => 1) }

my @own   = qw(REMOTE_USER AUTH_TYPE REMOTE_REALM HTTP_X_REMOTE_USER);
my @known = qw(AUTHENTICATE_MAIL AUTHENTICATE_ROLE AUTHORIZE_MAIL FAKED HTTP_AUTHORIZATION HTTP_SESSION AUTHENTICATE_UID);

# Everything of identity: this user, and what is known beside.
sub told_of ($user, $type, %known) {
    return { (map { $_ => undef } @known), REMOTE_USER => $user, AUTH_TYPE => $type, REMOTE_REALM => 'here', HTTP_X_REMOTE_USER => $user, %known };
}
my %nobody = map { $_ => undef } @own, @known;

# --- each way to log in ---

for (
    ['mod_auth_basic', '/basic/page', told_of('alice', 'Basic')],
    ['mod_authnz_ldap, which may name the user otherwise', '/ldap/page', told_of('alice@corp.example', 'Basic', AUTHENTICATE_MAIL => 'alice@corp.example')],
    ['mod_authnz_ldap, which knows groups', '/group/page',
        told_of('alice', 'Basic', AUTHENTICATE_MAIL => 'alice@corp.example', AUTHORIZE_MAIL => 'alice@corp.example')],
    ['mod_authn_dbd', '/dbd/page', told_of('alice', 'Basic', AUTHENTICATE_ROLE => 'admin')],
) {
    my ($name, $path, $wanted) = @$_;
    FCT::Sso::is_told(get($path, basic('alice', 'secret')), $wanted, "$name: who logged in is told");
    FCT::Sso::is_refused(get($path, basic('alice', 'wrong')), 401, "$name: a wrong password is nobody's");
    FCT::Sso::is_refused(get($path), 401, "$name: nor is none");
}
FCT::Sso::is_refused(get('/group/page', basic('bob', 'hidden')), 401, 'mod_authnz_ldap: who is not in the group is not let in');
my $digest = qx(curl -s --digest -u alice:secret 'http://127.0.0.1:@{[$httpd->port]}/digest/page');
FCT::Sso::is_told($digest, told_of('alice', 'Digest'), 'mod_auth_digest: who logged in is told');

# --- a form and a session ---

my ($alice, $stranger) = map { FCT::Browser->new(port => $httpd->port) } 1 .. 2;
my %form = told_of('alice', 'form', FAKED => 'Basic ' . encode_base64('alice:secret', ''))->%*;
$alice->post('/form/in', [httpd_username => 'alice', httpd_password => 'wrong']);
FCT::Sso::is_refused($alice->get('/inside/page'), 401, 'mod_auth_form: a wrong password is nobody\'s');
is($alice->post('/form/in', [httpd_username => 'alice', httpd_password => 'secret'])->status, 302, 'mod_auth_form: the right one is accepted');
$alice->{jar}{own} = 1;
FCT::Sso::is_told($alice->get('/inside/page'), { %form, HTTP_COOKIE => 'own=1' }, 'mod_auth_form: who logged in is told, and the session with the password in it is not');
my $session = $alice->cookie('session');
$stranger->{jar}{session} = $session =~ s/(..)(..)\z/$2$1/r;
FCT::Sso::is_refused($stranger->get('/inside/page'), 401, 'a session that the server did not make is none');
$alice->get('/form/out');
FCT::Sso::is_refused($alice->get('/inside/page'), 401, 'who logged out is nobody');
my $brief = FCT::Browser->new(port => $httpd->port);
FCT::Sso::is_told($brief->post('/short/page', [httpd_username => 'alice', httpd_password => 'secret']), { %form }, 'a short session begins');
ok($brief->cookie('brief'), 'and is kept in a cookie');
FCT::Sso::is_told($brief->get('/short/page'), { %form }, 'which is enough for a while');
sleep 3;
FCT::Sso::is_refused($brief->get('/short/page'), 401, 'and then no longer');

# --- who is nobody ---

FCT::Sso::is_told(get('/open/page', basic('alice', 'secret')), \%nobody, 'where nobody has to log in, a name and a password name nobody');
FCT::Sso::is_told(get('/open/page', Cookie => "session=$session"), \%nobody, 'nor does a session');

# --- forgeries ---

my @names = qw(REMOTE_USER AUTH_TYPE REMOTE_REALM AUTHENTICATE_MAIL AUTHENTICATE_ROLE AUTHORIZE_MAIL HTTP_SESSION);
my @group = basic('alice', 'secret');
FCT::Sso::is_forgery_proof('a member of the group', 'told', sub ($query, @headers) { return get("/group/page?$query", @group, @headers) }, @names);
FCT::Sso::is_forgery_proof('nobody', 'told', sub ($query, @headers) { return get("/open/page?$query", @headers) }, @names);
FCT::Sso::is_forgery_proof('not logged in', 'refused', sub ($query, @headers) { return get("/group/page?$query", @headers) }, @names);
for my $name ('X-Remote-User', 'X_Remote_User', 'x-remote_user', 'X.Remote.User') {
    FCT::Sso::is_refused(get('/basic/page', @group, $name => 'mallory'), 400, "$name is the server's alone, and a client that sends it is refused");
    FCT::Sso::is_refused(get('/basic/page', @group, Connection => "close, $name"), 200 . ', the application was asked', 'nominating it removes nothing')
        if $name eq 'X-Remote-User';
}
FCT::Sso::is_told(get('/basic/page', @group, Connection => 'close, X-Remote-User'), told_of('alice', 'Basic'), 'and it arrives');
FCT::Sso::is_told(get('/forged/page', @group, 'X-Name' => 'mallory'), told_of('alice', 'Basic'), 'SetEnv, SetEnvIf, [E=] and RequestHeader of the same names change nothing');

# --- redirects and parts of pages ---

FCT::Sso::is_told(get('/pages/missing', @group), { told_of('alice', 'Basic')->%*, REQUEST_URI => '/pages/missing' }, 'the document of an error is told who asked for the page');
FCT::Sso::is_told(get('/pages/page.shtml', @group)->body, told_of('alice', 'Basic'), 'a part of a page too');
FCT::Sso::is_refused(get('/pages/missing'), 401, 'and a stranger is told nowhere');
$httpd->finish(findings => ['FCT2019'], allow => [qr/AH01617|AH01618|AH01630|AH0163[01]|AH0169\d|AH018\d\d|AH01790|AH01807|AH0179\d/, qr/ FCT2010 /]);

# --- a provider that asks for no password ---

my $anon = FCT::Httpd->new(%setup, config => $config . <<'CONF');
<Location /basic>
    AuthBasicProvider anon
    Anonymous *
</Location>
CONF
my ($exit, $said) = $anon->check_config;
isnt($exit, 0, 'where mod_authn_anon lets in whoever writes a name, the server does not start');
like($said, qr/FCT3104 flow: REMOTE_USER /, 'because that name is the client\'s word');
$_->stop for $app, $ldap;
done_testing;
