# The mirror takes only what is its own: it replaces a socket nobody listens on, and removes the socket it made.
use v5.26;
use warnings;
use Test::More;
use IO::Socket::UNIX;
use FCT::Proc qw(scratch write_file read_file wait_until);
use FCT::Tool;

my $dir = scratch() . '/sockets';
mkdir $dir or die "$dir: $!";
my $path = "$dir/app.sock";

sub mode_of { return sprintf '%04o', (stat shift)[2] & 07777 }

# Starting it there must fail: the sentence.
sub refused {
    my ($path, $sentence, $claim) = @_;
    my $ran = FCT::Tool::run('mirror', '--listen', $path, '--for', 5);
    ok($ran->{exit} == 2 && $ran->{err} =~ $sentence && $ran->{out} eq '', $claim) or diag explain $ran;
}

subtest 'what is at the path' => sub {
    write_file($path, 'precious');
    refused($path, qr/\Q$path\E exists and is no socket; it is left alone$/, 'a file is refused');
    is(read_file($path), 'precious', 'and is still there');
    unlink $path;
    symlink "$dir/elsewhere", $path;
    refused($path, qr/exists and is no socket/, 'a symbolic link is refused');
    ok(-l $path, 'and is still there');
    unlink $path;
    mkdir $path;
    refused($path, qr/exists and is no socket/, 'a directory is refused');
    rmdir $path;
    my $other = IO::Socket::UNIX->new(Local => $path, Listen => 1) or die $!;
    refused($path, qr/\Q$path\E: somebody listens there already$/, 'a socket somebody listens on is refused');
    ok(-S $path, 'and is still there');
    close $other;
    my $mirror = FCT::Tool::Mirror->start('--listen', $path);
    ok($mirror->connect->ask->{ended}, 'a socket nobody listens on any more is replaced');
    is($mirror->stop, 0, 'it ends with 0');
    ok(!-e $path, 'and its socket is gone');
    refused("$dir/none/app.sock", qr/No such file or directory/, 'a directory that does not exist is refused');
    refused('unix:', qr/path of the Unix socket is empty/, 'an empty path is refused');
    refused("$dir/" . 'x' x 120, qr/longer than the 107 bytes/, 'a path that is too long is refused');
};

subtest 'permissions' => sub {
    my $mirror = FCT::Tool::Mirror->start('--listen', $path);
    is(mode_of($path), '0600', 'without --socket-mode only the owner may connect');
    is($mirror->stop, 0, 'it ends with 0');
    $mirror = FCT::Tool::Mirror->start('--listen', $path, '--socket-mode', '0666');
    is(mode_of($path), '0666', '--socket-mode sets others');
    is($mirror->stop, 0, 'it ends with 0');
    for my $bad ('', '8', '66x', '01000', '-1', 'rw') {
        my $ran = FCT::Tool::run('mirror', '--listen', $path, '--socket-mode', $bad, '--for', 1);
        is($ran->{exit}, 2, "--socket-mode '$bad' is refused");
    }
};

subtest 'somebody else took the path' => sub {
    my $mirror = FCT::Tool::Mirror->start('--listen', $path);
    unlink $path;
    my $other = IO::Socket::UNIX->new(Local => $path, Listen => 1) or die $!;
    is($mirror->stop, 0, 'it ends with 0');
    ok(-S $path, 'a socket another program made at the path meanwhile is left alone');
    unlink $path;
};

subtest 'addresses' => sub {
    my %row = (
        '127.0.0.1'          => qr/is not ADDR:PORT, unix:PATH or a path with a slash/,
        '127.0.0.1:'         => qr/port is not a number/,
        '127.0.0.1:65536'    => qr/port is not a number/,
        '127.0.0.1:80x'      => qr/port is not a number/,
        ':9000'              => qr/names no address/,
        'no.such.invalid:90' => qr/^fcgi-trust mirror: no\.such\.invalid:90: /,
    );
    refused($_, $row{$_}, "--listen $_ is refused with a sentence") for sort keys %row;
    my $first = FCT::Tool::Mirror->start;
    refused(($first->addresses)[0], qr/Address already in use/, 'a port somebody listens on is refused');
    is($first->stop, 0, 'it ends with 0');
    my $ready = "$dir/ready";
    my $both  = FCT::Tool::Mirror->start('--listen', '127.0.0.1:0', '--listen', $path, '--ready', $ready);
    is(read_file($ready), join('', map {"$_\n"} $both->addresses), '--ready FILE has the addresses that are printed');
    is($both->stop, 0, 'it ends with 0');
    my $ran = FCT::Tool::run('mirror', '--listen', $path, '--listen', ':x', '--for', 1);
    is($ran->{exit}, 2, 'where one of two addresses is wrong it does not start');
    ok(!-e $path, 'and leaves no socket');
    $ran = FCT::Tool::run('mirror', '--listen', $path, '--ready', "$dir/none/ready", '--for', 5);
    ok($ran->{exit} == 2 && $ran->{err} =~ /No such file/ && !-e $path, 'a --ready file that cannot be written is an error, and no socket stays');
};

done_testing;
