# Downloads of 50 MB arrive byte for byte, with and without a Content-Length, over TCP and over Unix sockets; 1 MiB goes up. SPEC 4, 5, 11.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA;
use Test::More;
use FCT::Apps;
use FCT::Client;
use FCT::Proc qw(find_program);

use constant SIZE => 50_000_000;

my $curl = find_program('curl') // BAIL_OUT('curl is not installed');

sub digest_of_pattern ($size) {
    my $sha = Digest::SHA->new(256);
    my $block = '0123456789abcdef' x 4096;
    for (; $size > 0; $size -= length $block) { $sha->add(substr $block, 0, $size) }
    return $sha->hexdigest;
}

# What curl gets: (its exit status, bytes, digest).
sub download ($url) {
    open my $pipe, '-|', $curl, '-sS', '--max-time', 30, $url or die "curl: $!\n";
    binmode $pipe;
    my $sha = Digest::SHA->new(256);
    my $bytes = 0;
    while (my $got = sysread $pipe, my $piece, 1 << 20) { $bytes += $got; $sha->add($piece) }
    close $pipe;
    return ($? >> 8, $bytes, $sha->hexdigest);
}

my $want = digest_of_pattern(SIZE);
for my $unix (0, 1) {
    my $over = $unix ? 'a Unix socket' : 'TCP';
    my $apps = FCT::Apps->start(worker => 'enablereuse=on', backend => { unix => $unix });
    for my $app ($apps->each) {
        my $action = $unix ? 'stream' : 'download';
        my ($exit, $bytes, $digest) = download('http://127.0.0.1:' . $apps->port . "$app->{path}$action?" . SIZE);
        is($exit, 0, "$app->{kind}: $action over $over is a success for the client");
        is("$bytes $digest", SIZE . " $want", "$app->{kind}: 50 MB over $over arrive byte for byte");
        my $up = pack('N*', 1 .. 262_144);    # 1 MiB
        my $answer = $apps->ask("$app->{path}echo", body => $up);
        ok($answer->is_success && $answer->body eq $up, "$app->{kind}: 1 MiB goes up and comes back over $over") or diag($answer->summary);
    }
    $apps->workers_are_idle('no worker of httpd is left busy');
    $apps->finish;
}
done_testing;
