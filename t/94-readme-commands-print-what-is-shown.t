# Every command that the README shows runs and prints what is shown; where there is "…", anything may stand.
use v5.26;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Proc qw(scratch repo_root out_dir free_port spawn_command alive wait_until stop_child read_file write_file asan_preload);
use FCT::Readme;
use FCT::Tool;

my $dir = scratch() . '/commands';
for my $block (FCT::Readme::blocks('xml'), FCT::Readme::blocks('http')) {
    my ($name) = $block->{before} =~ /`(?:\/\S+\/)?([\w.]+\.(?:xml|txt))`/ or next;
    write_file("$dir/$name", $block->{text}) if $block->{text} =~ /^<(?:policy|tests) / || $name =~ /\.txt$/;
}
my $port = free_port();
my @running;

# The transcript as pairs of a command and the lines it prints.
sub commands {
    my ($text) = @_;
    my @commands;
    for my $line (split /\n/, $text =~ s/127\.0\.0\.1:9000/127.0.0.1:$port/gr) {
        if ($line =~ /^\$ (.*)/) { push @commands, [$1] }
        else                     { push $commands[-1]->@*, $line }
    }
    return @commands;
}

sub program { my ($command) = @_; return $command =~ s/^fcgi-trust/FCT::Tool::program()/er =~ s{^build/demo}{repo_root() . '/build/demo --built'}er }

# A command that ends; (exit code, what it printed).
sub run {
    my ($command) = @_;
    my $out = "$dir/out";
    unlink $out;
    my $pid = spawn_command('command', ['/bin/sh', '-c', program($command)], out => $out, dir => $dir, env => { OUT => out_dir() });
    my $done = wait_until(90, sub { !alive($pid) });
    my $exit = $done ? $? >> 8 : -1;
    stop_child($pid);
    return ($exit, read_file($out));
}

# A command that goes on in the background; it has printed as many lines as are shown.
sub start {
    my ($command, $lines) = @_;
    my $out = "$dir/background" . @running;
    push @running, spawn_command('background', ['/bin/sh', '-c', 'exec ' . program($command)], out => $out, dir => $dir);
    my $said = wait_until(10, sub { -e $out && (() = read_file($out) =~ /\n/g) >= $lines });
    return ($said ? 0 : -1, read_file($out));
}

# The lines shown as a pattern.
sub pattern {
    my $text = join '', map { $_ eq '…' ? '(?:.*\n)*?' : join('.*?', map { quotemeta } split /…/, $_, -1) . '\n' } @_;
    return qr/\A\n?$text\z/;
}

my $n = 0;
for my $block (FCT::Readme::blocks('console')) {
    for (commands($block->{text})) {
        my ($command, @lines) = @$_;
        $n++;
        if ($command =~ /^build\//) {
            next if !-e out_dir() . '/mod_fcgi_trust.so' || asan_preload(out_dir() . '/mod_fcgi_trust.so');
        }
        my ($exit, $said) = $command =~ s/ &$// ? start($command, scalar @lines) : run($command);
        like($said, pattern(@lines), "line $block->{line}: \$ $command");
        is($exit, $command =~ /lint bad|^fcgi-trust (?:diff|test|explain .*--name) / ? 1 : 0, "and its exit code") or diag $said;
    }
}
cmp_ok($n, '>=', 6, 'there are commands');
stop_child($_) for @running;

# What is said of the mirror's lies and formats.
my $help = FCT::Tool::run('mirror', '--help')->{out};
my ($told) = FCT::Readme::text() =~ /makes it answer wrongly\s+\((.*?)\)/s;
my ($lies) = $help =~ /answer wrongly:(.*?), or none/s;
$lies =~ s/\([^)]*\)//g;
is_deeply([FCT::Readme::code($told)], [split ' ', $lies =~ tr/,/ /r], 'the lies of the mirror are those it knows');
for my $command (qw(show mirror diff explain)) {
    my ($formats) = FCT::Tool::run($command, '--help')->{out} =~ /--format FORMAT +(.*?)(?::| \()/;
    is_deeply([FCT::Readme::code(FCT::Readme::text() =~ /^\| `$command` \|.*?`--format` \((.*?)\)/m ? $1 : '')], [grep { $_ ne 'or' } $formats =~ /\w+/g], "the formats of $command");
}

done_testing;
