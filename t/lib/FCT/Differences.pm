# FCT::Differences: the table of what differs from stock mod_proxy_fcgi on purpose (t/lib/differences.txt), and which rows a test has shown.
package FCT::Differences;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Carp qw(croak);
use Test::More;
use FCT::Proc qw(repo_root read_file);

my @COLUMNS = qw(id area stock module why);

# Every row of the table: { id, area, stock, module, why }. A row that is not whole is an error.
sub rows () {
    my $file = repo_root() . '/t/lib/differences.txt';
    my @rows;
    for my $line (grep { /\S/ && !/^#/ } split /\n/, read_file($file)) {
        my @cells = split / \| /, $line, -1;
        croak "$file: not @{[scalar @COLUMNS]} cells: $line" if @cells != @COLUMNS || grep { !/\S/ } @cells;
        my %row;
        @row{@COLUMNS} = @cells;
        push @rows, \%row;
    }
    return @rows;
}

# A record of the rows of some areas, to be shown one by one.
sub new ($class, @areas) {
    my %area = map { $_ => 1 } @areas;
    return bless { rows => { map { $area{ $_->{area} } ? ($_->{id} => 0) : () } rows() } }, $class;
}

# The difference was seen. An id that the table does not have is a defect of the test.
sub seen ($self, $id) {
    croak "differences.txt has no row '$id' in the areas of this test" if !exists $self->{rows}{$id};
    return $self->{rows}{$id}++;
}

# One assertion that every row of these areas was seen; ids that another test shows can be named.
sub all_were_seen ($self, @elsewhere) {
    my %elsewhere = map { $_ => 1 } @elsewhere;
    my @unseen = sort grep { !$self->{rows}{$_} && !$elsewhere{$_} } keys $self->{rows}->%*;
    return is("@unseen", '', 'every difference of the table was seen');
}

1;
