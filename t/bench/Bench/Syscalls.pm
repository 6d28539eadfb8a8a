# Bench::Syscalls: counts the system calls that a gateway makes on its backend's socket for small requests on a kept connection.
package Bench::Syscalls;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Bench::Contenders;
use Bench::Gateway;
use IO::Socket::INET;
use Time::HiRes qw(sleep);

use constant { WARM => 5, REQUESTS => 50, MOST => 4 };

# Prints a line a contender; 0, or 1 where something could not be counted.
sub report ($contenders, $fcgi, $http, $dir, @names) {
    my $strace = Bench::Contenders::program('strace') or die "bench: strace is not installed\n";
    my $failed = 0;
    for my $name (@names) {
        my ($count, $error) = eval { count($contenders, $strace, $name, $name eq 'http' ? $http : $fcgi, "$dir/strace.$name") };
        $error = $@ if $@;
        if ($error) {
            chomp $error;
            print "$Bench::Contenders::TITLE{$name}: $error\n";
            $failed = 1;
            next;
        }
        my $all = 0;
        $all += $_ for values %$count;
        my $target = $name !~ /^(?:module|generic)$/ ? '' : $all / REQUESTS <= MOST ? ', target ' . MOST . ': met' : ', target ' . MOST . ': MISSED';
        printf "%-26s %5.2f backend-side system calls a request%s: %s\n", $Bench::Contenders::TITLE{$name}, $all / REQUESTS, $target,
            join ' ', map { sprintf '%s %.2f', $_, $count->{$_} / REQUESTS } sort { $count->{$b} <=> $count->{$a} } keys %$count;
    }
    return $failed;
}

sub count ($contenders, $strace, $name, $backend_port, $log) {
    my $gateway = $contenders->start($name, $strace, '-f', '-s', '8', '-o', $log) or return undef, 'not installed here';
    my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $gateway->{port}, Timeout => 10) or die "$!\n";
    request($client) for 1 .. WARM;
    my $fd = backend_fd($gateway, $backend_port);
    my $start = settled_size($log);
    request($client) for 1 .. REQUESTS;
    my $end = settled_size($log);
    return undef, 'the backend connection was not kept' if $fd != backend_fd($gateway, $backend_port);
    return calls_on($log, $start, $end, $fd);
}

sub request ($client) {
    print $client "GET /small HTTP/1.1\r\nHost: localhost\r\n\r\n";
    local $/ = "\r\n";
    my ($length, $chunked) = (0, 0);
    my $status = <$client> // die "the gateway closed the connection\n";
    $status =~ m{^HTTP/1\.1 200} or die "the gateway answered $status\n";
    while ((my $line = <$client> // '') ne "\r\n") {
        $length = $1 if $line =~ /^Content-Length: (\d+)/i;
        $chunked = 1 if $line =~ /^Transfer-Encoding: chunked/i;
    }
    my $body = '';
    read $client, $body, $length;
    while ($chunked && (<$client> // '') =~ /^([1-9a-fA-F][0-9a-fA-F]*)\r/) {
        read $client, $body, hex($1) + 2, length $body;
    }
    <$client> if $chunked;
    length $body >= 100 or die "the answer is not whole\n";
    return;
}

# The one descriptor of the gateway that is connected to the backend's port.
sub backend_fd ($gateway, $port) {
    my %inode;
    for (split /\n/, Bench::Gateway::slurp('/proc/net/tcp')) {
        my @field = split ' ';
        $inode{ $field[9] } = 1 if ($field[2] // '') =~ /:([0-9A-F]{4})$/ && hex $1 == $port;
    }
    my @fds;
    for my $pid (Bench::Gateway::tree($gateway->{pid})) {
        for my $link (glob "/proc/$pid/fd/*") {
            push @fds, $link =~ m{/(\d+)$} if (readlink $link // '') =~ /^socket:\[(\d+)\]$/ && $inode{$1};
        }
    }
    die "the gateway holds " . @fds . " connections to the backend, not one\n" if @fds != 1;
    return $fds[0];
}

sub settled_size ($log) {
    my $size = -1;
    while ($size != -s $log) {
        $size = -s $log;
        sleep 0.3;
    }
    return $size;
}

# Calls whose descriptor is fd: its own argument, a pollfd, or epoll_ctl's. An interrupted call is counted once, where it begins.
sub calls_on ($log, $start, $end, $fd) {
    open my $in, '<', $log or die "$log: $!\n";
    seek $in, $start, 0;
    my %count;
    while (tell $in < $end && defined(my $line = <$in>)) {
        $count{$1}++ if $line =~ /^\d+\s+(\w+)\((?:$fd[,)]|\[\{fd=$fd,|\d+, EPOLL_CTL_\w+, $fd,)/;
    }
    return \%count;
}

1;
