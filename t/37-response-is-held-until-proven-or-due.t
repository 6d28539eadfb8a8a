# A response is held until it is whole, or too large, or late: what is whole goes out with its length, what streams is passed on. SPEC 5.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Rows;
use FCT::Record qw(:all);

use FCT::Client;

my $body = MARK . ' one, two';
my $head = HEAD_LINES . "\r\n";
my $events = "Content-Type: text/event-stream\r\n\r\n";

sub has_length ($answer) { return $answer->framing eq 'length' && $answer->header('Content-Length') == length $answer->body ? undef : 'framing is ' . $answer->framing }

# `pass`: the peer waits until the client has seen this much, so the gateway must not hold it.
my @table = (
    { name => 'a small response without a length gets one', want => 200, whole => $body, seen => \&has_length, play => sub ($id, @) { answer($id, $body) } },
    { name => 'a response of 60,000 bytes gets a length', want => 200, whole => 'x' x 60_000, seen => \&has_length, modes => ['whole'],
        play => sub ($id, @) { answer($id, 'x' x 60_000) } },
    { name => 'a response of 70,000 bytes is passed on before it is whole', at => '/held', want => 200, whole => 'x' x 70_000 . 'end', modes => ['whole'],
        play => sub ($id, @) { stdout($id, $head . 'x' x 70_000), RELEASED, stdout($id, 'end') . stdout_end($id) . end_request($id) } },
    { name => 'a response that pauses is passed on', want => 200, whole => $body, modes => ['whole'],
        play => sub ($id, @) { stdout($id, $head . MARK), RELEASED, stdout($id, substr $body, length MARK) . stdout_end($id) . end_request($id) } },
    { name => 'a header block without a body yet is passed on', want => 200, whole => $body, modes => ['whole'],
        play => sub ($id, @) { stdout($id, $head), RELEASED, stdout($id, $body) . stdout_end($id) . end_request($id) } },
    { name => 'an event stream is passed on at once', at => '/held', want => 200, whole => "data: 1\n\ndata: 2\n\n", modes => ['whole'],
        play => sub ($id, @) { stdout($id, $events . "data: 1\n\n"), RELEASED, stdout($id, "data: 2\n\n") . stdout_end($id) . end_request($id) } },
    { name => 'with flushpackets=on all is passed on at once', at => '/flush', want => 200, whole => $body, modes => ['whole'],
        play => sub ($id, @) { stdout($id, $head . MARK), RELEASED, stdout($id, substr $body, length MARK) . stdout_end($id) . end_request($id) } },
);

my $rows = FCT::Rows->new(table => \@table, config => <<'CONF');
Listen 127.0.0.1:@PORT@
ProxyPass /flush/ @BACKEND@/flush/ enablereuse=on flushpackets=on
ProxyPass / @BACKEND@/ enablereuse=on
<Location /held/>
    FcgiTrustPolicy @POLICIES@/hold.xml
</Location>
<Location /flush/>
    FcgiTrustPolicy @POLICIES@/hold.xml
</Location>
<Location /open/>
    FcgiTrustPolicy @POLICIES@/open.xml
</Location>
CONF
$rows->play;

# Each event as it is sent: the peer sends the next one only when the client has seen the one before.
for my $number (grep { $table[$_]{name} =~ /passed on/ } 0 .. $#table) {
    my $run = $rows->begin($number);
    ok($run->{client}->wait_head(4), "$table[$number]{name}: the client has its beginning while the backend still waits");
    $rows->end($run);
}
$rows->finish;
done_testing;
