# The rows of t/lib/differences.txt about the exchange with a backend, each seen at work on both servers.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Client;
use FCT::Differences;
use FCT::Peer;
use FCT::Proc qw(wait_until);
use FCT::Record qw(:all);
use FCT::Twins;

# What the backend does is in the path, and which server asks in the query. True: the connection is kept.
my %play = (
    ordinary => sub ($conn, $request) { $conn->read_rest($request); $conn->send(answer($request->{id}, 'ordinary')); 1 },
    flush => sub ($conn, $request) {
        $conn->send(stdout($request->{id}, "Content-Type: text/plain\r\n\r\nfirst"));
        $conn->pause(0.6);
        $conn->send(stdout($request->{id}, ' last') . stdout_end($request->{id}) . end_request($request->{id}));
        return 1;
    },
    early => sub ($conn, $request) { $conn->send(answer($request->{id}, 'early')); $conn->drain(3); 0 },
    upload => sub ($conn, $request) { $conn->read_rest($request); $conn->tell("left-$request->{param}{QUERY_STRING}"); 0 },
    once => sub ($conn, $request) {
        $conn->read_rest($request);
        $conn->send(answer($request->{id}, 'once'));
        $conn->read_request('params', 5);    # and closes without an answer to the second
        return 0;
    },
    stderr => sub ($conn, $request) { $conn->send(stderr($request->{id}, "one\ntwo\n") . answer($request->{id}, 'told')); 1 },
);

my $peer = FCT::Peer->start(serve => sub ($conn) {
    while (my $request = $conn->read_request('params')) {
        my ($what) = $request->{param}{REQUEST_URI} =~ m{^/app/(\w+)};
        $play{$what}->($conn, $request) or return;
    }
});
my $twins = FCT::Twins->start(set => { BACKEND => $peer->url }, config => <<'CONF');
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @SHIPPED@/generic.xml
ProxyPass /app/ @BACKEND@/ enablereuse=on
CONF
my $differences = FCT::Differences->new('backend');

# One assertion about what the two servers do, and that it is the row of the table.
sub differs ($id, $stock, $module, $name) {
    $differences->seen($id) if is($stock->[0] . ' / ' . $module->[0], $stock->[1] . ' / ' . $module->[1], "$id: $name");
    return;
}

# The requests that a server sent, in their order; each names its server in the query.
sub requests_of ($which, $what) {
    return grep { ($_->{param}{REQUEST_URI} // '') =~ m{^/app/$what\?$which$} } $peer->requests;
}

sub ids_of ($which) {
    my $client = FCT::Client->connect(port => $twins->$which->port);
    $client->ask("/app/ordinary?$which") for 1 .. 4;
    wait_until(3, sub { requests_of($which, 'ordinary') >= 4 });
    return join ' ', map { $_->{id} } requests_of($which, 'ordinary');
}
differs('request-ids', [ids_of('stock'), '1 1 1 1'], [ids_of('module'), '1 2 3 4'], 'the ids of four requests on a kept connection');

sub first_part ($which) {
    my $client = FCT::Client->connect(port => $twins->$which->port);
    $client->send("GET /app/flush?$which HTTP/1.1\r\nHost: test.example\r\n\r\n");
    my $came = $client->wait_bytes(qr/first/, 0.3) ? 'at once' : 'later';
    return $client->response->body eq 'first last' ? $came : 'not whole';
}
differs('flush', [first_part('stock'), 'later'], [first_part('module'), 'at once'], 'the first part of a response is there before the last is written');

sub early_answer ($which) {
    my $client = FCT::Client->connect(port => $twins->$which->port);
    $client->send("POST /app/early?$which HTTP/1.1\r\nHost: test.example\r\nContent-Length: 900000\r\n\r\n" . 'x' x 1000);
    my $answer = $client->response(timeout => 1);
    return $answer->is_success ? 'answered' : 'waiting';
}
differs('early-answer', [early_answer('stock'), 'waiting'], [early_answer('module'), 'answered'], 'a client that has sent a part of its body');

sub told_of_leaving ($which) {
    my $client = FCT::Client->connect(port => $twins->$which->port);
    $client->send("POST /app/upload?$which HTTP/1.1\r\nHost: test.example\r\nContent-Length: 900000\r\n\r\n" . 'x' x 100_000);
    wait_until(5, sub { requests_of($which, 'upload') });
    $client->close;
    $peer->wait_told("left-$which", 8);
    my ($request) = requests_of($which, 'upload');
    return $request->{stdin_ended} ? 'whole' : $request->{aborted} ? 'aborted' : 'closed';
}
differs('client-leaves', [told_of_leaving('stock'), 'closed'], [told_of_leaving('module'), 'aborted'], 'what a backend is told of a client that leaves');

sub after_a_close ($which) {
    my $client = FCT::Client->connect(port => $twins->$which->port);
    $client->ask("/app/once?$which");
    return $client->ask("/app/ordinary?$which")->status;
}
differs('kept-and-closed', [after_a_close('stock'), '503'], [after_a_close('module'), '200'], 'a GET that meets a kept connection which closes without an answer');

sub logged ($which) {
    FCT::Client::request($twins->$which->port, "/app/stderr?$which");
    $twins->$which->log->wait_for(qr/\btwo\b/);
    return $twins->$which->log->count(qr/FCT5011.*\b(?:one|two)\b.*\[request \S+\]/) . ' lines';
}
differs('stderr', [logged('stock'), '0 lines'], [logged('module'), '2 lines'], 'what stands in the log for two lines on standard error, with the id of the request');
$differences->all_were_seen;
$twins->finish(findings => ['FCT5011'], allow => [qr/FCT5006|FCT5009/]);
$peer->stop;
done_testing;
