# Whatever filters stand between the reply and the client, an answer that cannot be finished never looks whole to the client, and the next
# requests get their own answers. SPEC 3.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Record qw(:all);

my $part = join '', map {"line $_ of the first part\n"} 1 .. 8000;      # more than any hold

# /FILTER/ways: begins, then the connection ends. Anything else: its own answer.
sub serve ($conn) {
    while (my $request = $conn->read_request) {
        my $id = $request->{id};
        my ($path, $token) = split /\?/, $request->{param}{REQUEST_URI}, 2;
        if ($path =~ m{/own$}) { $conn->send(answer($id, "own $request->{param}{REQUEST_URI}", 'Content-Type: text/html')); next }
        my $length = $path =~ m{/length$} ? "Content-Length: 1000000\r\n" : '';
        $conn->send(stdout($id, "Content-Type: text/html\r\n$length\r\n$part"));
        $conn->wait_for($token, 8);
        return;
    }
}

my %filter = (
    none       => [],
    deflate    => ['SetOutputFilter DEFLATE'],
    substitute => ['SetOutputFilter SUBSTITUTE', 'Substitute s/line/LINE/'],
    sed        => ['OutputSed s/line/LINE/', 'SetOutputFilter Sed'],
    include    => ['Options +Includes', 'SetOutputFilter INCLUDES'],
    buffer     => ['SetOutputFilter BUFFER'],
    ratelimit  => ['SetOutputFilter RATE_LIMIT', 'SetEnv rate-limit 4000'],
    several    => ['Options +Includes', 'SetOutputFilter INCLUDES;SUBSTITUTE;DEFLATE', 'Substitute s/line/LINE/'],
);
for my $name (keys %filter) {
    my ($module) = $name eq 'several' ? 'deflate' : $name;
    delete $filter{$name} if $module ne 'none' && !FCT::Httpd->has_module($module);
}
my @modules = grep { FCT::Httpd->has_module($_) } qw(env deflate substitute sed include buffer ratelimit);
my $front = join "\n", map { ("<Location /$_/>", $filter{$_}->@*, '</Location>') } sort keys %filter;
my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', serve => \&serve, h2 => 1, modules => \@modules, front => $front);
my @accept = ('Accept-Encoding' => 'gzip');
my $n = 0;

for my $name (sort keys %filter) {
    for my $shape ('length', 'none') {
        my $what = "through $name, " . ($shape eq 'length' ? 'of known length' : 'of unknown length');
        my $token = 'go' . ++$n;
        my $client = $gateway->client;
        $client->send("GET /$name/$shape?$token HTTP/1.1\r\nHost: test.example\r\nAccept-Encoding: gzip\r\n\r\n");
        $client->wait_head(1);
        $gateway->peer->signal($token);
        my $answer = $client->response(timeout => 4);
        ok(!$answer->is_success, "$what: an HTTP/1.1 client sees that it is not whole") or diag $answer->summary;
        ok(!$answer->keeps_alive, "$what: the client's connection ends") if $answer->status < 400;

        next if !FCT::Gateway->speaks_h2;
        my $h2 = $gateway->h2;
        $token = 'go' . ++$n;
        my $stream = $h2->request("/$name/$shape?$token", headers => [map {lc} @accept]);
        $h2->wait_body($stream, 1, 1);
        $gateway->peer->signal($token);
        my $seen = $h2->answer($stream, 4);
        my $whole = $seen->{verdict} eq 'complete' && $seen->{status} < 400;
        ok(!$whole && $seen->{verdict} ne 'stalled', "$what: an HTTP/2 client too") or diag "$seen->{verdict} $seen->{status} " . length $seen->{body};
        my $own = $h2->ask("/none/own?$n");
        is($own->{body}, "own /none/own?$n", "$what: the next stream gets its own answer");
        $h2->close;
    }
}
$gateway->finish(findings => ['FCT1210']);
done_testing;
