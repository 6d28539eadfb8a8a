# WordPress, as Debian packages it, works behind the policy shipped for it: installed by its own installer, logged in to, permalinks, the REST
# interface, uploads; what a client forges does not reach it. policies/wordpress.xml. build/check --apps runs this.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP qw(decode_json encode_json);
use MIME::Base64 qw(decode_base64);
use Test::More;
use FCT::Browser;
use FCT::Client qw(request);
use FCT::Httpd;
use FCT::Proc qw(scratch unprivileged write_file find_program);
use FCT::Service;

my $packaged = '/usr/share/wordpress';
FCT::Backend::missing('WordPress', 'wordpress') if !-e "$packaged/wp-login.php";
my $db = FCT::Service->mariadb;
$db->sql('CREATE DATABASE wordpress; CREATE USER wp@localhost IDENTIFIED BY "wp-secret"; GRANT ALL ON wordpress.* TO wp@localhost;');

# A copy of the site, since WordPress looks for its configuration and its uploads beside itself.
my $site = scratch() . '/site';
system('cp', '-a', $packaged, $site) == 0 or die "cp: $?\n";
unlink "$site/wp-config.php";
write_file("$site/wp-config.php", <<"PHP");
<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'wp'); define('DB_PASSWORD', 'wp-secret'); define('DB_HOST', 'localhost:@{[$db->path]}');
define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', ''); \$table_prefix = 'wp_';
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as \$n) { define("{\$n}_KEY", "\$n key of a test"); define("{\$n}_SALT", "\$n salt of a test"); }
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true); define('WP_DEBUG', false);
defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');
require ABSPATH . 'wp-settings.php';
PHP
write_file("$site/wp-content/mu-plugins/told.php", <<'PHP');
<?php
if (isset($_GET['told'])) { header('Content-Type: application/json'); echo json_encode($_SERVER); exit; }
PHP
mkdir "$site/wp-content/uploads";
my (undef, $uid, $gid) = unprivileged();
chown $uid, $gid, "$site/wp-content/uploads" if defined $uid;

