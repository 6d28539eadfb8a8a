# What the configuration makes of a request, the tool is told with options, and then says what the module says: encoded slashes, mapped files,
# internal redirects, replaced addresses, environment, fields that modules set or changed. SPEC 9.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Agree;
use FCT::Gateway;
use FCT::Proc qw(write_file);
use FCT::Record qw(answer);

my $paths = '<param name="APP_PATH" from="request.path" trust="client"/>';
my %places = (
    paths => "$paths<request encoded-slash=\"raw\"/>",
    mount => "$paths<backend profile=\"wsgi\"/>",
    php   => '<backend profile="php-fpm" index="index.php"/>' . $paths . join('', map {"<param name=\"$_->[0]\" from=\"$_->[1]\"/>"} ['SCRIPT_FILENAME', 'script.filename'], ['DOCUMENT_ROOT', 'script.document-root'],
        ['PATH_TRANSLATED', 'script.path-translated'], ['REDIRECT_STATUS', 'request.redirect.status'], ['REDIRECT_URL', 'request.redirect.url'], ['REDIRECT_QUERY_STRING', 'request.redirect.query']),
    words => '<param name="APP_ENV" from="env.APP_ENV" assert="httpd.conf"/><param name="APP_SET" from="set-header.X-Set" assert="httpd.conf"/>'
        . '<param name="APP_CONFIG" from="config.A config.B"/><header name="X-Set"/><header name="X-Same"/><header name="X-Changed"/><header name="X-Changed-Too" changed="yes"/>'
        . '<header name="Referer" changed="yes" override="yes"/>',
    remote => '<param name="REMOTE_ADDR" from="connection.client.address" assert="mod_remoteip" override="yes"/><param name="APP_PEER" from="connection.peer.address"/><param name="APP_WHO" value="inside" when="client:192.0.2.0/24"/>',
);
my $ends = "</VirtualHost>\n";
my $config = join '', map({ "Listen 127.0.0.1:\@PORT$_\@\n" } '', qw(_ON _RAW _PHP _WORDS _REMOTE _MOUNT)), "ServerTokens Prod\n",
    vhost('', 'paths', 'ProxyPass / @BACKEND@/'),
    vhost('_ON', 'paths', 'AllowEncodedSlashes On', 'ProxyPass / @BACKEND@/'),
    vhost('_RAW', 'paths', 'AllowEncodedSlashes NoDecode', 'ProxyPass / @BACKEND@/'),
    vhost('_MOUNT', 'mount', 'ProxyPass /app @BACKEND@', 'ProxyPass /other/ @BACKEND@/', 'ProxyPass / @BACKEND@/'),
    vhost('_PHP', undef, '<Directory @DOCROOT@>', 'Require all granted', 'FcgiTrustPolicy @DIR@/php.xml', 'FallbackResource /index.php', '</Directory>',
        '<FilesMatch "\.php$">', 'SetHandler "proxy:@BACKEND@/"', '</FilesMatch>', 'DirectoryIndex index.php',
        '<Directory @DOCROOT@/err>', 'FallbackResource disabled', 'ErrorDocument 404 /view.php?e=1', 'RewriteEngine On', 'RewriteRule ^old$ /sub/index.php', '</Directory>',
        '<Directory @DOCROOT@/err/403>', 'Require all denied', 'ErrorDocument 403 /view.php', '</Directory>'),
    vhost('_WORDS', 'words', 'FcgiTrustSet B second', 'SetEnv APP_ENV production', 'RequestHeader set X-Set mine', 'RequestHeader set X-Same same', 'RequestHeader set X-Changed other',
        'RequestHeader set X-Changed-Too other', 'RequestHeader append Referer more', 'ProxyPass / @BACKEND@/'),
    vhost('_REMOTE', 'remote', 'RemoteIPHeader X-Client', 'RemoteIPInternalProxy 127.0.0.2', 'ProxyPass / @BACKEND@/');

sub vhost ($port, $policy, @lines) {
    return join "\n", "<VirtualHost 127.0.0.1:\@PORT$port\@>", 'ServerName test.example', $policy ? "FcgiTrustPolicy \@DIR\@/$policy.xml" : (), @lines, $ends;
}

my $gateway = FCT::Gateway->new(config => $config, places => \%places, modules => [qw(env headers remoteip dir rewrite)],
    each => sub ($conn, $request) { $conn->send(answer($request->{id}, 'told')); 1 });
my $httpd = $gateway->httpd;
my ($dir, $docroot) = ($httpd->dir, $httpd->docroot);
mkdir "$docroot/$_" or die "$docroot/$_: $!\n" for qw(sub err err/403);
write_file("$docroot/$_", 'x') for qw(index.php view.php sub/index.php);

sub get ($path, @lines) { return join "\r\n", "GET $path HTTP/1.1", 'Host: test.example', @lines, '', '' }

