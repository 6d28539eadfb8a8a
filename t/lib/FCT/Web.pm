# FCT::Web: a small HTTP/1.1 server in a child process, one request a connection: what log-in services of the tests are made of.
#
#     my $web = FCT::Web->start(sub ($request) { return [200, ['Content-Type' => 'text/plain'], "hello $request->{query}{name}\n"] });
#     $web->url    # http://127.0.0.1:PORT
#
# A request: method, path, query and form (names to values), header (names in lower case to values), body. The code keeps its state between
# requests; it is called for one at a time.
package FCT::Web;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use IO::Socket::INET;
use FCT::Proc qw(free_port fork_child stop_child);

sub start ($class, $code) {
    my $port   = free_port();
    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 32, ReuseAddr => 1) or die "listen on $port: $!\n";
    my $pid = fork_child('web', sub { serve($listen, $code) });
    close $listen;
    return bless { port => $port, pid => $pid }, $class;
}

sub port ($self) { return $self->{port} }

sub url ($self) { return "http://127.0.0.1:$self->{port}" }

sub stop ($self) { return stop_child(delete $self->{pid}) }

sub serve ($listen, $code) {
    while (my $socket = $listen->accept) {
        my $request = read_request($socket) or next;
        my $answer  = eval { $code->($request) } // [500, ['Content-Type' => 'text/plain'], "$@"];
        print {$socket} answer_bytes(@$answer);
        close $socket;
    }
    return;
}

# The request on this connection, or undef where there is none that is whole.
sub read_request ($socket) {
    my $in = '';
    while ($in !~ /\r\n\r\n/) { sysread $socket, $in, 65_536, length $in or return }
    my ($head, $body) = split /\r\n\r\n/, $in, 2;
    my ($line, @lines) = split /\r\n/, $head;
    my %header = map { /\A([^:]+):\s*(.*)\z/ ? (lc $1 => $2) : () } @lines;
    while (length $body < ($header{'content-length'} // 0)) { sysread $socket, $body, 65_536, length $body or return }
    my ($method, $path, $query) = $line =~ m{\A([A-Z]+) ([^ ?]*)(?:\?([^ ]*))? HTTP/} or return;
    my $is_form = ($header{'content-type'} // '') =~ m{\Aapplication/x-www-form-urlencoded};
    return { method => $method, path => $path, query => fields($query // ''), form => fields($is_form ? $body : ''), header => \%header, body => $body };
}

# "a=1&b=2" as a hash, decoded.
sub fields ($text) {
    return { map { my ($name, $value) = split /=/, $_, 2; (decoded($name) => decoded($value // '')) } split /&/, $text };
}

sub decoded ($text) { return $text =~ tr/+/ /r =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger }

# The fields as a query or form; a list, so that their order stays.
sub encoded (@fields) {
    my @pairs;
    while (my ($name, $value) = splice @fields, 0, 2) { push @pairs, join '=', map { s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger } $name, $value }
    return join '&', @pairs;
}

sub answer_bytes ($status, $headers, $body) {
    my @lines = ("HTTP/1.1 $status Answer", 'Content-Length: ' . length $body, 'Connection: close', 'Cache-Control: no-store');
    my @left  = @$headers;
    while (my ($name, $value) = splice @left, 0, 2) { push @lines, "$name: $value" }
    return join "\r\n", @lines, '', $body;
}

1;
