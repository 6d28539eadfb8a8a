# FCT::Manual: the manual pages and the completion that were built, as a reader and a shell see them.
package FCT::Manual;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use FCT::Proc qw(out_dir read_file find_program);

sub file ($name) { return out_dir() . "/man/$name" }

# A page without its markup, a line a line.
sub plain ($name) {
    my $text = read_file(file($name));
    $text =~ s/^\.(?:B|I|BR|RI|IR|SS|SH|TH)\s+//mg;
    $text =~ s/\\\[u([0-9A-F]{4})\]/chr hex $1/ge;
    $text =~ s/\\f.|\\&//g;
    $text =~ s/\\\(aq/'/g;
    $text =~ s/\\\(dq/"/g;
    $text =~ s/\\-/-/g;
    $text =~ s/\\e/\\/g;
    return $text;
}

# The examples of a page: blocks of lines.
sub examples ($name) { return plain($name) =~ /^\.EX\n(.*?)^\.EE$/msg }

# What a shell offers for these words, the last of which is being typed.
sub completed (@words) {
    my $bash = find_program('bash') // die "bash is not installed\n";
    my $script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _fcgi_trust; printf "%s\n" "${COMPREPLY[@]}"';
    open my $out, '-|', $bash, '--norc', '-c', $script, 'bash', file('fcgi-trust.bash'), @words or die "bash: $!\n";
    my @offered = map { chomp; $_ } <$out>;
    close $out;
    return grep { $_ ne '' } @offered;
}

1;
