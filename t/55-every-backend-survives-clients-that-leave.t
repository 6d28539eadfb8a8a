# A client that leaves in mid-upload or mid-download harms nobody: the backend lives, the next requests are answered, no worker stays busy. SPEC 4; EVIDENCE R9.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Apps;
use FCT::Client;
use FCT::H2;
use FCT::Proc qw(alive);

# Two processes a backend, so that what hangs is seen at once; no more connections than that, or idle ones would starve the others.
my $has_http2 = FCT::Httpd->mpm ne 'prefork';    # mod_http2 does not serve under it
my $apps = FCT::Apps->start(worker => 'enablereuse=on max=2', backend => { processes => 2 },
    $has_http2 ? (modules => ['http2'], before => "Protocols h2c http/1.1\nH2MinWorkers 1\nH2MaxWorkers 8") : ());
my $port = $apps->port;

sub begin ($request) {
    my $client = FCT::Client->connect(port => $port, timeout => 5);
    $client->send($request);
    return $client;
}

sub post ($path, $head) { return "POST $path HTTP/1.1\r\nHost: test.example\r\n$head\r\n\r\n" }

sub get ($path) { return "GET $path HTTP/1.1\r\nHost: test.example\r\n\r\n" }

# How a client leaves: each gets the path of the application and goes away.
my %leaves = (
    'in the middle of an upload' => sub ($path) {
        begin(post("${path}echo", 'Content-Length: 900000') . 'x' x 100_000)->close;
    },
    'in the middle of an upload, with a reset' => sub ($path) {
        begin(post("${path}echo", 'Content-Length: 900000') . 'x' x 100_000)->reset;
    },
    'in the middle of a chunked upload' => sub ($path) {
        begin(post("${path}echo", 'Transfer-Encoding: chunked') . "10000\r\n" . 'x' x 65_536 . "\r\n")->close;
    },
    'before the first byte of an upload' => sub ($path) {
        begin(post("${path}echo", 'Content-Length: 900000'))->close;
    },
    'in the middle of a download' => sub ($path) {
        my $client = begin(get("${path}stream?50000000"));
        $client->wait_bytes(qr/.{20000}/s, 5) or die "no download from $path\n";
        $client->close;
    },
    'in the middle of a download, with a reset' => sub ($path) {
        my $client = begin(get("${path}download?50000000"));
        $client->wait_bytes(qr/.{20000}/s, 5) or die "no download from $path\n";
        $client->reset;
    },
    'while it waits' => sub ($path) { begin(get("${path}slow?100"))->close },
    'in the middle of an upload over HTTP/2' => sub ($path) {
        my $h2 = FCT::H2->connect(port => $port);
        my $stream = $h2->request("${path}echo", open => 1, headers => ['content-length', 900_000]);
        $h2->data($stream, 'x' x 30_000, 0);
        $h2->cancel($stream);
        my $next = $h2->ask("${path}status?200");
        is($next->{body}, "status 200\n", "$path: the next stream of the same HTTP/2 connection is answered");
        $h2->close;
    },
    'in the middle of a download over HTTP/2' => sub ($path) {
        my $h2 = FCT::H2->connect(port => $port);
        my $stream = $h2->request("${path}stream?50000000");
        $h2->wait_body($stream, 10_000) or die "no download from $path\n";
        $h2->cancel($stream);
        my $next = $h2->ask("${path}status?200");
        is($next->{body}, "status 200\n", "$path: the next stream of the same HTTP/2 connection is answered");
        $h2->close;
    },
);

for my $app ($apps->each) {
    for my $how (grep { $has_http2 || !/HTTP\/2/ } sort keys %leaves) {
        $leaves{$how}->($app->{path}) for 1 .. 3;
        $apps->answers($app, "$app->{kind}: after three clients left $how, a request is answered");
    }
    ok(alive($app->{backend}->pid), "$app->{kind}: the backend is alive");
    my @wrong = grep { my $answer = $apps->ask("$app->{path}echo", body => "own $_"); !$answer->is_success || $answer->body ne "own $_" } 1 .. 10;
    is("@wrong", '', "$app->{kind}: ten requests after it all get their own answers");
}
$apps->workers_are_idle('no worker of httpd is left busy');
ok($apps->httpd->log->count(qr/FCT5009/), 'the log says that clients left');
unlike($apps->httpd->log->text, qr/in error state|AH00959|ap_proxy_connect_backend disabling/, 'no client that leaves counts against a backend');
$apps->finish(allow => [qr/FCT5009/, qr/AH03470|AH10373|AH03498/, qr/AH03102/]);
done_testing;
