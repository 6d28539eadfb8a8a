# Every policy in the README loads without a finding, or is refused with exactly the findings named in front of it.
use v5.26;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Cert;
use FCT::Proc qw(read_file scratch write_file);
use FCT::Readme;
use FCT::Tool;

my $root = '<policy xmlns="urn:mod-fcgi-trust:policy:1" name="example" version="1" language="1.0">';

# The findings that the paragraph in front of a block says it is refused with.
sub promised {
    my ($before) = @_;
    return $before =~ /refused with (FCT.*)/s ? join ' ', sort $1 =~ /FCT\d{4}/g : '';
}

# The certificates that examples name, beside them.
my $cert = FCT::Cert->new(scratch() . '/certs');
write_file(scratch() . "/$_", read_file($cert->file('client-ca.pem'))) for map { $_->{text} =~ /<(?:trust-anchor|intermediates) file="([^"]+)"/g } FCT::Readme::blocks('xml');

my ($whole, $refused);
for my $block (grep { $_->{text} !~ /^<tests / } FCT::Readme::blocks('xml')) {
    my $is_whole = $block->{text} =~ /^<policy /;
    $whole += $is_whole;
    # A part of a policy stands in a policy of its own; the first line is the root, so that a line is found again.
    my $text = $is_whole ? $block->{text} : "$root\n$block->{text}</policy>\n";
    my $file = write_file(scratch() . "/line$block->{line}.xml", $text);
    my $ran = FCT::Tool::run('lint', $file);
    my $promised = promised($block->{before});
    $refused += $promised ne '';
    is(join(' ', sort $ran->{out} =~ /: (FCT\d{4}) /g), $promised, "line $block->{line}: " . ($promised ? "refused with $promised" : 'it loads')) or diag $ran->{out};
    is($ran->{exit}, $promised ? 1 : 0, "line $block->{line}: the exit code says so");
    is($ran->{err}, '', "line $block->{line}: nothing on stderr");
}
cmp_ok($whole, '>=', 4, 'there are whole policies');
cmp_ok($refused, '>=', 5, 'some of them are refused');

for my $block (grep { $_->{lang} eq 'apache' || $_->{lang} eq 'text' } FCT::Readme::blocks()) {
    unlike($block->{text}, qr/<policy /, "line $block->{line}: no policy hides in a block of another kind");
}

done_testing;
