# A Content-Length that is malformed, contradictory or not true of the body is a fault, not a detail. SPEC 5; EVIDENCE F7.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Rows;
use FCT::Record qw(:all);

my $body = MARK . ' one, two';
my $n = length $body;

sub with_length ($id, $length, $bytes = $body) { return answer($id, $bytes, 'Content-Type: text/plain', "Content-Length: $length") }

sub records ($id, $length, @pieces) {
    return (stdout($id, HEAD_LINES . "Content-Length: $length\r\n\r\n"), map { ref ? $_ : stdout($id, $_) } @pieces);
}

my @table = (
    (map { my $value = $_; +{ name => "Content-Length '$value'", want => 502, finding => 'FCT1315', modes => ['whole'],
        play => sub ($id, @) { with_length($id, $value) } } }
        '', 'abc', "-$n", "+$n", "${n}x", "x$n", "0x$n", "$n $n", "$n, $n", "$n.0", '1e1', '9223372036854775808', '18446744073709551634', '9' x 40),
    { name => 'two different Content-Length fields, the right one first', want => 502, finding => 'FCT1316',
        play => sub ($id, @) { answer($id, $body, "Content-Length: $n", 'Content-Length: 3') } },
    { name => 'two different Content-Length fields, the right one last', want => 502, finding => 'FCT1316',
        play => sub ($id, @) { answer($id, $body, 'Content-Length: 3', "content-length: $n") } },
    { name => 'Content-Length twice the same', want => 200, whole => $body, reused => 1,
        play => sub ($id, @) { answer($id, $body, 'Content-Type: text/plain', "Content-Length: $n", "Content-Length: $n") } },
    { name => 'a true Content-Length', want => 200, whole => $body, reused => 1, play => sub ($id, @) { with_length($id, $n) },
        seen => sub ($answer) { $answer->header('Content-Length') == $n ? undef : 'another Content-Length' } },
    { name => 'Content-Length 0 and no body', want => 200, whole => '', reused => 1, play => sub ($id, @) { with_length($id, 0, '') } },

    { name => 'a body one byte short', want => 502, finding => 'FCT1212', play => sub ($id, @) { with_length($id, $n + 1) } },
    { name => 'no body where one is announced', want => 502, finding => 'FCT1212', play => sub ($id, @) { with_length($id, $n, '') } },
    { name => 'a body short by far', want => 502, finding => 'FCT1212', play => sub ($id, @) { with_length($id, '999999999999') } },
    { name => 'a body one byte long', want => 502, finding => 'FCT1211', play => sub ($id, @) { with_length($id, $n - 1) } },
    { name => 'a body where none is announced', want => 502, finding => 'FCT1211', play => sub ($id, @) { with_length($id, 0) } },
    { name => 'a body long by a record of its own', want => 502, finding => 'FCT1211',
        play => sub ($id, @) { records($id, $n, $body, 'more') , stdout_end($id) . end_request($id) } },

    { name => 'a body that ends short when it has begun to go out', want => 'abort', finding => 'FCT1212', delivered => $body,
        play => sub ($id, @) { records($id, $n + 5, $body), RELEASED, stdout_end($id) . end_request($id) } },
    { name => 'a body that goes on when it has begun to go out', want => 'abort', finding => 'FCT1211', delivered => $body,
        play => sub ($id, @) { records($id, $n, MARK, RELEASED, substr($body, length MARK) . 'more'), stdout_end($id) . end_request($id) } },
    { name => 'a body that goes on when all of it could have gone out', want => 'abort', finding => 'FCT1211', delivered => $body,
        play => sub ($id, @) { records($id, $n, $body, RELEASED, 'more'), stdout_end($id) . end_request($id) } },
    { name => 'a whole body without END_REQUEST when all of it could have gone out', want => 'abort', finding => 'FCT1210', delivered => $body,
        play => sub ($id, @) { records($id, $n, $body, RELEASED), CLOSE } },
    { name => 'a body of 100 KB, more than is held, that ends short', at => '/held', want => 'abort', finding => 'FCT1212', modes => ['whole', 'records'],
        play => sub ($id, @) { records($id, 100_001, 'x' x 70_000, RELEASED, 'x' x 30_000), stdout_end($id) . end_request($id) } },
    { name => 'a body of 200 KB, more than is held, that goes on', want => 'abort', finding => 'FCT1211', modes => ['whole', 'records'],
        play => sub ($id, @) { records($id, 200_000, 'x' x 200_001), stdout_end($id) . end_request($id) } },
);

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
$rows->play;
$rows->split_everywhere($_) for grep { $table[$_]{name} =~ /^a body one byte (?:short|long)$/ } 0 .. $#table;
$rows->finish;
done_testing;
