# Each row of the table of findings is provoked by some test: named by one that runs the code that reports it.
use v5.26;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Proc qw(repo_root read_file);
use FCT::Readme;

my $root = repo_root();

# Tests that list findings without provoking them.
my $self = qr{/9\d-readme-|/95-findings-|/20-test-library-|/unit/finding\.c};
my @files = grep { $_ !~ $self } glob("$root/t/*.t"), glob("$root/t/unit/*.c");
my %text = map { $_ => read_file($_) } @files;
$text{$_} .= read_file("$root/t/lib/FCT/Rows.pm") for grep { $text{$_} =~ /\bFCT::Rows\b/ } keys %text;

# How a test names a finding: FCT1234, FCT_FINDING_NAME; or the number alone in a quoted list of expectations ("2:3104", "!1207",
# "403 2015 2"), or where the test makes tags of numbers.
sub names {
    my ($text, $finding) = @_;
    my ($number, $name) = @$finding{qw(number name)};
    return 1 if $text =~ /FCT$number\b|\bFCT_FINDING_$name\b/;
    return 1 if $text =~ /FCT\(\?:[\d\\|]*\b$number\b/;
    return 1 if $text =~ /"(?:[^"\n]*[ :!]|\d{3} )?$number(?!\w)[^"\n]*"/;
    return $text =~ /FCT[\$@]/ && $text =~ /(?<![\w.])$number(?!\w)/;
}

my @unprovoked;
for my $finding (FCT::Readme::findings()) {
    my @by = map { s{^\Q$root\E/}{}r } grep { names($text{$_}, $finding) } sort keys %text;
    push @unprovoked, "FCT$finding->{number} $finding->{name}" if !@by;
    ok(scalar @by, "FCT$finding->{number} $finding->{name}" . (@by ? " by $by[0]" . (@by > 1 ? " and $#by more" : '') : ''));
}
diag("nobody provokes: $_") for @unprovoked;

# And a row exists to be reported: nobody provokes what no code reports.
my $code = join '', map { read_file($_) } glob("$root/mod_fcgi_trust/*/*.c"), glob("$root/mod_fcgi_trust/*/*.h");
for my $finding (FCT::Readme::findings()) {
    my $name  = $finding->{name};
    my $short = $name =~ /^RESPONSE_(.*)/ ? qr/\((?:\w+, )?$1\)/ : qr/(?!)/;
    ok($code =~ /\bFCT_FINDING_$name\b|$short/, "FCT$finding->{number} is reported somewhere");
}

done_testing;
