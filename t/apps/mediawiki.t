# MediaWiki, as Debian packages it, with SQLite, works behind the policy shipped for it: short URLs, log-in, an edit through its interface,
# an upload; what a client forges does not reach it. policies/mediawiki.xml. build/check --apps runs this.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP qw(decode_json);
use Test::More;
use FCT::Browser;
use FCT::Client qw(request);
use FCT::Httpd;
use FCT::Proc qw(scratch spawn_command alive wait_until unprivileged read_file write_file append_file free_port find_program);
use FCT::Service;

my $packaged = '/usr/share/mediawiki';
FCT::Backend::missing('MediaWiki', 'mediawiki') if !-e "$packaged/api.php";
my $dir  = scratch() . '/wiki';
my $port = free_port();
mkdir $_ for $dir, "$dir/data", "$dir/images", "$dir/cache";
my (undef, $uid, $gid) = unprivileged();
defined $uid and chown $uid, $gid, glob "$dir {$dir}/*";

# Its own installer, on the command line.
my $cli = find_program('php') // FCT::Backend::missing('PHP for the command line', 'php-cli');
my $pid = spawn_command('install.php', [$cli, "$packaged/maintenance/install.php", '--dbtype=sqlite', '--dbname=wiki', "--dbpath=$dir/data", '--pass=a long secret',
    "--server=http://127.0.0.1:$port", '--scriptpath=/w', "--confpath=$dir", 'A wiki', 'Admin'], out => "$dir/out", dir => $dir, uid => $uid, gid => $gid);
wait_until(120, sub { !alive($pid) });
is($?, 0, 'MediaWiki is installed by its own installer') or diag(read_file("$dir/out"));
append_file("$dir/LocalSettings.php", <<"PHP");
\$wgArticlePath = '/wiki/\$1'; \$wgEnableUploads = true; \$wgUploadDirectory = '$dir/images'; \$wgUploadPath = '/images'; \$wgFileExtensions[] = 'txt';
\$wgCacheDirectory = '$dir/cache'; \$wgJobRunRate = 0; \$wgVerifyMimeType = false; \$wgMainCacheType = CACHE_NONE;
if (isset(\$_GET['told'])) { header('Content-Type: application/json'); echo json_encode(\$_SERVER); exit; }
PHP

my $php = FCT::Service->php(unix => 1, extensions => [qw(mbstring intl dom xml xmlreader simplexml ctype iconv fileinfo tokenizer pdo pdo_sqlite calendar opcache)],
    pool => ["env[MW_CONFIG_FILE] = $dir/LocalSettings.php"]);
