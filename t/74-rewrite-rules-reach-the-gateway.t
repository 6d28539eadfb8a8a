# RewriteRule [P] in server and directory context and ProxyPassMatch reach real backends under the policy that governs them. SPEC 1.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Backend;
use FCT::Client;
use FCT::Proc qw(read_file repo_root);
use FCT::Twins;

sub policy ($name, $extends, $backend) {
    return <<"XML";
<policy xmlns="urn:mod-fcgi-trust:policy:1" name="$name" version="1" language="1.0">
  <extends shipped="$extends"/>
  <backend $backend override="yes"/>
</policy>
XML
}

my %backend = (
    GO => FCT::Backend->go,
    PHP => FCT::Backend->php_fpm, PHPSOCKET => FCT::Backend->php_fpm(unix => 1), PERL => FCT::Backend->perl_fcgi,
);
my $vars  = read_file(repo_root() . '/t/lib/php/vars.php');
my $twins = FCT::Twins->start(
    modules => [qw(rewrite)], set => { PHPPATH => $backend{PHPSOCKET}->path, map { $_ => $backend{$_}->url } keys %backend },
    files => {
        (map { ("htdocs/$_" => $vars) } qw(server/a.php socket/s.php dir/b.php match/c.php)),
        'go-mount.xml' => policy('t-go', 'go', 'mount="/go"'), 'none.xml' => policy('t-none', 'generic', 'script="none"'),
    },
    config => <<'CONF');
Listen 127.0.0.1:@PORT@
RewriteEngine On
RewriteRule "^/server/(.+\.php(?:/.*)?)$" "@PHP@@DOCROOT@/server/$1" [P]
RewriteRule "^/socket/(.+\.php)$" "unix:@PHPPATH@|fcgi://localhost@DOCROOT@/socket/$1" [P]
RewriteRule "^/go/(.*)$" "@GO@/$1" [P,QSA]
<Location /server/>
    FcgiTrustPolicy @SHIPPED@/php-fpm.xml
</Location>
<Location /socket/>
    FcgiTrustPolicy @SHIPPED@/php-fpm.xml
</Location>
<Location /go/>
    FcgiTrustPolicy @DIR@/go-mount.xml
</Location>
<Directory @DOCROOT@/dir>
    Require all granted
    Options +FollowSymLinks
    FcgiTrustPolicy @SHIPPED@/php-fpm.xml
    RewriteEngine On
    RewriteRule "^(.+\.php)$" "@PHP@@DOCROOT@/dir/$1" [P]
</Directory>
ProxyPassMatch "^/match/(.+\.php(?:/.*)?)$" "@PHP@@DOCROOT@/match/$1"
<Location /match/>
    FcgiTrustPolicy @SHIPPED@/php-fpm.xml
</Location>
ProxyPassMatch "^/perl/([a-z]+)$" "@PERL@/$1"
<Location /perl/>
    FcgiTrustPolicy @DIR@/none.xml
</Location>
CONF

sub shown ($which, $answer) { return map { /^([A-Z_]+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $twins->normalised($which, $answer->body) }

sub told ($env, @names) { return join "\n", map { "$_=" . ($env->{$_} // '(absent)') } @names }

# Path, the script PHP runs, its PATH_INFO.
my @scripts = (
    ['/server/a.php?x=1', '/server/a.php'],
    ['/server/a.php/in/fo?x=1', '/server/a.php', '/in/fo'],
    ['/socket/s.php?x=%20y', '/socket/s.php'],
    ['/dir/b.php?x=1&y', '/dir/b.php'],
    ['/match/c.php?x', '/match/c.php'],
    ['/match/c.php/in%20fo', '/match/c.php', '/in fo'],
);
my @NAMES = qw(SCRIPT_NAME SCRIPT_FILENAME PATH_INFO REQUEST_URI QUERY_STRING PHP_SELF DOCUMENT_ROOT REQUEST_METHOD);
for my $row (@scripts) {
    my ($path, $script, $info) = @$row;
    my ($stock, $module) = $twins->ask($path);
    my %module = shown(module => $module);
    my %want = (SCRIPT_NAME => $script, SCRIPT_FILENAME => "DIR/htdocs$script", PATH_INFO => $info, REQUEST_URI => $path, QUERY_STRING => $path =~ /\?(.*)/ ? $1 : '',
        PHP_SELF => $script . ($info // ''), DOCUMENT_ROOT => 'DIR/htdocs', REQUEST_METHOD => 'GET');
    is(told(\%module, @NAMES), told(\%want, @NAMES), "$path runs $script");
    # Stock leaves PATH_INFO of a proxied script encoded: the row path-info of the table of differences.
    my %stock = shown(stock => $stock);
    $_ = s/%20/ /gr for grep {defined} @stock{qw(PATH_INFO PHP_SELF)};
    is(told(\%module, @NAMES), told(\%stock, @NAMES), "$path: as with stock mod_proxy_fcgi");
}
my ($stock, $module) = $twins->ask('/server/a.php', body => 'a=b', headers => ['Content-Type' => 'application/x-www-form-urlencoded']);
is({ shown(module => $module) }->{CONTENT_LENGTH}, 3, 'a POST goes through a rule');
($stock, $module) = $twins->ask('/server/missing.php');
is(join(' ', $module->status, $module->body), join(' ', $stock->status, $stock->body), 'a script that does not exist is what it is with stock');

# A mount that the policy names, and no script at all, where there is no literal ProxyPass path.
($stock, $module) = $twins->ask('/go/env?a=b');
is({ shown(module => $module) }->{QUERY_STRING}, 'a=b', 'Go is reached through a rule of the server');
($stock, $module) = $twins->ask('/go/echo', body => 'posted');
is($module->body, 'posted', 'with a body');
($stock, $module) = $twins->ask('/perl/env?a=b');
my %env = shown(module => $module);
is(told(\%env, qw(SCRIPT_NAME PATH_INFO QUERY_STRING)), told({ SCRIPT_NAME => '', PATH_INFO => '/perl/env', QUERY_STRING => 'a=b' }, qw(SCRIPT_NAME PATH_INFO QUERY_STRING)),
    'script="none" gives ProxyPassMatch the whole path');
$twins->finish(findings => ['FCT5011']);
$_->stop for values %backend;
done_testing;
