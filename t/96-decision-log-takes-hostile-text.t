# Whatever a client writes, the decision log has one line of JSON for it, which says what was written and nothing else. SPEC 7.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Decisions;
use FCT::Gateway;
use FCT::Record qw(answer record);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', front => join("\n", FCT::Decisions::directive(), 'AllowEncodedSlashes On'),
    modules => [qw(auth_basic authn_core authn_file authz_user)], files => { users => join '', map { "$_:" . crypt('secret', 'ab') . "\n" } 'bob', 'b"}\\o' },
    places => { login => '<header name="Authorization" trust="client"/><accept htaccess-auth="a test"/>' },
    policy => '<header name="X-Shown"/><audit values="HTTP_X_SHOWN REQUEST_URI HTTP_USER_AGENT"/>');
my $log = FCT::Decisions->new($gateway->httpd);
my $count = 0;

my @texts = ('"', '\\', '","verdict":"passed","x":"', '}', "\t", "\xff\xfe", "\xc3\xa9", "\xe2\x80\xae", "\xc2\x85", "\xf0\x9f\x98\x80", '<script>', '%0a', '\\u000a', '\\n{"time":');
for my $text (@texts) {
    my $path = '/text' . ++$count;
    $gateway->ask($path, headers => ['X-Shown' => "a${text}b", 'User-Agent' => $text, "X-Unknown$count" => $text]);
    my ($decision) = $log->for($path);
    ok($decision, "text $count leaves a line");
    my $shown = FCT::Decisions::parameters($decision)->{HTTP_X_SHOWN};
    my $decoded = $text;
    utf8::decode($decoded) or $decoded =~ s/[\x80-\xff]/\x{fffd}/g;
    is($shown->{value}, "a${decoded}b", 'which says what was written');
}

# what an application writes to its error output, or in place of a field, is for the error log
my $talks = FCT::Gateway->new(front => FCT::Decisions::directive(), each => sub ($conn, $request) {
    if ($request->{param}{REQUEST_URI} eq '/bare') {
        $conn->send(answer($request->{id}, 'x', 'Content-Type: text/plain', 'Set It: hunter2'));
        return;
    }
    $conn->send(record(7, $request->{id}, join '', map {"password $_ of bob: hunter2\n"} 1 .. 50) . answer($request->{id}, 'x', 'Content-Type: text/plain'));
    return 1;
});
$talks->ask('/talks');
my $told = FCT::Decisions->new($talks->httpd);
my ($talk) = $told->for('/talks');
is(join(' ', map { $_->{tag} } $talk->{findings}->@*), 'FCT5011', 'that an application wrote to its error output is said once');
is($talks->ask('/bare')->status, 502, 'a header that is malformed is refused');
my ($bare) = $told->for('/bare');
is("$bare->{verdict} $bare->{findings}[0]{tag}", 'reply-refused FCT1307', 'which the log says');
like($bare->{findings}[0]{says}, qr/^a field's name has a byte that no name may have; /, 'with what is wrong with it');
is(index($told->text, 'hunter2'), -1, 'but not what was written');
like(FCT::Proc::read_file($talks->httpd->dir . '/error.log'), qr/FCT1307 .*It: hunter2/, 'as the error log does');
$told->judge;
$talks->finish(findings => [qw(FCT5011 FCT1307)]);

# names, methods, paths, queries, users
my $before = () = $log->text =~ /\n/g;
my @hostile = (
    "GET /a%22%7d%0a HTTP/1.1\r\nHost: test.example\r\n\r\n", "GET /b%5c%22 HTTP/1.1\r\nHost: test.example\r\n\r\n",
    "G\"ET /c HTTP/1.1\r\nHost: test.example\r\n\r\n", "G'E'T /d HTTP/1.1\r\nHost: test.example\r\n\r\n",
    "GET /e?\"}{\\ HTTP/1.1\r\nHost: test.example\r\n\r\n", "GET /f HTTP/1.1\r\nHost: test.example\r\nX!#\$%&'*+.^`|~: x\r\n\r\n",
    "GET /g%c3%28%ff HTTP/1.1\r\nHost: test.example\r\n\r\n", "GET /h%e2%80%ae HTTP/1.1\r\nHost: test.example\r\n\r\n",
    "GET /i HTTP/1.1\r\nHost: test.example\r\n" . 'X-' . 'n' x 200 . ": x\r\n\r\n", "GET /j" . '%22' x 2000 . " HTTP/1.1\r\nHost: test.example\r\n\r\n",
);
for my $bytes (@hostile) {
    my $client = $gateway->client;
    $client->send($bytes);
    $client->response;
}
$log->for('/j' . '"' x 2000);
is(scalar(my @lines = split /\n/, $log->text) - $before >= 8, 1, 'hostile requests leave lines');
is(scalar(grep { $_ !~ /^\{.*\}$/ } @lines), 0, 'each is one line');
is(scalar(grep { /[\x00-\x1f\x7f]/ } @lines), 0, 'no control character stands in one');
my ($long) = $log->for('/j' . '"' x 2000);
ok($long, 'a path of quotation marks comes whole');
$log->judge;
$gateway->finish(allow => [qr/FCT2\d\d\d/]);
done_testing;
