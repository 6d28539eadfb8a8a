# Django's admin under uWSGI, mounted at /app: log-in with CSRF, redirects, static files, and who the server authenticated; forged names
# and users do not reach it. policies/wsgi.xml.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP qw(decode_json);
use Test::More;
use FCT::Browser;
use FCT::Client qw(request);
use FCT::Httpd;
use FCT::Proc qw(scratch spawn_command stop_child alive wait_until unprivileged read_file);
use FCT::Service;

my $data = scratch() . '/django';
my (undef, $uid, $gid) = unprivileged();
mkdir $data or die "$data: $!\n";
chown $uid, $gid, $data if defined $uid;
my $apps = FCT::Backend::apps();
my %env  = (SITE_DATA => $data, DJANGO_SETTINGS_MODULE => 'django_site.settings', PYTHONPATH => $apps, PYTHONDONTWRITEBYTECODE => 1);

# The database and its user, made by Django's own commands.
my $made = <<'PYTHON';
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth.models import User
User.objects.create_superuser("admin", "admin@example.com", "a long secret")
PYTHON
my $django = FCT::Service->django($apps, 'django_site.wsgi', env => \%env);
my $pid = spawn_command('django', ['/usr/bin/python3', '-c', $made], env => \%env, out => "$data/out", dir => $data, uid => $uid, gid => $gid);
wait_until(60, sub { !alive($pid) });
is($?, 0, 'Django makes its database') or diag(read_file("$data/out"));
my $remote = FCT::Service->django($apps, 'django_site.wsgi', env => { %env, SITE_REMOTE_USER => 1 });

my $httpd = FCT::Httpd->new(
    modules => [qw(auth_basic authn_core authn_file authz_user unique_id)],
    set => { DJANGO => $django->url, REMOTE => $remote->url },
    files => { users => "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n" },
    config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @SHIPPED@/wsgi.xml
ProxyPass /app @DJANGO@
ProxyPass /open @REMOTE@
ProxyPass /staff @REMOTE@
<Location /staff>
    AuthType Basic
    AuthName here
    AuthUserFile @DIR@/users
    Require valid-user
</Location>
CONF
my $browser = FCT::Browser->new(port => $httpd->port);

# Without a session the admin sends to its log-in, under the mount.
my $answer = $browser->get('/app/admin/');
is($answer->status, 302, 'the admin asks for a log-in');
is($answer->header('Location'), '/app/admin/login/?next=/app/admin/', 'under its mount');
$answer = $browser->follow($answer);
is($answer->status, 200, 'whose page is there');
like($answer->body, qr{href="/app/static/admin/css/base\.css"}, 'and names its style sheet under the mount');
like($browser->get('/app/static/admin/css/base.css')->body, qr/--primary/, 'which comes through the gateway');
is($browser->get('/app/static/../../../../etc/passwd')->status, 400, 'dot segments do not');

my $token = FCT::Browser::hidden($answer, 'csrfmiddlewaretoken');
my @fields = (username => 'admin', password => 'a long secret', next => '/app/admin/');
is($browser->post('/app/admin/login/', [@fields])->status, 403, 'a log-in without the token is refused by Django');
$answer = $browser->post('/app/admin/login/', [@fields, csrfmiddlewaretoken => $token]);
is($answer->status, 302, 'with it the log-in succeeds');
is($answer->header('Location'), '/app/admin/', 'and leads to where it was asked for');
ok($browser->cookie('sessionid'), 'a session begins');
$answer = $browser->follow($answer);
like($answer->body, qr/Site administration/, 'the admin knows its user');
like($browser->get('/app/admin/auth/user/')->body, qr{/app/admin/auth/user/1/change/}, 'its pages link to each other under the mount');

# A change, made with the form that Django gave.
$answer = $browser->get('/app/admin/auth/group/add/');
$answer = $browser->post('/app/admin/auth/group/add/', [csrfmiddlewaretoken => FCT::Browser::hidden($answer, 'csrfmiddlewaretoken'), name => "r\xc3\xa9dacteurs"]);
is($browser->target($answer) // '', '/app/admin/auth/group/', 'a group is added');
like($browser->follow($answer)->body, qr/r\xc3\xa9dacteurs/, 'and is there');

# What Django is told, and what no client can tell it.
my @forged = ('Remote-User' => 'admin', 'X-Forwarded-Host' => 'evil.example', 'X-Forwarded-Proto' => 'https', 'Script-Name' => '/evil', 'X-Script-Name' => '/evil');
my $who = decode_json($browser->get('/app/who?a=%2F&b', @forged)->body);
is($who->{user}, 'admin', 'the session says who asks');
is("$who->{path} $who->{path_info}", '/app/who /who', 'SCRIPT_NAME is the mount, PATH_INFO the rest');
is($who->{url}, $browser->origin . '/app/who?a=%2F&b', 'the URL is the one that was asked for');
is(join(' ', grep { ($who->{meta}{$_} =~ m{evil|^https$}) || /REMOTE_USER|FORWARDED/ } sort keys $who->{meta}->%*), '', 'no forged field arrived under any name');
is($browser->get('/app/who', Host => 'evil.example')->status, 400, 'a second Host is refused');

# Behind the server's own authentication Django takes REMOTE_USER, and only that.
my $basic = 'Basic YWxpY2U6c2VjcmV0';
my $sso = sub ($path, @headers) { return decode_json(request($httpd->port, "$path/who", host => $browser->{host}, headers => \@headers)->body) };
$who = $sso->('/staff', Authorization => $basic);
is($who->{user}, 'alice', 'a user whom httpd authenticated is logged in');
is($who->{meta}{HTTP_AUTHORIZATION}, undef, 'the password stays here');
is($sso->('/open', Authorization => $basic)->{user}, '', 'where httpd authenticates nobody, nobody is');
for my $name ('Remote-User', 'Remote_User', 'REMOTE-USER', 'X-Remote-User') {
    is($sso->('/open', $name => 'admin')->{user}, '', "$name in a request logs nobody in");
}
is($sso->('/staff', Authorization => $basic, 'Remote-User' => 'admin')->{user}, 'alice', 'nor does it change who is');
$httpd->finish(log => [qr/AH10244/], allow => [qr/FCT5011/]);
$_->stop for $django, $remote;
done_testing;
