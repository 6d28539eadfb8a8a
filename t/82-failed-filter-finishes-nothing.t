# An output filter that fails in the middle of an answer leaves it cut off: the client can tell, and nothing is spliced in behind it. SPEC 3.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Record qw(:all);

plan skip_all => 'no recipe against stock servers' if FCT::Httpd::is_stock();

my $good = "a good line\n" x 20_000;
my $bad  = 'x' x 20_000;      # a line longer than mod_substitute takes

# /where/SHAPE: the bad line comes at once, in the middle or at the end; what fails is the filter, not the backend.
sub serve ($conn) {
    while (my $request = $conn->read_request) {
        my ($id, $uri) = ($request->{id}, $request->{param}{REQUEST_URI});
        if ($uri =~ m{^/own}) { $conn->send(answer($id, "own $uri")); next }
        my @parts = $uri =~ /first/ ? ($bad, $good) : $uri =~ /middle/ ? ($good, $bad, $good) : ($good, $bad);
        my $length = $uri =~ /length/ ? 'Content-Length: ' . length(join '', @parts) . "\r\n" : '';
        $conn->send(stdout($id, "Content-Type: text/html\r\n$length\r\n"));
        for (@parts) { $conn->send(stdout($id, $_)); $conn->pause(0.05) }
        $conn->send(stdout_end($id) . end_request($id));
    }
}

my $gateway = FCT::Gateway->new(serve => \&serve, worker => 'enablereuse=on', h2 => 1, modules => ['substitute'], front => <<'CONF');
<Location /filtered/>
    SetOutputFilter SUBSTITUTE
    Substitute s/good/GOOD/
    SubstituteMaxLineLength 1000
</Location>
CONF

for my $where (qw(first middle last first-length middle-length last-length)) {
    for my $version ('1.1', '1.0') {
        my $client = $gateway->client(timeout => 5);
        my $next = $version eq '1.0' ? '' : "GET /own/next HTTP/1.1\r\nHost: test.example\r\n\r\n";
        $client->send("GET /filtered/$where HTTP/$version\r\nHost: test.example\r\n\r\n$next");
        my $answer = $client->response;
        ok(!$answer->is_success, "$where, HTTP/$version: the client sees that it is not whole") or diag $answer->summary;
        ok(defined $client->closed_within(3), "$where, HTTP/$version: the connection ends");
        unlike($answer->body . $client->leftover, qr/own/, "$where, HTTP/$version: no other answer stands behind it");
        $client->close;
    }
    next if !$gateway->speaks_h2;
    my $h2 = $gateway->h2;
    my $seen = $h2->ask("/filtered/$where");
    ok($seen->{verdict} ne 'stalled' && ($seen->{verdict} ne 'complete' || $seen->{status} >= 400), "$where: an HTTP/2 client sees it too")
        or diag "$seen->{verdict} $seen->{status}";
    is($h2->ask("/own/$where")->{body}, "own /own/$where", "$where: the next stream gets its own answer");
    $h2->close;
}
$gateway->finish(findings => ['FCT5020'], log => [qr/AH01328/], allow => [qr/FCT1210/]);
done_testing;
