# FCT::H2: a small HTTP/2 client: several streams on one connection, and for each whether its answer is whole or was reset.
#
#     my $h2 = FCT::H2->connect(port => $httpd->port);               # h2c with prior knowledge; tls => {…} as FCT::Client;
#                                                                    # window => bytes that the server may send on each stream (2 GB)
#     my $stream = $h2->request('/a');
#     my $answer = $h2->answer($stream);       # { status, headers, body, verdict, reset }
package FCT::H2;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Time::HiRes qw(sleep time);
use FCT::Client;
use FCT::Hpack;

use constant { DATA => 0, HEADERS => 1, RST_STREAM => 3, SETTINGS => 4, PING => 6, GOAWAY => 7, WINDOW_UPDATE => 8, CONTINUATION => 9 };
use constant { END_STREAM => 1, ACK => 1, END_HEADERS => 4, PADDED => 8, PRIORITY => 32 };
use constant WINDOW => 0x7fff_0000;

sub frame ($type, $flags, $stream, $payload = '') {
    return substr(pack('N', length $payload), 1) . pack('CCN', $type, $flags, $stream) . $payload;
}

sub connect ($class, %opt) {
    $opt{tls} = { %{ $opt{tls} }, arguments => ['-alpn', 'h2', @{ $opt{tls}{arguments} // [] }] } if $opt{tls};
    return $class->begin(FCT::Client->connect(%opt), %opt);
}

# An HTTP/1.1 request that asks for HTTP/2 on a plain connection: (the connection, with the answer to come as stream 1), or the
# empty list where the server does not switch. opt: as for request, without a body; and as for connect.
sub upgrade ($class, $path, %opt) {
    my $client = FCT::Client->connect(%opt);
    my @asks = ('Connection', 'Upgrade, HTTP2-Settings', 'Upgrade', 'h2c', 'HTTP2-Settings', 'AAMAAABkAAQAAP__');
    $client->send(FCT::Client::request_bytes($path, %opt, headers => [@{ $opt{headers} // [] }, @asks]));
    $client->wait_head;
    return if $client->{in} !~ s{\AHTTP/1\.1 101 .*?\r\n\r\n}{}s;
    my $self = $class->begin($client, %opt);
    $self->{stream}{1} = { id => 1, headers => [], body => '', window => 0, started => time };
    $self->{next} = 3;
    return $self;
}

# The client's first bytes of HTTP/2.
sub begin ($class, $client, %opt) {
    my $self = bless {
        client => $client, stream => {}, next => 1, hpack => FCT::Hpack->new, scheme => $opt{tls} ? 'https' : 'http',
        timeout => $opt{timeout} // 10, send_window => 65_535, initial_window => 65_535, frames => [],
    }, $class;
    $self->{client}->send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        . frame(SETTINGS, 0, 0, pack('nN nN', 2, 0, 4, $opt{window} // WINDOW)) . frame(WINDOW_UPDATE, 0, 0, pack 'N', WINDOW - 65_535));
    return $self;
}

# Opens a stream; opt: method, headers => [name, value, …], body (sent with END_STREAM), open => 1 (no END_STREAM yet),
# length => 1 (a content-length for the body), pause (seconds before the body). Returns its id.
sub request ($self, $path, %opt) {
    my $id   = $self->{next};
    my $body = $opt{body};
    $self->{next} += 2;
    $self->{stream}{$id} = { id => $id, headers => [], body => '', window => $self->{initial_window}, started => time };
    my @fields = (':method' => $opt{method} // (defined $body || $opt{open} ? 'POST' : 'GET'), ':scheme' => $self->{scheme},
        ':authority' => $opt{host} // 'test.example', ':path' => $path, @{ $opt{headers} // [] });
    push @fields, 'content-length', length $body if $opt{length};
    my $bare = !defined $body && !$opt{open};
    $self->{client}->send(frame(HEADERS, END_HEADERS | ($bare ? END_STREAM : 0), $id, FCT::Hpack::encode(@fields)));
    sleep $opt{pause} if $opt{pause};
    $self->data($id, $body, !$opt{open}) if defined $body;
    return $id;
}

# Sends DATA, as far as the windows let it; true when all was sent.
sub data ($self, $id, $bytes, $end) {
    my $stream = $self->{stream}{$id};
    my $stop = time + $self->{timeout};
    while (1) {
        my ($room) = sort { $a <=> $b } $self->{send_window}, $stream->{window}, 16_384, length $bytes;
        if ($room <= 0 && $bytes ne '') {
            return 0 if $stream->{done} || !$self->read_frame($stop - time);
            next;
        }
        my $piece = substr $bytes, 0, $room, '';
        my $last  = $bytes eq '';
        $self->{client}->send(frame(DATA, $end && $last ? END_STREAM : 0, $id, $piece));
        $self->{send_window} -= length $piece;
        $stream->{window} -= length $piece;
        return 1 if $last;
    }
}

# Reads one frame and lets it count; false when the time is over or the connection ended.
sub read_frame ($self, $seconds) {
    my $end = time + $seconds;
    my $in = \$self->{client}{in};
    my $length;
    until (length $$in >= 9 && length $$in >= 9 + ($length = unpack 'N', "\0" . substr $$in, 0, 3)) {
        return 0 if !$self->{client}->fill($end - time);
    }
    my (undef, $type, $flags, $id) = unpack 'a3CCN', substr $$in, 0, 9, '';
    my $payload = substr $$in, 0, $length, '';
    push $self->{frames}->@*, { type => $type, flags => $flags, stream => $id, length => $length };
    $self->take($type, $flags, $id & 0x7fff_ffff, $payload);
    return 1;
}

sub take ($self, $type, $flags, $id, $payload) {
    my $stream = $self->{stream}{$id};
    if ($type == SETTINGS && !($flags & ACK)) { $self->take_settings($payload) }
    elsif ($type == PING && !($flags & ACK)) { $self->{client}->send(frame(PING, ACK, 0, $payload)) }
    elsif ($type == GOAWAY) { $self->{goaway} = unpack 'x4N', $payload }
    elsif ($type == WINDOW_UPDATE) { ($stream ? $stream->{window} : $self->{send_window}) += unpack 'N', $payload }
    elsif (!$stream) { }
    elsif ($type == RST_STREAM) { @$stream{qw(reset done at)} = (unpack('N', $payload), 1, time) }
    elsif ($type == HEADERS) { $self->take_headers($stream, $flags, $payload) }
    elsif ($type == CONTINUATION) { $self->add_headers($stream, $flags, $payload) }
    elsif ($type == DATA) {
        $payload = substr $payload, 1, length($payload) - 1 - ord $payload if $flags & PADDED;
        $stream->{body} .= $payload;
    }
    if ($stream && $type != RST_STREAM && $type != WINDOW_UPDATE && $flags & END_STREAM && $type != CONTINUATION) {
        @$stream{qw(ended done at)} = (1, 1, time);
    }
    return;
}

sub take_settings ($self, $payload) {
    my %setting = unpack '(nN)*', $payload;
    if (defined $setting{4}) {
        $_->{window} += $setting{4} - $self->{initial_window} for values $self->{stream}->%*;
        $self->{initial_window} = $setting{4};
    }
    $self->{client}->send(frame(SETTINGS, ACK, 0));
    return;
}

sub take_headers ($self, $stream, $flags, $payload) {
    my $pad = 0;
    $pad = ord substr $payload, 0, 1, '' if $flags & PADDED;
    substr $payload, 0, 5, '' if $flags & PRIORITY;
    return $self->add_headers($stream, $flags, substr $payload, 0, length($payload) - $pad);
}

sub add_headers ($self, $stream, $flags, $block) {
    $stream->{block} .= $block;
    return if !($flags & END_HEADERS);
    my @fields = $self->{hpack}->decode(delete $stream->{block});
    if (($fields[0][0] // '') eq ':status' && $fields[0][1] =~ /^1/) { return push $stream->{interim}->@*, \@fields }
    $stream->{status} //= $fields[0][1] if ($fields[0][0] // '') eq ':status';
    push $stream->{headers}->@*, grep { $_->[0] ne ':status' } @fields;
    return;
}

# Reads until the stream is at its end, or the time is over: { status, headers, body, verdict, reset (error code), seconds }.
# verdict: complete, reset, stalled, lost (the connection ended).
sub answer ($self, $id, $seconds = $self->{timeout}) {
    my $stream = $self->{stream}{$id};
    my $end = time + $seconds;
    while (!$stream->{done}) { last if !$self->read_frame($end - time) }
    my $verdict = $stream->{ended} ? 'complete' : defined $stream->{reset} ? 'reset' : $self->{client}{closed} ? 'lost' : 'stalled';
    return { %$stream, status => $stream->{status} // 0, verdict => $verdict, seconds => ($stream->{at} // time) - $stream->{started} };
}

# Reads until the stream has so much body, or its headers (bytes 0); false when the time is over.
sub wait_body ($self, $id, $bytes = 0, $seconds = $self->{timeout}) {
    my $stream = $self->{stream}{$id};
    my $end = time + $seconds;
    until (defined $stream->{status} && length $stream->{body} >= $bytes) {
        return 0 if $stream->{done} || !$self->read_frame($end - time);
    }
    return 1;
}

# One request on an open connection and its answer.
sub ask ($self, $path, %opt) { return $self->answer($self->request($path, %opt)) }

# Resets a stream from this side (CANCEL).
sub cancel ($self, $id) { return $self->{client}->send(frame(RST_STREAM, 0, $id, pack 'N', 8)) }

# The value of a header field of an answer.
sub header ($answer, $name) {
    my @values = map { $_->[0] eq lc $name ? $_->[1] : () } $answer->{headers}->@*;
    return @values ? join ', ', @values : undef;
}

sub close ($self) { $self->{client}->close; return }

1;
