# FCT::Strace: the system calls of a running server on its connections to one backend, or on one file.
#
#     my $trace = FCT::Strace->attach([$httpd->child_pids], port => $peer->port) or plan skip_all => …;
#     …;
#     my @calls = $trace->stop;        # [ name, arguments and result as strace prints them ], in order
package FCT::Strace;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use FCT::Proc qw(scratch spawn_command stop_child alive wait_until read_file write_file find_program);

# opt: port (a TCP backend), unix => 1 (every Unix socket: httpd has no other) or file (its path). undef where strace is missing or may not look.
sub attach ($class, $pids, %opt) {
    state $count = 0;
    my $program = find_program('strace') // return;
    my $self = bless { %opt, trace => scratch() . '/strace' . ++$count }, $class;
    my @pids = map { ('-p', $_) } @$pids;
    my $said = write_file("$self->{trace}.said", "");
    $self->{pid} = spawn_command('strace', [$program, '-f', '-yy', '-s', '64', '-e', 'trace=%desc,%network', '-o', $self->{trace}, @pids], out => $said);
    my $attached = wait_until(10, sub { !alive($self->{pid}) ? -1 : read_file($said) =~ /attached/ }) // -1;
    return $attached < 0 ? undef : $self;
}

# Ends the trace: every call that names the backend's connection, or the file.
sub stop ($self) {
    stop_child(delete $self->{pid}, 'INT');
    my $mark = $self->{file} ? qr/<\Q$self->{file}\E>/ : $self->{port} ? qr/->127\.0\.0\.1:$self->{port}\]/ : qr/<UNIX-STREAM:/;
    my (@calls, %open);
    for (split /\n/, read_file($self->{trace})) {
        my ($thread, $line) = /^(\d+)\s+(.*)/ or next;
        if ($line =~ /^(.*?)\s*<unfinished \.\.\.>$/) { $open{$thread} = $1; next }
        $line = (delete $open{$thread} // '') . $1 if $line =~ /^<\.\.\. \w+ resumed>(.*)/;
        my ($name) = $line =~ /^(\w+)\(/ or next;
        push @calls, [$name, $line] if $line =~ $mark;
    }
    return @calls;
}

1;
