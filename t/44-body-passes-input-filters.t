# A body that input filters hand on in their own way arrives as it is: an empty piece is no end of it, a filter that takes bytes and gives
# none yet is asked again, and one whose bytes cannot be read leaves no request that looks served. SPEC 4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Httpd;
use FCT::Proc qw(out_dir);
use FCT::Record qw(:all);

plan skip_all => 'mod_feeder is not built: make -f apxs.mk aux' if !-e out_dir() . '/t/aux/mod_feeder.so';

# What came, and on which connection.
sub serve ($conn) {
    while (my $request = $conn->read_request) {
        $conn->send(answer($request->{id}, "$request->{stdin} on " . $conn->number));
    }
}

my $gateway = FCT::Gateway->new(serve => \&serve, worker => 'enablereuse=on max=1',
    places => { spool => '<request chunked="spool" max-body="64M" override="yes"/>', stream => '<request chunked="stream" max-body="64M" override="yes"/>' },
    front => 'LoadModule feeder_module @OUT@/t/aux/mod_feeder.so' . join '', map { (my $at = lc) =~ tr/_/-/; "\n<LocationMatch $at>\nSetInputFilter $_\n</LocationMatch>" }
        qw(EMPTY_PIECES EVERY_THIRD BROKEN_FILE SHRUNK_FILE));

# The answer to a body in chunks, all sent at once.
sub post ($path, @chunks) {
    my $client = $gateway->client;
    $client->send("POST $path HTTP/1.1\r\nHost: test.example\r\nTransfer-Encoding: chunked\r\n\r\n" . (join '', map { sprintf "%x\r\n%s\r\n", length, $_ } @chunks) . "0\r\n\r\n");
    return $client->response;
}

for my $place (qw(spool stream)) {
    for my $filter (qw(empty-pieces every-third)) {
        for my $chunks ([], ['abc'], ['a' .. 'z'], ['x' x 5000, 'y', 'z' x 70_000]) {
            my $body = join '', @$chunks;
            my $answer = post("/$place/$filter", @$chunks);
            ok($answer->status == 200 && $answer->body eq "$body on 1", "$filter, $place: " . @$chunks . ' chunks arrive whole, and the connection is kept')
                or diag substr $answer->body, 0, 200;
        }
    }
}
for my $place (qw(spool stream)) {
    for my $filter (qw(broken-file shrunk-file)) {
        is(post("/$place/$filter", 'abc')->status, 500, "$filter, $place: a body that cannot be read is no success");
        like(post("/$place/own", 'next')->body, qr/\Anext on /, "$filter, $place: the next request is served");
    }
}
$gateway->finish(findings => ['FCT5010']);
done_testing;
