# A 1xx header block is not the response: it is dropped or forwarded as the policy says, and capped. SPEC 5; EVIDENCE F3.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Rows;
use FCT::Record qw(:all);

my $hints = "Status: 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
my $final = HEAD_LINES . "\r\n" . MARK;

sub interim_statuses ($answer) { return ref $answer eq 'HASH' ? () : map { $_->{status} } $answer->{interim}->@* }

my %dropped   = (want => 200, whole => MARK, reused => 1, seen => sub ($answer) { interim_statuses($answer) ? 'an interim answer went out' : undef });
my @before = (
    ['103', $hints], ['100', "Status: 100 Continue\r\n\r\n"], ['102', "Status: 102\r\n\r\n"], ['199', "Status: 199 x\r\n\r\n"],
    ['three', $hints x 3],
);

my @table = (
    (map { my ($name, $blocks) = @$_;
        +{ %dropped, name => "$name before the response", play => sub ($id, @) { stdout($id, $blocks . $final) . stdout_end($id) . end_request($id) } } } @before),
    { %dropped, name => '103 in a record of its own', play => sub ($id, @) { stdout($id, $hints) . stdout($id, $final) . stdout_end($id) . end_request($id) } },
    { name => '103 and nothing after it', want => 502, finding => 'FCT1204', play => sub ($id, @) { stdout($id, $hints) . stdout_end($id) . end_request($id) } },
    { name => '103, then half a header block', want => 502, finding => 'FCT1203', play => sub ($id, @) { stdout($id, $hints . 'Content-Ty') . end_request($id) } },
    { name => '103, then the end of the connection', want => 502, finding => 'FCT1210', play => sub ($id, @) { stdout($id, $hints), CLOSE } },
    { name => '101 after 103', want => 502, finding => 'FCT1313', play => sub ($id, @) { stdout($id, $hints . "Status: 101\r\n\r\n" . $final) . end_request($id) } },
    { name => 'a thousand interim blocks', want => 502, finding => 'FCT1205', modes => ['whole'],
        play => sub ($id, @) { stdout($id, "Status: 103\r\n\r\n" x 1000 . $final) . stdout_end($id) . end_request($id) } },
    { name => 'an interim block of 1 MB', want => 502, finding => 'FCT130[12]', modes => ['whole'],
        play => sub ($id, @) { stdout($id, "Status: 103\r\n" . "Link: </a.css>\r\n" x 65_536 . "\r\n" . $final) . stdout_end($id) . end_request($id) } },
    { name => 'a malformed interim block', want => 502, finding => 'FCT1304',
        play => sub ($id, @) { stdout($id, "Status: 103\r\nno colon\r\n\r\n" . $final) . stdout_end($id) . end_request($id) } },
    { name => '103 that the policy forwards', at => '/forward', want => 200, whole => MARK, reused => 1,
        seen => sub ($answer) { join(' ', interim_statuses($answer)) eq '103' ? undef : 'interim answers: ' . join ' ', interim_statuses($answer) },
        play => sub ($id, @) { stdout($id, $hints . $final) . stdout_end($id) . end_request($id) } },
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
<Location /forward/>
    FcgiTrustPolicy @POLICIES@/forward.xml
</Location>
CONF
$rows->play;
$rows->split_everywhere(0);
$rows->finish;
done_testing;
