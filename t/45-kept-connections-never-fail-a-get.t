# Backends that close connections after an answer, at once or a moment later, cost no GET its answer and no client somebody else's.
# A connection with anything waiting on it is not used. SPEC 4; EVIDENCE R7, F10.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep);
use FCT::Gateway;
use FCT::Record qw(:all);

use constant REQUESTS => 60;

# After each answer: what the path says.
sub serve ($conn) {
    srand $$;
    while (my $request = $conn->read_request) {
        $conn->send(answer($request->{id}, "own $request->{param}{REQUEST_URI} $request->{stdin}"));
        my ($how) = $request->{param}{REQUEST_URI} =~ m{^/(\w+)};
        return if $how eq 'close';
        if ($how eq 'soon') { $conn->pause(rand 0.003); return }
        if ($how eq 'late') { $conn->pause(rand 0.003); $conn->send(rand() < 0.5 ? stdout($request->{id}, 'late') : answer($request->{id}, 'late')) }
        if ($how eq 'byte') { $conn->pause(rand 0.002); $conn->send("\1"); $conn->pause(0.002) }
    }
}

my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', serve => \&serve, threads => 16, h2 => 1);
for my $how ('close', 'soon', 'keep') {
    for my $method ('GET', 'PUT') {
        my $wrong = 0;
        my $client = $gateway->client;
        for my $n (1 .. REQUESTS) {
            my $body = $method eq 'PUT' ? "body $n" : undef;
            my $answer = $client->ask("/$how/$n", method => $method, body => $body);
            $wrong++ if $answer->status != 200 || $answer->body ne "own /$how/$n " . ($body // '');
            $client = $gateway->client if !$answer->keeps_alive;
            sleep rand 0.003;
        }
        is($wrong, 0, 'of ' . REQUESTS . " requests with $method none fails where the backend does '$how' after each answer");
    }
}

# POSTs may meet a connection that is just being closed: then 502, and never twice.
my ($served, $refused, $wrong) = (0, 0, 0);
for my $n (1 .. REQUESTS) {
    my $answer = $gateway->ask("/soon/post$n", body => "body $n");
    $answer->status == 200 && $answer->body eq "own /soon/post$n body $n" ? $served++ : $answer->status == 502 ? $refused++ : $wrong++;
    sleep rand 0.003;
}
is($wrong, 0, "POSTs are served ($served) or refused ($refused), nothing else");
cmp_ok($served, '>', REQUESTS / 2, 'most are served');
my %times;
$times{ $_->{param}{REQUEST_URI} }++ for grep { $_->{param}{REQUEST_METHOD} eq 'POST' } $gateway->peer->requests;
is(scalar(grep { $_ > 1 } values %times), 0, 'no POST is sent twice');

# Bytes that come when nobody asked: at the next request, in it, behind it. An answer may be refused for them; none is ever wrong.
for my $how ('late', 'byte') {
    my ($own, $bad, $foreign) = (0, 0, 0);
    for my $n (1 .. REQUESTS) {
        my $answer = $gateway->ask("/$how/$n");
        $answer->status == 200 && $answer->body eq "own /$how/$n " ? $own++ : $answer->status == 502 ? $bad++ : $foreign++;
        sleep rand 0.003;
    }
    is($foreign, 0, "where the backend sends '$how' after each answer, no client gets anything but its own answer or 502 ($own, $bad)");
    cmp_ok($own, '>=', 1, "where the backend sends '$how' after each answer, answers are served");
}

# Several clients at once.
sleep 0.05;    # the last of the late bytes has come
for my $how ('close', 'soon') {
    last if !$gateway->speaks_h2;
    my $h2 = $gateway->h2;
    my @streams = map { $h2->request("/$how/h2-$_") } 1 .. REQUESTS;
    my @bodies = map { $h2->answer($_)->{body} } @streams;
    is_deeply(\@bodies, [map {"own /$how/h2-$_ "} 1 .. REQUESTS], 'of ' . REQUESTS . " streams at once each gets its own answer where the backend does '$how'");
}
$gateway->finish(allow => [qr/FCT(?:1\d\d\d|5008)/]);
done_testing;
