# A backend that falls silent costs its own request only: 504 while nothing went out, else an answer that is visibly not whole. SPEC 5; EVIDENCE F8.
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

my @table = at_every_stage(name => 'silence', fault => sub ($id) { STALL }, want => 504);
push @table, { name => 'silence after half a record header', want => 504, play => sub ($id, @) { substr(record(FCGI_STDOUT, $id, 'x'), 0, 5), STALL } },
    { name => 'silence after half of END_REQUEST', want => 504, play => sub ($id, @) { substr(answer($id, MARK), 0, -5), STALL } },
    { name => 'silence after STDERR', want => 504, play => sub ($id, @) { stderr($id, "busy\n"), STALL } };

my $rows = FCT::Rows->new(table => \@table, threads => 32, config => <<'CONF');
Listen 127.0.0.1:@PORT@
ProxyTimeout 1
ProxyPass / @BACKEND@/ enablereuse=on
<Location /held/>
    FcgiTrustPolicy @POLICIES@/hold.xml
</Location>
<Location /open/>
    FcgiTrustPolicy @POLICIES@/open.xml
</Location>
CONF

# All at once, since each takes as long as the time-out.
my @running = map { $rows->begin($_) } 0 .. $#table;
for my $number (0 .. $#table) {
    my $answer = $rows->end($running[$number]);
    is($rows->fault_of($table[$number], $answer), undef, "$table[$number]{name}: the client sees " . FCT::Rows::expectation($table[$number]));
    next if $table[$number]{want} ne 'abort';
    ok(defined $running[$number]{client}->closed_within(3), "$table[$number]{name}: the client's connection is closed");
}
my $client = $rows->new_client;
is($rows->own_answer($client), undef, "request $_ after them gets its own answer") for 1 .. 3;
undef $client;
@running = ();
$rows->finish(findings => ['FCT5002', 'FCT5011']);
done_testing;
