# The tests' own instruments: an answer that is whole is told from one that is not, at whatever byte it is cut.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Answer;
use FCT::ErrorLog;
use FCT::Hpack;
use FCT::Proc qw(scratch write_file);
use FCT::Record qw(:all);

# [what, method, bytes, verdict, status, body, left over]; the connection ends after the bytes.
my @answers = (
    ['a length that is met', 'GET', "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 'complete', 200, 'abc', ''],
    ['a length that is not met', 'GET', "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", 'truncated', 200, 'abc', ''],
    ['a length of 0', 'GET', "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 'complete', 200, '', ''],
    ['bytes behind the length', 'GET', "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 404 x\r\n", 'complete', 200, 'abc', "HTTP/1.1 404 x\r\n"],
    ['chunks with the last one', 'GET', "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", 'complete', 200, 'abcd', ''],
    ['chunks without the last one', 'GET', "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", 'truncated', 200, 'abc', ''],
    ['a last chunk without its end', 'GET', "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n", 'truncated', 200, 'abc', ''],
    ['something that is no chunk', 'GET', "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nHTTP/1.1 200 OK\r\n\r\n", 'malformed', 200, 'abc', "HTTP/1.1 200 OK\r\n\r\n"],
    ['a body up to the end of the connection', 'GET', "HTTP/1.1 200 OK\r\n\r\nabc", 'complete', 200, 'abc', ''],
    ['HEAD with a length', 'HEAD', "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", 'complete', 200, '', ''],
    ['304 with a length', 'GET', "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", 'complete', 304, '', ''],
    ['an interim answer before it', 'GET', "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", 'complete', 200, 'a', ''],
    ['a header block without its end', 'GET', "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", 'none', 0, '', "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"],
    ['nothing', 'GET', '', 'none', 0, '', ''],
    ['no status line', 'GET', "HTTP/1.1 abc\r\n\r\n", 'malformed', 0, '', ''],
);

sub judged ($method, $bytes, $cut) {
    my $answer = FCT::Answer->new(method => $method);
    my $in = substr $bytes, 0, $cut;
    my $done = $answer->take(\$in);
    $in .= substr $bytes, $cut;
    if (!$done && !$answer->take(\$in)) { $answer->ended }
    return join '|', $answer->verdict, $answer->status, $answer->body, $in;
}

for (@answers) {
    my ($what, $method, $bytes, @want) = @$_;
    my @wrong = grep { judged($method, $bytes, $_) ne join '|', @want } 0 .. length $bytes;
    is(join(' ', @wrong), '', "$what: $want[0], however the bytes come") or diag(judged($method, $bytes, $wrong[0]));
}

# Records: taken apart as they were built.
my $bytes = record(FCGI_STDOUT, 7, 'abc', pad => 5, reserved => 9) . end_request(7, 0x01020304, FCGI_OVERLOADED) . "\1\6\0";
my @records = parse_records($bytes);
is(join(',', map { "$_->{type}/$_->{id}" } @records), '6/7,3/7,-1/-1', 'records are found, and what is left over');
is("$records[0]{content}|$records[0]{reserved}|" . length $records[0]{padding}, 'abc|9|5', 'a record has its content, reserved byte and padding');
is(unpack('H*', $records[1]{content}), '0102030402000000', 'END_REQUEST has its status fields');
is($records[2]{rest}, "\1\6\0", 'bytes that are no record yet are kept');
is(join('', map { $_->{content} } grep { $_->{type} == FCGI_STDOUT } parse_records(one_byte_records(answer(3, 'body')))),
    join('', map { $_->{content} } grep { $_->{type} == FCGI_STDOUT } parse_records(answer(3, 'body'))), 'one byte a record carries the same');
for my $length (0, 1, 127, 128, 65_000) {
    my @pairs = parse_pairs(encode_pair('N' x $length, 'v' x $length) . encode_pair('A', 'b'));
    is(join(',', map { length($_->[0]) . '=' . length $_->[1] } @pairs), "$length=$length,1=1", "a pair of $length and $length bytes is read as it was written");
}
ok(!eval { parse_pairs("\1\5a") }, 'a pair that runs over the end is an error');

# HPACK: the examples of RFC 7541 C.6.1 (Huffman, dynamic table) and C.6.2.
my $hpack = FCT::Hpack->new;
my @first = $hpack->decode(pack 'H*', '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3');
is(join(';', map {"$_->[0]=$_->[1]"} @first),
    ':status=302;cache-control=private;date=Mon, 21 Oct 2013 20:13:21 GMT;location=https://www.example.com', 'a Huffman-coded header block is read');
my @second = $hpack->decode(pack 'H*', '4883640effc1c0bf');
is(join(';', map {"$_->[0]=$_->[1]"} @second[0, 1]), ':status=307;cache-control=private', 'a header block that refers to the one before is read');

# The error log: what counts and what does not.
my $file = scratch() . '/log';
my $log  = FCT::ErrorLog->new($file);
write_file($file, join "\n", '[t] [core:notice] [pid 1] AH00094: fine', '[t] [fcgi_trust:info] [pid 1] FCT5007 gateway: fine',
    '[t] [fcgi_trust:warn] [pid 1] FCT5008 gateway: counts', '[t] [proxy:error] [pid 1] AH1: counts', 'a line of nobody', '');
is(scalar($log->serious), 3, 'warnings, errors and lines without a form must be accounted for');
done_testing;
