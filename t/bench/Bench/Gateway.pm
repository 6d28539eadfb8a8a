# Bench::Gateway: one server under measurement, in a directory and on a port of its own; its CPU time and memory.
package Bench::Gateway;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use File::Path qw(make_path);
use IO::Socket::INET;
use POSIX qw(WNOHANG sysconf _SC_CLK_TCK);
use Time::HiRes qw(sleep time);

use constant { START_SECONDS => 15, STOP_SECONDS => 10 };
my $TICKS = sysconf(_SC_CLK_TCK);

# name, command (array), port, dir, conf => { file => text }; the process is started and answers on its port.
sub start ($class, %opt) {
    my $self = bless {%opt}, $class;
    make_path($self->{dir});
    for my $file (keys $self->{conf}->%*) {
        write_file("$self->{dir}/$file", $self->{conf}{$file});
    }
    $self->{pid} = spawn("$self->{dir}/output", $self->{command}->@*);
    my $until = time + START_SECONDS;
    until (accepts($self->{port})) {
        if (time > $until || waitpid($self->{pid}, WNOHANG) == $self->{pid}) {
            my $pid = delete $self->{pid};
            kill 'KILL', $pid if kill 0, $pid;
            die "bench: $self->{name} did not start:\n" . $self->said;
        }
        sleep 0.05;
    }
    return $self;
}

sub said ($self) {
    return join '', map { -s $_ ? slurp($_) : () } "$self->{dir}/output", "$self->{dir}/error.log";
}

sub stop ($self) {
    my $pid = delete $self->{pid} or return;
    my @all = tree($pid);
    kill 'TERM', $pid;
    my $until = time + STOP_SECONDS;
    while (waitpid($pid, WNOHANG) == 0) {
        kill 'KILL', @all if time > $until;
        sleep 0.02;
    }
    return;
}

sub DESTROY ($self) {
    local $?;
    $self->stop if $self->{pid} && $self->{owner} == $$;
}

# --- what it costs ---

# Seconds of CPU that all its processes have had so far.
sub cpu ($self) {
    my $ticks = 0;
    for my $pid (tree($self->{pid})) {
        my @field = stat_fields($pid) or next;
        $ticks += $field[11] + $field[12];
    }
    return $ticks / $TICKS;
}

# MiB that all its processes have had in memory at most since forget_peak; pages that processes share count in each.
sub peak ($self) { return $self->memory('VmHWM') }

# MiB that they have in memory now.
sub resident ($self) { return $self->memory('VmRSS') }

sub memory ($self, $field) {
    my $kib = 0;
    for my $pid (tree($self->{pid})) {
        my $status = eval { slurp("/proc/$pid/status") } // next;
        $kib += $1 if $status =~ /^$field:\s+(\d+)/m;
    }
    return $kib / 1024;
}

sub forget_peak ($self) {
    for my $pid (tree($self->{pid})) {
        open my $file, '>', "/proc/$pid/clear_refs" or next;
        print $file "5\n";
    }
    return;
}

# --- processes and files ---

sub tree ($pid) {
    my %children;
    for my $stat (glob '/proc/[0-9]*/stat') {
        my ($process) = $stat =~ m{/(\d+)/};
        my @field = stat_fields($process) or next;
        push $children{ $field[1] }->@*, $process;
    }
    my @found = ($pid);
    for (my $i = 0; $i < @found; $i++) {
        push @found, ($children{ $found[$i] } // [])->@*;
    }
    return @found;
}

# The fields of /proc/PID/stat from the state on: 0 state, 1 parent, 11 utime, 12 stime.
sub stat_fields ($pid) {
    my $text = eval { slurp("/proc/$pid/stat") } // return;
    return $text =~ /^.*\) (.*)/s ? split(' ', $1) : ();
}

sub spawn ($output, @command) {
    my $pid = fork // die "bench: fork: $!\n";
    return $pid if $pid;
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', $output or die "$output: $!\n";
    open STDERR, '>&', \*STDOUT;
    exec { $command[0] } @command or do { print "$command[0]: $!\n"; POSIX::_exit(127) };
}

sub accepts ($port) {
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 1);
}

sub free_port () {
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1, Proto => 'tcp') or die "bench: no free port: $!\n";
    return $socket->sockport;
}

sub slurp ($file) {
    open my $in, '<', $file or die "$file: $!\n";
    local $/;
    return scalar <$in> // '';
}

sub write_file ($file, $text) {
    open my $out, '>', $file or die "$file: $!\n";
    print $out $text;
    close $out or die "$file: $!\n";
    return;
}

1;
