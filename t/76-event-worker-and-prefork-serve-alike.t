# The same exchanges under event, worker and prefork: bodies both ways, kept connections, many at once, clients that leave. SPEC 12.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(sha256_hex);
use Test::More;
use FCT::Apps;
use FCT::Client;

my @mpms = $ENV{T_MPM} // grep { FCT::Httpd->has_module("mpm_$_") } qw(event worker prefork);

sub ask_chunked ($port, $path, $body) {
    my $client = FCT::Client->connect(port => $port);
    $client->send("POST $path HTTP/1.1\r\nHost: test.example\r\nTransfer-Encoding: chunked\r\n\r\n");
    $client->send(sprintf("%x\r\n", length $body) . "$body\r\n0\r\n\r\n");
    return $client->response;
}

sub concurrent ($port, $path) {
    my @clients = map { FCT::Client->connect(port => $port) } 1 .. 6;
    my @wrong;
    for my $round (1 .. 6) {
        $clients[$_]->send(FCT::Client::request_bytes("${path}echo", body => "body $round $_ " . 'x' x (3000 * $_))) for 0 .. $#clients;
        for (0 .. $#clients) {
            my $answer = $clients[$_]->response;
            push @wrong, $answer->summary if !$answer->is_success || $answer->body !~ /^body $round $_ x*$/;
        }
    }
    return join "\n", @wrong;
}

my $megabyte = join '', map { pack 'N', $_ } 1 .. 250_000;
for my $mpm (@mpms) {
    local $ENV{T_MPM} = $mpm;
    my $apps = FCT::Apps->start(kinds => [qw(php_fpm go perl_fcgi)], worker => 'enablereuse=on max=8', backend => { processes => 8 });
    for my $app ($apps->each) {
        my ($kind, $path) = @$app{qw(kind path)};
        my @wrong = grep { my $answer = $apps->ask("${path}echo", body => "n $_"); !$answer->is_success || $answer->body ne "n $_" } 1 .. 20;
        is("@wrong", '', "$mpm, $kind: twenty requests in a row get their own answers");
        is(concurrent($apps->port, $path), '', "$mpm, $kind: thirty-six requests of six clients at once get their own answers");
        my $answer = ask_chunked($apps->port, "${path}echo", $megabyte);
        is(sha256_hex($answer->body), sha256_hex($megabyte), "$mpm, $kind: a chunked megabyte goes there and back");
        $answer = $apps->ask("${path}stream?5000000");
        is(length $answer->body, 5_000_000, "$mpm, $kind: a download is whole");
        my $client = FCT::Client->connect(port => $apps->port);
        $client->send("POST ${path}echo HTTP/1.1\r\nHost: test.example\r\nContent-Length: 900000\r\n\r\n" . 'x' x 100_000);
        $client->close;
        $apps->answers($app, "$mpm, $kind: after a client left in its upload a request is answered");
        $client = FCT::Client->connect(port => $apps->port);
        $client->send("GET ${path}events?3 HTTP/1.1\r\nHost: test.example\r\n\r\n");
        ok($client->wait_bytes(qr/data: 1\n\n/, 3) && $client->leftover !~ /data: 3/, "$mpm, $kind: the first event is there before the last");
        ok($client->response->is_success, "$mpm, $kind: and the stream ends whole");
    }
    $apps->is_in_step("$mpm: nothing came that belongs to no answer");
    $apps->workers_are_idle("$mpm: no worker is left busy");
    $apps->finish(allow => [qr/FCT5009/]);
}
done_testing;
