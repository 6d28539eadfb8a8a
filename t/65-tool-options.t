# Help goes to stdout, errors to stderr, exit codes are 0, 1 and 2, and nothing that is not understood is passed over.
use v5.26;
use warnings;
use Test::More;
use FCT::Proc qw(scratch);
use FCT::Tool;

my $help = FCT::Tool::run('--help');
is($help->{exit}, 0, '--help exits with 0');
is($help->{err}, '', '--help says nothing on stderr');
my @commands = $help->{out} =~ /^  (\w+) +\S/mg;
cmp_ok(scalar @commands, '>=', 2, '--help lists the commands');
is(FCT::Tool::run('-h')->{out}, $help->{out}, '-h is the same');

my $version = FCT::Tool::run('--version');
ok($version->{exit} == 0 && $version->{err} eq '' && $version->{out} =~ /\Afcgi-trust \d+\.\d+\.\d+\n\z/, '--version prints the version') or diag explain $version;

for my $command (@commands) {
    my $ran = FCT::Tool::run($command, '--help');
    ok($ran->{exit} == 0 && $ran->{err} eq '' && $ran->{out} =~ /\Ausage: fcgi-trust $command /, "$command --help is on stdout, exit code 0");
    unlike($ran->{out}, qr/\e|[ \t]$/m, "$command --help has no colours in a file and no blanks at line ends");
    is_deeply([grep { length > 100 } split /\n/, $ran->{out}], [], "$command --help fits a terminal");
    for my $row (['--no-such-option'], ['--no-such-option=1'], ['-x'], ['--help=yes']) {
        my $refused = FCT::Tool::run($command, @$row);
        ok($refused->{exit} == 2 && $refused->{out} eq '' && $refused->{err} =~ /^fcgi-trust $command: [^\n]+\n\z/,
            "$command @$row is refused with one sentence on stderr, exit code 2") or diag explain $refused;
    }
    for my $option ($ran->{out} =~ /^  --([\w-]+) [A-Z]/mg) {
        my $refused = FCT::Tool::run($command, "--$option");
        ok($refused->{exit} == 2 && $refused->{err} =~ /^fcgi-trust $command: --$option needs a value: [A-Z]/, "$command --$option without its value is refused")
            or diag explain $refused;
    }
}

for my $row ([], ['nosuch'], ['Mirror'], ['--version=1'], ['']) {
    my $ran = FCT::Tool::run(@$row);
    ok($ran->{exit} == 2 && $ran->{out} eq '' && $ran->{err} =~ /^fcgi-trust: .*--help' lists them$/, "'@$row' is no command, exit code 2") or diag explain $ran;
}

# Wrong values of mirror's options, and the sentence.
my @wrong = (
    [['--format', 'xml'],          qr/--format: 'xml' is not one of text, json, html, auto$/],
    [['--format='],                qr/--format: '' is not one of/],
    [['--lie', 'much'],            qr/--lie: 'much' is not one of none, short-body, /],
    [['--count', '0'],             qr/--count: '0' is not a number from 1 to /],
    [['--count', '-1'],            qr/--count: '-1' is not a number/],
    [['--count', '1x'],            qr/--count: '1x' is not a number/],
    [['--count', ''],              qr/--count: '' is not a number/],
    [['--count', ' 1'],            qr/--count: ' 1' is not a number/],
    [['--count', '9' x 30],        qr/--count: '9{30}' is not a number/],
    [['--for', 'ever'],            qr/--for: 'ever' is not a number/],
    [['--max-connections', '0'],   qr/--max-connections: '0' is not a number/],
    [['--max-params', 'K'],        qr/--max-params: 'K' is not a number of bytes/],
    [['--max-params', '1T'],       qr/--max-params: '1T' is not a number of bytes/],
    [['--max-params', '65M'],      qr/--max-params: '65M' is not a number of bytes/],
    [['--max-stdin', '99999999999G'], qr/--max-stdin: '99999999999G' is not a number of bytes/],
    [['--listen', 'nowhere'],      qr/--listen: 'nowhere' is not ADDR:PORT/],
    [['operand'],                  qr/'operand' is too much/],
    [['--', '--format'],           qr/'--format' is too much/],
    [[map { ('--listen', '127.0.0.1:0') } 1 .. 17], qr/one address more than 16/],
);
for my $row (@wrong) {
    my ($arguments, $sentence) = @$row;
    my $ran = FCT::Tool::run('mirror', '--for', 2, @$arguments);
    ok($ran->{exit} == 2 && $ran->{out} eq '' && $ran->{err} =~ $sentence, "mirror @$arguments[0 .. ($#$arguments > 1 ? 1 : $#$arguments)] is refused") or diag explain $ran;
}

SKIP: {
    skip 'there is no /dev/full', 1 if !-c '/dev/full';
    my $said = scratch() . '/full.err';
    my $program = FCT::Tool::program();
    system "'$program' mirror --help >/dev/full 2>'$said'";
    is($? >> 8, 2, 'output that cannot be written is an error');
}

done_testing;
