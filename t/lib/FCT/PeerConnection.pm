# FCT::PeerConnection: one connection as the script of a peer sees it: reads requests, sends bytes as told, writes the transcript.
package FCT::PeerConnection;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use IO::Handle ();
use JSON::PP ();
use Socket qw(IPPROTO_TCP TCP_NODELAY SOL_SOCKET SO_LINGER);
use Time::HiRes qw(time sleep);
use FCT::Proc qw(wait_until write_file);
use FCT::Record qw(:all parse_begin parse_pairs);

# Where a script may wait for the gateway, and how long at most.
use constant PATIENCE => 15;

sub new ($class, $socket, $dir, $number) {
    my $self = bless { socket => $socket, dir => $dir, number => $number, in => '', start => time, sent => 0 }, $class;
    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1 if $socket->isa('IO::Socket::INET');
    open $self->{raw},    '>:raw', "$dir/conn-$number.raw"    or die "$dir: $!\n";
    open $self->{events}, '>:raw', "$dir/conn-$number.events" or die "$dir: $!\n";
    $self->{$_}->autoflush(1) for qw(raw events);
    $self->event('accepted');
    return $self;
}

# Which connection of the peer this is, from 1.
sub number ($self) { return $self->{number} }

# A line of the transcript; `what` is a number or a text.
sub event ($self, $event, $what = undef) {
    state $json = JSON::PP->new->ascii->allow_nonref;
    my $more = !defined $what ? '' : $what =~ /\A\d+\z/ ? qq(,"what":"$what") : ',"what":' . $json->encode("$what");
    print { $self->{events} } sprintf(qq({"at":%.6f,"event":"%s"%s}\n), time, $event, $more);
    return;
}

# Reads what is there, waiting at most so long. Returns the number of bytes; 0 at the end; undef when the time is over.
sub fill ($self, $seconds = PATIENCE) {
    my $ready = '';
    vec($ready, fileno $self->{socket}, 1) = 1;
    return if !select $ready, undef, undef, $seconds;
    my $got = sysread $self->{socket}, my $bytes, 65536;
    if (!$got) {
        $self->event(defined $got ? 'eof' : 'reset');
        return 0;
    }
    print { $self->{raw} } $bytes;
    $self->event('read', $got);
    $self->{in} .= $bytes;
    return $got;
}

# The next whole record as a hash (FCT::Record::parse_records), or undef when the connection ended or the time is over.
sub read_record ($self, $seconds = PATIENCE) {
    my $end = time + $seconds;
    while (1) {
        if (length $self->{in} >= 8) {
            my ($length, $pad) = unpack 'x4nC', $self->{in};
            my $whole = 8 + $length + $pad;
            return (parse_records(substr $self->{in}, 0, $whole, ''))[0] if length $self->{in} >= $whole;
        }
        return if time > $end || !$self->fill($end - time > 0 ? $end - time : 0);
    }
}

sub new_request ($id, $begin) {
    return { id => $id, begin => $begin, params => [], param => {}, stdin => '', pairs => '', records => [],
        params_ended => 0, stdin_ended => 0, aborted => 0 };
}

# Lets one received record count for its request.
sub take_record ($request, $record) {
    my $type = $record->{type};
    push $request->{records}->@*, $record;
    if ($type == FCGI_PARAMS) {
        $request->{pairs} .= $record->{content};
        if ($record->{content} eq '') {
            $request->{params_ended} = 1;
            $request->{params} = [parse_pairs($request->{pairs})];
            $request->{param}  = { map {@$_} $request->{params}->@* };
        }
    }
    elsif ($type == FCGI_STDIN) {
        $request->{stdin} .= $record->{content};
        $request->{stdin_ended} = 1 if $record->{content} eq '';
    }
    elsif ($type == FCGI_ABORT_REQUEST) { $request->{aborted} = 1 }
    return;
}

