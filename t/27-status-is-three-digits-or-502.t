# Status is three digits from 200 to 599 or the response is 502; the reason is this server's own. SPEC 5; EVIDENCE F3, F13.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Rows;
use FCT::Record qw(:all);

my @wrong = (
    (map { ["Status '$_'", 1312, "Status: $_"] } '', 'abc', '2', '20', '2000', '20x', 'x200', '+200', '-200', '0x1F4', '2 0 0', '099', '000', '600', '999',
        '200OK', '200,', '2OO', '200; OK', '4294967496', '1e2', "\xb2\xb0\xb0"),
    ['Status 101', 1313, 'Status: 101 Switching Protocols'],
    ['two different Status fields', 1314, "Status: 200 OK\r\nStatus: 404 Not Found"],
    ['two different Status fields, the good one last', 1314, "Status: 500\r\nX-A: 1\r\nstatus: 200"],
);
my @right = (
    (map { ["Status $_", $_, "Status: $_"] } 200, 201, 207, 226, 299, 400, 401, 404, 418, 429, 451, 499, 500, 501, 502, 503, 504, 599),
    ['Status with a reason', 404, 'Status: 404 Not Found'],
    ['Status with a reason that is a lie', 404, 'Status: 404 OK everything is fine'],
    ['Status in other letters', 404, 'sTATUS: 404'],
    ['Status without a blank', 404, 'Status:404'],
    ['Status twice the same', 404, "Status: 404 Not Found\r\nStatus: 404"],
    ['no Status', 200, 'X-A: 1'],
);

my @table = (
    (map { my ($name, $tag, $line) = @$_;
        +{ name => $name, want => 502, finding => "FCT$tag", play => sub ($id, @) { answer($id, MARK, 'Content-Type: text/plain', $line) } } } @wrong),
    (map { my ($name, $status, $line) = @$_;
        +{ name => $name, want => $status, whole => MARK, own_error => 1, reused => 1,
            seen => sub ($answer) {
                return 'the Status field went to the client' if defined $answer->header('Status');
                return $answer->{reason} =~ /fine/ ? 'the reason is the backend\'s' : undef;
            },
            play => sub ($id, @) { answer($id, MARK, 'Content-Type: text/plain', $line) } } } @right),
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
$rows->split_everywhere($_) for grep { $table[$_]{name} eq 'Status 101' || $table[$_]{name} eq 'Status 404' } 0 .. $#table;
$rows->finish;
done_testing;
