# What other gateways get wrong is kept as a list of rows, each with the tests that turn it into its opposite: the files are there and say
# which row they are of, no row is without one, and each that is said to differ from stock mod_proxy_fcgi names the assertion that does.
# That it does is shown by t/lib/evidence.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Proc qw(read_file);

# The rows that may be shown against stock servers; P2 and P3 are measured by build/bench.
my @ROWS = ((map {"F$_"} 1 .. 8, 10 .. 14), (map {"R$_"} 1 .. 10), qw(T1 T2 T3 T4 T6 T8 T9 T10), qw(S1 S4), 'P1');

my @lines = split /\n/, read_file("$FindBin::Bin/lib/evidence.txt");
my %has;
for my $n (1 .. @lines) {
    my ($row, $file, $against, $assertion, @more) = split /\t/, $lines[$n - 1];
    $has{ $row // '' } = 1;
    my $head = defined $file && -e "$FindBin::Bin/$file" ? read_file("$FindBin::Bin/$file") =~ s/^use v5.*//msr : '';
    my @wrong = (
        (@more || !defined $assertion ? 'not four columns' : ()),
        ((grep { $_ eq ($row // '') } @ROWS) ? () : 'no such row'),
        ($head =~ /EVIDENCE [^.]*\b\Q$row\E\b/ ? () : 'the file does not say that it is of this row'),
        (($against // '') =~ /^(?:stock|other)$/ ? () : 'neither stock nor other'),
        ((($assertion // '') eq '-') == (($against // '') eq 'other') ? () : 'an assertion exactly where stock is at fault'),
    );
    is(join('; ', @wrong), '', "line $n: $row, $file");
}
is(join(' ', grep { !$has{$_} } @ROWS), '', 'no row is without a test');
is(scalar(keys %{ { map { $_ => 1 } @lines } }), scalar @lines, 'no line stands twice');
done_testing;
