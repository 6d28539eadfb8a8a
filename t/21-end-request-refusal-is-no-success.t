# END_REQUEST that says anything but REQUEST_COMPLETE is no success. SPEC 5; EVIDENCE F1.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Rows;
use FCT::Record qw(:all);

my @refusals = (['OVERLOADED', FCGI_OVERLOADED, 503, 1206], ['CANT_MPX_CONN', FCGI_CANT_MPX_CONN, 502, 1207],
    ['UNKNOWN_ROLE', FCGI_UNKNOWN_ROLE, 502, 1208], ['protocolStatus 4', 4, 502, 1209], ['protocolStatus 255', 255, 502, 1209]);

my $part = MARK . ' one, two';
my $size = 'Content-Length: ' . length($part) . "\r\n";

sub places ($name, $protocol, $status, $tag) {
    my %row = (want => $status, finding => "FCT$tag");
    my $end = sub ($id) { end_request($id, 0, $protocol) };
    return (
        { %row, name => "$name and nothing before it", play => sub ($id, @) { $end->($id) } },
        { %row, name => "$name after STDERR", play => sub ($id, @) { stderr($id, "no room\n") . $end->($id) } },
        { %row, name => "$name after half a header block", play => sub ($id, @) { stdout($id, 'Content-Type: te') . $end->($id) } },
        { %row, name => "$name after the header block", play => sub ($id, @) { stdout($id, HEAD_LINES . "\r\n") . $end->($id) } },
        { %row, name => "$name after a body", play => sub ($id, @) { stdout($id, HEAD_LINES . "\r\n$part") . $end->($id) } },
        { %row, name => "$name after a body of known length and the end of STDOUT",
            play => sub ($id, @) { stdout($id, HEAD_LINES . "$size\r\n$part") . stdout_end($id) . $end->($id) } },
        { %row, name => "$name when the body has begun to go out", want => 'abort', delivered => $part,
            play => sub ($id, @) { stdout($id, HEAD_LINES . "\r\n$part"), RELEASED, stdout_end($id) . $end->($id) } },
    );
}

my @table = map { places(@$_) } @refusals;
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
$rows->play_row($_, 'drip') for 0 .. 6;
$rows->split_everywhere(0);
$rows->finish(findings => ['FCT5011']);
done_testing;
