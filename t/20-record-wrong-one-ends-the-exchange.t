# A record that is no answer to this request ends the exchange: 502, or an answer that is visibly not whole. SPEC 5; EVIDENCE F5, F13.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Rows;
use FCT::Record qw(:all);

# Each fault once at every place; the peer goes on as if nothing was wrong, so that a gateway that skips the record sees a 200.
my @everywhere = (
    ['version 0',                1101, sub ($id) { record(FCGI_STDOUT, $id, MARK, version => 0) }],
    ['the id of another request', 1102, sub ($id) { record(FCGI_STDOUT, $id + 1, MARK) }],
    ['STDOUT with id 0',         1103, sub ($id) { record(FCGI_STDOUT, 0, MARK) }],
    ['a STDIN record',           1104, sub ($id) { record(FCGI_STDIN, $id, MARK) }],
    ['a management record',      1105, sub ($id) { record(FCGI_GET_VALUES_RESULT, 0, '') }],
    ['record type 42',           1106, sub ($id) { record(42, $id, MARK) }],
    ['END_REQUEST of 7 bytes',   1107, sub ($id) { record(FCGI_END_REQUEST, $id, "\0" x 7) }],
);

# What else is as wrong: in the body, held.
my @variants = (
    (map { my $v = $_; ["version $v", 1101, sub ($id) { record(FCGI_STDOUT, $id, MARK, version => $v) }] } 2, 128, 255),
    ['HTTP instead of FastCGI', 1101, sub ($id) { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" }],
    ['the id less one', 1102, sub ($id) { record(FCGI_STDOUT, $id > 1 ? $id - 1 : 65535, MARK) }],
    ['the id with its bytes swapped', 1102, sub ($id) { record(FCGI_STDOUT, $id << 8 & 0xffff | $id >> 8 || 256, MARK) }],
    ['STDERR of another request', 1102, sub ($id) { record(FCGI_STDERR, $id ^ 0x8000, 'x') }],
    ['END_REQUEST of another request', 1102, sub ($id) { end_request($id ^ 0x8000) }],
    ['STDERR with id 0', 1103, sub ($id) { record(FCGI_STDERR, 0, 'x') }],
    ['END_REQUEST with id 0', 1103, sub ($id) { end_request(0) }],
    (map { my ($name, $type) = @$_; ["a $name record", 1104, sub ($id) { record($type, $id, "\0" x 8) }] }
        ['BEGIN_REQUEST', FCGI_BEGIN_REQUEST], ['ABORT_REQUEST', FCGI_ABORT_REQUEST], ['PARAMS', FCGI_PARAMS], ['DATA', FCGI_DATA]),
    ['an empty STDIN record', 1104, sub ($id) { record(FCGI_STDIN, $id, '') }],
    ['UNKNOWN_TYPE, unasked', 1105, sub ($id) { record(FCGI_UNKNOWN_TYPE, 0, "\x09" . "\0" x 7) }],
    (map { my $type = $_; ["record type $type", 1106, sub ($id) { record($type, $id, '') }] } 0, 12, 255),
    ['an unknown record of 65,535 bytes', 1106, sub ($id) { record(42, $id, 'x' x 65535, pad => 255) }],
    (map { my $n = $_; ["END_REQUEST of $n bytes", 1107, sub ($id) { record(FCGI_END_REQUEST, $id, "\0" x $n) }] } 0, 1, 9, 16, 65535),
);

# GET_VALUES with an id of 0 is a server's too.
push @variants, ['GET_VALUES', '110[45]', sub ($id) { record(FCGI_GET_VALUES, 0, '') }];

my @table = (
    (map { my ($name, $tag, $fault) = @$_; at_every_stage(name => $name, fault => $fault, want => 502, finding => "FCT$tag") } @everywhere),
    (map { my ($name, $tag, $fault) = @$_;
        +{ name => "$name in the body", want => 502, finding => "FCT$tag", modes => ['whole'],
            play => sub ($id, @) { stdout($id, HEAD_LINES . "\r\n" . MARK) . $fault->($id) . stdout_end($id) . end_request($id) } } } @variants),
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
$rows->play(modes => ['whole']);

# The places and the ways in which the bytes may come together; one of each kind is enough.
$rows->play_row($_, 'drip') for grep { $table[$_]{name} =~ /type 42 .*(?:header block|body)$/ } 0 .. $#table;
my ($split) = grep { $table[$_]{name} eq 'record type 42 in the header block' } 0 .. $#table;
$rows->split_everywhere($split);
$rows->finish;
done_testing;
