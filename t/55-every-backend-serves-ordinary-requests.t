# Applications that nobody here wrote answer what a browser asks: bodies both ways, HEAD, 204, 304, errors, redirects, cookies. SPEC 4, 5.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Compress::Raw::Zlib qw(adler32);
use Test::More;
use FCT::Apps;
use FCT::Client;

my $apps = FCT::Apps->start(worker => 'enablereuse=on');

# The parameters an application shows, by name.
sub shown ($answer) { return map { /^([^=]+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $answer->body }

sub body_line ($bytes) { return sprintf '%d %08x', length $bytes, adler32($bytes) }

# Sends a body in chunks of their own writes and reads the answer.
sub ask_chunked ($path, @chunks) {
    my $client = FCT::Client->connect(port => $apps->port);
    $client->send("POST $path HTTP/1.1\r\nHost: test.example\r\nTransfer-Encoding: chunked\r\n\r\n");
    $client->send(sprintf "%x\r\n%s\r\n", length, $_) for @chunks;
    $client->send("0\r\n\r\n");
    return $client->response;
}

sub is_answer ($answer, $status, $name, %want) {
    my $wrong = !$answer->is_complete ? $answer->summary
        : $answer->status != $status ? 'status ' . $answer->status
        : exists $want{body} && $answer->body ne $want{body} ? 'the body is ' . substr $answer->body, 0, 200
        : $want{header} && ($answer->header($want{header}[0]) // 'absent') ne $want{header}[1]
        ? "$want{header}[0]: " . ($answer->header($want{header}[0]) // 'absent') : '';
    return is($wrong, '', $name);
}

sub check_requests ($app) {
    my ($kind, $path) = @$app{qw(kind path)};
    my %env = shown($apps->ask("${path}env?a=b%20c&d"));
    is($env{REQUEST_METHOD}, 'GET', "$kind: GET arrives as GET");
    is($env{QUERY_STRING}, 'a=b%20c&d', "$kind: the query arrives as it was sent");
    like($env{CONTENT_LENGTH} // '', qr/^0?$/, "$kind: a request without a body has no CONTENT_LENGTH");

    my $form = 'name=value&' x 9000;
    my $posted = $apps->ask("${path}env", body => $form, headers => ['Content-Type' => 'application/x-www-form-urlencoded']);
    %env = shown($posted);
    is($env{body}, body_line($form), "$kind: a POST with Content-Length arrives whole");
    is($env{CONTENT_LENGTH}, length $form, "$kind: CONTENT_LENGTH is the length of the body");
    is($env{CONTENT_TYPE} // $env{HTTP_CONTENT_TYPE}, 'application/x-www-form-urlencoded', "$kind: CONTENT_TYPE is the client's");

    my @chunks = map { pack('N', $_) x 16_384 } 1 .. 16;    # 1 MiB
    %env = shown(ask_chunked("${path}env", @chunks));
    is($env{body}, body_line(join '', @chunks), "$kind: a chunked POST of 1 MiB arrives whole");
    is($env{CONTENT_LENGTH}, 1_048_576, "$kind: CONTENT_LENGTH of a chunked POST is the length of the body");
    ok(!exists $env{HTTP_TRANSFER_ENCODING}, "$kind: Transfer-Encoding is not forwarded");
    %env = shown(ask_chunked("${path}env"));
    is("$env{CONTENT_LENGTH} $env{body}", '0 ' . body_line(''), "$kind: an empty chunked POST has CONTENT_LENGTH 0");
    my $binary = join '', map { chr $_ % 256 } 0 .. 99_999;
    is_answer($apps->ask("${path}echo", body => $binary), 200, "$kind: every byte goes there and back", body => $binary);
    return;
}

sub check_answers ($app) {
    my ($kind, $path) = @$app{qw(kind path)};
    is_answer($apps->ask("${path}download?1000", method => 'HEAD'), 200, "$kind: HEAD has the Content-Length and no body", body => '',
        $kind eq 'php_fpm' ? () : (header => ['Content-Length', 1000]));
    is_answer($apps->ask("${path}download?1000"), 200, "$kind: a response with Content-Length keeps it",
        body => substr('0123456789abcdef' x 63, 0, 1000), header => ['Content-Length', 1000]);
    is_answer($apps->ask("${path}status?$_"), $_, "$kind: $_ has no body", body => '') for 204, 304;
    is_answer($apps->ask("${path}status?$_"), $_, "$kind: $_ is the application's own", body => "status $_\n") for 201, 403, 404, 410, 422, 500, 503;
    is_answer($apps->ask("${path}redirect?http://other.example/a"), 302, "$kind: a redirect is passed on",
        header => ['Location', 'http://other.example/a']);
    my $cookies = $apps->ask("${path}cookies");
    is(join('|', $cookies->all('Set-Cookie')), 'a=1; Path=/|b=2; Path=/', "$kind: two Set-Cookie stay two fields");
    return;
}

for my $app ($apps->each) {
    check_requests($app);
    check_answers($app);
}

# Location without Status (RFC 3875 §6.2.3): only where the library writes the header block as it is told.
for my $kind (qw(perl_fcgi libfcgi)) {
    my $app = $apps->app($kind);
    is_answer($apps->ask("$app->{path}location?https://other.example/b"), 302, "$kind: Location without Status is a redirect",
        header => ['Location', 'https://other.example/b']);
}
$apps->is_in_step('nothing came that belongs to no answer');
$apps->workers_are_idle('no worker of httpd is left busy');
$apps->finish;
done_testing;
