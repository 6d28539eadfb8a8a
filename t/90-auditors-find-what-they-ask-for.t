# The README's section for auditors answers for every family of controls it is asked about, by artefacts that exist, and claims nothing that it
# says elsewhere is not proven: who protects and keeps a log (NIST 800-53 AU-9, AU-11; PCI DSS 4.0 10.3, 10.5) is not this module.
use v5.26;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Readme;

my $section = FCT::Readme::section('For auditors');
my @rows = FCT::Readme::table('For auditors')->{rows}->@*;
my $claimed = join "\n", map { $_->[2] } @rows;
my ($denied) = $section =~ /^(What the module does not prove: .*?\n)(?:\n|\z)/ms;

for my $family (qw(AU CM IA SI)) { like($claimed, qr/NIST 800-53 (?:[\w(), -]*\s)?$family-\d/, "a question is answered for $family of NIST 800-53") }
like($section, qr/\bPCI DSS is version 4\.0\b/, 'the edition of PCI DSS is named');
like($claimed, qr/DISA Apache STIG AS24-U1-\d{6}\b/, 'rules of the STIG are named by their numbers');
for my $asked ([AU => qw(AU-2 AU-3 AU-5 AU-6 AU-12)], [PCI => '10.2.2', '10.4', '10.7.2', '11.5.2']) {
    my ($what, @numbers) = @$asked;
    like($claimed, qr/(?<![\d.])\Q$_\E(?![\d.])/, "$what: $_ has its artefact") for @numbers;
}
for my $elsewhere (qw(AU-9 AU-11 10.3 10.5)) {
    unlike($claimed, qr/(?<![\d.])\Q$elsewhere\E(?![\d.])/, "$elsewhere is not claimed");
    like($denied, qr/(?<![\d.])\Q$elsewhere\E(?![\d.])/, 'but named among what is not proven');
}
like($denied, qr/complete where lines were lost/, 'so is that the log is complete');
done_testing;
