# Server-sent events reach the client as the application sends them, on HTTP/1.1 and HTTP/2, held by nothing. SPEC 5.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);
use FCT::Apps;
use FCT::Client;
use FCT::H2;

use constant EVENTS => 6;    # 100 ms apart

my $has_http2 = FCT::Httpd->mpm ne 'prefork';    # mod_http2 does not serve under it
my $apps = FCT::Apps->start(worker => 'enablereuse=on', $has_http2 ? (modules => ['http2'], before => 'Protocols h2c http/1.1') : ());

# When each event came, in seconds after the request: over HTTP/1.1.
sub times_http1 ($path) {
    my $client = FCT::Client->connect(port => $apps->port);
    my $start = time;
    $client->send("GET $path HTTP/1.1\r\nHost: test.example\r\n\r\n");
    my @at = map { $client->wait_bytes(qr/data: $_\n\n/, 5) ? time - $start : () } 1 .. EVENTS;
    return ($client->response, @at);
}

# The same over HTTP/2.
sub times_http2 ($path) {
    my $h2 = FCT::H2->connect(port => $apps->port);
    my $start = time;
    my $stream = $h2->request($path);
    my @at = map { $h2->wait_body($stream, $_ * length "data: 1\n\n", 5) ? time - $start : () } 1 .. EVENTS;
    my $answer = $h2->answer($stream);
    $h2->close;
    return ($answer, @at);
}

sub check ($name, $type, @at) {
    is(scalar @at, EVENTS, "$name: every event comes") or return;
    like($type // '', qr{^text/event-stream}, "$name: the type is text/event-stream");
    # The application needs (EVENTS - 1) * 100 ms from the first event to the last.
    cmp_ok($at[-1] - $at[0], '>', 0.3, "$name: the first event is there well before the last is sent");
    cmp_ok($at[-2] - $at[0], '>', 0.2, "$name: and so are those between");
    return;
}

for my $app ($apps->each) {
    my ($answer, @at) = times_http1("$app->{path}events?" . EVENTS);
    check("$app->{kind}, HTTP/1.1", $answer->header('Content-Type'), @at);
    ok($answer->is_success, "$app->{kind}, HTTP/1.1: the stream ends as a whole answer");
    next if !$has_http2;
    ($answer, @at) = times_http2("$app->{path}events?" . EVENTS);
    check("$app->{kind}, HTTP/2", FCT::H2::header($answer, 'content-type'), @at);
    is($answer->{verdict}, 'complete', "$app->{kind}, HTTP/2: the stream ends as a whole answer");
}
$apps->workers_are_idle('no worker of httpd is left busy');
$apps->finish;
done_testing;
