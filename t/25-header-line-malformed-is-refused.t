# One malformed line makes the whole response 502; nothing is repaired and nothing is skipped. SPEC 5; EVIDENCE F13.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Rows;
use FCT::Record qw(:all);

# The bytes between two good lines.
my @lines = (
    ['no colon', 1304, 'No colon here'],
    ['a status line', 1304, 'HTTP/1.1 abc'],
    ['a blank before the colon', 1305, 'X-Name : value'],
    ['a tab before the colon', 1305, "X-Name\t: value"],
    ['an empty name', 1306, ': value'],
    ['a folded line', 1308, "X-Name: a\r\n b"],
    ['a line folded with a tab', 1308, "X-Name: a\r\n\tb"],
    ['a line of blanks', 1308, '   '],
    ['NUL in a value', 1309, "X-Name: a\0b"],
    ['NUL at the end of a value', 1309, "X-Name: a\0"],
    ['a bare CR in a value', 1310, "X-Name: a\rb"],
    ['a bare CR that hides a field', 1310, "X-Name: a\rSet-Cookie: admin=1"],
    ['two CR', 1310, "X-Name: a\r"],
    (map { my $byte = $_; [sprintf('byte %02X in a value', $byte), 1311, 'X-Name: a' . chr($byte) . 'b'] } 1 .. 8, 0x0b, 0x0c, 0x0e .. 0x1f, 0x7f),
    (map { my $byte = $_; [sprintf('byte %02X in a name', $byte), $byte == 0x0d ? 1310 : 1307, 'X' . chr($byte) . 'Name: value'] }
        0 .. 8, 0x0b .. 0x0d, 0x0e .. 0x1f, 0x7f .. 0xff),
    (map { ["'$_' in a name", 1307, "X${_}Name: value"] } split //, '"(),/;<=>?@[\\]{}'),
);

# Legal, however odd it looks.
my @legal = (
    ['a tab in a value', "X-Name: a\tb", "a\tb"],
    ['bytes above 7F in a value', "X-Name: \x80\xff\xc3\xa9", "\x80\xff\xc3\xa9"],
    ['an empty value', 'X-Name:', ''],
    ['blanks around a value', "X-Name:\t  a b  ", 'a b'],
    ['a colon in a value', 'X-Name: a:b', 'a:b'],
);

sub block ($line) { return "Content-Type: text/plain\r\n$line\r\nX-Last: 1\r\n\r\n" . MARK }

my @table = (
    (map { my ($name, $tag, $line) = @$_;
        +{ name => $name, together => 1, want => 502, play => sub ($id, @) { stdout($id, block($line)) . stdout_end($id) . end_request($id) } } } @lines),
    (map { my ($name, $tag, $line) = @$_;
        $name =~ /^byte/ ? () : +{ name => "$name, in the first line", together => 1, want => 502,
            play => sub ($id, @) { stdout($id, "$line\r\nContent-Type: text/plain\r\n\r\n" . MARK) . stdout_end($id) . end_request($id) } } } @lines),
    (map { my ($name, $tag, $line) = @$_; +{ name => $name, want => 502, finding => "FCT$tag",
        play => sub ($id, @) { stdout($id, block($line)) . stdout_end($id) . end_request($id) } } } @lines[0 .. 13]),
    (map { my ($name, $line, $value) = @$_; +{ name => $name, want => 200, whole => MARK, reused => 1,
        seen => sub ($answer) { ($answer->header('X-Name') // 'missing') eq $value ? undef : 'X-Name is ' . ($answer->header('X-Name') // 'missing') },
        play => sub ($id, @) { stdout($id, block($line)) . stdout_end($id) . end_request($id) } } } @legal),
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
$rows->play(only => sub ($row) { !$row->{together} }, modes => [qw(whole records)]);
$rows->play_together('every malformed line is answered with 502', grep { $table[$_]{together} } 0 .. $#table);
$rows->split_everywhere($_) for grep { $table[$_]{name} =~ /^(?:a folded line|two CR|a bare CR in a value)$/ && !$table[$_]{together} } 0 .. $#table;
$rows->finish(findings => ['FCT1307', 'FCT1311']);
done_testing;
