# Sequential and concurrent requests over TCP and Unix sockets, with and without reuse: each gets its own answer, under the balance of
# connections that was configured. SPEC 4; EVIDENCE R7, F10.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Apps;
use FCT::Client;

use constant { SEQUENTIAL => 60, CLIENTS => 6, ROUNDS => 10 };

# What is sent differs from request to request in length, method and framing.
sub send_one ($client, $path, $n) {
    my $body = "request $n " . 'x' x ($n * 997 % 9000);
    return ('GET', $client->send(FCT::Client::request_bytes("${path}env?own=$n"))) if $n % 3 == 0;
    return ($body, $client->send(FCT::Client::request_bytes("${path}echo", body => $body))) if $n % 3 == 1;
    $client->send("POST ${path}echo HTTP/1.1\r\nHost: test.example\r\nTransfer-Encoding: chunked\r\n\r\n");
    $client->send(sprintf "%x\r\n%s\r\n0\r\n\r\n", length $body, $body);
    return ($body);
}

# What is wrong with the answer to the request, or nothing.
sub fault_of ($client, $sent, $n) {
    my $answer = $client->response(timeout => 10);
    return "request $n: " . $answer->summary if !$answer->is_success;
    return "request $n: bytes after its answer" if $client->leftover ne '';
    return $answer->body =~ /^QUERY_STRING=own=$n$/m ? () : "request $n: another request's answer" if $sent eq 'GET';
    return $answer->body eq $sent ? () : "request $n: another body";
}

sub sequential ($port, $app) {
    my $client = FCT::Client->connect(port => $port);
    return grep {defined} map { my ($sent) = send_one($client, $app->{path}, $_); fault_of($client, $sent, $_) } 1 .. SEQUENTIAL;
}

# All clients have a request under way at the same time.
sub concurrent ($port, $app) {
    my @clients = map { FCT::Client->connect(port => $port) } 1 .. CLIENTS;
    my @wrong;
    for my $round (1 .. ROUNDS) {
        my @sent = map { (send_one($clients[$_], $app->{path}, $round * 100 + $_))[0] } 0 .. $#clients;
        push @wrong, map { fault_of($clients[$_], $sent[$_], $round * 100 + $_) } reverse 0 .. $#clients;
    }
    return @wrong;
}

# How many processes answer eight requests in a row.
sub processes_that_answered ($port, $app) {
    my $client = FCT::Client->connect(port => $port);
    my %pid = map { $client->ask("$app->{path}pid")->body => 1 } 1 .. 8;
    return scalar keys %pid;
}

for my $unix (0, 1) {
    for my $reuse (qw(on off)) {
        # One connection a process at most: a process serves one connection at a time, and a kept one occupies it.
        my $apps = FCT::Apps->start(worker => "enablereuse=$reuse" . ($reuse eq 'on' ? ' max=4' : ''), backend => { unix => $unix, processes => 4 });
        my $how = ($unix ? 'a Unix socket' : 'TCP') . ", enablereuse=$reuse";
        for my $app ($apps->each) {
            is(join("\n", sequential($apps->port, $app)), '', "$app->{kind}, $how: @{[SEQUENTIAL]} requests on one client's connection get their own answers");
            is(join("\n", concurrent($apps->port, $app)), '', "$app->{kind}, $how: @{[CLIENTS * ROUNDS]} requests of @{[CLIENTS]} clients at once get their own answers");
            # PHP-FPM, Perl and libfcgi serve a kept connection with the process that took it.
            next if $reuse eq 'off' || FCT::Httpd->mpm eq 'prefork' || $app->{kind} =~ /^(?:go|uwsgi)$/;
            is(processes_that_answered($apps->port, $app), 1, "$app->{kind}, $how: sequential requests stay on a kept connection");
        }
        $apps->workers_are_idle("$how: no worker of httpd is left busy");
        $apps->finish;
    }
}
done_testing;
