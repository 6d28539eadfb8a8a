# The configurations that the README promises in a minute serve PHP-FPM, Go and WSGI as it says; off gives the route back.
use v5.26;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Backend;
use FCT::Client qw(request);
use FCT::Httpd;
use FCT::Proc qw(repo_root read_file);
use FCT::Readme;
use FCT::Tool;

my %block = map { /ServerName\s+(\S+).*?FcgiTrustMode\s+(\S+)/s ? ("$1 $2" => $_) : () } map { $_->{text} } FCT::Readme::blocks('apache');
my %policy = map { $_->{before} =~ m{`(/\S+\.xml)`:\s*\z} ? ($1 => $_->{text}) : () } FCT::Readme::blocks('xml');
is(join(', ', sort keys %block), 'apps.example enforce, blog.example enforce, intranet.example enforce, portal.example enforce, shop.example enforce, shop.example off', 'the README has these virtual hosts');

my %backend = (php => FCT::Backend->php_fpm(unix => 1), php_tcp => FCT::Backend->php_fpm, go => FCT::Backend->go, uwsgi => FCT::Backend->uwsgi(unix => 1));

# The paths and addresses of an example become those of this test.
sub moved {
    my ($text) = @_;
    my %at = ('/run/php/php-fpm.sock' => $backend{php}->path, '/run/uwsgi/wiki.sock' => $backend{uwsgi}->path, '127.0.0.1:9000' => $backend{php_tcp}->address,
        '127.0.0.1:9001' => $backend{go}->address, '/usr/share/mod_fcgi_trust/policies/' => '@SHIPPED@/', '*:80>' => '*:@PORT@>');
    $text =~ s/(?<=[\s"])\/(etc|var|srv)\//\@DIR\@\/$1\//g;
    $text =~ s/\Q$_\E/$at{$_}/g for sort keys %at;
    return $text;
}

my $vars = read_file(repo_root() . '/t/lib/php/vars.php');
my %files = map { (s{^/}{}r => moved($policy{$_})) } keys %policy;
my $httpd = FCT::Httpd->new(modules => [qw(dir unique_id)], config => join("\n", 'Listen 127.0.0.1:@PORT@', map { moved($_) } @block{'shop.example enforce', 'blog.example enforce', 'apps.example enforce'}),
    files => { %files, 'var/www/shop/index.php' => $vars, 'var/www/shop/cart.php' => $vars, 'var/www/shop/style.css' => 'a {}', 'var/www/blog/static/logo' => 'logo', 'srv/blog/public/index.php' => $vars });
$httpd->start;

sub ask { my ($host, $path, %opt) = @_; return request($httpd->port, $path, host => $host, close => 1, %opt) }

sub shown { my ($answer) = @_; return map { /^([A-Za-z_]+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $answer->body }

my $dir = $httpd->dir;
my %is = shown(ask('shop.example', '/cart.php/42'));
is($is{SCRIPT_FILENAME}, "$dir/var/www/shop/cart.php", 'SetHandler: the script is the file that httpd mapped');
is($is{PATH_INFO}, '/42', 'SetHandler: PATH_INFO is the rest');
is($is{SHOP_TIER}, 'production', 'a value of FcgiTrustSet arrives under the name that the policy gives it');
%is = shown(ask('shop.example', '/', method => 'DELETE', headers => [Authorization => 'Bearer x', 'X-Shop-Id' => 7, 'X-Other' => 8]));
is("$is{REQUEST_METHOD} $is{HTTP_AUTHORIZATION} $is{HTTP_X_SHOP_ID} " . ($is{HTTP_X_OTHER} // 'dropped'), 'DELETE Bearer x 7 dropped', 'what the policy adds passes, the rest does not; DirectoryIndex works');
is(ask('shop.example', '/style.css')->body, 'a {}', 'files are served by httpd');
is(ask('shop.example', '/', method => 'PATCH')->status, 405, 'a method that the policy does not name is refused');

%is = shown(ask('blog.example', '/2026/an-article?x=1'));
is("$is{SCRIPT_FILENAME} $is{SCRIPT_NAME} $is{REQUEST_URI}", "$dir/srv/blog/public/index.php /index.php /2026/an-article?x=1", 'front controller: one script answers for every URL');
is(ask('blog.example', '/static/logo')->body, 'logo', 'front controller: static files are served by httpd');

like(ask('apps.example', '/api/env?x=1')->body, qr{^QUERY_STRING=x=1$}m, 'Go: the program finds its own path and the query');
my %wiki = shown(ask('apps.example', '/wiki/a%20b/env'));
is("$wiki{SCRIPT_NAME} $wiki{PATH_INFO}", '/wiki /a b/env', 'WSGI: SCRIPT_NAME is the mount, PATH_INFO the rest, decoded');

# A kept connection: PHP-FPM behind <Proxy … enablereuse=on> sees one connection for many requests.
sub accepted { return scalar(() = read_file('/proc/net/unix') =~ /\Q$backend{php}->{path}\E$/mg) }
ask('shop.example', '/cart.php') for 1 .. 3;
cmp_ok(accepted(), '>=', 2, 'enablereuse on a <Proxy> line keeps the connection of a SetHandler route');
$httpd->finish(findings => ['FCT2001']);

# Switched back: mod_proxy_fcgi serves, and is told nothing by the policy.
my $mirror = FCT::Tool::Mirror->start;
my ($address) = $mirror->addresses;
my $off = moved($block{'shop.example off'}) =~ s{fcgi://[^/]+}{fcgi://$address}r;
for my $row ([1, 200], [0, 500]) {
    my ($has_stock, $status) = @$row;
    next if $has_stock && !FCT::Httpd->has_module('proxy_fcgi');
    my $back = FCT::Httpd->new(modules => $has_stock ? ['proxy_fcgi'] : [], files => \%files, config => "Listen 127.0.0.1:\@PORT\@\n$off")->start;
    my $answer = request($back->port, '/x', host => 'shop.example', close => 1, headers => ['X-Other' => 8]);
    is($answer->status, $status, 'off, mod_proxy_fcgi ' . ($has_stock ? 'loaded: it is served' : 'not loaded: httpd knows no handler'));
    like($answer->body, qr/^HTTP_X_OTHER=8$/m, 'off: by mod_proxy_fcgi') if $has_stock;
    $back->finish(log => $has_stock ? [] : [qr/AH01144/]);
}
$mirror->stop;
$_->stop for values %backend;
done_testing;
