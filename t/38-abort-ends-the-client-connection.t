# An abort ends the client's connection at once: no pipelined answer is spliced in, no rest of a body becomes a request. SPEC 3; EVIDENCE F8, F9.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Rows;
use FCT::Record qw(:all);

plan skip_all => 'no recipe against stock servers' if FCT::Httpd::is_stock();

my $part = MARK . ' one,';
my %abort = (want => 'abort', delivered => $part);
my @ends = (['the connection ends', sub ($id) { CLOSE }], ['the connection is reset', sub ($id) { RESET }],
    ['a wrong record comes', sub ($id) { (record(42, $id, ''), stdout($id, 'more') . stdout_end($id) . end_request($id)) }],
    ['END_REQUEST says OVERLOADED', sub ($id) { end_request($id, 0, FCGI_OVERLOADED) }]);
my @shapes = (['chunked', ''], ['of known length', "Content-Length: 1000\r\n"]);
my @table;
for my $end (@ends) {
    for my $shape (@shapes) {
        push @table, { %abort, name => "a body $shape->[0], $end->[0]", read => 'params',
            play => sub ($id, @) { stdout($id, HEAD_LINES . "$shape->[1]\r\n$part"), RELEASED, $end->[1]->($id) } };
        push @table, { name => "nothing sent yet ($shape->[0]), $end->[0]", want => $end->[0] =~ /OVERLOADED/ ? 503 : 502, read => 'params',
            play => sub ($id, @) { stdout($id, HEAD_LINES . "$shape->[1]\r\n$part"), $end->[1]->($id) } };
    }
}

my $rows = FCT::Rows->new(table => \@table, config => <<'CONF');
Listen 127.0.0.1:@PORT@
ProxyPass / @BACKEND@/ enablereuse=on
<Location /held/>
    FcgiTrustPolicy @POLICIES@/hold.xml
</Location>
<Location /open/>
    FcgiTrustPolicy @POLICIES@/open.xml
</Location>
CONF

my $smuggled = 0;

# A request that must never be served when it stands in the body of another.
sub trap ($prefix) {
    my $token = $prefix . ++$smuggled;
    return ($token, "GET /held/page?row=own&mode=whole&token=$token HTTP/1.1\r\nHost: test.example\r\n\r\n");
}

# Everything the client gets until the connection ends: (bytes, did it end in time).
sub all_of ($client) {
    my $ended = $client->closed_within(FCT::Rows::AT_ONCE);
    return ($client->leftover, defined $ended);
}

sub answers_in ($bytes) { return scalar(() = $bytes =~ m{HTTP/1\.[01] \d\d\d}g) }

# Starts row `number` with these bytes after its request head, sends the rest when the answer has begun. Returns the client.
sub run_row ($number, $head_lines, $first, $rest) {
    my ($path, $token) = $rows->target($table[$number], $number, 'whole');
    my $client = $rows->new_client;
    $client->send("POST $path HTTP/1.1\r\nHost: test.example\r\n$head_lines\r\n$first");
    $client->wait_head(2);
    $rows->peer->signal("head-$token");
    $client->send($rest);
    return $client;
}

for my $number (0 .. $#table) {
    my $row = $table[$number];
    my $name = $row->{name};

    # A pipelined request, there from the beginning.
    if ($row->{want} eq 'abort') {
        my ($path, $token) = $rows->target($row, $number, 'whole');
        my (undef, $next) = trap('pipelined');
        my $client = $rows->new_client;
        $client->send("GET $path HTTP/1.1\r\nHost: test.example\r\n\r\n$next");
        $client->wait_head(2);
        $rows->peer->signal("head-$token");
        my $answer = $client->response(timeout => FCT::Rows::AT_ONCE);
        is($rows->fault_of($row, $answer), undef, "$name: a client with a pipelined request sees that the answer is not whole");
        is(answers_in($answer->body . $client->leftover), 0, "$name: the pipelined request's answer is not spliced in");
    }

    # A body of which half is outstanding: all that follows is body. (A chunked one is spooled: the backend is not asked before its end.)
    my ($token, $trap) = trap('body');
    my $client = run_row($number, "Content-Length: 20000\r\n", 'x' x 1000, $trap x 3);
    my ($bytes, $ended) = all_of($client);
    ok($ended, "$name, with half a request body outstanding: the connection is closed");
    is(answers_in($bytes), 1, "$name, with half a request body outstanding: there is one answer");
    is($rows->peer->told("on-$token"), undef, "$name, with half a request body outstanding: what is left of it is no request");
}

my $client = $rows->new_client;
is($rows->own_answer($client), undef, 'an ordinary request after all that gets its own answer');
undef $client;
$rows->finish(findings => ['FCT1106', 'FCT1206', 'FCT1210'], allow => [qr/FCT5004/, qr/FCT5003/]);
done_testing;
