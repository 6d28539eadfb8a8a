# An application may answer before it has read the body: the client gets the answer while most of its upload is still at home. SPEC 4, 5; EVIDENCE R8.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Apps;
use FCT::Client;

my $apps = FCT::Apps->start(worker => 'enablereuse=on');

# Sends a head that announces so many bytes, and a few of them.
sub begin_upload ($path, $size, $sent) {
    my $client = FCT::Client->connect(port => $apps->port, timeout => 5);
    $client->send("POST $path HTTP/1.1\r\nHost: test.example\r\nContent-Length: $size\r\n\r\n" . 'x' x $sent);
    return $client;
}

# These read what the application left before they end the request, so that the end of the answer comes after the body.
my %reads_on = (php_fpm => 1, uwsgi => 1);

# What of the answer is there while most of the body is at home.
sub early_part ($kind, $client) {
    return $client->wait_bytes(qr/early\n/, 3) ? 'early' : 'nothing' if $reads_on{$kind};
    my $answer = $client->response(timeout => 3);
    return $answer->is_success && $answer->body eq "early\n" ? 'early' : $answer->summary;
}

sub check_large ($app) {
    my ($kind, $path) = @$app{qw(kind path)};
    my $client = begin_upload("${path}early", 900_000, 1000);
    is(early_part($kind, $client), 'early', "$kind: the answer comes before a large body is read");
    $client->send('x' x 899_000);
    if ($reads_on{$kind}) {
        my $answer = $client->response;
        is($answer->verdict, 'complete', "$kind: it is whole when the body is") or diag($answer->summary);
    }
    else { ok(defined $client->closed_within(5), "$kind: the connection is closed, since most of the body was never read") }
    $apps->answers($app, "$kind: the next request gets its own answer");
    return;
}

# A body of which a part is still at home: what comes of it later is no part of the next request, whether there can be one or not.
sub check_small ($app) {
    my ($kind, $path) = @$app{qw(kind path)};
    my $client = begin_upload("${path}early", 20_000, 1000);
    is(early_part($kind, $client), 'early', "$kind: the answer comes before a small body is read");
    $client->send('x' x 19_000);
    if ($reads_on{$kind}) {
        ok($client->response->is_success, "$kind: the answer is whole when the body is");
        is($client->ask("${path}echo", body => 'second')->body, 'second', "$kind: the next request on the connection gets its own answer");
    }
    else { ok(defined $client->closed_within(5), "$kind: the connection is closed, since the rest of the body was not there") }
    return;
}

# A body that is there and that nobody reads does not cost the client's connection. The next request is a safe one: FCGI.pm ends a kept connection after its
# answer when the body was not read, and what meets that end may be sent again only if it is safe.
sub check_dropped ($app) {
    my ($kind, $path) = @$app{qw(kind path)};
    my $client = begin_upload("${path}early", 20_000, 20_000);
    is($client->response->body, "early\n", "$kind: the answer comes where the whole of a small body is there");
    is($client->ask("${path}download?7")->body, '0123456', "$kind: and the next request on the connection gets its own");
    return;
}

sub check_whole ($app) {
    my ($kind, $path) = @$app{qw(kind path)};
    my $client = begin_upload("${path}early", 900_000, 900_000);
    my $answer = $client->response;
    is($answer->is_success && $answer->body, "early\n", "$kind: the answer comes to a client that sends all of its body") or diag($answer->summary);
    $apps->answers($app, "$kind: the next request gets its own answer");
    return;
}

for my $app ($apps->each) {
    check_large($app);
    check_small($app);
    check_dropped($app);
    check_whole($app);
}
$apps->workers_are_idle('no worker of httpd is left busy');
$apps->finish;
done_testing;
