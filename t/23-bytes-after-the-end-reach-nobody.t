# What a backend sends after END_REQUEST, or after the end of STDOUT, reaches no client and costs the connection. SPEC 5; EVIDENCE F5, F10.
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

my $body = MARK . ' whole';
my $answer = sub ($id) { answer($id, $body) };
my @after = (
    ['a second END_REQUEST', sub ($id) { end_request($id) }],
    ['a second response', sub ($id) { answer($id, 'second') }],
    ['a second response with the next id', sub ($id) { answer($id + 1, 'second') }],
    ['half a record', sub ($id) { substr record(FCGI_STDOUT, $id, 'second'), 0, 11 }],
    ['one byte', sub ($id) { "\1" }],
    ['STDERR', sub ($id) { stderr($id, 'late') }],
    ['a management record', sub ($id) { record(FCGI_UNKNOWN_TYPE, 0, "\0" x 8) }],
    ['HTTP', sub ($id) { "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond" }],
    ['100 KB', sub ($id) { record(FCGI_STDOUT, $id, 'x' x 50_000) x 2 }],
);

my @table;
for (@after) {
    my ($what, $bytes) = @$_;
    my %row = (want => 200, whole => $body, reused => 0);
    push @table,
        { %row, name => "$what in one write with END_REQUEST", modes => [qw(whole records)], finding => 'FCT5008',
            play => sub ($id, @) { $answer->($id) . $bytes->($id) } },
        { %row, name => "$what after END_REQUEST, while the connection is idle", idle => 1, modes => ['whole'], finding => 'FCT5007',
            play => sub ($id, @) { $answer->($id), LATER, $bytes->($id) } };
}
push @table, { name => 'an end of the connection with END_REQUEST', want => 200, whole => $body, reused => 0, modes => [qw(whole drip)],
    play => sub ($id, @) { $answer->($id), CLOSE } };
push @table, { name => 'an end of the connection while it is idle', want => 200, whole => $body, reused => 0, modes => ['whole'], idle => 1,
    play => sub ($id, @) { $answer->($id), LATER, CLOSE } };

# After the end of STDOUT, before END_REQUEST. No recipe against stock servers: not run there.
my $late = sub ($id, $bytes) { stdout($id, HEAD_LINES . "\r\n$body") . stdout_end($id) . $bytes . end_request($id) };
push @table, (
    { name => 'STDOUT after its end', own => 1, want => 200, whole => $body, reused => 0, finding => 'FCT1213',
        play => sub ($id, @) { $late->($id, stdout($id, 'second')) } },
    { name => 'STDOUT after its end, with an answer in it', own => 1, want => 200, whole => $body, reused => 0, finding => 'FCT1213',
        play => sub ($id, @) { $late->($id, stdout($id, "0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond")) } },
    { name => 'a second end of STDOUT', own => 1, want => 200, whole => $body, reused => 0, finding => 'FCT1214',
        play => sub ($id, @) { $late->($id, stdout_end($id)) } },
    { name => 'STDOUT after its end when the body has begun to go out', own => 1, want => 200, whole => $body, reused => 0, finding => 'FCT1213',
        play => sub ($id, @) { stdout($id, HEAD_LINES . "\r\n$body"), RELEASED, stdout_end($id) . stdout($id, 'second') . end_request($id) } },
) if !FCT::Httpd::is_stock();

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
$rows->finish;
done_testing;
