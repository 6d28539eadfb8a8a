# $_SERVER is what stock mod_proxy_fcgi gives, but for the differences of the table in t/lib/differences.txt, each of which is seen here.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Backend;
use FCT::Client;
use FCT::Differences;
use FCT::Proc qw(read_file repo_root);
use FCT::Twins;

my $php   = FCT::Backend->php_fpm(unix => 1);
my $vars  = read_file(repo_root() . '/t/lib/php/vars.php');
my $twins = FCT::Twins->start(
    set => { PHP => $php->path, PHPURL => $php->url }, modules => [qw(env setenvif rewrite dir auth_basic authn_core authn_file authz_user alias unique_id)],
    files => { (map { ("htdocs/$_" => $vars) } qw(vars.php private/vars.php proxied/vars.php)),
        # alice, secret; {SHA}
        'users' => "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n" },
    config => <<'CONF');
Listen 127.0.0.1:@PORT@
<VirtualHost *:@PORT@>
ServerName test.example
ServerAlias alias.example
<Directory @DIR@>
    Require all granted
</Directory>
<FilesMatch "\.php$">
    SetHandler "proxy:unix:@PHP@|fcgi://localhost"
    FcgiTrustPolicy @SHIPPED@/php-fpm.xml
</FilesMatch>
SetEnv APP_MODE production
SetEnvIf User-Agent "(.*)" COPIED=$1
BrowserMatch "Ancient" nokeepalive redirect-carefully
<Location /private/>
    AuthType Basic
    AuthName here
    AuthUserFile @DIR@/users
    Require valid-user
</Location>
ProxyPass /proxied/ @PHPURL@@DOCROOT@/proxied/
<Location /proxied/>
    FcgiTrustPolicy @SHIPPED@/php-fpm.xml
</Location>
</VirtualHost>
CONF

my @browser = ('User-Agent' => 'Mozilla/5.0 Ancient', Accept => 'text/html,*/*;q=0.8', 'Accept-Language' => 'de,en', 'Accept-Encoding' => 'gzip, br',
    Referer => 'http://test.example/', Cookie => 'a=b; c=d', 'Cache-Control' => 'no-cache', 'If-None-Match' => '"x"', 'Sec-Fetch-Site' => 'same-origin',
    'X-Requested-With' => 'XMLHttpRequest', DNT => '1');

# name, path, request, and the names that may differ here beyond those that always may.
my @table = (
    ['a plain request', '/vars.php', {}],
    ['what a browser sends', '/vars.php?a=b', { headers => \@browser }],
    ['PATH_INFO', '/vars.php/some/where?x', {}],
    ['an alias of the server', '/vars.php', { host => 'alias.example' }],
    ['a port in Host', '/vars.php', { host => 'test.example:8443' }],
    ['another host', '/vars.php', { host => 'other.example' }, SERVER_NAME => 'server-name'],
    ['HTTP/1.0', '/vars.php', { version => '1.0' }],
    ['a form', '/vars.php', { body => 'a=b', headers => ['Content-Type' => 'application/x-www-form-urlencoded'] }],
    ['fields that the policy does not name', '/vars.php', { headers => ['X-Custom' => 'c', 'X-Forwarded-For' => '10.0.0.1', Via => '1.1 x', From => 'a@b.example',
        'X-Remote-User' => 'root', 'X-HTTP-Method-Override' => 'DELETE'] }, map { ("HTTP_$_" => 'http-headers') }
        qw(X_CUSTOM X_FORWARDED_FOR VIA FROM X_REMOTE_USER X_HTTP_METHOD_OVERRIDE)],
    ['a user', '/private/vars.php', { headers => [Authorization => 'Basic ' . encode_base64('alice:secret', '')] }],
    ['credentials where none are asked for', '/vars.php', { headers => [Authorization => 'Bearer token'] }],
    ['a proxied script with PATH_INFO', '/proxied/vars.php/info', {}],
    ['a blank in the PATH_INFO of a proxied script', '/proxied/vars.php/in%20fo', {}, map { $_ => 'path-info' } qw(PATH_INFO PATH_TRANSLATED PHP_SELF)],
);

