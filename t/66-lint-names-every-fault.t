# lint prints every finding of every policy with file, line and tag, sorted; exit codes 0, 1 and 2.
use v5.26;
use warnings;
use Test::More;
use FCT::Proc qw(scratch write_file);
use FCT::Tool;

my $dir = scratch() . '/lint';

# A policy file with these lines between <policy> (line 1) and </policy>.
sub policy {
    my ($name, @lines) = @_;
    return write_file("$dir/$name.xml", join "\n", qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="$name" version="1" language="1.0">}, @lines, '</policy>', '');
}

my $clean = policy('clean', '<param name="REQUEST_METHOD" from="request.method"/>', '<header name="Accept"/>');
my $flow  = policy('flow', '<param name="REMOTE_USER" from="header.X-User"/>', '<param name="APP_TIER" value="production"/>',
    '<param name="AUTH_TYPE" from="header.X-Type"/>');
my $grammar = policy('grammar', '<parm name="X"/>', '<param name="APP" value="x" vallue="x"/>');
my $broken  = write_file("$dir/broken.xml", "<policy\n");
my $empty   = write_file("$dir/empty.xml", '');
my $escape  = policy('escape', qq{<param name="A\e[31mB" value="x"/>});

my $ran = FCT::Tool::run('lint', $clean);
is_deeply($ran, { exit => 0, out => '', err => '' }, 'a clean policy: nothing is printed, exit code 0');

$ran = FCT::Tool::run('lint', $flow);
is($ran->{exit}, 1, 'a policy with findings: exit code 1');
is($ran->{err}, '', 'findings are the output, not an error');
my @lines = split /\n/, $ran->{out};
is_deeply([map { /^\Q$flow\E:(\d+): (FCT\d{4}) (\w+): \S/ ? "$1 $2 $3" : $_ } @lines], ['2 FCT3104 flow', '4 FCT3104 flow'],
    'each finding is one line: file, line, tag, area, sentence; both faults are named at once');
like($lines[0], qr/REMOTE_USER would come from header\.X-User, which the client writes/, 'the sentence has the particulars');

$ran = FCT::Tool::run('lint', $grammar);
is($ran->{exit}, 1, 'unknown elements and attributes are findings');
is_deeply([$ran->{out} =~ /^\Q$grammar\E:(\d+): FCT30\d\d/mg], [2, 3], 'all of them at once');

$ran = FCT::Tool::run('lint', $grammar, $clean, $flow);
is($ran->{exit}, 1, 'several policies, some with findings: exit code 1');
is_deeply([$ran->{out} =~ m{/(\w+)\.xml:(\d+): }g], [flow => 2, flow => 4, grammar => 2, grammar => 3], 'the findings of all files, sorted by file and line');

for my $file ($broken, $empty) {
    $ran = FCT::Tool::run('lint', $file);
    ok($ran->{exit} == 1 && $ran->{out} =~ /^\Q$file\E(?::\d+)?: FCT30\d\d \w+: \S/, "$file is no XML: a finding") or diag explain $ran;
}

$ran = FCT::Tool::run('lint', $escape);
is($ran->{exit}, 1, 'a control byte in a policy is a finding');
unlike($ran->{out}, qr/[\x00-\x09\x0b-\x1f\x7f]/, 'and does not reach the terminal');

my %io = ("$dir/none.xml" => qr/none\.xml: No such file or directory$/, $dir => qr/: not a file$/, '/dev/null' => qr/: not a file$/);
for my $path (sort keys %io) {
    $ran = FCT::Tool::run('lint', $clean, $path);
    ok($ran->{exit} == 2 && $ran->{out} eq '' && $ran->{err} =~ $io{$path}, "$path cannot be read: exit code 2 and a sentence on stderr") or diag explain $ran;
}
$ran = FCT::Tool::run('lint');
ok($ran->{exit} == 2 && $ran->{err} =~ /no policy is named/, 'no policy: exit code 2');

# Shipped policies are looked for where the tool is told to.
my $child = policy('child', '<extends shipped="base"/>');
write_file("$dir/shipped/base.xml", qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="base" version="1" language="1.0">\n<header name="Accept"/>\n</policy>\n});
is(FCT::Tool::run('lint', '--shipped', "$dir/shipped", $child)->{exit}, 0, '--shipped DIR is where extended policies are looked for');
$ran = FCT::Tool::run('lint', '--shipped', "$dir/nowhere", $child);
ok($ran->{exit} == 1 && $ran->{out} =~ /^\Q$child\E:2: FCT30\d\d/m, 'one that is not there is a finding') or diag explain $ran;

my @shipped = grep { !/\.test\.xml$/ } glob FCT::Proc::repo_root() . '/policies/*.xml';
cmp_ok(scalar @shipped, '>=', 1, 'there are shipped policies');
for my $policy (@shipped) {
    is_deeply(FCT::Tool::run('lint', $policy), { exit => 0, out => '', err => '' }, (split m{/}, $policy)[-1] . ' is clean');
}

done_testing;
