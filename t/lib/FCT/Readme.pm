# FCT::Readme: README.md as a test reads it: sections, tables, blocks of code, and the tables that are written from their sources.
#
#     for my $block (FCT::Readme::blocks('xml')) { $block->{text}, $block->{before}, $block->{line} }
#     my $table = FCT::Readme::table('Directives');        # rows of cells, without Markdown's backslashes
package FCT::Readme;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use FCT::Differences;
use FCT::Proc qw(repo_root read_file write_file);
use FCT::Provenance;

sub file () { return repo_root() . '/README.md' }

sub text () {
    state $text = read_file(file());
    return $text;
}

# The text between a heading and the next of the same or a higher level, without the heading.
sub section ($heading) {
    text() =~ /^(#+) \Q$heading\E\n(.*?)(?=^#{1,6} (?!#)|\z)/ms or die "README.md has no section '$heading'\n";
    my $level = length $1;
    text() =~ /^#{$level} \Q$heading\E\n(.*?)(?=^#{1,$level} |\z)/ms;
    return $1;
}

# Blocks of code: { lang, text, before (the paragraph in front, '' if that is a block), line (of the first line of text) }.
sub blocks ($lang = undef) {
    my (@blocks, $block, $number);
    my @paragraph;
    for my $line (split /^/, text()) {
        $number++;
        if ($block) {
            if ($line =~ /^```$/) { push @blocks, $block; ($block, @paragraph) = () }
            else                  { $block->{text} .= $line }
        }
        elsif ($line =~ /^```(\w+)$/) {
            $block = { lang => $1, text => '', line => $number + 1 };
            pop @paragraph while @paragraph && $paragraph[-1] !~ /\S/;
            $block->{before} = join '', last_paragraph(@paragraph);
        }
        else { push @paragraph, $line }
    }
    return grep { !defined $lang || $_->{lang} eq $lang } @blocks;
}

sub last_paragraph (@lines) {
    my @last;
    while (@lines && $lines[-1] =~ /\S/) { unshift @last, pop @lines }
    return @last;
}

# The n-th table of a section (0: the first): { head => [cells], rows => [[cells], …] }.
sub table ($heading, $n = 0) {
    my @tables = section($heading) =~ /((?:^\|.*\n)+)/mg;
    my @lines = split /\n/, $tables[$n] // die "section '$heading' has no table $n\n";
    my ($head, undef, @rows) = map { [cells($_)] } @lines;
    return { head => $head, rows => \@rows };
}

# The cells of one line, Markdown's backslashes taken away; backticks stay.
sub cells ($line) {
    $line =~ s/^\|\s*//;
    $line =~ s/\s*\|\s*$//;
    return map { s/\\([\\|<*\[`])/$1/gr } split /\s*(?<!\\)\|\s*/, $line, -1;
}

# What stands between backticks.
sub code ($text) { return $text =~ /`([^`]+)`/g }

# --- tables written from their sources ---

sub escaped ($text) { return $text =~ s/([\\|<*\[`])/\\$1/gr }

sub row (@cells) { return '| ' . join(' | ', map { escaped($_) } @cells) . " |\n" }

# The rows of finding.def: { number, name, area, severity, sentence }.
sub findings () {
    my @rows;
    for (split /\n/, read_file(repo_root() . '/mod_fcgi_trust/core/finding.def')) {
        next if !/^FCT_FINDING/;
        my %row;
        @row{qw(number name area severity sentence)} = /^FCT_FINDING\((\d+), (\w+), "([^"]*)", (\w+), "((?:[^"\\]|\\.)*)"\)$/
            or die "finding.def: not understood: $_\n";
        $row{severity} = lc $row{severity};
        $row{sentence} =~ s/\\(.)/$1/g;
        push @rows, \%row;
    }
    return @rows;
}

sub findings_table () {
    return row('finding', 'area', 'severity', 'what it says') . "|---|---|---|---|\n"
        . join '', map { row("FCT$_->{number}", @$_{qw(area severity sentence)}) } findings();
}

sub differences_table () {
    my %about = (parameter => 'what the application is told', request => 'what is refused', response => 'what the client gets', backend => 'the connection');
    return row('about', 'mod_proxy_fcgi', 'this module', 'why') . "|---|---|---|---|\n"
        . join '', map { row($about{ $_->{area} } // $_->{area}, @$_{qw(stock module why)}) } FCT::Differences::rows();
}

# The shipped policies, each with its own description; those that others stand on first.
sub shipped_table () {
    my %order = map { state $n = 0; $_ => ++$n } qw(rfc3875 generic php-fpm go wsgi);
    my %about = map {
        my ($name) = m{([^/]+)\.xml$};
        my ($text) = read_file($_) =~ m{<description>(.*?)</description>}s;
        ($name => join ' ', split ' ', $text // die "$_ has no <description>\n");
    } grep { !/\.test\.xml$/ } glob repo_root() . '/policies/*.xml';
    return row('policy', 'what it is') . "|---|---|\n"
        . join '', map {"| `$_` | " . escaped($about{$_} =~ s/&lt;/</gr =~ s/&gt;/>/gr =~ s/&amp;/&/gr) . " |\n"} sort { ($order{$a} // 99) <=> ($order{$b} // 99) || $a cmp $b } keys %about;
}

# Who writes a fact, and what each source says of it. An empty cell would be no cell: nothing is a dash.
sub provenance_table () {
    my @cells = (@FCT::Provenance::SOURCES, 'inherited');
    return '| who writes it | ' . join(' | ', (map {"`$_.Fact`"} @FCT::Provenance::SOURCES), '`env.Fact` where a redirect inherits the user') . " |\n|---|---|---|---|---|---|---|\n"
        . join '', map { my $row = $_; "| $row->{writer} | " . join(' | ', map { $row->{$_} // '–' } @cells) . " |\n" } FCT::Provenance::rows();
}

# README.md as it should be: what stands between <!-- NAME: … --> and <!-- end --> is the table of that name.
sub filled () {
    my %table = (findings => \&findings_table, differences => \&differences_table, shipped => \&shipped_table,
        provenance => \&provenance_table);
    return text() =~ s{^(<!-- (\w+): written by [^\n]*-->\n).*?^<!-- end -->$}{ my ($begin, $name) = ($1, $2); $begin . $table{$name}->() . '<!-- end -->' }gemsr;
}

1;
