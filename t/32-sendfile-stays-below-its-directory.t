# <response sendfile="DIR">: X-Sendfile names a file below DIR, which takes the body's place once END_REQUEST has come. No name leaves DIR. POLICY 5.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Httpd;
use FCT::Proc qw(scratch write_file);
use FCT::Record qw(:all);

plan skip_all => 'stock mod_proxy_fcgi passes the field on' if FCT::Httpd::is_stock();

my $files = scratch() . '/files';
mkdir $_ or die "$_: $!\n" for $files, "$files/sub", scratch() . '/files-not';
my $large = join '', map { chr($_ * 7 % 256) } 1 .. 200_000;
write_file("$files/small.txt", "a small file\n");
write_file("$files/sub/large.bin", $large);
write_file("$files/empty", '');
write_file(scratch() . '/outside.txt', "a secret\n");
write_file(scratch() . '/files-not/x.txt', "a secret\n");
symlink '../outside.txt', "$files/link-out";
symlink 'small.txt', "$files/link-in";
symlink '..', "$files/up";
write_file("$files/mode0", 'x');
chmod 0, "$files/mode0";
utime time - 9000, time - 9000, "$files/sub/large.bin";
chmod 0755, $files, "$files/sub";
chmod 0644, map { "$files/$_" } qw(small.txt sub/large.bin empty);

# X-Sendfile, what the backend sends besides, status, body
my @rows = (
    ['a name below', 'small.txt', {}, 200, "a small file\n"],
    ['an absolute name', "$files/small.txt", {}, 200, "a small file\n"],
    ['a large file in a directory', 'sub/large.bin', {}, 200, $large],
    ['an empty file', 'empty', {}, 200, ''],
    ['a link that stays', 'link-in', {}, 200, "a small file\n"],
    ['a name that goes up and down again', 'sub/../small.txt', {}, 200, "a small file\n"],
    ['a body of the backend besides', 'small.txt', { body => 'not this' }, 200, "a small file\n"],
    ['a Content-Length that is the file\'s', 'small.txt', { lines => ['Content-Length: 13'] }, 200, "a small file\n"],
    ['another Content-Length', 'small.txt', { lines => ['Content-Length: 99999'], body => 'abc' }, 200, "a small file\n"],
    ['an error status', 'small.txt', { lines => ['Status: 404'] }, 404, "a small file\n"],
    ['dots', '../outside.txt', {}, 502],
    ['more dots', 'sub/../../outside.txt', {}, 502],
    ['an absolute name outside', scratch() . '/outside.txt', {}, 502],
    ['a directory whose name begins alike', scratch() . '/files-not/x.txt', {}, 502],
    ['a link that leaves', 'link-out', {}, 502],
    ['a link to a directory above', 'up/outside.txt', {}, 502],
    ['a directory', 'sub', {}, 502],
    ['the directory itself', '.', {}, 502],
    ['a device', '/dev/zero', {}, 502],
    ['no file', 'missing', {}, 502],
    ['an empty name', '', {}, 502],
    ($> == 0 ? () : ['a file that httpd may not read', 'mode0', {}, 502]),
    ['a connection that ends before END_REQUEST', 'small.txt', { cut => 1 }, 502],
);
my $gateway = FCT::Gateway->new(
    policy => qq{<response sendfile="$files" why="downloads"/>}, places => { plain => '' },
    each => sub ($conn, $request) {
        my ($n) = $request->{param}{REQUEST_URI} =~ /(\d+)$/;
        my (undef, $name, $more) = $rows[$n]->@*;
        my @lines = ('Content-Type: text/plain', "X-Sendfile: $name", @{ $more->{lines} // [] });
        $conn->send(stdout($request->{id}, join("\r\n", @lines, '', '') . ($more->{body} // '')));
        return 0 if $more->{cut};
        $conn->send(stdout_end($request->{id}) . end_request($request->{id}));
        return 1;
    });
for my $n (0 .. $#rows) {
    my ($name, undef, undef, $status, $body) = $rows[$n]->@*;
    my $answer = $gateway->ask("/$n");
    is($answer->status, $status, "$name: $status") or diag($answer->summary);
    ok($answer->is_complete, "$name: a whole answer");
    defined $body ? ok($answer->body eq $body, "$name: the file is the body") : unlike($answer->body, qr/secret/, "$name: nothing of it goes out");
    is($answer->header('X-Sendfile'), undef, "$name: the client does not see the name");
}
my $head = $gateway->ask('/2', method => 'HEAD');
is_deeply([$head->status, $head->header('Content-Length')], [200, 200_000], 'HEAD: the length of the file');

# It is a file of the server: its date, ranges, conditions. (Row 8 has another Content-Length, row 9 another status.)
my $whole = $gateway->ask('/2');
my $date = $whole->header('Last-Modified');
like($date, qr/ GMT$/, 'the date of the file');
is($whole->header('Accept-Ranges'), 'bytes', 'and that it comes in ranges');
for my $row (['a range', 2, [Range => 'bytes=1000-1099'], 206, substr($large, 1000, 100)], ['its end', 2, [Range => 'bytes=-5'], 206, substr($large, -5)],
    ['a range beyond its end', 2, [Range => 'bytes=200000-'], 416], ['a range if it is still the same', 2, [Range => 'bytes=0-2', 'If-Range' => $date], 206, substr($large, 0, 3)],
    ['a range if it is still another', 2, [Range => 'bytes=0-2', 'If-Range' => 'Thu, 01 Jan 2015 00:00:00 GMT'], 200, $large],
    ['not modified since', 2, ['If-Modified-Since' => $date], 304, ''], ['a range, with another Content-Length', 8, [Range => 'bytes=2-6'], 206, 'small'],
    ['a range of an error', 9, [Range => 'bytes=2-6'], 404, "a small file\n"]) {
    my ($name, $n, $headers, $status, $body) = @$row;
    my $answer = $gateway->ask("/$n", headers => $headers);
    is($answer->status, $status, "$name: $status");
    ok($answer->is_complete && (!defined $body || $answer->body eq $body), "$name: whole, and the right bytes") or diag($answer->summary);
}
my $plain = $gateway->ask('/plain/0');
is_deeply([$plain->status, $plain->body, $plain->header('X-Sendfile')], [200, '', 'small.txt'], 'without sendfile in the policy it is a field like others');
$gateway->finish(findings => [qw(FCT5024 FCT1210)]);
done_testing;
