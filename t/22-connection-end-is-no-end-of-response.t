# A connection that ends, or is reset, before END_REQUEST is no end of a response, at whatever byte. SPEC 5; EVIDENCE F8, F13.
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
my $size = 'Content-Length: ' . length($body) . "\r\n";

my @table = (
    at_every_stage(name => 'a connection closed', fault => sub ($id) { CLOSE }, want => 502, finding => 'FCT1210'),
    at_every_stage(name => 'a connection reset', fault => sub ($id) { RESET }, want => 502, finding => ['FCT(?:1210|5004)']),
    at_every_stage(name => 'a sending half closed', fault => sub ($id) { (HALF_CLOSE, STALL) }, want => 502, finding => 'FCT1210'),
);
my @shapes = (['of known length', $size], ['of unknown length', '']);
for my $ending (['closed', CLOSE, @shapes], ['reset', RESET, $shapes[0]]) {
    for my $shape ($ending->@[2 .. $#$ending]) {
        my $whole = sub ($id) { stdout($id, HEAD_LINES . "$shape->[1]\r\n") . stdout($id, $body) . stdout_end($id) . end_request($id) };
        for my $at (0 .. length($whole->(1)) - 1) {
            push @table, { name => "an answer $shape->[0], the connection $ending->[0] after byte $at", every => 1, want => 502,
                play => sub ($id, @) { ($at ? substr($whole->($id), 0, $at) : (), $ending->[1]) } };
        }
    }
}

# The same when the body has begun to go out: nothing after it makes the answer whole.
for my $shape (@shapes) {
    my $begun = sub ($id) { stdout($id, HEAD_LINES . "$shape->[1]\r\n" . MARK) };
    my $rest  = sub ($id) { stdout($id, substr $body, length MARK) . stdout_end($id) . end_request($id) };
    for my $at (0 .. length($rest->(1)) - 1) {
        push @table, { name => "an answer $shape->[0] that has begun to go out, the connection closed after byte $at", begun => 1, want => 'abort',
            delivered => $body, play => sub ($id, @) { $begun->($id), RELEASED, ($at ? substr($rest->($id), 0, $at) : ()), CLOSE } };
    }
}

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
$rows->play(only => sub ($row) { !$row->{every} && !$row->{begun} }, modes => ['whole']);
$rows->play_together('a connection that ends at any byte is answered with 502', grep { $table[$_]{every} } 0 .. $#table);
$rows->play_together('a connection that ends at any byte after the answer began is an answer that is not whole', grep { $table[$_]{begun} } 0 .. $#table);
$rows->finish(findings => ['FCT1210']);
done_testing;
