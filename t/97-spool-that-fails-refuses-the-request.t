# A body that cannot be kept in its temporary file ends its request with 500, and no other: the backend is never asked. SPEC 4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Backend;
use FCT::Gateway;
use FCT::Httpd;
use FCT::Proc qw(find_program);
use FCT::Record qw(:all);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();
my $prlimit = find_program('prlimit') // FCT::Backend::missing('prlimit', 'util-linux');

my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', policy => '<request methods="GET POST" max-body="64M" override="yes"/>', each => sub ($conn, $request) {
    $conn->send(answer($request->{id}, length $request->{stdin}, 'Content-Type: text/plain'));
    return 1;
});

sub send_chunked ($bytes) {
    my $client = $gateway->client;
    my $chunk = sprintf "%x\r\n%s\r\n", 65_536, 'x' x 65_536;
    $client->send("POST /page HTTP/1.1\r\nHost: test.example\r\nTransfer-Encoding: chunked\r\n\r\n");
    $client->send($chunk) for 1 .. $bytes / 65_536;
    $client->send("0\r\n\r\n");
    return $client->response;
}

my $size = 4 << 20;
is(send_chunked($size)->body, $size, 'a body of 4 MiB is spooled and arrives');

# No file of the serving processes may grow beyond 1 MiB any more: the limit of the parent is that of its next children. httpd ignores
# the signal that comes with it.
system($prlimit, '--pid', $gateway->httpd->pid, '--fsize=1048576') == 0 or die "prlimit failed\n";
ok($gateway->httpd->graceful, 'httpd restarts with a limit on the size of files');
my $asked = scalar $gateway->peer->requests;
my $answer = send_chunked($size);
is($answer->status, 500, 'where the file cannot grow, the request is answered 500');
ok($answer->is_complete, 'with a whole error page');
like($answer->body, qr/Request id: \S/, 'which has the id of the request');
ok(!$answer->keeps_alive, 'the connection ends, for the rest of the body was not read');
is(scalar $gateway->peer->requests, $asked, 'the backend is not asked');
my ($line) = $gateway->httpd->log->wait_for(qr/FCT5016/);
like($line, qr/File too large.*FCT5016 gateway: the request body could not be written to a temporary file after \d+ bytes/, 'the log says what happened, and how far it came');
is(send_chunked(512 << 10)->body, 512 << 10, 'a body that fits is served');
is($gateway->ask('/page')->status, 200, 'so is the next request without one');
$gateway->finish(findings => ['FCT5016']);
done_testing;
