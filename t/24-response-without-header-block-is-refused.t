# A response without a complete header block is answered with 502, however it lacks it. SPEC 5; EVIDENCE F1, F2, F13.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Rows;
use FCT::Record qw(:all);

my @incomplete = (
    ['END_REQUEST alone', 1201, sub ($id) { '' }],
    ['STDERR alone', 1201, sub ($id) { stderr($id, "failed\n") }],
    ['an empty STDERR alone', 1201, sub ($id) { record(FCGI_STDERR, $id, '') }],
    ['an empty STDOUT', 1202, sub ($id) { stdout_end($id) }],
    ['half a line', 1203, sub ($id) { stdout($id, 'Content-Ty') . stdout_end($id) }],
    ['a header block without its end', 1203, sub ($id) { stdout($id, HEAD_LINES) . stdout_end($id) }],
    ['a header block without its end, and no end of STDOUT', 1203, sub ($id) { stdout($id, HEAD_LINES) }],
    ['a header block that ends with half an empty line', 1203, sub ($id) { stdout($id, HEAD_LINES . "\r") . stdout_end($id) }],
    ['a body without a header block', 1304, sub ($id) { stdout($id, '<html>' . MARK . "</html>\n") . stdout_end($id) }],
    ['a body without a header block and without a line end', 1203, sub ($id) { stdout($id, MARK) . stdout_end($id) }],
    ['an empty header block', 1303, sub ($id) { stdout($id, "\r\n" . MARK) . stdout_end($id) }],
    ['an empty header block with LF', 1303, sub ($id) { stdout($id, "\n" . MARK) . stdout_end($id) }],
    ['an HTTP answer', 1304, sub ($id) { stdout($id, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" . MARK) . stdout_end($id) }],
);

# Line ends may differ from line to line, as scripts write them: such a block is whole.
my @whole = (
    ['CRLF', "Content-Type: text/plain\r\nX-A: 1\r\n\r\n"],
    ['LF', "Content-Type: text/plain\nX-A: 1\n\n"],
    ['CRLF and an empty line with LF', "Content-Type: text/plain\r\nX-A: 1\r\n\n"],
    ['LF and an empty line with CRLF', "Content-Type: text/plain\nX-A: 1\n\r\n"],
    ['LF, then CRLF', "Content-Type: text/plain\nX-A: 1\r\nX-B: 1\n\r\n"],
);

my @table = (
    (map { my ($name, $tag, $bytes) = @$_;
        +{ name => $name, want => 502, finding => "FCT$tag", play => sub ($id, @) { $bytes->($id) . end_request($id) } } } @incomplete),
    (map { my ($name, $head) = @$_;
        +{ name => "a header block with $name", want => 200, whole => MARK, reused => 1,
            seen => sub ($answer) { ($answer->header('X-A') // '') eq '1' ? undef : 'X-A is missing' },
            play => sub ($id, @) { stdout($id, $head . MARK) . stdout_end($id) . end_request($id) } } } @whole),
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
$rows->split_everywhere($_) for grep { $table[$_]{name} =~ /without its end$|LF, then CRLF/ } 0 .. $#table;
$rows->finish(findings => ['FCT5011']);
done_testing;
