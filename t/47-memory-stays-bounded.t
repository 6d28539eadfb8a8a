# However much a client or a backend sends, and however it cuts it, the memory of the gateway stays bounded and its time too; a spooled body
# lies in a file that is gone afterwards. SPEC 5, 11; POLICY 5; EVIDENCE F6, F13.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time sleep);
use FCT::Gateway;
use FCT::Record qw(:all);

use constant { MEGABYTE => 1024 * 1024, GIGABYTE => 1024 * 1024 * 1024, SECONDS => 40 };

plan skip_all => 'there is no /proc to read the memory from' if !-e "/proc/$$/status";
plan skip_all => 'a sanitizer holds on to what was freed' if !FCT::Httpd::is_stock() && FCT::Proc::asan_preload(FCT::Httpd->module_file);

my $head = "Content-Type: text/plain\r\n\r\n";

# What a backend sends, piece by piece: a closure that returns the next bytes, or nothing more.
sub repeated ($bytes, $times) { return sub { return $times-- > 0 ? $bytes : undef } }

my %plays = (
    response => sub ($id) {
        my $block = stdout($id, 'x' x 65_528) x 16;
        my $times = GIGABYTE / (16 * 65_528);
        return (stdout($id, $head), repeated($block, $times), stdout_end($id) . end_request($id));
    },
    stderr   => sub ($id) { return (repeated(stderr($id, "a line of the error log\n" x 2500) x 4, 800), answer($id, 'told')) },
    longline => sub ($id) { return (repeated(stderr($id, 'e' x 60_000) x 4, 400), answer($id, 'told')) },
    padding  => sub ($id) { return (stdout($id, $head), repeated(record(FCGI_STDOUT, $id, 'x', pad => 255) x 500, 400), stdout_end($id) . end_request($id)) },
    tiny     => sub ($id) { return (repeated(join('', map { stdout($id, $_) } split //, $head . 'x' x 60_000), 1), stdout_end($id) . end_request($id)) },
    tinyflow => sub ($id) { return (stdout($id, $head), repeated(stdout($id, 'x') x 5000, 400), stdout_end($id) . end_request($id)) },
    empty    => sub ($id) { return (repeated(record(FCGI_STDERR, $id, '') x 5000, 400), answer($id, 'told')) },
    interim  => sub ($id) { return (repeated(stdout($id, "Status: 103\r\nLink: </x>\r\n\r\n") x 500, 400), answer($id, 'told')) },
    fields   => sub ($id) { return (repeated(stdout($id, "X-Name: value value value\r\n") x 500, 400)) },
);

# Plays for every request what its path names; uploads are read by themselves, so that no transcript of a gigabyte is written.
sub serve ($conn) {
    while (my $request = $conn->read_request('params')) {
        my ($what) = $request->{param}{REQUEST_URI} =~ m{/(\w+)\z};
        if ($what eq 'upload') {
            my $got = count_upload($conn, $request->{id});
            $conn->send(answer($request->{id}, "$got " . ($request->{param}{CONTENT_LENGTH} // 'none')));
            next;
        }
        $conn->read_rest($request) or return;
        if (!$plays{$what}) { $conn->send(answer($request->{id}, "own $what")); next }
        my @steps = $plays{$what}->($request->{id});
        for my $step (@steps) {
            if (!ref $step) { $conn->send($step); next }
            while (defined(my $bytes = $step->())) { send_silently($conn, $bytes) }
        }
        return if $what eq 'fields';
    }
}

sub send_silently ($conn, $bytes) {
    my $at = 0;
    while ($at < length $bytes) {
        my $put = syswrite $conn->{socket}, $bytes, length($bytes) - $at, $at;
        FCT::PeerGone::throw("$!") if !defined $put;
        $at += $put;
    }
    return;
}

# The bytes of STDIN up to its end, by the headers of its records alone.
sub count_upload ($conn, $id) {
    my ($in, $got, $skip) = ($conn->{in}, 0, 0);
    $conn->{in} = '';
    while (1) {
        if ($skip) { my $n = length $in < $skip ? length $in : $skip; substr $in, 0, $n, ''; $skip -= $n }
        if (!$skip && length $in >= 8) {
            my ($type, $length, $pad) = unpack 'xCx2nC', substr $in, 0, 8, '';
            die "record type $type in an upload\n" if $type != FCGI_STDIN;
            return $got if !$length;
            $got += $length;
            $skip = $length + $pad;
            next;
        }
        sysread $conn->{socket}, $in, 262_144, length $in or return $got;
    }
}

my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', serve => \&serve, h2 => 1, env => { TMPDIR => FCT::Proc::scratch() . '/spool' },
    policy => '<request max-body="1024M" override="yes"/>',
    places => { stream => '<request max-body="unlimited" chunked="stream" override="yes"/>' });
my $spool = FCT::Proc::scratch() . '/spool';
mkdir $spool;
chmod 0777, $spool;

sub peak () {
    my $most = 0;
    for my $pid ($gateway->httpd->child_pids) {
        my ($kb) = FCT::Proc::read_file("/proc/$pid/status") =~ /^VmHWM:\s+(\d+)/m;
        $most = $kb if $kb && $kb > $most;
    }
    return $most;
}

# Files that hold spooled bodies: those that still have a name, and those that a process has open without one.
sub spooled () {
    my @open = grep { (readlink $_ // '') =~ /^\Q$spool\E/ } map { glob "/proc/$_/fd/*" } $gateway->httpd->child_pids;
    my @files = glob "$spool/*";
    return @files + @open;
}

# Sends the request, reads the answer without keeping it: (status, bytes of the connection, its last bytes).
sub download ($bytes) {
    my $client = $gateway->client(timeout => SECONDS);
    $client->send($bytes);
    return drained($client);
}

sub drained ($client) {
    my ($total, $status, $last) = (0, undef, '');
    while ($client->fill(SECONDS)) {
        $status //= $1 if $client->{in} =~ /\AHTTP\S+ (\d+)/;
        $total += length $client->{in};
        $last = substr $last . $client->{in}, -100;
        $client->{in} = '';
    }
    return ($status, $total, $last);
}

# One row: what it is, what is done (returns what is wrong, or nothing), how many KB it may cost.
sub costs_little ($name, $do, $most = 6 * 1024) {
    $do->();
    my ($before, $start) = (peak(), time);
    my $wrong = $do->();
    my $grown = peak() - $before;
    is($wrong, undef, "$name: ends as it should");
    cmp_ok($grown, '<', $most, "$name: costs the gateway less than $most KB once it runs ($grown KB)");
    cmp_ok(time - $start, '<', SECONDS, "$name: is over in time");
    return;
}

sub get ($path) { return "GET $path HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\n\r\n" }

# The whole peak counts, too: a first request of any kind must not cost more than this.
download(get('/own')) for 1 .. 5;
my $idle = peak();

costs_little('a response of 1 GB', sub {
    my ($status, $total) = download(get('/response'));
    return $status == 200 && $total > 0.99 * GIGABYTE ? undef : "$status, $total bytes";
});
for my $row (['200 MB of STDERR', '/stderr'], ['96 MB of STDERR in one line', '/longline'], ['2 million empty STDERR records', '/empty']) {
    my ($name, $path) = @$row;
    costs_little($name, sub { my ($status, $total, $last) = download(get($path)); return $status == 200 && $last =~ /told/ ? undef : "$status $last" });
}
for my $row (['200,000 records of one byte and 255 bytes of padding', '/padding', 200_000], ['60,000 one-byte records within the hold', '/tiny', 60_000], ['2 million one-byte records', '/tinyflow', 2_000_000]) {
    my ($name, $path, $size) = @$row;
    costs_little($name, sub { my ($status, $total) = download(get($path)); return $status == 200 && $total > $size ? undef : "$status, $total bytes" });
}
for my $row (['200,000 interim responses', '/interim'], ['200,000 fields', '/fields']) {
    my ($name, $path) = @$row;
    costs_little($name, sub { my ($status) = download(get($path)); return $status == 502 ? undef : $status });
}

# Uploads: with a length, streamed, spooled.
my $block = 'u' x MEGABYTE;
sub upload ($framing, $path, $megabytes, $send) {
    my $client = $gateway->client(timeout => SECONDS);
    $client->send("POST $path HTTP/1.1\r\nHost: test.example\r\n$framing\r\nConnection: close\r\n\r\n");
    for (1 .. $megabytes) { $client->send($send) or last }
    $client->send("0\r\n\r\n") if $framing =~ /chunked/;
    my ($status, undef, $last) = drained($client);
    my $bytes = $megabytes * MEGABYTE;
    return $status == 200 && $last =~ /\b$bytes (?:$bytes|none)/ ? undef : ($status // 'nothing') . " $last";
}
my $chunk = sprintf "%x\r\n%s\r\n", length $block, $block;
costs_little('an upload of 1 GB', sub { upload('Content-Length: ' . GIGABYTE, '/upload', 1024, $block) });
costs_little('a streamed upload of 1 GB', sub { upload('Transfer-Encoding: chunked', '/stream/upload', 1024, $chunk) });
costs_little('a spooled upload of 100 MB', sub { upload('Transfer-Encoding: chunked', '/upload', 100, $chunk) });
costs_little('a spooled upload of 3 MB in chunks of one byte', sub { upload('Transfer-Encoding: chunked', '/upload', 3, "1\r\nx\r\n" x MEGABYTE) });
is(spooled(), 0, 'no file is left of what was spooled');

# A client that leaves in the middle leaves no file.
my $client = $gateway->client;
$client->send("POST /upload HTTP/1.1\r\nHost: test.example\r\nTransfer-Encoding: chunked\r\n\r\n");
$client->send($chunk) for 1 .. 5;
ok(FCT::Proc::wait_until(5, sub { spooled() == 1 }), 'a large body without a length is spooled to a file') if !FCT::Httpd::is_stock();
my @names = glob "$spool/*";
is("@names", '', 'which has no name, so that nothing is left of it whatever happens to this process') if !FCT::Httpd::is_stock();
$client->close;
ok(FCT::Proc::wait_until(5, sub { spooled() == 0 }), 'the file is gone when the client is');

# HTTP/2.
FCT::Gateway->speaks_h2 and costs_little('HTTP/2: an upload of 50 MB without a length', sub {
    my $h2 = $gateway->h2(timeout => SECONDS);
    my $stream = $h2->request('/upload', open => 1);
    $h2->data($stream, $block, $_ == 50) for 1 .. 50;
    my $answer = $h2->answer($stream);
    return $answer->{body} =~ /^52428800 52428800$/ ? undef : "$answer->{status} $answer->{body}";
}, 12 * 1024);
cmp_ok(peak() - $idle, '<', 64 * 1024, 'all of this together cost the gateway less than 64 MB beside what it takes idle (' . (peak() - $idle) . ' KB)');
$gateway->finish(findings => [qw(FCT5011 FCT5012 FCT1205 FCT130[12])], allow => [qr/FCT5010/, qr/FCT5009/]);
done_testing;
