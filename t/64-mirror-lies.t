# The mirror's lies are what they say they are: one defect each, so that a gateway can be tried on them.
use v5.26;
use warnings;
use Test::More;
use FCT::Record qw(:all);
use FCT::Tool;

# The answer to one request, and whether the connection was closed after it.
sub lied {
    my ($lie) = @_;
    my $mirror = FCT::Tool::Mirror->start('--lie', $lie);
    my $c = $mirror->connect;
    my $answer = $c->ask(id => 9, keep => 1, params => [['A', 'b']]);
    my $closed = $c->is_closed(0.3);
    is($mirror->stop, 0, "$lie: it ends with 0");
    return ($answer, $closed);
}

sub types { return join ' ', map { $_->{type} . ($_->{content} eq '' ? 'e' : '') } $_[0]{records}->@* }

my $honest = '6 6e 3';
my ($none, $none_closed) = lied('none');
is(types($none), $honest, 'none: the answer is STDOUT, its end, END_REQUEST');
is($none->{field}{'content-length'}, length $none->{body}, 'none: Content-Length is true');
ok(!$none_closed, 'none: the connection is kept');

my ($short) = lied('short-body');
is(types($short), $honest, 'short-body: the records are in order');
is($short->{field}{'content-length'}, 1000 + length $short->{body}, 'short-body: Content-Length is larger than the body');

my ($no_end, $closed) = lied('no-end');
is(types($no_end), '6 6e', 'no-end: END_REQUEST is missing');
ok($closed, 'no-end: the connection is closed');

my ($header) = lied('bad-header');
is(types($header), $honest, 'bad-header: the records are in order');
like($header->{head}, qr/\A[^:\r\n]+\r\nStatus: 200 OK\r\n/, 'bad-header: the first line of the header has no colon');

my ($wrong) = lied('wrong-id');
is(types($wrong), $honest, 'wrong-id: the records are in order');
is_deeply([map { $_->{id} } $wrong->{records}->@*], [10, 10, 10], 'wrong-id: they have another id than the request');

my ($overloaded) = lied('overloaded');
is(types($overloaded), '3', 'overloaded: there is END_REQUEST alone');
is($overloaded->{ended}, pack('NCx3', 0, FCGI_OVERLOADED), 'overloaded: it says so');

done_testing;
