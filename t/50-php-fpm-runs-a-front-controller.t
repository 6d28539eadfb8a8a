# ProxyPass and PHP-FPM: docroot and the path up to .php name the script, a front controller gets pretty URLs, over TCP. POLICY 5.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Backend;
use FCT::Client qw(get);
use FCT::Httpd;
use FCT::Proc qw(read_file repo_root);

my $php  = FCT::Backend->php_fpm;
my $vars = read_file(repo_root() . '/t/lib/php/vars.php');

sub policy ($name, $backend) {
    return <<"XML";
<policy xmlns="urn:mod-fcgi-trust:policy:1" name="$name" version="1" language="1.0">
  <extends shipped="php-fpm"/>
  <backend $backend override="yes"/>
</policy>
XML
}

my $httpd = FCT::Httpd->new(
    set => { PHP => $php->url },
    files => {
        (map { ("$_" => $vars) } qw(htdocs/index.php htdocs/admin/index.php htdocs/api/v1.php htdocs/deep.php/index.php site/index.php site/admin/tool.php)),
        'front.xml'  => policy('t-front', 'front-controller="/index.php"'),
        'docroot.xml' => policy('t-docroot', 'docroot="@DIR@/site" front-controller="/index.php"'),
    },
    config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
Listen 127.0.0.1:@FRONTPORT@
Listen 127.0.0.1:@ROOTPORT@
<VirtualHost *:@PORT@>
    FcgiTrustPolicy @SHIPPED@/php-fpm.xml
    ProxyPass / @PHP@@DOCROOT@/
</VirtualHost>
<VirtualHost *:@FRONTPORT@>
    FcgiTrustPolicy @DIR@/front.xml
    ProxyPass / @PHP@@DOCROOT@/
</VirtualHost>
<VirtualHost *:@ROOTPORT@>
    FcgiTrustPolicy @DIR@/docroot.xml
    ProxyPass / @PHP@@DIR@/site/
</VirtualHost>
CONF

# Which server, the request, the script PHP runs and its PATH_INFO; or the status of the refusal.
my @table = (
    [PORT => '/index.php', '/index.php'],
    [PORT => '/', '/index.php'],
    [PORT => '/admin/', '/admin/index.php'],
    [PORT => '/api/v1.php/users/7?x=1', '/api/v1.php', '/users/7'],
    [PORT => '/api/v1.php/a%20b.php/c', '/api/v1.php', '/a b.php/c'],
    [PORT => '/api/v1.php/', '/api/v1.php', '/'],
    [PORT => '/pretty/url', 404],
    [PORT => '/missing.php', 404],
    [PORT => '/api/v1.PHP', 404],
    [PORT => '/api/v1.phpx', 404],
    [PORT => '/deep.php/index.php', 404],     # the first segment that ends with .php is the script, and this one is a directory
    [FRONTPORT => '/pretty/url?p=1', '/index.php'],
    [FRONTPORT => '/pretty/', '/index.php'],
    [FRONTPORT => '/', '/index.php'],
    [FRONTPORT => '/api/v1.php/users', '/api/v1.php', '/users'],
    [FRONTPORT => '/caf%C3%A9%20au/lait', '/index.php'],
    [ROOTPORT => '/pretty/url', '/index.php'],
    [ROOTPORT => '/admin/tool.php/x', '/admin/tool.php', '/x'],
);

sub shown ($answer) { return map { /^([A-Z_]+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $answer->body }

for my $row (@table) {
    my ($server, $path, $script, $info) = @$row;
    my $answer = get($httpd->port($server), $path);
    if ($script =~ /^\d/) { is($answer->status, $script, "$server$path is answered $script"); next }
    my $root = $server eq 'ROOTPORT' ? $httpd->dir . '/site' : $httpd->docroot;
    my %env  = shown($answer);
    my %want = (
        SCRIPT_NAME => $script, SCRIPT_FILENAME => "$root$script", DOCUMENT_ROOT => $root, PHP_SELF => $script . ($info // ''), PATH_INFO => $info,
        PATH_TRANSLATED => defined $info ? "$root$info" : undef, REQUEST_URI => $path, QUERY_STRING => $path =~ /\?(.*)/ ? $1 : '',
    );
    my $told = sub ($from) { join "\n", map { "$_=" . ($from->{$_} // '(absent)') } sort keys %want };
    is($told->(\%env), $told->(\%want), "$server$path runs $script" . (defined $info ? " with PATH_INFO $info" : ''));
}

# No client can bend the script: what it writes is refused before PHP sees it, or is a part of the path like any other.
my %bent = (
    '/index.php%00.txt' => 400, '/index.php%3Fx' => 404, '/..%2F..%2Fetc/passwd.php' => 404, '/api/..%5Cindex.php' => 400, '/a%0Ab.php' => 400,
    '/index.php%20' => 404,
);
for my $path (sort keys %bent) {
    my $answer = get($httpd->port, $path);
    like($answer->status, qr/^40[04]$/, "$path runs no script");
    unlike($answer->body, qr/SCRIPT_FILENAME/, "$path shows none of PHP's answers");
}
my $answer = get($httpd->port, '/index.php', 'X-Script-Filename' => '/etc/passwd', 'Script-Filename' => '/etc/passwd', 'Document-Root' => '/etc');
my %env = shown($answer);
is($env{SCRIPT_FILENAME}, $httpd->docroot . '/index.php', 'header fields do not reach SCRIPT_FILENAME');
is($env{DOCUMENT_ROOT}, $httpd->docroot, 'nor DOCUMENT_ROOT');
$httpd->finish(findings => ['FCT2206', 'FCT5011'], allow => [qr/FCT22\d\d/, qr/AH00026|AH10508|AH10244/]);
$php->stop;
done_testing;
