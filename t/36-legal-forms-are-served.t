# What FastCGI allows is served, however the bytes come: padding, empty records, one byte a record, no end of STDOUT. SPEC 5; EVIDENCE F11.
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
my $head = HEAD_LINES . "\r\n";
my %good = (want => 200, whole => $body, reused => 1);

my @table = (
    { %good, name => 'a plain answer', play => sub ($id, @) { answer($id, $body) } },
    { %good, name => 'no end of STDOUT before END_REQUEST, as PHP-FPM does', play => sub ($id, @) { stdout($id, $head . $body) . end_request($id) } },
    { %good, name => 'header block and body in one record', play => sub ($id, @) { stdout($id, $head . $body) . stdout_end($id) . end_request($id) } },
    { %good, name => 'an empty STDERR before and after', play => sub ($id, @) {
        record(FCGI_STDERR, $id, '') . stdout($id, $head . $body) . stdout_end($id) . record(FCGI_STDERR, $id, '') . end_request($id) } },
    # (Padding of END_REQUEST that is late need not be waited for: such a connection may be kept or not.)
    (map { my $pad = $_; +{ %good, reused => undef, name => "padding of $pad bytes on every record", play => sub ($id, @) {
        join '', record(FCGI_STDOUT, $id, $head, pad => $pad), record(FCGI_STDOUT, $id, $body, pad => $pad), record(FCGI_STDOUT, $id, '', pad => $pad),
            record(FCGI_END_REQUEST, $id, "\0" x 8, pad => $pad) } } } 1, 7, 8, 255),
    { %good, reused => undef, name => 'padding that looks like a record', play => sub ($id, @) {
        my $trap = end_request($id, 0, FCGI_OVERLOADED);
        join '', record(FCGI_STDOUT, $id, $head, padding => $trap), record(FCGI_STDOUT, $id, $body, padding => $trap), stdout_end($id),
            record(FCGI_END_REQUEST, $id, "\0" x 8, padding => $trap) } },
    { %good, name => 'padding of 8 bytes on every record, in one write', modes => ['whole'], play => sub ($id, @) {
        join '', record(FCGI_STDOUT, $id, $head, pad => 8), record(FCGI_STDOUT, $id, $body, pad => 8), record(FCGI_END_REQUEST, $id, "\0" x 8, pad => 8) } },
    { %good, name => 'reserved bytes that are not zero', play => sub ($id, @) {
        join '', record(FCGI_STDOUT, $id, $head, reserved => 1), record(FCGI_STDOUT, $id, $body, reserved => 255), stdout_end($id),
            record(FCGI_END_REQUEST, $id, "\0\0\0\0\0abc", reserved => 9) } },
    { %good, name => 'STDERR between the lines of the header block', findings => 1, play => sub ($id, @) {
        stdout($id, 'Content-Type: text') . stderr($id, "note\n") . stdout($id, "/plain\r\n\r\n" . $body) . stdout_end($id) . end_request($id) } },
    { %good, name => 'an empty body', whole => '', play => sub ($id, @) { stdout($id, $head) . stdout_end($id) . end_request($id) } },
    (map { my $n = $_; +{ %good, name => "a body of $n bytes in one record", whole => 'x' x $n, modes => ['whole'],
        play => sub ($id, @) { stdout($id, $head) . record(FCGI_STDOUT, $id, 'x' x $n) . stdout_end($id) . end_request($id) } } } 1, 127, 128, 8191, 8192, 65527, 65528, 65535),
    (map { my $n = $_; +{ %good, name => "a body of $n bytes", whole => 'x' x $n, modes => ['whole'],
        play => sub ($id, @) { stdout($id, $head) . stdout($id, 'x' x $n) . stdout_end($id) . end_request($id) } } } 65536, 65537, 1_000_003),
    { %good, name => 'a body of 40,000 bytes, one byte a record', whole => 'x' x 40_000, modes => ['whole'],
        play => sub ($id, @) { stdout($id, $head) . stdout($id, 'x' x 40_000, 1) . stdout_end($id) . end_request($id) } },
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
$rows->split_everywhere($_) for grep { $table[$_]{name} =~ /^(?:a plain answer|padding of 7|padding that looks)/ } 0 .. $#table;

$rows->finish(findings => ['FCT5011']);
done_testing;
