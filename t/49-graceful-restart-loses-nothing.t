# A graceful restart under load loses no request, old children finish what they have begun, and what was kept by them is given up. SPEC 12.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time sleep);
use FCT::Gateway;
use FCT::Proc qw(fork_child alive wait_until read_file write_file scratch);
use FCT::Record qw(:all);

use constant { CLIENTS => 3, SECONDS => 4 };

my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', front => 'ServerLimit 16', serve => sub ($conn) {
    while (my $request = $conn->read_request) {
        if ($request->{param}{REQUEST_URI} =~ /long/) {
            $conn->send(stdout($request->{id}, "Content-Type: text/plain\r\n\r\nbegun "));
            $conn->wait_for('finish', 12);
            $conn->send(stdout($request->{id}, 'finished') . stdout_end($request->{id}) . end_request($request->{id}));
            next;
        }
        $conn->send(answer($request->{id}, "own $request->{param}{REQUEST_URI} " . length $request->{stdin}));
    }
});

# Requests, each on a connection of its own, until the time is over; what went wrong goes into a file.
sub client ($n) {
    my ($done, @wrong) = (0);
    my $end = time + SECONDS;
    while (time < $end) {
        my $body = $done % 3 ? undef : 'x' x (1 + $done * 37 % 20_000);
        my $answer = eval { $gateway->ask("/client$n/$done", body => $body, timeout => 8) };
        my $wanted = "own /client$n/$done " . length($body // '');
        push @wrong, "request $done: " . ($answer ? $answer->summary . ' ' . substr $answer->body, 0, 60 : $@) if !$answer || $answer->body ne $wanted;
        $done++;
    }
    write_file(scratch() . "/client$n.new", join "\n", $done, @wrong);
    rename scratch() . "/client$n.new", scratch() . "/client$n.done";
    return;
}

my $long = $gateway->client(timeout => 15);
$long->send(FCT::Client::request_bytes('/long'));
ok($long->wait_bytes(qr/begun/, 5), 'a long answer has begun');
my @pids = map { my $n = $_; fork_child("client $n", sub { client($n) }) } 1 .. CLIENTS;
for my $restart (1 .. 3) {
    sleep 0.8;
    ok($gateway->httpd->graceful, "graceful restart $restart");
}
for my $n (1 .. CLIENTS) {
    ok(wait_until(SECONDS + 10, sub { -e scratch() . "/client$n.done" }), "client $n comes to its end") or next;
    my ($done, @wrong) = split /\n/, read_file(scratch() . "/client$n.done");
    cmp_ok($done, '>', 20, "client $n made requests ($done)");
    is(join("\n", @wrong), '', "client $n: each request gets its own answer");
}
$gateway->peer->signal('finish');
my $answer = $long->response;
is($answer->verdict . ' ' . $answer->body, 'complete begun finished', 'the answer that had begun before three restarts is finished');
is(scalar(grep { $_->{param}{REQUEST_URI} =~ m{^/client} && !$_->{stdin_ended} } $gateway->peer->requests), 0, 'no request reached the backend in part');
is($gateway->ask('/after')->body, 'own /after 0', 'and the server goes on');
$gateway->finish(allow => [qr/AH00(?:493|094|489|046|045)/]);
done_testing;