# Names that may differ in every request.
my %always = (
    (map { $_ => 'environment' } qw(PATH APP_MODE COPIED nokeepalive redirect-carefully proxy-nokeepalive)),
    SERVER_PORT => 'server-port',
    (map { $_ => 'server-extras' } qw(SERVER_ADMIN SERVER_SIGNATURE CONTEXT_PREFIX CONTEXT_DOCUMENT_ROOT)),
    (map { $_ => 'script-filename' } qw(ORIG_SCRIPT_NAME ORIG_SCRIPT_FILENAME ORIG_PATH_INFO ORIG_PATH_TRANSLATED)),
);

sub shown ($which, $answer) {
    return map { /^([A-Za-z][\w-]*)=(.*)$/ ? ($1 => $2) : () } split /\n/, $twins->normalised($which, $answer->body);
}

my $differences = FCT::Differences->new('parameter');

# What differs and may not; what may is noted as seen.
sub unexplained ($stock, $module, %may) {
    my %names = map { $_ => 1 } keys %$stock, keys %$module;
    delete @names{qw(REMOTE_PORT UNIQUE_ID)};      # they differ from request to request
    my @wrong;
    for my $name (sort keys %names) {
        my ($there, $here) = map { $_->{$name} // '(absent)' } $stock, $module;
        next if $there eq $here;
        if (my $id = $may{$name} // $always{$name}) { $differences->seen($id) }
        else { push @wrong, "$name: stock $there, module $here" }
    }
    return join "\n", @wrong;
}

for my $row (@table) {
    my ($name, $path, $request, %may) = @$row;
    my ($stock, $module) = $twins->ask($path, %$request);
    is($module->status, $stock->status, "$name: the same status");
    my %stock  = shown(stock => $stock);
    my %module = shown(module => $module);
    cmp_ok(scalar keys %module, '>', 15, "$name: PHP shows its variables");
    is(unexplained(\%stock, \%module, %may), '', "$name: \$_SERVER differs only where the table says so");
}

# A user is told as stock tells it; the password is told by neither.
my (undef, $answer) = $twins->ask('/private/vars.php', headers => [Authorization => 'Basic ' . encode_base64('alice:secret', '')]);
my %user = shown(module => $answer);
is(join(' ', map { $user{$_} // '(absent)' } qw(REMOTE_USER AUTH_TYPE PHP_AUTH_PW HTTP_AUTHORIZATION)), 'alice Basic (absent) (absent)',
    'the user and how it was authenticated arrive, the password does not');

# A body that comes in chunks, and not at once.
sub ask_slowly ($port) {
    my $client = FCT::Client->connect(port => $port);
    $client->send_pieces(["POST /vars.php HTTP/1.1\r\nHost: test.example\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n", "0\r\n\r\n"], 0.1);
    return $client->response;
}
my %stock  = shown(stock => ask_slowly($twins->stock->port));
my %module = shown(module => ask_slowly($twins->module->port));
is(($module{CONTENT_LENGTH} // '(absent)') . ' ' . ($module{HTTP_TRANSFER_ENCODING} // '(absent)'), '5 (absent)', 'a slow chunked body has its CONTENT_LENGTH');
is(unexplained(\%stock, \%module, CONTENT_LENGTH => 'chunked-body', HTTP_TRANSFER_ENCODING => 'chunked-body'), '', 'and nothing else differs');

# PATH_TRANSLATED, where stock looks it up.
my ($there, $here) = $twins->ask('/vars.php/private');
is(unexplained({ shown(stock => $there) }, { shown(module => $here) }, PATH_TRANSLATED => 'path-translated'), '', 'PATH_TRANSLATED is not looked up');
$differences->seen('path-translated');
$differences->all_were_seen('mount');      # 51-programs
$twins->finish(allow => [qr/FCT\d{4}.*(?:Authorization|X-|Via|From)/i, qr/AH01797/]);
$php->stop;
done_testing;
