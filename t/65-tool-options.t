# Help goes to stdout, errors to stderr, exit codes are 0, 1 and 2, and nothing that is not understood is passed over.
use v5.26;
use warnings;
use Test::More;
use FCT::Proc qw(scratch write_file find_program repo_root);
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
    like($ran->{out}, qr/exit code/i, "$command --help says what its exit code means");
    like($ran->{out}, qr/^  --help +this text$/m, "$command --help names itself");
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

# Colours are for terminals: a pseudo-terminal is one, unless it is dumb or colours are not wanted.
SKIP: {
    my $script = find_program('script') or skip 'there is no script(1) to make a terminal', 6;
    skip 'there are no pseudo-terminals here', 6 if qx("$script" -qec true /dev/null </dev/null 2>&1) =~ /pseudo-terminal/;
    my $bad = write_file(scratch() . '/bad.xml', qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="bad" version="1" language="1.0">\n<param name="REMOTE_USER" from="header.X-User"/>\n</policy>\n});
    my $program = FCT::Tool::program();
    my $on_terminal = sub {
        my ($set, $command) = @_;
        return qx(TERM=xterm NO_COLOR= sh -c 'unset NO_COLOR; $set exec "$script" -qec "$program $command" /dev/null' </dev/null 2>&1);
    };
    like($on_terminal->('', "lint $bad"), qr/\e\[31m\Q$bad\E:2: FCT3104 .*\e\[0m/, 'a finding has a colour on a terminal');
    like($on_terminal->('', 'show --nosuch'), qr/\e\[31mfcgi-trust show:\e\[0m /, 'and so has an error');
    unlike($on_terminal->('NO_COLOR=1', "lint $bad"), qr/\e/, 'NO_COLOR: none');
    unlike($on_terminal->('TERM=dumb', "lint $bad"), qr/\e/, 'TERM=dumb: none');
    unlike($on_terminal->('', "lint $bad | cat"), qr/\e/, 'a pipe: none');
    unlike($on_terminal->('', "show --format $_ " . repo_root() . '/policies/wordpress.xml'), qr/\e/, "show --format $_: none") for qw(html);
}

SKIP: {
    skip 'there is no /dev/full', 1 if !-c '/dev/full';
    my $said = scratch() . '/full.err';
    my $program = FCT::Tool::program();
    system "'$program' mirror --help >/dev/full 2>'$said'";
    is($? >> 8, 2, 'output that cannot be written is an error');
}

done_testing;
