# mod_lookup_identity and mod_oauth2. The first asks the system what it knows of r->user, in its own fixups: that is told of who logged in, and not of
# somebody whom another module put there meanwhile. The second writes claims of a token, and no type. SPEC 6.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Backend;
use FCT::Client;
use FCT::Httpd;
use FCT::Oidc;
use FCT::Phases;
use FCT::Sso;

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();
for my $name (qw(lookup_identity oauth2)) {
    FCT::Backend::missing("mod_$name", 'libapache2-mod-' . $name =~ tr/_/-/r) if !FCT::Httpd->has_module($name);
}

# Two accounts that every system has, and what it says of them.
my %gecos = map { $_ => (getpwnam $_)[6] } qw(daemon bin);
my $provider = FCT::Oidc->start(users => { alice => { email => 'alice@corp.example' }, eve => { forged => 1 } });
my $app   = FCT::Sso->application;
my $httpd = FCT::Httpd->new(
    modules => [FCT::Sso->modules, qw(auth_basic authn_file lookup_identity lua oauth2)],
    set => { APP => $app->url, KEY => JSON::PP->new->canonical->encode($provider->public_key) },
    files => {
        users => join('', map { "$_:" . crypt('secret', 'ab') . "\n" } sort keys %gecos),
        'other.lua' => "function other(r)\n  r.user = 'bin'\n  return apache2.DECLINED\nend\n",
        'looked-up.xml' => FCT::Sso::policy('looked-up', '<extends shipped="generic"/>
            <param name="FULL_NAME" from="auth.env.REMOTE_USER_GECOS"/>'),
        'token.xml' => FCT::Sso::policy('token', '<extends shipped="generic"/>
            <param name="REMOTE_USER" from="auth.user" required="yes" override="yes"/>
            <param name="EMAIL" from="auth.env.OAUTH2_CLAIM_email"/><param name="USER_FIELD" from="auth.header.X-User"/>'),
    },
    config => FCT::Phases::lines() . <<'CONF')->start;
Listen 127.0.0.1:@PORT@
TypesConfig /dev/null
FcgiTrustPolicy @DIR@/looked-up.xml
ProxyPass /plain/ @APP@/
ProxyPass /other/ @APP@/
ProxyPass /open/ @APP@/
ProxyPass /token/ @APP@/
<Location /other/>
    LuaHookFixups @DIR@/other.lua other
</Location>
<Location />
    AuthType Basic
    AuthName x
    AuthUserFile @DIR@/users
    LookupUserGECOS REMOTE_USER_GECOS
    Require valid-user
</Location>
<Location /open/>
    AuthMerging Off
    Require all granted
</Location>
<Location /token/>
    AuthType oauth2
    LogLevel oauth2:crit
    OAuth2TokenVerify jwk '@KEY@'
    OAuth2TargetPass prefix=OAUTH2_CLAIM_&authn_header=X-User&remote_user_claim=sub
    FcgiTrustPolicy @DIR@/token.xml
</Location>
CONF

sub get ($path, @headers) { return FCT::Client::request($httpd->port, $path, headers => \@headers, close => 1) }
sub basic ($user) { return (Authorization => 'Basic ' . encode_base64("$user:secret", '')) }

FCT::Sso::is_told(get('/plain/page', basic('daemon')), { REMOTE_USER => 'daemon', FULL_NAME => $gecos{daemon} }, 'what the system knows of who logged in is told');
FCT::Sso::is_told(get('/open/page', basic('daemon')), { REMOTE_USER => undef, FULL_NAME => undef }, 'and of nobody nothing');
FCT::Sso::is_told(get('/open/page', REMOTE_USER_GECOS => 'mallory'), { REMOTE_USER => undef, FULL_NAME => undef }, 'whatever they write');
FCT::Phases::is_seen($httpd, '/plain/page', [qw(REMOTE_USER_GECOS)], ["fixups of mod_lookup_identity.c initial env+REMOTE_USER_GECOS=$gecos{daemon}"],
    'which mod_lookup_identity publishes in its own fixups');

# Whether the other module's fixups come first is the order of loading; the user that mod_lookup_identity looked up says which it was.
FCT::Sso::is_told(get('/other/page', basic('daemon')), { REMOTE_USER => 'daemon', FULL_NAME => undef }, 'what the system knows of another, whom a module put there, is not told');
FCT::Phases::is_seen($httpd, '/other/page', [qw(user REMOTE_USER_GECOS)], ['check_user_id initial user=daemon', 'fixups of mod_lua.c initial user=bin',
    "fixups of mod_lookup_identity.c initial env+REMOTE_USER_GECOS=$gecos{bin}"], 'although mod_lookup_identity publishes it');

# --- tokens ---

my @stranger = (OAUTH2_CLAIM_email => 'mallory', 'X-User' => 'mallory');
my %alice = (REMOTE_USER => 'alice', AUTH_TYPE => undef, EMAIL => 'alice@corp.example', USER_FIELD => 'alice', HTTP_AUTHORIZATION => undef);
FCT::Sso::is_told(get('/token/page', Authorization => 'Bearer ' . $provider->access_token('alice')), \%alice, 'mod_oauth2: who shows a token is told with its claims');
FCT::Sso::is_told(get('/token/page', Authorization => 'Bearer ' . $provider->access_token('alice'), @stranger), \%alice, 'and with no others');
FCT::Sso::is_refused(get('/token/page', Authorization => 'Bearer ' . $provider->access_token('eve'), @stranger), 401, 'a token that somebody else signed is nobody');
FCT::Sso::is_refused(get('/token/page', @stranger), 401, 'nor is none');
$httpd->finish(allow => [qr/ FCT2010 /]);
$_->stop for $app, $provider;
done_testing;
