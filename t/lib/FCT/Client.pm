# FCT::Client: a raw HTTP/1.1 client: sends exactly the bytes it is told and says precisely whether an answer is whole.
#
#     my $client = FCT::Client->connect(port => $httpd->port);
#     $client->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
#     my $answer = $client->response;      # FCT::Answer
package FCT::Client;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Exporter qw(import);
use IO::Socket::INET;
use Socket qw(IPPROTO_TCP TCP_NODELAY SOL_SOCKET SO_LINGER AF_UNIX SOCK_STREAM PF_UNSPEC SHUT_WR);
use Time::HiRes qw(time sleep);
use FCT::Answer;
use FCT::Proc qw(fork_child stop_child find_program scratch);

our @EXPORT_OK = qw(get request request_bytes);

# port; local: the address to come from; timeout (10 s, for each wait); tls => { ca, cert, key, name, arguments => [for openssl s_client] }.
sub connect ($class, %opt) {
    my $self = bless { in => '', timeout => $opt{timeout} // 10, closed => undef, error => undef }, $class;
    if ($opt{tls}) { $self->connect_tls($opt{port}, $opt{tls}) }
    else {
        $self->{socket} = IO::Socket::INET->new(PeerAddr => $opt{host} // '127.0.0.1', PeerPort => $opt{port}, LocalAddr => $opt{local}, Timeout => 10)
            or die "connect to port $opt{port}: $!\n";
        setsockopt $self->{socket}, IPPROTO_TCP, TCP_NODELAY, 1;
    }
    return $self;
}

# TLS through openssl s_client on a socket pair: what is written here leaves encrypted, and back.
sub connect_tls ($self, $port, $tls) {
    my $program = find_program('openssl') // die "openssl is not installed\n";
    my @command = ($program, 's_client', '-quiet', '-connect', "127.0.0.1:$port", '-servername', $tls->{name} // 'localhost',
        ($tls->{ca} ? ('-CAfile', $tls->{ca}, '-verify_return_error') : ()),
        ($tls->{cert} ? ('-cert', $tls->{cert}, '-key', $tls->{key}) : ()), @{ $tls->{arguments} // [] });
    socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die "socketpair: $!\n";
    $self->{pid} = fork_child('openssl s_client', sub {
        close $ours;
        open STDIN,  '<&', $theirs or die "dup: $!\n";
        open STDOUT, '>&', $theirs or die "dup: $!\n";
        open STDERR, '>>', scratch() . '/s_client.log' or die "log: $!\n";
        exec { $program } @command or die "$program: $!\n";
    });
    close $theirs;
    $self->{socket} = $ours;
    return;
}

sub send ($self, $bytes) {
    my $at = 0;
    while ($at < length $bytes) {
        my $put = syswrite $self->{socket}, $bytes, length($bytes) - $at, $at;
        if (!defined $put) { $self->{error} //= "send: $!"; return 0 }
        $at += $put;
    }
    return 1;
}

# Sends each piece in a write of its own, with a pause between them.
sub send_pieces ($self, $pieces, $pause = 0.01) {
    for my $piece (@$pieces) {
        $self->send($piece) or return 0;
        sleep $pause;
    }
    return 1;
}

# Reads what is there, waiting at most so long: true while the connection gives bytes, 0 at its end, undef when the time is over.
sub fill ($self, $seconds = $self->{timeout}) {
    return 0 if $self->{closed};
    my $ready = '';
    vec($ready, fileno $self->{socket}, 1) = 1;
    return if !select $ready, undef, undef, $seconds < 0 ? 0 : $seconds;
    my $got = sysread $self->{socket}, my $bytes, 262_144;
    if (!$got) {
        $self->{error} //= "read: $!" if !defined $got;
        $self->{closed} = time;
        return 0;
    }
    $self->{in} .= $bytes;
    return $got;
}

# Bytes that came and belong to no answer read so far.
sub leftover ($self) { return $self->{in} }

# Reads the next final answer (FCT::Answer). method: of the request (a HEAD answer has no body); timeout for the whole answer.
sub response ($self, %opt) {
    my $answer = FCT::Answer->new(method => $opt{method} // 'GET');
    my $end = time + ($opt{timeout} // $self->{timeout});
    until ($answer->take(\$self->{in})) {
        my $got = $self->fill($end - time);
        if (!defined $got) { $answer->stalled; last }
        if ($got == 0) { $answer->take(\$self->{in}); $answer->ended($self->{error}); last }
    }
    return $answer;
}

# Reads until at least the header block of the next answer is there; what came so far, without taking it.
sub wait_head ($self, $seconds = $self->{timeout}) {
    my $end = time + $seconds;
    until ($self->{in} =~ /\r\n\r\n/) {
        return if !$self->fill($end - time);
    }
    return $self->{in};
}

# Reads until so many bytes of the next answer came, or the pattern matches; false when the time is over or the connection ended.
sub wait_bytes ($self, $pattern, $seconds = $self->{timeout}) {
    my $end = time + $seconds;
    until ($self->{in} =~ $pattern) {
        return 0 if !$self->fill($end - time);
    }
    return 1;
}

# Did the server close within so many seconds? The seconds it took, or undef; bytes that come meanwhile are kept.
sub closed_within ($self, $seconds) {
    my $start = time;
    while (!$self->{closed}) {
        my $got = $self->fill($start + $seconds - time);
        return if !defined $got;
    }
    return $self->{closed} > $start ? $self->{closed} - $start : 0;
}

# Ends this side's sending half (plain connections).
sub half_close ($self) { return shutdown $self->{socket}, SHUT_WR }

sub close ($self) {
    CORE::close delete $self->{socket} if $self->{socket};
    stop_child(delete $self->{pid}, 'TERM', 2) if $self->{pid};
    return;
}

# Closes so that the server gets RST.
sub reset ($self) {
    setsockopt $self->{socket}, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
    $self->close;
    return;
}

sub DESTROY ($self) { local $?; $self->close; return }

# The bytes of a request. opt: method, host, headers => [name, value, …], body, version, close => 1.
sub request_bytes ($path, %opt) {
    my $method  = $opt{method} // (defined $opt{body} ? 'POST' : 'GET');
    my @headers = (Host => $opt{host} // 'test.example', @{ $opt{headers} // [] });
    push @headers, 'Content-Length', length $opt{body} if defined $opt{body};
    push @headers, Connection => 'close' if $opt{close};
    my $bytes = "$method $path HTTP/" . ($opt{version} // '1.1') . "\r\n";
    while (my ($name, $value) = splice @headers, 0, 2) { $bytes .= "$name: $value\r\n" }
    return "$bytes\r\n" . ($opt{body} // '');
}

# Sends a request on this connection and reads its answer.
sub ask ($self, $path, %opt) {
    $self->send(request_bytes($path, %opt));
    return $self->response(method => $opt{method} // 'GET', $opt{timeout} ? (timeout => $opt{timeout}) : ());
}

# One request on a connection of its own: request($port, '/x', method => …, tls => {…}).
sub request ($port, $path, %opt) {
    my $client = FCT::Client->connect(port => $port, local => $opt{local}, tls => $opt{tls}, timeout => $opt{timeout} // 10);
    my $answer = $client->ask($path, %opt);
    $client->close;
    return $answer;
}

sub get ($port, $path, @headers) { return request($port, $path, headers => \@headers) }

1;
