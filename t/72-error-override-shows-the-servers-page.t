# ProxyErrorOverride: the server's own page takes the place of the application's, for the codes named, and nothing else changes. SPEC 1.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Backend;
use FCT::Twins;

my %backend = (PERL => FCT::Backend->perl_fcgi, PHP => FCT::Backend->php_fpm(unix => 1));
my $twins = FCT::Twins->start(
    set => { PERL => $backend{PERL}->url, PHP => $backend{PHP}->path },
    files => { 'htdocs/errors/404.html' => "the server's own 404\n", 'htdocs/errors/500.html' => "the server's own 500\n",
        'htdocs/app.php' => FCT::Proc::read_file(FCT::Proc::repo_root() . '/t/lib/apps/app.php') },
    config => <<'CONF');
Listen 127.0.0.1:@PORT@
<Directory @DIR@>
    Require all granted
</Directory>
ErrorDocument 404 /errors/404.html
ErrorDocument 500 /errors/500.html
ErrorDocument 503 "busy"
FcgiTrustPolicy @SHIPPED@/generic.xml
ProxyPass /errors/ !
ProxyPass /own/ @PERL@/ enablereuse=on
ProxyPass /all/ @PERL@/
<Location /all/>
    ProxyErrorOverride On
</Location>
ProxyPass /plain/ @PERL@/
<Location /plain/>
    ProxyErrorOverride On
    ErrorDocument 500 default
</Location>
ProxyPass /some/ @PERL@/
<Location /some/>
    ProxyErrorOverride On 404 503
</Location>
<FilesMatch "\.php$">
    SetHandler "proxy:unix:@PHP@|fcgi://localhost"
    ProxyErrorOverride On
    FcgiTrustPolicy @SHIPPED@/php-fpm.xml
</FilesMatch>
CONF

# The path, what the client gets: status and the begin of the body.
my @table = (
    ['/own/status?404', 404, 'status 404'],
    ['/all/status?404', 404, "the server's own 404"],
    ['/all/status?500', 500, "the server's own 500"],
    ['/all/status?503', 503, 'busy'],
    ['/all/status?502', 502, '<!DOCTYPE'],
    ['/all/status?403', 403, '<!DOCTYPE'],
    ['/all/status?405', 405, '<!DOCTYPE HTML PUBLIC'],      # httpd's, in its own words
    ['/all/status?429', 429, '<!DOCTYPE HTML PUBLIC'],
    ['/plain/status?500', 500, '<!DOCTYPE'],
    ['/plain/status?418', 418, '<!DOCTYPE'],
    ['/plain/status?599', 599, '<!DOCTYPE'],
    ['/some/status?418', 418, 'status 418'],
    ['/all/status?200', 200, 'status 200'],
    ['/all/status?204', 204, ''],
    ['/all/status?304', 304, ''],
    ['/all/redirect?http://other.example/', 302, ''],
    ['/some/status?404', 404, "the server's own 404"],
    ['/some/status?503', 503, 'busy'],
    ['/some/status?500', 500, 'status 500'],
    ['/some/status?403', 403, 'status 403'],
    ['/app.php/status?404', 404, "the server's own 404"],
    ['/app.php/status?200', 200, 'status 200'],
    ['/app.php/nothing', 404, "the server's own 404"],
);

# What of an answer both servers must agree on. A page that httpd makes up shows the reason that the application wrote (stock), or the
# request's id (the module): the rows error-page and reason of the table of differences.
sub seen ($answer) {
    my $body = $answer->body =~ s/<!DOCTYPE.*/a page of httpd's/sr;
    return join "\n", $answer->status, $answer->verdict, map({ "$_: " . ($answer->header($_) // '') } qw(Content-Type Location Set-Cookie X-Powered-By)), $body;
}

for my $method (qw(GET HEAD)) {
    for my $row (@table) {
        my ($path, $status, $begin) = @$row;
        my ($stock, $module) = $twins->ask($path, method => $method);
        # stock fails a request now and then (EVIDENCE R7, F11), which says nothing of what the two agree on
        for (1 .. 3) { ($stock) = $twins->ask($path, method => $method) if $stock->status == 503 && $status != 503 }
        my $body = $method eq 'HEAD' ? '' : $begin;
        ok($module->status == $status && index($module->body, $body) == 0, "$method $path is answered $status") or diag(seen($module));
        is(seen($module), seen($stock), "$method $path: as with stock mod_proxy_fcgi");
    }
}

# The exchange whose body is not wanted is complete all the same: its connection serves the next.
my @statuses = map { FCT::Client::request($twins->module->port, '/all/status?500', body => 'x' x 100_000)->status } 1 .. 8;
is("@statuses", '500 500 500 500 500 500 500 500', 'pages that override are sent again and again on kept connections');
is(FCT::Client::request($twins->module->port, '/all/echo', body => 'own')->body, 'own', 'and the request after them gets its own answer');
like(FCT::Client::request($twins->module->port, '/all/status?403')->body, qr/Request id: \S+/, 'a page of httpd\'s shows the id of the request');
$twins->finish;
$_->stop for values %backend;
done_testing;
