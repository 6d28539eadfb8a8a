# FCT::Tool: runs fcgi-trust as a person or a script would, keeps stdout and stderr apart, and speaks FastCGI to its mirror.
#
#     my $ran = FCT::Tool::run('lint', $file);              # { exit, out, err }
#     my $mirror = FCT::Tool::Mirror->start('--format', 'json');
#     my $answer = $mirror->connect->ask(params => [[REQUEST_METHOD => 'GET']], keep => 1);
#     $mirror->stop;                                        # its exit code
package FCT::Tool;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use FCT::Proc qw(scratch out_dir fork_child stop_child alive wait_until read_file write_file);

# The tool under test.
sub program () { return out_dir() . '/fcgi-trust' }

# Starts it: (pid, file of stdout, file of stderr). Arguments as given, also wrong ones.
sub start (@arguments) {
    state $count = 0;
    my $base = scratch() . '/tool' . ++$count;
    write_file("$base.$_", '') for qw(out err);
    my $pid  = fork_child('fcgi-trust', sub {
        open STDIN,  '<', '/dev/null'  or die "/dev/null: $!\n";
        open STDOUT, '>', "$base.out" or die "$base.out: $!\n";
        open STDERR, '>', "$base.err" or die "$base.err: $!\n";
        exec { program() } 'fcgi-trust', @arguments or die program() . ": $!\n";
    });
    return ($pid, "$base.out", "$base.err");
}

# Runs it to its end: { exit, out, err }; exit is -1 where it had to be stopped.
sub run (@arguments) {
    my ($pid, $out, $err) = start(@arguments);
    my $done = wait_until(30, sub { !alive($pid) });
    my $exit = !$done ? -1 : $? & 127 ? 128 + ($? & 127) : $? >> 8;
    stop_child($pid);
    return { exit => $exit, out => read_file($out), err => read_file($err) };
}

package FCT::Tool::Mirror;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use FCT::Proc qw(alive wait_until stop_child read_file);

# A mirror that listens on a free loopback port, or where the arguments say. Dies when it does not come up.
sub start ($class, @arguments) {
    unshift @arguments, '--listen', '127.0.0.1:0' if !grep { $_ eq '--listen' } @arguments;
    my $self = bless {}, $class;
    ($self->{pid}, $self->{out}, $self->{err}) = FCT::Tool::start('mirror', @arguments);
    my $wanted = grep { $_ eq '--listen' } @arguments;
    wait_until(10, sub { !alive($self->{pid}) || $self->addresses == $wanted });
    die 'the mirror does not start: ' . $self->errors . "\n" if $self->addresses != $wanted;
    return $self;
}

# What it said it listens on.
sub addresses ($self) { return grep {/./} split /\n/, read_file($self->{out}) }

sub pid ($self) { return $self->{pid} }

# Everything on its stderr so far.
sub errors ($self) { return read_file($self->{err}) }

# Waits for a line on its stderr; true if it came.
sub wait_error ($self, $pattern) {
    return wait_until(5, sub { $self->errors =~ $pattern });
}

# Waits until it has ended by itself; its exit code, or undef.
sub wait_end ($self, $seconds = 10) {
    return wait_until($seconds, sub { !alive($self->{pid}) }) ? ended() : undef;
}

sub ended () { return $? & 127 ? 128 + ($? & 127) : $? >> 8 }

# Ends it; its exit code, or undef where it did not go.
sub stop ($self, $signal = 'TERM') {
    return if !alive($self->{pid});
    kill $signal, $self->{pid};
    my $exit = $self->wait_end;
    stop_child($self->{pid}, 'KILL') if !defined $exit;
    return $exit;
}

# A connection to it, over its n-th address.
sub connect ($self, $n = 0) {
    return FCT::Tool::Connection->open(($self->addresses)[$n]);
}

package FCT::Tool::Connection;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use IO::Socket::INET;
use IO::Socket::UNIX;
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(time);
use FCT::Record qw(:all parse_records encode_pair record);

sub open ($class, $address) {
    my $socket = $address =~ /^unix:(.*)/s ? IO::Socket::UNIX->new(Peer => $1) : IO::Socket::INET->new(PeerAddr => $address);
    die "no connection to $address: $!\n" if !$socket;
    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1 if $socket->isa('IO::Socket::INET');
    return bless { socket => $socket, in => '' }, $class;
}

# The records of a request. opt: id (1), role (1), keep, params => [[name, value], …], stdin, size (of records).
sub request_bytes (%opt) {
    my $id    = $opt{id} // 1;
    my $pairs = join '', map { encode_pair(@$_) } @{ $opt{params} // [] };
    my $size  = $opt{size} // 65535;
    return join '', record(FCGI_BEGIN_REQUEST, $id, pack 'nCx5', $opt{role} // 1, $opt{keep} ? FCGI_KEEP_CONN : 0),
        (map { record(FCGI_PARAMS, $id, $_) } FCT::Record::split_records($pairs, $size)), record(FCGI_PARAMS, $id, ''),
        (map { record(FCGI_STDIN, $id, $_) } FCT::Record::split_records($opt{stdin} // '', $size)), record(FCGI_STDIN, $id, '');
}

sub send ($self, $bytes) {
    my $at = 0;
    while ($at < length $bytes) {
        my $put = syswrite $self->{socket}, $bytes, length($bytes) - $at, $at;
        return 0 if !defined $put;
        $at += $put;
    }
    return 1;
}

# One whole record, or undef at the end of the connection or after so many seconds.
sub read_record ($self, $seconds = 10) {
    my $end = time + $seconds;
    while (1) {
        my ($first) = parse_records($self->{in});
        if ($first && $first->{type} >= 0) {
            substr $self->{in}, 0, 8 + length($first->{content}) + length $first->{padding}, '';
            return $first;
        }
        my $ready = '';
        vec($ready, fileno $self->{socket}, 1) = 1;
        return if !select $ready, undef, undef, $end - time > 0 ? $end - time : 0;
        my $got = sysread $self->{socket}, $self->{in}, 65536, length $self->{in};
        if (!$got) { $self->{ended} = 1; return }
    }
}

# Up to END_REQUEST: { records, stdout, head (text), field => {…}, body, ended (content of END_REQUEST or undef) }.
sub read_answer ($self) {
    my %answer = (records => [], stdout => '');
    while (my $record = $self->read_record) {
        push $answer{records}->@*, $record;
        $answer{stdout} .= $record->{content} if $record->{type} == FCGI_STDOUT;
        if ($record->{type} == FCGI_END_REQUEST) { $answer{ended} = $record->{content}; last }
    }
    @answer{qw(head body)} = split /\r\n\r\n/, $answer{stdout}, 2;
    $answer{body} //= '';
    $answer{field} = { map { /^([^:]+): *(.*)/ ? (lc $1, $2) : () } split /\r\n/, $answer{head} // '' };
    return \%answer;
}

sub ask ($self, %opt) {
    $self->send(request_bytes(%opt));
    return $self->read_answer;
}

# The mirror has closed (or closes within the time) without sending more.
sub is_closed ($self, $seconds = 5) {
    return !defined $self->read_record($seconds) && $self->{ended} && $self->{in} eq '';
}

sub half_close ($self) { shutdown $self->{socket}, 1; return }

sub close ($self) { CORE::close $self->{socket}; return }

1;
