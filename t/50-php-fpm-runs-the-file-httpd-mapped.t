# SetHandler and PHP-FPM: the script, its names and PATH_INFO are what PHP applications expect, and what stock mod_proxy_fcgi gives. POLICY 5.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Backend;
use FCT::Proc qw(read_file repo_root);
use FCT::Twins;

my $php  = FCT::Backend->php_fpm(unix => 1);
my $vars = read_file(repo_root() . '/t/lib/php/vars.php');
my %script = map { ("htdocs/$_" => $vars) } 'vars.php', 'index.php', 'sub/index.php', 'sub/v1.2.php', 'with space.php', 'error.php', 'deep/er/vars.php',
    'front/index.php', 'rewrite/index.php', 'no-info/vars.php';

my $twins = FCT::Twins->start(
    set => { PHP => $php->path }, modules => [qw(dir alias rewrite unique_id)],
    files => { %script, 'other/vars.php' => $vars, 'htdocs/sub/plain.html' => "plain\n", 'htdocs/front/real.html' => "real\n",
        'htdocs/rewrite/real.html' => "real\n" },
    config => <<'CONF');
Listen 127.0.0.1:@PORT@
DirectoryIndex index.php index.html
<Directory @DIR@>
    Require all granted
    Options +FollowSymLinks
</Directory>
<FilesMatch "\.php$">
    SetHandler "proxy:unix:@PHP@|fcgi://localhost"
    FcgiTrustPolicy @SHIPPED@/php-fpm.xml
</FilesMatch>
Alias /aliased @DIR@/other
<Directory @DOCROOT@/front>
    FallbackResource /front/index.php
</Directory>
<Directory @DOCROOT@/rewrite>
    RewriteEngine On
    RewriteBase /rewrite/
    RewriteRule ^index\.php$ - [L]
    RewriteCond %{REQUEST_FILENAME} !-f
    RewriteRule . /rewrite/index.php [L]
</Directory>
<Directory @DOCROOT@/no-info>
    AcceptPathInfo Off
</Directory>
ErrorDocument 404 /error.php
CONF

# The request, then what the application must see. ROOT stands for the document root; absent parameters are undef.
my @table = (
    ['/vars.php', script => '/vars.php'],
    ['/vars.php?a=b&c=%20d', script => '/vars.php', QUERY_STRING => 'a=b&c=%20d'],
    ['/vars.php/info', script => '/vars.php', info => '/info'],
    ['/vars.php/', script => '/vars.php', info => '/'],
    ['/vars.php/a/b%20c;d=e/index.php?x=y', script => '/vars.php', info => '/a/b c;d=e/index.php', QUERY_STRING => 'x=y'],
    ['/vars.php/%C3%A9', script => '/vars.php', info => "/\xc3\xa9"],
    ['/deep/er/vars.php/one', script => '/deep/er/vars.php', info => '/one'],
    ['/sub/v1.2.php', script => '/sub/v1.2.php'],
    ['/with%20space.php', script => '/with space.php'],
    ['//vars.php', script => '/vars.php'],
    ['/', script => '/index.php'],
    ['/sub/', script => '/sub/index.php'],
    ['/sub/?q=1', script => '/sub/index.php', QUERY_STRING => 'q=1'],
    ['/aliased/vars.php', script => '/aliased/vars.php', file => 'DIR/other/vars.php'],
    ['/aliased/vars.php/info', script => '/aliased/vars.php', file => 'DIR/other/vars.php', info => '/info'],
    ['/front/pretty/url?p=1', script => '/front/index.php', QUERY_STRING => 'p=1'],
    ['/front/', script => '/front/index.php'],
    ['/rewrite/pretty/url?p=1', script => '/rewrite/index.php', QUERY_STRING => 'p=1', REDIRECT_STATUS => 200, REDIRECT_URL => '/rewrite/pretty/url',
        REDIRECT_QUERY_STRING => 'p=1'],
    ['/rewrite/index.php', script => '/rewrite/index.php'],
    ['/missing/file?m=1', status => 404, script => '/error.php', QUERY_STRING => '', REDIRECT_STATUS => 404, REDIRECT_URL => '/missing/file',
        REDIRECT_QUERY_STRING => 'm=1'],
);

my @NAMES = qw(SCRIPT_NAME SCRIPT_FILENAME PATH_INFO PATH_TRANSLATED PHP_SELF DOCUMENT_ROOT REQUEST_URI QUERY_STRING REDIRECT_STATUS REDIRECT_URL
    REDIRECT_QUERY_STRING REQUEST_METHOD);

# What PHP must show for a row.
sub expected ($path, %want) {
    my $info = $want{info};
    return (
        REQUEST_METHOD => 'GET', REQUEST_URI => $path, QUERY_STRING => '', DOCUMENT_ROOT => 'DIR/htdocs', SCRIPT_NAME => $want{script},
        SCRIPT_FILENAME => $want{file} // "DIR/htdocs$want{script}", PATH_INFO => $info, PHP_SELF => $want{script} . ($info // ''),
        PATH_TRANSLATED => defined $info ? "DIR/htdocs$info" : undef,
        map { $_ => $want{$_} } grep {/^[A-Z]/} keys %want,
    );
}

sub shown ($which, $answer) {
    return map { /^([A-Z_]+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $twins->normalised($which, $answer->body);
}

sub lines ($env, @names) { return join "\n", map { "$_=" . ($env->{$_} // '(absent)') } @names }

# Stock looks PATH_INFO up as a URL of its own, DirectoryIndex and Alias included; the module appends it to the document root.
my %translated_otherwise = map { $_ => 1 } '/vars.php/', '/aliased/vars.php/info';

# What is compared with stock.
sub compared ($path) {
    return grep { !($_ eq 'PATH_TRANSLATED' && $translated_otherwise{$path}) } @NAMES;
}

for my $row (@table) {
    my ($path, %want) = @$row;
    my ($stock, $module) = $twins->ask($path);
    my %expected = expected($path, %want);
    my %module = shown(module => $module);
    my %stock  = shown(stock => $stock);
    is($module->status, $want{status} // 200, "$path is answered");
    is(lines(\%module, @NAMES), lines(\%expected, @NAMES), "$path: PHP sees the names it expects");
    is(lines(\%module, compared($path)), lines(\%stock, compared($path)), "$path: and those that stock mod_proxy_fcgi gives");
}

# What is no script of PHP stays httpd's.
for my $path (qw(/sub/plain.html /front/real.html /rewrite/real.html)) {
    my ($stock, $module) = $twins->ask($path);
    is($module->body, $stock->body, "$path is httpd's own file");
}
my ($stock, $module) = $twins->ask('/no-info/vars.php/info');
is($module->status, $stock->status, 'AcceptPathInfo off means the same');
($stock, $module) = $twins->ask('/sub');
is(join(' ', $module->status, $module->header('Location')), join(' ', 301, $stock->header('Location')), 'a directory without its slash is redirected');

# A file that is not there: PHP's answer and PHP's line in the log.
($stock, $module) = $twins->ask('/gone.php');
is(join(' ', $module->status, $module->body), "404 File not found.\n", 'a script that does not exist is 404, in PHP\'s words');
is($module->status, $stock->status, 'as it is with stock mod_proxy_fcgi');
is($twins->module->log->count(qr{FCT5011 gateway: Primary script unknown \(SCRIPT_FILENAME \S+/htdocs/gone\.php: }), 1, 'and the module says which file that was');
$twins->finish(findings => ['FCT5011']);
$php->stop;
done_testing;
