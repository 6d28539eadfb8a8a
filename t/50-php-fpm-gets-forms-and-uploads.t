# $_GET, $_POST, $_FILES, $_COOKIE and php://input hold what the browser sent: forms, files, chunked bodies, over SetHandler. SPEC 4; EVIDENCE R2.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(sha256_hex);
use Test::More;
use FCT::Backend;
use FCT::Client;
use FCT::Proc qw(read_file repo_root);
use FCT::Twins;

my $php = FCT::Backend->php_fpm(unix => 1, forms => 1, pool => ['php_admin_value[upload_max_filesize] = 16M']);
my $twins = FCT::Twins->start(
    set => { PHP => $php->path }, files => { 'htdocs/vars.php' => read_file(repo_root() . '/t/lib/php/vars.php') },
    config => <<'CONF');
Listen 127.0.0.1:@PORT@
<FilesMatch "\.php$">
    SetHandler "proxy:unix:@PHP@|fcgi://localhost"
    FcgiTrustPolicy @SHIPPED@/php-fpm.xml
</FilesMatch>
CONF

# What PHP shows, without $_SERVER.
sub shown ($answer) { return join "\n", sort grep {/^(?:GET|POST|FILE|COOKIE|INPUT) /} split /\n/, $answer->body }

sub multipart (@parts) {
    my $boundary = 'a-boundary-0123';
    my $body = join '', map {
        my ($name, $value, $file, $type) = @$_;
        my $named = defined $file ? qq(; filename="$file"\r\nContent-Type: $type) : '';
        qq(--$boundary\r\nContent-Disposition: form-data; name="$name"$named\r\n\r\n$value\r\n);
    } @parts;
    return (headers => ['Content-Type' => "multipart/form-data; boundary=$boundary"], body => "$body--$boundary--\r\n");
}

my @form = (headers => ['Content-Type' => 'application/x-www-form-urlencoded']);
my $file = join '', map { pack 'N', $_ * 2_654_435_761 % 4_294_967_296 } 1 .. 200_000;    # 800 kB of anything
my $json = '{"a":[1,2,3],"b":"' . 'z' x 50_000 . '"}';

# name, path, request, lines that must be there.
my @table = (
    ['a query', '/vars.php?a=1&b[]=2&b[]=3&c=%C3%A9+%26', {}, 'GET a=1', 'GET b=["2","3"]', "GET c=\xc3\xa9 &"],
    ['a form', '/vars.php?q=1', { @form, body => 'name=J%C3%BCrgen&list[x]=1&empty=' }, 'GET q=1', "POST name=J\xc3\xbcrgen", 'POST list={"x":"1"}', 'POST empty='],
    ['a form of 500 kB', '/vars.php', { @form, body => 'big=' . 'x' x 500_000 . '&last=1' }, 'POST last=1', 'POST big=' . 'x' x 500_000],
    ['an empty form', '/vars.php', { @form, body => '' }, 'INPUT 0 ' . sha256_hex('')],
    ['a file', '/vars.php', { multipart(['title', 'My file'], ['upload', $file, 'a b.bin', 'application/x-thing']) },
        'POST title=My file', 'FILE upload=["a b.bin","application/x-thing",0,800000,"' . sha256_hex($file) . '"]'],
    ['two files', '/vars.php', { multipart(['one', 'first', '1.txt', 'text/plain'], ['two', '', 'empty.txt', 'text/plain']) },
        'FILE one=["1.txt","text/plain",0,5,"' . sha256_hex('first') . '"]', 'FILE two=["empty.txt","text/plain",0,0,"' . sha256_hex('') . '"]'],
    ['JSON', '/vars.php', { headers => ['Content-Type' => 'application/json'], body => $json }, 'INPUT ' . length($json) . ' ' . sha256_hex($json)],
    ['cookies', '/vars.php', { headers => [Cookie => 'session=abc; lang=de'] }, 'COOKIE session=abc', 'COOKIE lang=de'],
);

for my $row (@table) {
    my ($name, $path, $request, @want) = @$row;
    my ($stock, $module) = $twins->ask($path, %$request);
    my @lines = split /\n/, shown($module);
    my @missing = grep { my $want = $_; !grep { $_ eq $want } @lines } @want;
    is(join("\n", map { substr $_, 0, 200 } @missing), '', "$name: PHP has what was sent") or diag($module->summary);
    ok(shown($module) eq shown($stock), "$name: as with stock mod_proxy_fcgi");
}

# Bodies of unknown length: PHP reads CONTENT_LENGTH bytes, so that without it the form is empty.
sub ask_chunked ($type, $body) {
    my $client = FCT::Client->connect(port => $twins->module->port);
    $client->send("POST /vars.php HTTP/1.1\r\nHost: test.example\r\nContent-Type: $type\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (my $rest = $body; $rest ne '';) {
        my $piece = substr $rest, 0, 40_000, '';
        $client->send(sprintf "%x\r\n%s\r\n", length $piece, $piece);
    }
    $client->send("0\r\n\r\n");
    return $client->response;
}

my $answer = ask_chunked('application/x-www-form-urlencoded', 'big=' . 'y' x 700_000 . '&last=1');
like($answer->body, qr/^POST last=1$/m, 'a chunked form of 700 kB: PHP has its last field');
my %upload = multipart(['upload', $file, 'f.bin', 'application/octet-stream']);
$answer = ask_chunked($upload{headers}[1], $upload{body});
like($answer->body, qr/^FILE upload=.*@{[sha256_hex($file)]}/m, 'a chunked upload of 800 kB: PHP has the file');
$twins->finish;
$php->stop;
done_testing;
