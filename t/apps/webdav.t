# A WebDAV server made of SabreDAV works behind the add-on webdav: the methods, and the fields that say how far and onto what they reach; who
# asks is whom the web server authenticated. policies/webdav.xml. build/check --apps runs this.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use FCT::Client qw(request);
use FCT::Httpd;
use FCT::Proc qw(scratch unprivileged read_file write_file repo_root);
use FCT::Service;

FCT::Backend::missing('SabreDAV', 'php-sabre-dav') if !-e '/usr/share/php/Sabre/autoload.php';
my $dir = scratch() . '/dav';
mkdir $_ for $dir, "$dir/data";
write_file("$dir/dav.php", read_file(repo_root() . '/t/lib/php/dav.php'));
my (undef, $uid, $gid) = unprivileged();
defined $uid and chown $uid, $gid, $dir, "$dir/data";

my $php = FCT::Service->php(unix => 1, extensions => [qw(dom xml xmlreader xmlwriter simplexml mbstring ctype iconv)],
    pool => ['php_admin_flag[display_errors] = off', 'php_admin_value[include_path] = .:/usr/share/php']);
my $httpd = FCT::Httpd->new(
    modules => [qw(alias auth_basic authn_core authn_file authz_user unique_id)], set => { PHP => $php->url, DAV => $dir },
    files => {
        users => "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\nbob:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n",
        'dav.xml' => '<policy xmlns="urn:mod-fcgi-trust:policy:1" name="t-dav" version="1" language="1.0"><extends shipped="php-fpm"/><extends shipped="webdav"/></policy>',
    },
    config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
Alias /dav @DAV@/dav.php
Alias /open @DAV@/dav.php
FcgiTrustPolicy @DIR@/dav.xml
<Directory @DAV@>
    Require all granted
    <FilesMatch "\.php$">
        SetHandler "proxy:@PHP@"
    </FilesMatch>
</Directory>
<Location /dav>
    AuthType Basic
    AuthName dav
    AuthUserFile @DIR@/users
    Require valid-user
</Location>
CONF
my $port = $httpd->port;
my @alice = (Authorization => 'Basic YWxpY2U6c2VjcmV0');

# One request of alice; its answer. Fields with the value undef are left out.
sub dav ($method, $path, $body = undef, @headers) {
    return request($port, $path, method => $method, body => $body, headers => [@alice, @headers], close => 1);
}

sub status (@call) { return dav(@call)->status }

sub there ($path) { return -e "$dir/data/$path" ? 1 : 0 }

# --- the methods ---
like(dav(OPTIONS => '/dav/')->header('DAV') // '', qr/1, 3.*2/, 'OPTIONS says which classes of WebDAV there are, locks among them');
is(status(MKCOL => '/dav/one'), 201, 'MKCOL makes a collection');
is(status(PUT => '/dav/one/a.txt', "content\n"), 201, 'PUT makes a file');
is(read_file("$dir/data/one/a.txt"), "content\n", 'with its bytes');
is(status(PUT => '/dav/one/caf%C3%A9%20%26%20b.txt', 'x' x 300_000), 201, 'and one with an odd name and 300 KB');
is(-s "$dir/data/one/caf\xc3\xa9 & b.txt", 300_000, 'of which every byte is there');
my $answer = dav(PROPFIND => '/dav/', undef, Depth => 0);
is($answer->status, 207, 'PROPFIND lists properties');
is(() = $answer->body =~ /<d:response>/g, 1, 'of one resource with Depth: 0');
is(() = dav(PROPFIND => '/dav/one/', undef, Depth => 1)->body =~ /<d:response>/g, 3, 'and of the members with Depth: 1');
like(dav(PROPFIND => '/dav/one/', undef, Depth => 1)->body, qr{<d:href>/dav/one/caf%c3%a9%20%26%20b\.txt</d:href>}i, 'under their URLs');

my $client = FCT::Client->connect(port => $port);
$client->send("PUT /dav/chunked HTTP/1.1\r\nHost: test.example\r\nAuthorization: $alice[1]\r\nX-Expected-Entity-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n"
    . "4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n");
is($client->response->status, 201, 'a PUT without a length, as the Finder sends it, is taken');
is(read_file("$dir/data/chunked"), 'abcdefg', 'and whole');

# --- the fields that narrow them ---
my $base = 'http://test.example/dav';
is(status(COPY => '/dav/one/a.txt', undef, Destination => "$base/b.txt"), 201, 'COPY copies to its Destination');
is(status(COPY => '/dav/one/a.txt', undef, Destination => "$base/b.txt", Overwrite => 'F'), 412, 'but not over what is there with Overwrite: F');
is(status(MOVE => '/dav/b.txt', undef, Destination => "$base/c.txt"), 201, 'MOVE moves');
is(there('b.txt') . there('c.txt'), '01', 'and leaves nothing behind');
is(status(MOVE => '/dav/c.txt', undef, Destination => 'http://test.example/elsewhere/d.txt'), 403, 'a Destination outside of its own is refused by SabreDAV');
is(status(MOVE => '/dav/one/a.txt', undef, Destination => "$base/x.txt", Destination => "$base/y.txt"), 400, 'two Destinations are refused');
is(status(COPY => '/dav/one', undef, Destination => "$base/two", Depth => 0, Depth => 'infinity'), 400, 'two Depths too');
is(there('one/a.txt') . there('x.txt') . there('y.txt'), '100', 'and nothing moved');
is(status(MOVE => '/dav/one/a.txt', undef, Destination => "$base/x.txt", 'DESTINATION_' => 'x', Overwrite => 'T', 'Over_Write' => 'F'), 201, 'fields that nobody knows change nothing');
is(status(MOVE => '/dav/x.txt', undef, Destination => "$base/one/a.txt"), 201, 'and back');

my $lock = '<?xml version="1.0"?><d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype><d:owner>alice</d:owner></d:lockinfo>';
$answer = dav(LOCK => '/dav/c.txt', $lock, Timeout => 'Second-3600', Depth => 0);
my $token = $answer->header('Lock-Token') // '';
like($token, qr/^<opaquelocktoken:/, 'LOCK gives a token');
is($answer->header('X-Dav-Timeout'), 'Second-3600', 'and hears for how long it was wanted');
is(status(PUT => '/dav/c.txt', 'of bob'), 423, 'a PUT without it is refused');
is(status(PUT => '/dav/c.txt', 'of alice', If => "($token)"), 204, 'one with it in If is taken');
is(status(PUT => '/dav/c.txt', 'again', If => '(<opaquelocktoken:forged>)'), 412, 'one with another token is not');
is(status(UNLOCK => '/dav/c.txt', undef, 'Lock-Token' => $token), 204, 'UNLOCK takes the lock away');
is(status(PUT => '/dav/c.txt', 'of bob'), 204, 'and the file is free');
my ($tag) = map { $_->header('ETag') // () } dav(GET => '/dav/c.txt');
is(status(PUT => '/dav/c.txt', 'other', 'If-None-Match' => '*'), 412, 'If-None-Match: * makes no file where one is');
is(status(DELETE => '/dav/one'), 204, 'DELETE deletes a collection');
is(there('one'), 0, 'with all that is in it');

# --- what does not reach it ---
for my $method (qw(POST PATCH SEARCH BIND MKCALENDAR)) {
    is(status($method => '/dav/c.txt'), 405, "$method is not allowed");
}
is(request($port, '/dav/', method => 'PROPFIND')->status, 401, 'without a user nothing is');
my $forged = request($port, '/open/', method => 'PROPFIND', headers => ['Remote-User' => 'alice', 'X-Remote-User' => 'alice', Depth => 0], close => 1);
is($forged->header('X-Dav-User'), 'nobody', 'a forged user is nobody, where httpd authenticates nobody');
is(dav(OPTIONS => '/dav/', undef, 'Remote_User' => 'bob')->header('X-Dav-User'), 'alice', 'and does not change who it is');
isnt(status(GET => '/dav/..%2f..%2flocks'), 200, 'no path leads out of the collection');
is(status(GET => '/dav/../dav.php'), 404, 'nor does one with dot segments');
$httpd->finish(findings => [qw(FCT2001 FCT2009)], allow => [qr/FCT5011|AH10244|AH01618/]);
$php->stop;
done_testing;
