# FCT::Proc: alone responsible for what a test leaves behind: child processes, free ports and the private temp directory.
package FCT::Proc;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Cwd qw(abs_path);
use Errno ();
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Temp ();
use IO::Socket::INET;
use POSIX qw(WNOHANG _exit setpgid);
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(scratch repo_root out_dir free_port spawn_command fork_child stop_child alive wait_until
    unprivileged read_file write_file append_file find_program asan_preload);

# A whole test file has this long; a test that needs more says so with T_TIMEOUT.
my $LIMIT = $ENV{T_TIMEOUT} // 240;

my $owner = $$;        # only the process that loaded this file cleans up
my $scratch;
my %child;             # pid => name

$SIG{ALRM} = sub { die "the test file took longer than $LIMIT s\n" };
alarm $LIMIT;
$SIG{$_} = sub { exit 1 } for qw(TERM INT HUP);
$SIG{PIPE} = 'IGNORE';

# The root of the repository, as an absolute path.
sub repo_root () {
    state $root = abs_path(dirname(__FILE__) . '/../../..');
    return $root;
}

# Where the build under test lies: $T_OUT, or build/out.
sub out_dir () {
    my $out = $ENV{T_OUT} // 'build/out';
    return $out =~ m{^/} ? $out : repo_root() . "/$out";
}

# One private directory per test process, readable by the unprivileged account, removed at the end (kept with T_KEEP=1).
sub scratch () {
    return $scratch if $scratch;
    $scratch = File::Temp::tempdir('fct-XXXXXXXX', TMPDIR => 1, CLEANUP => 0);
    chmod 0755, $scratch or die "chmod $scratch: $!\n";
    return $scratch;
}

sub read_file ($path) {
    open my $fh, '<:raw', $path or die "$path: $!\n";
    local $/;
    return scalar(<$fh>) // '';
}

sub write_file ($path, $bytes) {
    File::Path::make_path(dirname($path));
    open my $fh, '>:raw', $path or die "$path: $!\n";
    print {$fh} $bytes or die "$path: $!\n";
    close $fh or die "$path: $!\n";
    return $path;
}

sub append_file ($path, $bytes) {
    open my $fh, '>>:raw', $path or die "$path: $!\n";
    print {$fh} $bytes or die "$path: $!\n";
    close $fh or die "$path: $!\n";
    return;
}

# A loopback port nobody listens on, below the range from which the kernel takes ports for outgoing connections.
sub free_port () {
    state %given;
    for (1 .. 500) {
        my $port = 15_000 + int rand 15_000;
        next if $given{$port}++;
        my $probe = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 1) or next;
        close $probe;
        return $port;
    }
    die "no free loopback port between 15000 and 30000\n";
}

# The first of the given names or paths that can be run, or undef.
sub find_program (@names) {
    for my $name (@names) {
        my @paths = $name =~ m{/} ? ($name) : map {"$_/$name"} split(/:/, $ENV{PATH}), qw(/usr/sbin /usr/local/sbin /sbin);
        for (@paths) { return $_ if -x && !-d _ }
    }
    return;
}

# The account servers run as when the test is root: (name, uid, gid); the empty list otherwise.
sub unprivileged () {
    return if $> != 0;
    for my $name (qw(www-data apache nobody daemon)) {
        my @entry = getpwnam $name or next;
        return ($name, $entry[2], $entry[3]);
    }
    die "running as root, and none of www-data, apache, nobody, daemon exists\n";
}

# The sanitizer runtimes an object was linked with, as a value for LD_PRELOAD; '' when there is none.
sub asan_preload ($object) {
    return '' if !-e $object;
    my @libs = grep {m{/lib(?:asan|ubsan)\.so}} map { (split ' ')[2] // () } grep {/=>/} qx(ldd '$object' 2>/dev/null);
    return join ':', sort @libs;
}

# Runs code in a child of its own process group; the child ends with the code. Returns its pid.
sub fork_child ($name, $code) {
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        setpgid(0, 0);
        alarm 0;
        $SIG{$_} = 'DEFAULT' for qw(TERM INT HUP ALRM);
        my $ok = eval { $code->(); 1 };
        print STDERR "# $name: $@" if !$ok;
        _exit($ok ? 0 : 70);
    }
    setpgid($pid, $pid);
    $child{$pid} = $name;
    return $pid;
}

# Starts a program. opt: env => {…} (undef removes), out => file for stdout and stderr, uid/gid, dir. Returns its pid.
sub spawn_command ($name, $command, %opt) {
    return fork_child($name, sub {
        for my $key (keys %{ $opt{env} // {} }) {
            defined $opt{env}{$key} ? ($ENV{$key} = $opt{env}{$key}) : delete $ENV{$key};
        }
        open STDIN, '<', '/dev/null' or die "/dev/null: $!\n";
        if ($opt{out}) {
            open STDOUT, '>>', $opt{out} or die "$opt{out}: $!\n";
            open STDERR, '>&', \*STDOUT or die "dup: $!\n";
        }
        if (defined $opt{dir}) { chdir $opt{dir} or die "$opt{dir}: $!\n" }
        if (defined $opt{gid}) { $) = "$opt{gid} $opt{gid}"; $( = $opt{gid} }
        delete $ENV{PERL5LIB} if defined $opt{uid};      # prove's; another account may not read the checkout
        if (defined $opt{uid}) { POSIX::setuid($opt{uid}) or die "setuid: $!\n" }
        exec { $command->[0] } @$command or die "$command->[0]: $!\n";
    });
}

# True while the child runs; a child that ended is reaped, its wait status left in $?.
sub alive ($pid) {
    return 0 if !$child{$pid};
    my $got = waitpid $pid, WNOHANG;
    return 1 if $got == 0;
    delete $child{$pid};
    my $status = $?;
    kill 'KILL', -$pid;    # what it left running
    $? = $status;
    return 0;
}

# Calls the code every few milliseconds until it returns true (that value is returned) or the time is over (undef).
sub wait_until ($seconds, $code) {
    my $end = time + $seconds;
    my $nap = 0.002;
    while (1) {
        my $value = $code->();
        return $value if $value;
        return if time > $end;
        sleep $nap;
        $nap = $nap * 1.5 if $nap < 0.03;
    }
}

# Ends a child by its own pid (and what is left of its process group): first the signal, after some seconds KILL.
sub stop_child ($pid, $signal = 'TERM', $seconds = 8) {
    return if !$pid || !$child{$pid};
    kill $signal, $pid;
    my $gone = wait_until($seconds, sub { !alive($pid) });
    kill 'KILL', -$pid;
    if (!$gone) { waitpid $pid, 0; delete $child{$pid} }
    return $gone;
}

END {
    if ($$ == $owner) {
        my $status = $?;
        alarm 0;
        kill 'TERM', $_ for keys %child;
        stop_child($_, 'TERM', 3) for keys %child;
        if ($scratch) {
            $ENV{T_KEEP} ? print STDERR "# kept $scratch\n" : remove_tree($scratch, { safe => 0 });
        }
        $? = $status;
    }
}

1;
