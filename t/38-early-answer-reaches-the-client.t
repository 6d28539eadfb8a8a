# A backend may answer before it has read the body: the answer arrives, nothing blocks, and the connection is not used again. SPEC 4, 5; EVIDENCE R8.
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

my $big = 'x' x 3_000_000;

# /early answers at once and reads on; /slowly does so half a second later; /deaf answers at once and never reads; /flood answers 3 MB
# before it reads.
my $peer = FCT::Peer->start(serve => sub ($conn) {
    while (my $request = $conn->read_request('params')) {
        my ($act) = $request->{param}{REQUEST_URI} =~ m{^/(\w+)};
        my $id = $request->{id};
        if ($act eq 'early') { $conn->send(answer($id, "early $request->{param}{REQUEST_URI}")); $conn->read_rest($request) or return }
        elsif ($act eq 'deaf') { $conn->send(answer($id, "deaf $request->{param}{REQUEST_URI}")); $conn->wait_for('done', 10); return }
        elsif ($act eq 'slowly') { $conn->send(answer($id, "slowly $request->{param}{REQUEST_URI}")); $conn->pause(0.5); $conn->read_rest($request) or return }
        elsif ($act eq 'flood') { $conn->send(answer($id, $big)); $conn->read_rest($request) or return }
        else {
            $conn->read_rest($request) or return;
            $conn->send(answer($id, "own $request->{param}{REQUEST_URI} " . length $request->{stdin}, 'Content-Type: text/plain', "X-Connection: @{[$conn->number]}"));
        }
    }
});

my $httpd = FCT::Httpd->new(set => { BACKEND => $peer->url }, config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
ProxyPass / @BACKEND@/ enablereuse=on
FcgiTrustPolicy @POLICIES@/open.xml
CONF

sub head ($path, $length) { return "POST $path HTTP/1.1\r\nHost: test.example\r\nContent-Length: $length\r\n\r\n" }

sub connection_of ($path) {
    my ($conn) = grep { grep { ($_->{param}{REQUEST_URI} // '') eq $path } $_->{requests}->@* } $peer->connections;
    return $conn ? $conn->{number} : 0;
}

# Next requests get their own answers, on another connection.
sub check_next ($path, $what) {
    my $client = FCT::Client->connect(port => $httpd->port);
    for my $n (1, 2) {
        my $own = $client->ask("/own/$n$path", body => 'abc');
        is($own->body, "own /own/$n$path 3", "$what: request $n after it gets its own answer");
        isnt($own->header('X-Connection'), connection_of($path), "$what: request $n after it is on another connection") if $n == 1;
    }
    return;
}

for my $act (qw(early deaf)) {
    for ([0, 'none of the body sent yet'], [1000, 'a part of the body sent'], [100_000, 'all of the body sent']) {
        my ($sent, $what) = @$_;
        next if $act eq 'deaf' && $sent == 100_000;    # such a connection is sound as far as the gateway can know
        my $path = "/$act/$sent";
        my $client = FCT::Client->connect(port => $httpd->port);
        $client->send(head($path, 100_000) . 'x' x $sent);
        my $answer = $client->response;
        is($answer->summary =~ s/,.*//r, '200 complete', "$act answer, $what: it reaches the client");
        is($answer->body, "$act $path", "$act answer, $what: it is whole");
        check_next($path, "$act answer, $what") if $sent < 100_000;
    }
}

# More than all socket buffers hold, both ways: neither side may wait for the other.
for my $act (qw(flood deaf slowly)) {
    my $path   = "/$act/both";
    my $client = FCT::Client->connect(port => $httpd->port);
    $client->{socket}->blocking(0);
    my $request = head($path, 4 * length $big) . $big x 4;
    my $end = time + 15;
    until ($request eq '' || time > $end) {
        my $put = syswrite $client->{socket}, $request, 65_536;
        substr $request, 0, $put, '' if $put;
        last if !defined $put && !$!{EAGAIN};
        $client->fill(0.01);
    }
    $client->{socket}->blocking(1);
    my $answer = $client->response;
    is($answer->summary =~ s/,.*//r, '200 complete', "a body of 12 MB against a backend that does '$act': the answer is whole");
    is(length $answer->body, $act eq 'flood' ? length $big : length "$act $path", "a body of 12 MB against a backend that does '$act': no byte is missing");
    check_next($path, "a body of 12 MB against '$act'") if $act ne 'flood';
}
$peer->signal('done');
$httpd->finish(allow => [qr/FCT5003/]);
$peer->stop;
is(join('', $peer->script_errors), '', 'the peer played what it was told to');
done_testing;
