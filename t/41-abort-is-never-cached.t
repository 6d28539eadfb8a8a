# A cache in front never keeps an answer that could not be finished; it keeps those that are whole. SPEC 3.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Record qw(:all);

my @needed = qw(cache cache_disk);
if (my @missing = grep { !FCT::Httpd->has_module($_) } @needed) { plan skip_all => "httpd's modules are not installed: @missing" }

my $part = join '', map {"line $_ of the first part\n"} 1 .. 8000;      # more than any hold
my $head = "Content-Type: text/plain\r\nCache-Control: max-age=1000\r\n";

# The first request for a /doomed/ URL gets the beginning of an answer, then the connection ends; everything else an answer that is whole.
sub serve ($conn) {
    while (my $request = $conn->read_request) {
        my ($id, $uri) = ($request->{id}, $request->{param}{REQUEST_URI});
        if (my ($length, $token) = $uri =~ m{^/doomed/(\w+)/(\w+)}) {
            if (!$conn->wait_for("again-$token", 0)) {
                $conn->send(stdout($id, $head . ($length eq 'known' ? "Content-Length: 1000000\r\n" : '') . "\r\n$part"));
                $conn->wait_for($token, 8);
                return;
            }
        }
        $conn->send(answer($id, "whole $uri", split /\r\n/, $head));
    }
}

my $gateway = FCT::Gateway->new(serve => \&serve, h2 => 1, modules => \@needed, front => <<'CONF');
CacheEnable disk /
CacheRoot @DIR@/run
CacheStorePrivate on
CacheIgnoreNoLastMod on
CONF

sub requests_for ($uri) { return scalar $gateway->requests_for($uri) }

$gateway->ask('/whole') for 1 .. 2;
is(requests_for('/whole'), 1, 'an answer that is whole is kept');

my $n = 0;
for my $length ('known', 'unknown') {
    for my $front ('HTTP/1.1', FCT::Gateway->speaks_h2 ? 'HTTP/2' : ()) {
        my $token = 't' . ++$n;
        my $uri = "/doomed/$length/$token";
        if ($front eq 'HTTP/2') {
            my $h2 = $gateway->h2;
            my $stream = $h2->request($uri);
            $h2->wait_body($stream, 1000, 4);
            $gateway->peer->signal($token);
            is($h2->answer($stream, 4)->{verdict}, 'reset', "$front, $length length: the client sees that it is not whole");
            $h2->close;
        }
        else {
            my $client = $gateway->client;
            $client->send("GET $uri HTTP/1.1\r\nHost: test.example\r\n\r\n");
            $client->wait_bytes(qr/of the first part/, 4);
            $gateway->peer->signal($token);
            ok(!$client->response(timeout => 4)->is_complete, "$front, $length length: the client sees that it is not whole");
        }
        $gateway->peer->signal("again-$token");
        is(substr($gateway->ask($uri)->body, 0, 60), "whole $uri", "$front, $length length: the next client gets the application's answer");
    }
}
$gateway->finish(findings => ['FCT1210'], allow => [qr/cache/]);
done_testing;
