# FCT::Peer: a scripted FastCGI application: forked processes that play bytes and keep what they got.
#
#     my $peer = FCT::Peer->start(serve => sub { my ($conn) = @_; while (my $r = $conn->read_request) { … } });
#
# The closure runs in a process of its own for every connection; it ends, and the connection is closed, when the closure returns.
# What went on is read back with $peer->connections, also while connections are still open.
package FCT::Peer;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Carp qw(croak);
use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP ();
use POSIX ();
use Socket qw(SOMAXCONN);
use Time::HiRes qw(time);
use FCT::PeerConnection;
use FCT::Proc qw(scratch free_port fork_child stop_child wait_until read_file write_file);
use FCT::Record qw(parse_records parse_pairs parse_begin :all);

# opt: serve (closure), unix => 1, port (one to take again), path (Unix socket), backlog.
sub start ($class, %opt) {
    state $count = 0;
    my $self = bless { serve => $opt{serve} // croak('serve is missing'), unix => $opt{unix} // defined $opt{path} }, $class;
    $self->{name} = 'peer' . ++$count;    # two Unix sockets must not share a host name: httpd takes them for one worker
    $self->{dir} = scratch() . "/$self->{name}";
    mkdir $self->{dir} or die "$self->{dir}: $!\n";
    $self->{opt} = \%opt;
    my $socket = $self->listen_socket;
    $self->{pid} = fork_child('peer', sub { $self->accept_loop($socket) });
    close $socket;
    return $self;
}

sub listen_socket ($self) {
    my @queue = (Listen => $self->{opt}{backlog} // SOMAXCONN);
    if ($self->{unix}) {
        $self->{path} = $self->{opt}{path} // "$self->{dir}/socket";
        unlink $self->{path};
        my $socket = IO::Socket::UNIX->new(Local => $self->{path}, @queue) or die "listen $self->{path}: $!\n";
        chmod 0777, $self->{path};
        return $socket;
    }
    for (1 .. 20) {
        my $port = $self->{opt}{port} // free_port();
        my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, ReuseAddr => 1, @queue) or next;
        $self->{port} = $port;
        return $socket;
    }
    die "listen: $!\n";
}

# What a ProxyPass target begins with; append the path.
sub url ($self) {
    return $self->{unix} ? "unix:$self->{path}|fcgi://$self->{name}" : "fcgi://127.0.0.1:$self->{port}";
}

sub port ($self) { return $self->{port} }

sub path ($self) { return $self->{path} }

sub accept_loop ($self, $socket) {
    local $SIG{CHLD} = 'IGNORE';
    my $number = 0;
    my $parent = getppid;
    while (1) {
        my $ready = '';
        vec($ready, fileno $socket, 1) = 1;
        return if getppid != $parent;
        next if !select $ready, undef, undef, 1;
        my $client = $socket->accept or next;
        ++$number;
        my $pid = fork // die "fork: $!\n";
        if (!$pid) {
            close $socket;
            $self->serve_one($client, $number);
            POSIX::_exit(0);
        }
        close $client;
    }
}

sub serve_one ($self, $client, $number) {
    local $SIG{CHLD} = 'DEFAULT';
    my $conn = FCT::PeerConnection->new($client, $self->{dir}, $number);
    if (!eval { $self->{serve}->($conn); 1 }) {
        my $why = $@;
        my $expected = ref $why && $why->isa('FCT::PeerGone');
        $conn->event($expected ? 'gone' : 'died', $expected ? $why->{what} : $why);
    }
    $conn->close;
    return;
}

# Ends the peer and every connection it has; the transcripts stay.
sub stop ($self) {
    stop_child(delete $self->{pid}, 'TERM') if $self->{pid};
    return;
}

# Lets a script that waits in $conn->wait_for(NAME) go on.
sub signal ($self, $name) {
    write_file("$self->{dir}/flag-$name", '1');
    return;
}

# Waits (parent side) until a script called $conn->tell(NAME); true if it did.
sub wait_told ($self, $name, $seconds = 10) {
    return wait_until($seconds, sub { -e "$self->{dir}/told-$name" });
}

# The text of the last $conn->tell(NAME, TEXT), or undef.
sub told ($self, $name) {
    return -e "$self->{dir}/told-$name" ? read_file("$self->{dir}/told-$name") : undef;
}

# How many connections were accepted so far.
sub connection_count ($self) {
    my @files = glob "$self->{dir}/conn-*.events";
    return scalar @files;
}

# Every connection so far, in the order accepted:
# { number, raw, records, requests, events, ended (undef, or 'closed', 'reset', 'gone' …), died (a script error or undef) }.
# A request is { id, begin, params => [[name, value], …], param => {…}, stdin, params_ended, stdin_ended, aborted, records }.
sub connections ($self) {
    return map { $self->transcript($_) } 1 .. $self->connection_count;
}

# Every request of every connection, in the order of their connections.
sub requests ($self) {
    return map { $_->{requests}->@* } $self->connections;
}

sub transcript ($self, $number) {
    my $base   = "$self->{dir}/conn-$number";
    my @events = map { JSON::PP::decode_json($_) } grep {/\n\z/} split /(?<=\n)/, read_file("$base.events");
    my $raw    = read_file("$base.raw");
    my @records = parse_records($raw);
    my ($died)  = map { $_->{what} } grep { $_->{event} eq 'died' } @events;
    my ($ended) = map { $_->{event} } grep { $_->{event} =~ /^(?:eof|closed|reset)$/ } @events;
    return {
        number => $number, raw => $raw, events => \@events, records => \@records, died => $died, ended => $ended,
        requests => [requests_of(\@records)],
    };
}

# The errors of scripts, each a sentence; a test that ends with any has a defect.
sub script_errors ($self) {
    return map { $_->{died} ? "connection $_->{number}: $_->{died}" : () } $self->connections;
}

sub requests_of ($records) {
    my @requests;
    my %open;
    for my $r (@$records) {
        if ($r->{type} == FCGI_BEGIN_REQUEST) {
            push @requests, $open{ $r->{id} } = FCT::PeerConnection::new_request($r->{id}, parse_begin($r->{content}));
        }
        my $request = $open{ $r->{id} } or next;
        FCT::PeerConnection::take_record($request, $r);
    }
    return @requests;
}

1;