my $httpd = FCT::Httpd->new(
    modules => [qw(dir mime alias unique_id)], set => { PHP => $php->url, WIKI => $packaged, DATA => $dir, PORT => $port },
    files => { 'mime.types' => "text/css css\ntext/plain txt\nimage/png png\n" },
    config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
TypesConfig @DIR@/mime.types
DirectoryIndex index.php
Alias /wiki @WIKI@/index.php
Alias /images @DATA@/images
Alias /w @WIKI@
<Directory @WIKI@>
    Require all granted
    Options +FollowSymLinks
    FcgiTrustPolicy @SHIPPED@/mediawiki.xml
    <FilesMatch "\.php$">
        SetHandler "proxy:@PHP@"
    </FilesMatch>
</Directory>
<Directory @DATA@/images>
    Require all granted
</Directory>
CONF
my $browser = FCT::Browser->new(port => $port, host => "127.0.0.1:$port");

sub page_has ($answer, $pattern, $name) {
    my $ok = $answer->status == 200 && $answer->body =~ $pattern;
    ok($ok, $name) or diag($answer->summary, "\n", substr $answer->body, 0, 2000);
    return $answer;
}

sub api (%fields) {
    my $answer = $browser->post('/w/api.php', [format => 'json', map { ($_ => $fields{$_}) } sort keys %fields]);
    return eval { decode_json($answer->body) } // diag($answer->summary, $answer->body) && {};
}

# --- pages ---
page_has($browser->get('/wiki/Main_Page'), qr/MediaWiki has been installed/, 'the main page has a short URL');
is($browser->target($browser->get('/w/index.php')) // '', '/wiki/Main_Page', 'which index.php leads to');
is($browser->get('/wiki/No_such_page')->status, 404, 'a page that does not exist is 404, said by MediaWiki');
is($browser->get('/w/load.php?lang=en&modules=site.styles&only=styles&skin=vector')->status, 200, 'load.php answers');
is(eval { decode_json($browser->get('/w/rest.php/v1/page/Main_Page')->body)->{title} }, 'Main Page', 'rest.php finds its PATH_INFO');

# --- log-in with the form ---
my $answer = page_has($browser->get('/w/index.php?title=Special:UserLogin'), qr/name="wpLoginToken"/, 'the log-in page is there');
my @login = (wpName => 'Admin', wpLoginToken => FCT::Browser::hidden($answer, 'wpLoginToken'), wploginattempt => 'Log in', wpEditToken => '+\\',
    authAction => 'login', title => 'Special:UserLogin');
page_has($browser->post('/w/index.php?title=Special:UserLogin', [@login, wpPassword => 'wrong']), qr/Incorrect username or password/, 'a wrong password is refused');
$answer = $browser->get('/w/index.php?title=Special:UserLogin');
$login[3] = FCT::Browser::hidden($answer, 'wpLoginToken');
$answer = $browser->post('/w/index.php?title=Special:UserLogin', [@login, wpPassword => 'a long secret']);
is($answer->status, 302, 'the right one is taken');
is(api(action => 'query', meta => 'userinfo')->{query}{userinfo}{name}, 'Admin', 'and the interface knows the user');

# --- an edit through the interface ---
my %edit = (action => 'edit', title => "Caf\xc3\xa9 & lait/What?", text => "written '''through''' the gateway");
like(api(%edit, token => '+\\')->{error}{code}, qr/badtoken|permissiondenied/, 'an edit without its token is refused');
my $token = api(action => 'query', meta => 'tokens')->{query}{tokens}{csrftoken};
is(api(%edit, token => $token)->{edit}{result}, 'Success', 'an edit with it is taken');
page_has($browser->get('/wiki/Caf%C3%A9_%26_lait/What%3F'), qr/written <b>through<\/b> the gateway/, 'and stands under a URL with every odd byte');

# --- an upload ---
my $file = join '', map {"line $_\n"} 1 .. 20_000;
my %part = (action => 'upload', format => 'json', filename => 'lines.txt', ignorewarnings => 1, token => $token);
my $form = join '', (map {"--b\r\nContent-Disposition: form-data; name=\"$_\"\r\n\r\n$part{$_}\r\n"} sort keys %part),
    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"lines.txt\"\r\nContent-Type: text/plain\r\n\r\n$file\r\n--b--\r\n";
$answer = $browser->ask('/w/api.php', body => $form, headers => ['Content-Type' => 'multipart/form-data; boundary=b']);
my $info = eval { decode_json($answer->body)->{upload} } // {};
is($info->{result}, 'Success', 'a file is taken') or diag($answer->body);
is($browser->get(($info->{imageinfo}{url} // '/none') =~ s/\A\Q@{[$browser->origin]}\E//r)->body eq $file, 1, 'and served byte for byte');

# --- what a client cannot tell it ---
my @forged = ('X-Forwarded-For' => '10.6.6.6', 'X-Forwarded-Host' => 'evil.example', 'X-Forwarded-Proto' => 'https', 'Client-IP' => '10.6.6.6', 'Remote-User' => 'Admin',
    Proxy => 'http://evil.example/', 'MW-Config-File' => '/etc/evil', 'Orig-Path-Info' => '/evil');
$answer = request($port, '/wiki/Main_Page?told', host => $browser->{host}, headers => \@forged);
my $told = eval { decode_json($answer->body) } // {};
is(join(' ', grep { $told->{$_} =~ m{evil|10\.6\.6\.6|^https$|^Admin$} || /FORWARDED|REMOTE_USER|PROXY/ } sort keys %$told), '', 'no forged field arrives under any name');
is(join(' ', map { $told->{$_} // '-' } qw(REMOTE_ADDR SERVER_NAME SCRIPT_NAME PATH_INFO REQUEST_URI MW_CONFIG_FILE)),
    "127.0.0.1 test.example /wiki /Main_Page /wiki/Main_Page?told $dir/LocalSettings.php", 'what the server says is what MediaWiki is told');
is(request($port, '/w/api.php', method => 'PROPFIND')->status, 405, 'PROPFIND is not allowed');
is(request($port, '/w/maintenance/install.php/..%2f..%2fetc', host => $browser->{host})->status, 404, 'no path leads out');
$httpd->finish(findings => ['FCT2001']);
$php->stop;
done_testing;