# A name, the port, the policy, the bytes, what the tool is told beside; options.
my @rows = (
    ['an encoded slash, off', '', 'paths', get('/a%2Fb'), [], status => 404],
    ['an encoded slash, decoded', '_ON', 'paths', get('/a%2Fb'), [qw(--encoded-slashes on)]],
    ['a way out behind one, decoded', '_ON', 'paths', get('/a%2F..%2Fb'), [qw(--encoded-slashes on)], status => 400],
    ['several, decoded', '_ON', 'paths', get('/a%2F%2fb%2f'), [qw(--encoded-slashes on)]],
    ['an encoded slash, kept', '_RAW', 'paths', get('/a%2Fb%20c'), [qw(--encoded-slashes nodecode)]],
    ['an encoded percent beside it', '_RAW', 'paths', get('/a%252Fb%2f'), [qw(--encoded-slashes nodecode)]],
    ['a mount', '_MOUNT', 'mount', get('/app/a%20b/c'), [qw(--mount /app)]],
    ['the mount alone', '_MOUNT', 'mount', get('/app'), [qw(--mount /app)]],
    ['a mount with a final slash', '_MOUNT', 'mount', get('/other/x'), [qw(--mount /other/)]],
    ['the mount of everything', '_MOUNT', 'mount', get('/application'), [qw(--mount /)]],
    ['a mapped file', '_PHP', 'php', get('/view.php?a=b'), ['--file', "$docroot/view.php"]],
    ['a mapped file and more', '_PHP', 'php', get('/view.php/one/t%20wo?a=b'), ['--file', "$docroot/view.php", '--path-info', '/one/t wo']],
    ['a directory\'s index', '_PHP', 'php', get('/sub/?a=b'), ['--file', "$docroot/sub/index.php", '--fallback', '/sub/index.php']],
    ['a fallback', '_PHP', 'php', get('/pretty/url?a=b'), ['--file', "$docroot/index.php", '--fallback', '/index.php']],
    ['a fallback without a query', '_PHP', 'php', get('/pretty%20url'), ['--file', "$docroot/index.php", '--fallback', '/index.php']],
    ['an error document', '_PHP', 'php', get('/err/gone%20x?a=b'), ['--file', "$docroot/view.php", '--redirect-to', '/view.php?e=1', '--redirect-status', '404']],
    ['an error document without a query', '_PHP', 'php', get('/err/403/x'), ['--file', "$docroot/view.php", '--redirect-to', '/view.php', '--redirect-status', '403']],
    ['an error document after a form', '_PHP', 'php', get('/err/gone', 'Content-Type: text/plain', 'Content-Length: 3') =~ s/^GET/POST/r . 'a=b', ['--file', "$docroot/view.php", '--redirect-to', '/view.php?e=1', '--redirect-status', '404']],
    ['a rewrite rule', '_PHP', 'php', get('/err/old?a=b'), ['--file', "$docroot/sub/index.php", '--redirect-to', '/sub/index.php?a=b']],
    ['fields that modules set', '_WORDS', 'words', get('/page'), [qw(--env APP_ENV=production --set-header X-Set=mine --set-header X-Same=same --set-header X-Changed=other --set-header X-Changed-Too=other
        --set-header Referer=more --set B=second)]],
    ['fields that modules changed', '_WORDS', 'words', get('/page', 'X-Set: his', 'X-Same: same', 'X-Changed: a', 'X-Changed-Too: b', 'Referer: c'), ['--env', 'APP_ENV=production', '--set-header', 'X-Set=mine',
        '--set-header', 'X-Same=same', '--set-header', 'X-Changed=other', '--set-header', 'X-Changed-Too=other', '--set-header', 'Referer=c, more', '--set', 'B=second']],
    ['an address that is replaced', '_REMOTE', 'remote', get('/page', 'X-Client: 192.0.2.9'), [qw(--client 192.0.2.9)], local => '127.0.0.2'],
    ['an address that is not', '_REMOTE', 'remote', get('/page', 'X-Client: 192.0.2.9'), [], local => '127.0.0.3'],
);
for my $row (@rows) {
    my ($name, $port, $policy, $bytes, $given, %opt) = @$row;
    my $number = $httpd->port("PORT$port");
    my $module = agree($gateway, $name, "$dir/$policy.xml", $bytes, ['--local', "127.0.0.1:$number", '--server-name', 'test.example', '--document-root', $docroot, @$given], port => $number, local => $opt{local});
    is($module->{status}, $opt{status} // 0, "$name: " . ($opt{status} ? "it ends with $opt{status}" : 'it is served'));
}
my %findings = map { $_ => 1 } $httpd->log->text =~ /\bFCT(\d{4})\b/g;
$gateway->finish(findings => [map {"FCT$_"} sort grep { $_ != 5023 } keys %findings], log => [qr/AH01630: client denied/]);
done_testing;
