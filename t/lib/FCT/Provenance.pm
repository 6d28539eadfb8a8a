# FCT::Provenance: the table of who writes facts and what the sources say of them (t/lib/provenance.txt).
package FCT::Provenance;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Carp qw(croak);
use FCT::Proc qw(repo_root read_file);

our @SOURCES = qw(header set-header env auth.env auth.header);
my @COLUMNS = (qw(id writer directives sends), @SOURCES, 'inherited');

# Every row: { id, writer, directives => [lines], sends => [field lines], header, … => what the source says (undef: nothing), inherited }.
sub rows () {
    my $file = repo_root() . '/t/lib/provenance.txt';
    my @rows;
    for my $line (grep { /\S/ && !/^#/ } split /\n/, read_file($file)) {
        my @cells = map {s/^\s+|\s+$//gr} split /\|/, $line, -1;
        croak "$file: not @{[scalar @COLUMNS]} cells: $line" if @cells != @COLUMNS;
        my %row;
        @row{@COLUMNS} = @cells;
        $row{$_} = [split /;/, $row{$_}] for qw(directives sends);
        for (@SOURCES, 'inherited') { $row{$_} = undef if $row{$_} eq '-' }
        push @rows, \%row;
    }
    return @rows;
}

1;
