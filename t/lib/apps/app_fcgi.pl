# The test application for FCGI.pm; what it does stands in FCT/Backend.pm. Arguments: address, number of processes.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Compress::Raw::Zlib ();
use FCGI;
use Time::HiRes qw(sleep);

my ($address, $processes) = @ARGV;
my $block = '0123456789abcdef' x 4096;

sub pattern ($n) {
    for (; $n > 0; $n -= length $block) { print substr $block, 0, $n }
    return;
}

sub read_body ($env) {
    my $left = $env->{CONTENT_LENGTH} // 1 << 40;
    my $body = '';
    while ($left > 0 && (my $got = read STDIN, my $piece, $left < 65536 ? $left : 65536)) {
        $body .= $piece;
        $left -= $got;
    }
    return $body;
}

sub head (@lines) { print join '', map({"$_\r\n"} @lines), "\r\n"; return }

my %action = (
    env => sub ($env, $query) {
        my $body = read_body($env);
        head('Content-Type: text/plain');
        print "$_=$env->{$_}\n" for sort keys %$env;
        printf "body=%d %08x\n", length $body, Compress::Raw::Zlib::adler32($body);
    },
    echo => sub ($env, $query) {
        my $body = read_body($env);
        head('Content-Type: application/octet-stream', 'Content-Length: ' . length $body);
        print $body;
    },
    download => sub ($env, $query) { head('Content-Type: text/plain', "Content-Length: $query"); pattern($query) },
    stream   => sub ($env, $query) { head('Content-Type: text/plain'); pattern($query) },
    events   => sub ($env, $query) {
        head('Content-Type: text/event-stream');
        local $| = 1;    # FCGI.pm flushes with it
        for my $i (1 .. $query) { print "data: $i\n\n"; sleep 0.1 }
    },
    status => sub ($env, $query) {
        head("Status: $query Status", 'Content-Type: text/plain');
        print "status $query\n" if $query !~ /^(?:204|304)$/;
    },
    redirect => sub ($env, $query) { head('Status: 302 Found', "Location: $query") },
    location => sub ($env, $query) { head("Location: $query") },
    cookies  => sub ($env, $query) { head('Content-Type: text/plain', 'Set-Cookie: a=1; Path=/', 'Set-Cookie: b=2; Path=/'); print "cookies\n" },
    stderr   => sub ($env, $query) { print STDERR "$query\n"; head('Content-Type: text/plain'); print "told\n" },
    early    => sub ($env, $query) { head('Content-Type: text/plain'); print "early\n" },
    slow     => sub ($env, $query) { sleep $query / 1000; head('Content-Type: text/plain'); print "slow\n" },
    pid      => sub ($env, $query) { head('Content-Type: text/plain'); print "$$\n" },
);

my $socket = FCGI::OpenSocket($address, 128);
my %running;
$SIG{TERM} = sub { kill 'TERM', keys %running; exit 0 };
for (1 .. $processes) {
    my $pid = fork // die "fork: $!\n";
    if ($pid) { $running{$pid} = 1; next }
    $SIG{TERM} = 'DEFAULT';
    my %env;
    my $request = FCGI::Request(\*STDIN, \*STDOUT, \*STDERR, \%env, $socket);
    while ($request->Accept >= 0) {
        my ($name) = ($env{REQUEST_URI} // '') =~ m{([^/?]*)(?:\?|\z)};
        my $do = $action{$name} // sub ($env, $query) { head('Status: 404 Not Found', 'Content-Type: text/plain'); print "no such action\n" };
        $do->(\%env, $env{QUERY_STRING} // '');
        read_body(\%env) if $name !~ /^(?:early|env|echo)\z/;    # FCGI.pm ends a kept connection whose body was left
    }
    exit 0;
}
wait for 1 .. $processes;
