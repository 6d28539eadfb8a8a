# digest prints the number that pins a policy, and --pin the directive that httpd takes. Exit codes 0, 1 and 2.
use v5.26;
use warnings;
use Test::More;
use Digest::SHA qw(sha256_hex);
use FCT::Httpd;
use FCT::Proc qw(scratch write_file repo_root);
use FCT::Tool;

my $dir = scratch() . '/digest';

sub policy {
    my ($name, $inside) = @_;
    return write_file("$dir/$name.xml", qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="hr" version="7" language="1.0">\n$inside\n</policy>\n});
}

my $file = policy('hr', '<header name="X-A"/>');
my $digest = sha256_hex(FCT::Tool::run('show', '--format', 'canonical', $file)->{out});
is_deeply(FCT::Tool::run('digest', $file), { exit => 0, out => "sha256:$digest  hr 7  $file\n", err => '' }, 'digest, name, version and file, as sha256sum has them');
my $other = policy('other', '<header name="X-B"/>');
my @lines = split /\n/, FCT::Tool::run('digest', $file, $other, $file)->{out};
ok(@lines == 3 && $lines[0] eq $lines[2] && $lines[0] ne $lines[1], 'several policies: one line each, in their order') or diag explain \@lines;

# --- the directive ---
my $pin = FCT::Tool::run('digest', '--pin', $file);
is_deeply($pin, { exit => 0, out => qq{FcgiTrustPolicy "$file" sha256:$digest\n}, err => '' }, '--pin prints the directive');
my $odd = policy('with "quotes" and \\ and blank', '<header name="X-A"/>');
my $relative = $odd =~ s{.*/}{}r;
{
    my $program = FCT::Tool::program();
    open my $out, '-|', '/bin/sh', '-c', 'cd "$1" && exec "$2" digest --pin -- "$3"', 'sh', $dir, $program, $relative or die "sh: $!\n";
    my $line = join '', <$out>;
    close $out;
    is($line, 'FcgiTrustPolicy "' . $odd =~ s/(["\\])/\\$1/gr . qq{" sha256:$digest\n}, 'a relative name is made absolute, for httpd looks below its own directory; quotes are escaped');
    if (!FCT::Httpd::is_stock()) {
        for my $row ([$line, 1, 'httpd starts with it'], [$line =~ s/\w{4}$/0000/r, 0, 'httpd does not start with another digest']) {
            my ($directive, $loads, $about) = @$row;
            my $httpd = FCT::Httpd->new(config => "Listen 127.0.0.1:\@PORT\@\n${directive}ProxyPass / fcgi://127.0.0.1:1/\n");
            my ($exit, $said) = $httpd->check_config;
            is($exit == 0 ? 1 : 0, $loads, $about) or diag $said;
        }
    }
}
my $variable = policy('a${b}', '<header name="X-A"/>');
my $ran = FCT::Tool::run('digest', '--pin', $variable);
ok($ran->{exit} == 2 && $ran->{out} eq '' && $ran->{err} =~ /rename it$/, 'a name that httpd would read otherwise is refused') or diag explain $ran;
is(FCT::Tool::run('digest', $variable)->{exit}, 0, 'though it has a digest');

# --- findings ---
my $bad = policy('bad', '<param name="REMOTE_USER" from="header.X-User"/>');
$ran = FCT::Tool::run('digest', $bad, $file);
is($ran->{exit}, 1, 'a policy with errors: exit code 1');
is($ran->{out}, "sha256:$digest  hr 7  $file\n", 'it has no digest; the others have theirs');
like($ran->{err}, qr/\A\Q$bad\E:2: FCT3104 flow: /, 'its findings are on stderr');
for my $row ([], ["$dir/none.xml"], [$file, $dir], ['--pin=yes', $file]) {
    $ran = FCT::Tool::run('digest', @$row);
    ok($ran->{exit} == 2 && $ran->{out} eq '' && $ran->{err} =~ /\Afcgi-trust digest: [^\n]+\n\z/, 'digest with ' . scalar(@$row) . ' wrong arguments: exit code 2 and a sentence') or diag explain $ran;
}
my @shipped = grep { !/\.test\.xml$/ } glob repo_root() . '/policies/*.xml';
@lines = split /\n/, FCT::Tool::run('digest', @shipped)->{out};
is(scalar @lines, scalar @shipped, 'every shipped policy has a digest');
my %seen = map { /^(\S+)/ => 1 } @lines;
is(scalar keys %seen, scalar @shipped, 'and no two are alike');

done_testing;