# The next request, or undef when the connection ends first. `until` says how much of it: 'begin', 'params' or 'stdin' (all).
# What is missing comes with read_rest. A request that the gateway aborts comes back with {aborted}.
sub read_request ($self, $until = 'stdin', $seconds = PATIENCE) {
    my $first = $self->read_record($seconds) or return;
    die "the gateway opened with record type $first->{type}\n" if $first->{type} != FCGI_BEGIN_REQUEST;
    my $request = new_request($first->{id}, parse_begin($first->{content}));
    push $request->{records}->@*, $first;
    return $request if $until eq 'begin';
    return $self->read_rest($request, $until, $seconds) ? $request : undef;
}

# Reads on until the parameters, or the whole body, are there; false when the connection ends first.
sub read_rest ($self, $request, $until = 'stdin', $seconds = PATIENCE) {
    until ($request->{aborted} || $request->{ $until . '_ended' }) {
        my $record = $self->read_record($seconds) or return 0;
        take_record($request, $record);
    }
    return 1;
}

# Waits for the gateway to end the connection. 1: it did; 0: it sent more; undef: nothing happened for so long.
sub read_end ($self, $seconds = PATIENCE) {
    return 0 if $self->{in} ne '';
    my $got = $self->fill($seconds);
    return !defined $got ? undef : $got == 0 ? 1 : 0;
}

# Reads and keeps everything until the gateway ends the connection or the time is over.
sub drain ($self, $seconds = PATIENCE) {
    my $end = time + $seconds;
    while (time < $end) {
        my $got = $self->fill($end - time) // last;
        return 1 if $got == 0;
    }
    return 0;
}

# Sends the bytes. Ends the script (no error) when the gateway has closed the connection.
sub send ($self, $bytes) {
    my $at = 0;
    while ($at < length $bytes) {
        my $put = syswrite $self->{socket}, $bytes, length($bytes) - $at, $at;
        FCT::PeerGone::throw("after $self->{sent} bytes: $!") if !defined $put;
        $at += $put;
        $self->{sent} += $put;
    }
    $self->event('sent', length $bytes);
    return;
}

# Sends in pieces of `size` bytes with a pause after each.
sub drip ($self, $bytes, $size = 1, $pause = 0.0001) {
    for my $piece (split_records($bytes, $size)) {
        $self->send($piece);
        sleep $pause;
    }
    return;
}

# Sends the first k bytes, waits, then sends the others.
sub send_split ($self, $bytes, $k, $pause = 0.003) {
    $self->send(substr $bytes, 0, $k);
    sleep $pause;
    $self->send(substr $bytes, $k);
    return;
}

sub pause ($self, $seconds) { sleep $seconds; return }

# Waits for $peer->signal(NAME) of the test; true if it came.
sub wait_for ($self, $name, $seconds = PATIENCE) {
    return wait_until($seconds, sub { -e "$self->{dir}/flag-$name" });
}

# Lets the test know that the script has come this far; the text is what $peer->told(NAME) gives.
sub tell ($self, $name, $text = '') {
    write_file("$self->{dir}/new-$name", $text);
    rename "$self->{dir}/new-$name", "$self->{dir}/told-$name";
    return;
}

# Ends this side's sending half.
sub half_close ($self) { shutdown $self->{socket}, 1; $self->event('half-closed'); return }

# Closes. What the gateway sent and nobody read is taken first, so that the kernel sends FIN and no RST.
sub close ($self) {
    my $socket = delete $self->{socket} or return;
    $socket->blocking(0);
    while (sysread $socket, my $rest, 65536) { print { $self->{raw} } $rest }
    CORE::close $socket;
    $self->event('closed');
    return;
}

# Closes so that the gateway gets RST.
sub reset ($self) {
    my $socket = delete $self->{socket} or return;
    setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
    CORE::close $socket;
    $self->event('closed', 'with a reset');
    return;
}

package FCT::PeerGone;

# The gateway closed while the script was sending: an ordinary end of a script.
sub throw { my ($what) = @_; die bless { what => $what }, 'FCT::PeerGone' }

1;
