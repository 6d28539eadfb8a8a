# A header block has caps in bytes and in fields; memory does not follow a backend that never stops. SPEC 5; EVIDENCE F6, F13.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Rows;
use FCT::Record qw(:all);

my $fields  = 1000;
my $endless = 32 * 1024 * 1024;

# What is far beyond any cap, in the shapes it can come.
my @table = (
    { name => 'a header block of 32 MB in fields', want => 502, finding => 'FCT130[12]', modes => ['whole'],
        play => sub ($id, @) { stdout($id, "X-Name: value value value value\r\n" x ($endless / 33)) . stdout($id, "\r\n" . MARK) . end_request($id) } },
    { name => 'one header line of 32 MB', want => 502, finding => 'FCT1301', modes => ['whole'],
        play => sub ($id, @) { stdout($id, 'X-Name: ' . 'x' x $endless) . stdout($id, "\r\n\r\n" . MARK) . end_request($id) } },
    { name => 'a field name of 32 MB', want => 502, finding => 'FCT1301', modes => ['whole'],
        play => sub ($id, @) { stdout($id, 'x' x $endless) . stdout($id, ": y\r\n\r\n" . MARK) . end_request($id) } },
    { name => 'a header block that never ends', want => 502, finding => 'FCT1301', modes => ['whole'],
        play => sub ($id, @) { (map { stdout($id, 'X-Name: ' . 'x' x 60_000 . "\r\n") } 1 .. 100), STALL } },
    { name => "$fields short fields", want => 502, finding => 'FCT1302', modes => ['whole', 'records'],
        play => sub ($id, @) { stdout($id, "A: b\r\n" x $fields . "\r\n" . MARK) . stdout_end($id) . end_request($id) } },
    { name => 'a header block of 4 KB', want => 200, whole => MARK, reused => 1,
        play => sub ($id, @) { stdout($id, "Content-Type: text/plain\r\n" . join('', map {"X-$_: " . 'v' x 90 . "\r\n"} 10 .. 49) . "\r\n" . MARK)
            . stdout_end($id) . end_request($id) } },
    { name => 'a field of 4 KB', want => 200, whole => MARK, reused => 1,
        seen => sub ($answer) { length($answer->header('X-Name') // '') == 4096 ? undef : 'X-Name is not whole' },
        play => sub ($id, @) { stdout($id, "Content-Type: text/plain\r\nX-Name: " . 'v' x 4096 . "\r\n\r\n" . MARK) . stdout_end($id) . end_request($id) } },
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

sub memory () {
    my $most = 0;
    for my $pid ($rows->httpd->child_pids) {
        my ($kb) = FCT::Proc::read_file("/proc/$pid/status") =~ /^VmHWM:\s+(\d+)/m;
        $most = $kb if $kb && $kb > $most;
    }
    return $most;
}

$rows->play_row($_, 'whole') for grep { $table[$_]{want} == 200 } 0 .. $#table;
my $before = memory();
$rows->play;
SKIP: {
    skip 'there is no /proc to read the memory from', 1 if !$before;
    skip 'a sanitizer holds on to what was freed', 1 if FCT::Proc::asan_preload(FCT::Httpd->module_file) && !FCT::Httpd::is_stock();
    my $grown = memory() - $before;
    cmp_ok($grown, '<', 8192, "endless header blocks cost the gateway less than 8 MB ($grown KB)");
}
$rows->finish;
done_testing;
