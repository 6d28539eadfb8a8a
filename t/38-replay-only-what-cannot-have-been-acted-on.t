# A kept connection that closes in the race window costs an idempotent request nothing, and no other request is ever sent twice. SPEC 4; EVIDENCE R1, R7.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Client;
use FCT::Httpd;
use FCT::Peer;
use FCT::Record qw(:all);

# What the peer does with /NAME/…; a connection that is not kept yet it serves, unless the name says otherwise.
my $peer = FCT::Peer->start(serve => sub ($conn) {
    my $served = 0;
    while (my $request = $conn->read_request('params')) {
        my ($act) = $request->{param}{REQUEST_URI} =~ m{^/(\w+)/};
        my $is_kept = $served++;
        return $conn->close if $act =~ /^closes/ && $is_kept || $act eq 'always';
        return $conn->reset if $act eq 'resets' && $is_kept;
        $conn->read_rest($request) or return;
        return $conn->close if $act eq 'takes' && $is_kept;
        if ($act eq 'byte' && $is_kept) { $conn->send("\1"); return $conn->close }
        if ($act eq 'stderr' && $is_kept) { $conn->send(stderr($request->{id}, "begun\n")); return $conn->close }
        if ($act eq 'wrong' && $is_kept) { $conn->send(record(42, $request->{id}, '')); return $conn->close }
        $conn->send(answer($request->{id}, "$request->{param}{REQUEST_METHOD} $request->{param}{REQUEST_URI} $request->{stdin}"));
        if ($act eq 'idle') { return $conn->close }
        if ($act =~ /^race(\d+)$/) { $conn->pause($1 / 10_000); return $conn->close }
    }
});

my $httpd = FCT::Httpd->new(set => { BACKEND => $peer->url }, config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
ProxyPass / @BACKEND@/ enablereuse=on retry=0
FcgiTrustPolicy @POLICIES@/open.xml
CONF

# The request comes second on a connection: the one before it leaves it kept. Returns the answer and how often the peer got it.
sub second ($act, $method, $body = undef) {
    state $count = 0;
    my $path   = "/$act/" . ++$count;
    my $client = FCT::Client->connect(port => $httpd->port);
    $client->ask("/good/before$count");
    my $answer = $client->ask($path, method => $method, body => $body);
    my $times  = grep { ($_->{param}{REQUEST_URI} // '') eq $path } $peer->requests;
    return ($answer, $times, $path);
}

for my $act (qw(closes resets takes)) {
    for my $method (qw(GET HEAD DELETE)) {
        my ($answer, $times, $path) = second($act, $method);
        is($answer->status, 200, "$method on a kept connection that $act is answered");
        is($answer->body, "$method $path ", "$method on a kept connection that $act gets its own answer") if $method ne 'HEAD';
        is($times, 2, "$method on a kept connection that $act was sent once more, and once only");
    }
    for my $body ('abcde', 'x' x 100_000) {
        my ($answer, $times, $path) = second($act, 'POST', $body);
        is($answer->status, 502, 'POST of ' . length($body) . " bytes on a kept connection that $act is 502");
        is($times, 1, 'POST of ' . length($body) . " bytes on a kept connection that $act was sent once");
    }
    my ($answer, $times, $path) = second($act, 'PUT', 'abcde');
    ok($answer->status == 502 && $times == 1 || $answer->body eq "PUT $path abcde" && $times == 2,
        "PUT on a kept connection that $act is sent once more with its whole body, or not at all") or diag($answer->summary, " sent $times times");
}

for my $act (qw(byte stderr wrong)) {
    my ($answer, $times) = second($act, 'GET');
    is($answer->status, 502, "GET on a kept connection that ends after the first response bytes ($act) is 502");
    is($times, 1, "GET on a kept connection that ends after the first response bytes ($act) was sent once");
}

for my $method (qw(GET POST)) {
    my ($answer, $times) = second('always', $method, $method eq 'POST' ? 'abc' : undef);
    is($answer->status, 502, "$method to a backend that closes every connection is 502");
    is($times, $method eq 'GET' ? 2 : 1, "$method to a backend that closes every connection is not tried for ever");
}

# A connection that ended while it was idle is seen before anything is sent: no method suffers.
for my $method (qw(GET POST)) {
    my $client = FCT::Client->connect(port => $httpd->port);
    my @wrong;
    for my $n (1 .. 20) {
        my $path = "/idle/$method$n";
        my $answer = $client->ask($path, method => $method, $method eq 'POST' ? (body => "b$n") : ());
        my $body = $method eq 'POST' ? "b$n" : '';
        push @wrong, $answer->summary if $answer->body ne "$method $path $body";
        FCT::Proc::wait_until(2, sub { ($peer->connections)[-1]{ended} });
    }
    is(join("\n", @wrong), '', "20 $method requests, each after the connection before it was closed while idle, are answered");
}

# In the race window: the peer closes a little after its answer.
my $client = FCT::Client->connect(port => $httpd->port);
my @failed = grep { my $n = $_; $client->ask("/race$n/x")->body ne "GET /race$n/x " } map { $_ % 12 } 1 .. 60;
is(scalar @failed, 0, 'of 60 GET requests none fails because the backend closes about then');
undef $client;

$httpd->finish(findings => ['FCT1210', 'FCT1106'], allow => [qr/FCT500[345]/, qr/FCT1101/, qr/FCT5011/]);
$peer->stop;
is(join('', $peer->script_errors), '', 'the peer played what it was told to');
done_testing;