my $php = FCT::Service->php(unix => 1, extensions => [qw(mysqlnd mysqli gd opcache)], pool => ['php_admin_value[sendmail_path] = /bin/true']);
my $httpd = FCT::Httpd->new(
    modules => [qw(dir mime unique_id)], set => { PHP => $php->url, SITE => $site },
    files => { 'mime.types' => "text/css css\nimage/png png\n" },
    config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
Listen 127.0.0.1:@FRONTPORT@
TypesConfig @DIR@/mime.types
DirectoryIndex index.php
<VirtualHost *:@PORT@>
    DocumentRoot @SITE@
    <Directory @SITE@>
        Require all granted
        Options +FollowSymLinks
        FallbackResource /index.php
        FcgiTrustPolicy @SHIPPED@/wordpress.xml
        <FilesMatch "\.php$">
            SetHandler "proxy:@PHP@"
        </FilesMatch>
    </Directory>
</VirtualHost>
<VirtualHost *:@FRONTPORT@>
    DocumentRoot @SITE@
    FcgiTrustPolicy @SHIPPED@/wordpress.xml
    ProxyPass / @PHP@@SITE@/
</VirtualHost>
CONF
my $browser = FCT::Browser->new(port => $httpd->port, host => '127.0.0.1:' . $httpd->port);
my $origin  = $browser->origin;

# One assertion that a page is there and has this text; the page.
sub page_has ($answer, $pattern, $name) {
    my $ok = $answer->status == 200 && $answer->body =~ $pattern;
    ok($ok, $name) or diag($answer->summary, "\n", ($answer->header('Location') // ''), "\n", substr $answer->body =~ s/<style.*?<\/style>//grs, 0, 2000);
    return $answer;
}

# --- the installer ---
my $answer = $browser->get('/');
is($browser->target($answer), '/wp-admin/install.php', 'a new WordPress sends to its installer');
page_has($browser->get('/wp-admin/install.php?step=1'), qr/id="setup"/, 'which asks for a title and an account');
$answer = $browser->post('/wp-admin/install.php?step=2', [
    weblog_title => 'A site', user_name => 'admin', admin_password => 'a long secret', admin_password2 => 'a long secret', pw_weak => 1,
    admin_email => 'admin@example.com', Submit => 'Install', language => '',
]);
page_has($answer, qr/<h1>Success!/, 'and installs it');
page_has($browser->get('/'), qr/Hello world!/, 'the site shows its first post');
is($browser->get('/wp-includes/css/buttons.min.css')->header('Content-Type'), 'text/css', 'a style sheet comes from httpd itself');

# --- log-in ---
is($browser->target($browser->get('/wp-admin/')) =~ s/\?.*//r, '/wp-login.php', 'the dashboard asks for a log-in');
$browser->get('/wp-login.php');
my @login = (log => 'admin', 'wp-submit' => 'Log In', redirect_to => "$origin/wp-admin/", testcookie => 1);
page_has($browser->post('/wp-login.php', [@login, pwd => 'wrong']), qr/is incorrect/, 'a wrong password is refused by WordPress');
$answer = $browser->post('/wp-login.php', [@login, pwd => 'a long secret']);
is($browser->target($answer) // $answer->status, '/wp-admin/', 'the right one leads to the dashboard');
page_has($browser->follow($answer), qr/<h1>Dashboard<\/h1>/, 'which knows its user');

# --- permalinks ---
$answer = page_has($browser->get('/wp-admin/options-permalink.php'), qr/Permalink Settings/, 'the settings of permalinks are there');
$answer = $browser->post('/wp-admin/options-permalink.php', [
    _wpnonce => FCT::Browser::hidden($answer, '_wpnonce'), _wp_http_referer => '/wp-admin/options-permalink.php', permalink_structure => '/%postname%/', submit => 'Save',
]);
page_has($browser->follow($answer), qr/'setting-error-settings_updated' class='notice notice-success/, 'and take a change');
page_has($browser->get('/hello-world/'), qr/Welcome to WordPress/, 'a post is found by its name');
is($browser->get('/no-such-post/')->status, 404, 'what is no post is 404, said by WordPress');
is($browser->target($browser->get('/?p=1')), '/hello-world/', 'the plain URL leads to it');

# --- REST ---
my $json = sub ($answer) { return eval { decode_json($answer->body) } // diag($answer->summary, $answer->body) && {} };
is($json->($browser->get('/wp-json/wp/v2/posts'))->[0]{slug}, 'hello-world', 'the REST interface lists the post');
my @as_json = ('Content-Type' => 'application/json');
my $new = encode_json({ title => "caf\xe9 au lait", content => 'written through REST', status => 'publish' });
is($browser->ask('/wp-json/wp/v2/posts', body => $new, headers => [@as_json])->status, 401, 'without its nonce it takes no post');
my $nonce = $browser->get('/wp-admin/admin-ajax.php?action=rest-nonce')->body;
my @may = (@as_json, 'X-WP-Nonce' => $nonce);
$answer = $browser->ask('/wp-json/wp/v2/posts', body => $new, headers => [@may]);
is($answer->status, 201, 'with it it does') or diag($answer->body);
my $id = $json->($answer)->{id} // 0;
$answer = $browser->ask("/wp-json/wp/v2/posts/$id", body => encode_json({ content => 'changed through PUT' }), headers => [@may, 'X-HTTP-Method-Override' => 'PUT']);
like($json->($answer)->{content}{raw}, qr/changed through PUT/, 'a PUT inside a POST changes it, as the editor does');
is($browser->ask("/wp-json/wp/v2/posts/$id?force=true", method => 'DELETE', headers => [@may])->status, 200, 'DELETE deletes it');
is($browser->ask('/index.php', method => 'PROPFIND')->status, 405, 'PROPFIND is not allowed');

# --- uploads ---
my $png = decode_base64('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==');
$answer = $browser->ask('/wp-json/wp/v2/media', body => $png,
    headers => ['Content-Type' => 'image/png', 'Content-Disposition' => 'attachment; filename="dot.png"', 'X-WP-Nonce' => $nonce]);
is($answer->status, 201, 'the REST interface takes a file') or diag($answer->body);
my $url = $json->($answer)->{source_url} // '';
like($url, qr{\A\Q$origin\E/wp-content/uploads/.*dot\.png\z}, 'and says where it is');
is($browser->get($url =~ s/\A\Q$origin\E//r)->body, $png, 'where httpd serves it byte for byte');
$answer = page_has($browser->get('/wp-admin/media-new.php?browser-uploader'), qr/async-upload/, 'the form for uploads is there');
my $large = join '', map { chr(rand 256) } 1 .. 300_000;
my %part  = (_wpnonce => FCT::Browser::hidden($answer, '_wpnonce'), _wp_http_referer => '/wp-admin/media-new.php', post_id => 0, 'html-upload' => 'Upload');
my $form  = join '', (map {"--b\r\nContent-Disposition: form-data; name=\"$_\"\r\n\r\n$part{$_}\r\n"} sort keys %part),
    "--b\r\nContent-Disposition: form-data; name=\"async-upload\"; filename=\"large.png\"\r\nContent-Type: image/png\r\n\r\n$png$large\r\n--b--\r\n";
$answer = $browser->ask('/wp-admin/media-new.php', body => $form, headers => ['Content-Type' => 'multipart/form-data; boundary=b']);
is($browser->target($answer) // $answer->status, '/wp-admin/upload.php', 'it takes a file of 300 KB');
my ($media) = grep { $_->{slug} =~ /large/ } @{ $json->($browser->get('/wp-json/wp/v2/media')) };
is($browser->get(($media->{source_url} // '/none') =~ s/\A\Q$origin\E//r)->body eq "$png$large", 1, 'which arrived whole');

# --- ProxyPass and the front controller ---
my $front = FCT::Browser->new(port => $httpd->port('FRONTPORT'), host => $browser->{host}, jar => $browser->{jar});
page_has($front->get('/hello-world/'), qr/Welcome to WordPress/, 'through ProxyPass a post is found by its name too');
is($json->($front->get('/wp-json/wp/v2/posts/1'))->{slug}, 'hello-world', 'and by REST');
page_has($front->get('/wp-admin/index.php'), qr/<h1>Dashboard<\/h1>/, 'and a script by its own name');

# --- what a client cannot tell it ---
my @forged = (
    'X-Forwarded-For' => '10.6.6.6', 'X-Forwarded-Host' => 'evil.example', 'X-Forwarded-Proto' => 'https', 'X-Real-IP' => '10.6.6.6', 'Client-IP' => '10.6.6.6',
    'Remote-User' => 'admin', 'X-Original-URL' => '/evil', Proxy => 'http://evil.example/', 'Redirect-Status' => '666', 'Php-Value' => 'evil=1',
);
for my $port ($httpd->port, $httpd->port('FRONTPORT')) {
    my $told = $json->(request($port, '/hello-world/?told=1', host => $browser->{host}, headers => [@forged]));
    is(join(' ', grep { $told->{$_} =~ /evil|10\.6\.6\.6|^666$|^https$/ || /FORWARDED|REMOTE_USER|PROXY|PHP_VALUE/ } sort keys %$told), '', 'no forged field arrives under any name');
    is(join(' ', @$told{qw(REMOTE_ADDR SERVER_NAME SCRIPT_NAME REQUEST_URI HTTP_HOST)}), "127.0.0.1 test.example /index.php /hello-world/?told=1 $browser->{host}",
        'what the server says is what WordPress is told');
}
is(request($httpd->port, '/', headers => ['X-WP-Nonce' => $nonce, 'X_WP_Nonce' => 'forged'])->status, 400, 'two fields that PHP would take for one are refused');
$answer = request($httpd->port, '/', host => 'evil.example', headers => ['X-Forwarded-Host' => 'evil.example']);
unlike($answer->body, qr/evil\.example/, 'no link on a page leads where a forged host wants it');
$httpd->finish(findings => [qw(FCT2001 FCT2010)], allow => [qr{FCT5011 .*Undefined variable .upload_.*install\.php}]);
$_->stop for $php, $db;
done_testing;
