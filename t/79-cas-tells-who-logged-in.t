# mod_auth_cas, which says what it found out in r->user and in header fields, and of what type it is nowhere: whoever has a ticket is told to the
# application, nobody else is, whatever they write. SPEC 6; EVIDENCE T5, T6.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Backend;
use FCT::Browser;
use FCT::Cas;
use FCT::Httpd;
use FCT::Phases;
use FCT::Sso;

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();
FCT::Backend::missing('mod_auth_cas', 'libapache2-mod-auth-cas') if !FCT::Httpd->has_module('auth_cas');

my $cas = FCT::Cas->start(users => { alice => { mail => 'alice@corp.example', groups => [qw(staff hr)] }, bob => {} });
my $app = FCT::Sso->application;
my $TOLD = <<'POLICY';
<param name="REMOTE_USER" from="auth.user" required="yes" override="yes"/>
<param name="MAIL" from="auth.header.CAS-mail"/>
<param name="GROUPS" from="auth.header.CAS-groups"/>
<header name="Cookie" cookies="* !MOD_AUTH_CAS*" override="yes"/>
POLICY
my $httpd = FCT::Httpd->new(
    modules => [FCT::Sso->modules, qw(auth_cas)], set => { APP => $app->url, CAS => $cas->directives },
    files => {
        FCT::Sso->files, 'cas.xml' => FCT::Sso::policy('cas', "<extends shipped=\"generic\"/>$TOLD"),
        'front.xml' => FCT::Sso::policy('front', "<extends shipped=\"php-fpm\"/>$TOLD"),
        'open.xml' => FCT::Sso::policy('open', '<extends shipped="generic"/>' . $TOLD =~ s/ required="yes"//r),
    },
    config => FCT::Phases::lines() . FCT::Sso->lines . <<'CONF')->start;
Listen 127.0.0.1:@PORT@
LogLevel auth_cas:crit
CASVersion 2
@CAS@
FcgiTrustPolicy @DIR@/cas.xml
ProxyPass /app/ @APP@/
ProxyPass /open/ @APP@/
<Location />
    AuthType CAS
    CASAuthNHeader CAS-User
    CASScrubRequestHeaders on
    Require valid-user
</Location>
<Location /open/>
    AuthType None
    AuthMerging Off
    Require all granted
    FcgiTrustPolicy @DIR@/open.xml
</Location>
CONF

sub browser () { return FCT::Browser->new(port => $httpd->port) }

my %alice  = (REMOTE_USER => 'alice', AUTH_TYPE => undef, MAIL => 'alice@corp.example', GROUPS => 'staff,hr');
my %nobody = map { $_ => undef } keys %alice;
FCT::Sso::is_refused(browser()->get('/app/page'), 302, 'whoever did not log in is sent to the CAS server');
my ($alice, $bob) = map { browser() } 1 .. 2;
FCT::Sso::is_told($cas->log_in($alice, '/app/page', 'alice'), \%alice, 'whoever logged in is told with their attributes');
FCT::Phases::is_seen($httpd, '/app/page', ['user', 'type', 'CAS-mail'], ['check_user_id initial user=alice', 'check_user_id initial header+CAS-mail=alice@corp.example'],
    'which the module writes into the table of request headers, and no type');
FCT::Sso::is_told($cas->log_in($bob, '/app/page', 'bob'), { %nobody, REMOTE_USER => 'bob' }, 'another user is another');
my $eve = browser();
ok(!FCT::Sso::told($cas->log_in($eve, '/app/page', 'eve')), 'a ticket that the server does not know logs nobody in');
FCT::Sso::is_told($alice->get('/app/page', 'CAS-mail' => 'alice@corp.example'), \%alice, 'a client that sends the very same changes nothing');
$alice->{jar}{own} = 1;
FCT::Sso::is_told($alice->get('/app/page'), { %alice, HTTP_COOKIE => 'own=1' }, "the application gets its own cookie, and not the log-in's");
my @names = (qw(REMOTE_USER AUTH_TYPE MAIL CAS_mail CAS_groups CAS_sn), 'CAS-User', 'X-Remote-User');
FCT::Sso::is_forgery_proof('logged in', 'told', FCT::Sso::asked($alice, '/app/page'), @names);
FCT::Sso::is_forgery_proof('nobody, where nobody has to log in', 'told', FCT::Sso::asked(browser(), '/open/page'), @names);
FCT::Sso::is_forgery_proof('not logged in', 'refused', FCT::Sso::asked(browser(), '/app/page'), @names);
FCT::Sso::is_told_inside($httpd, sub ($path, @headers) { return $alice->get($path, @headers) }, \%alice);
FCT::Sso::is_refused_inside(sub ($path) { return browser()->get($path) }, 302);
$httpd->finish(allow => [qr/CASValidateURL should be HTTPS/, qr/ FCT2010 /]);
$_->stop for $app, $cas;
done_testing;
