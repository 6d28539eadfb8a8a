# A web server that breaks the protocol loses its connection, with a sentence; a legal one may cut its bytes anywhere.
use v5.26;
use warnings;
use Test::More;
use FCT::Record qw(:all record encode_pair parse_pairs);
use FCT::Tool;

my $begin = record(FCGI_BEGIN_REQUEST, 1, pack 'nCx5', 1, 1);
my $pairs = encode_pair(REQUEST_METHOD => 'POST') . encode_pair(LONG => 'v' x 200);
my $params = record(FCGI_PARAMS, 1, $pairs);
my $params_end = record(FCGI_PARAMS, 1, '');
my $whole = $begin . $params . $params_end . record(FCGI_STDIN, 1, 'hello', pad => 3) . record(FCGI_STDIN, 1, '', pad => 8);

my $mirror = FCT::Tool::Mirror->start('--max-params', '100K', '--max-stdin', '200K');

# what, bytes, the sentence
my @faults = (
    ['a version that is not 1',          record(FCGI_BEGIN_REQUEST, 1, pack('nCx5', 1, 1), version => 2), qr/version is not 1/],
    ['version 0',                        "\0" x 8, qr/version is not 1/],
    ['HTTP instead of FastCGI',          "GET / HTTP/1.1\r\nHost: a\r\n\r\n", qr/version is not 1/],
    ['BEGIN_REQUEST with 7 bytes',       record(FCGI_BEGIN_REQUEST, 1, "\0\1" . "\0" x 5), qr/BEGIN_REQUEST has 8 bytes/],
    ['BEGIN_REQUEST with 9 bytes',       record(FCGI_BEGIN_REQUEST, 1, "\0\1" . "\0" x 7), qr/BEGIN_REQUEST has 8 bytes/],
    ['BEGIN_REQUEST with id 0',          record(FCGI_BEGIN_REQUEST, 0, pack 'nCx5', 1, 1), qr/id 0 is for management/],
    ['BEGIN_REQUEST twice',              $begin . $begin, qr/begun already/],
    ['PARAMS before BEGIN_REQUEST',      $params, qr/no request of this id/],
    ['PARAMS with id 0',                 $begin . record(FCGI_PARAMS, 0, $pairs), qr/id 0 is for management/],
    ['PARAMS with another id',           $begin . record(FCGI_PARAMS, 2, $pairs), qr/no request of this id/],
    ['PARAMS after their end',           $begin . $params_end . $params, qr/PARAMS after their end/],
    ['STDIN before the end of PARAMS',   $begin . $params . record(FCGI_STDIN, 1, 'x'), qr/STDIN before PARAMS have ended/],
    ['STDIN with another id',            $begin . $params_end . record(FCGI_STDIN, 2, 'x'), qr/no request of this id/],
    ['ABORT_REQUEST with content',       $begin . record(FCGI_ABORT_REQUEST, 1, 'x'), qr/ABORT_REQUEST has no content/],
    ['ABORT_REQUEST out of the blue',    record(FCGI_ABORT_REQUEST, 9), qr/no request of this id/],
    ['DATA',                             $begin . record(FCGI_DATA, 1, 'x'), qr/a responder gets no DATA/],
    ['GET_VALUES with an id',            record(FCGI_GET_VALUES, 1, ''), qr/GET_VALUES has id 0/],
    ['GET_VALUES with a value',          record(FCGI_GET_VALUES, 0, encode_pair(FCGI_MAX_CONNS => 'x')), qr/malformed names/],
    ['GET_VALUES cut short',             record(FCGI_GET_VALUES, 0, "\x0eFCGI"), qr/malformed names/],
    ['GET_VALUES of 5000 bytes',         record(FCGI_GET_VALUES, 0, 'x' x 5000), qr/GET_VALUES/],
    (map { ["type $_ with an id", record($_, 1, ''), qr/does not send this type/] } 3, 6, 7, 10, 11, 12, 255, 0),
    (map { ["type $_ with id 0", record($_, 0, ''), qr/id 0 is for management/] } 3, 6, 7, 10, 11),
    ['PARAMS that end inside a name',    $begin . record(FCGI_PARAMS, 1, "\5\1abc") . $params_end, qr/end in the middle of a pair/],
    ['PARAMS that end inside a value',   $begin . record(FCGI_PARAMS, 1, "\1\5abc") . $params_end, qr/end in the middle of a pair/],
    ['PARAMS that end inside a length',  $begin . record(FCGI_PARAMS, 1, "\1\x80\0\0") . $params_end, qr/end in the middle of a pair/],
    ['PARAMS with one byte',             $begin . record(FCGI_PARAMS, 1, "\1") . $params_end, qr/end in the middle of a pair/],
    ['a name of 2 GB',                   $begin . record(FCGI_PARAMS, 1, "\xff\xff\xff\xff\1abc") . $params_end, qr/end in the middle of a pair/],
    ['name and value of 2 GB',           $begin . record(FCGI_PARAMS, 1, "\xff\xff\xff\xff" x 2) . $params_end, qr/end in the middle of a pair/],
    ['more PARAMS than allowed',         $begin . join('', map { record(FCGI_PARAMS, 1, encode_pair("N$_", 'x' x 60000)) } 1, 2), qr/--max-params/],
    ['10001 parameters',                 $begin . record(FCGI_PARAMS, 1, encode_pair('', '') x 10_001), qr/more than 10000 parameters/],
    ['more STDIN than allowed',          $begin . $params_end . record(FCGI_STDIN, 1, 'x' x 60000) x 4, qr/--max-stdin/],
);

for my $row (@faults) {
    my ($what, $bytes, $sentence) = @$row;
    my $before = length $mirror->errors;
    my $c = $mirror->connect;
    $c->send($bytes);
    my $closed = $c->is_closed;
    my $said   = substr $mirror->errors, $before;
    ok($closed && $said =~ /^fcgi-trust mirror: connection \d+: (?:record \d+ \([\w ]+, id \d+, \d+ bytes\): )?[^\n]*; it is closed\n\z/ && $said =~ $sentence,
        "$what ends the connection, with a sentence") or diag "closed: ", $closed ? 1 : 0, "\nsaid: $said";
}

subtest 'what has an answer of its own' => sub {
    my $c = $mirror->connect;
    my $two = record(FCGI_BEGIN_REQUEST, 2, pack 'nCx5', 1, 1);
    $c->send($begin . $params . $two);
    my $answer = $c->read_answer;
    is($answer->{records}[0]{id}, 2, 'a second request on the connection is answered');
    is($answer->{ended}, pack('NCx3', 0, FCGI_CANT_MPX_CONN), 'with CANT_MPX_CONN');
    $c->send(record(FCGI_PARAMS, 2, $pairs) . record(FCGI_PARAMS, 2, '') . record(FCGI_STDIN, 2, '') . $params_end . record(FCGI_STDIN, 1, ''));
    like($c->read_answer->{body}, qr/id=1 .*^REQUEST_METHOD=POST$/ms, 'the first goes on, and what follows for the second is skipped');
    for my $role (2, 3, 0, 65535) {
        my $refused = $c->ask(id => 4, role => $role, keep => 1);
        is($refused->{ended}, pack('NCx3', 0, FCGI_UNKNOWN_ROLE), "role $role is answered with UNKNOWN_ROLE");
    }
    $c->send(record(FCGI_GET_VALUES, 0, join '', map { encode_pair($_, '') } qw(FCGI_MAX_CONNS FCGI_MPXS_CONNS UNHEARD_OF)));
    my $values = $c->read_record;
    is_deeply([$values->{type}, $values->{id}], [FCGI_GET_VALUES_RESULT, 0], 'GET_VALUES is answered');
    is_deeply([parse_pairs($values->{content})], [['FCGI_MAX_CONNS', 1024], ['FCGI_MPXS_CONNS', 0]], 'with what is known');
    $c->send(record(77, 0, 'abc'));
    my $unknown = $c->read_record;
    is_deeply([@$unknown{qw(type id content)}], [FCGI_UNKNOWN_TYPE, 0, chr(77) . "\0" x 7], 'an unknown management record is answered with UNKNOWN_TYPE');
    like($c->ask(keep => 1)->{body}, qr/id=1/, 'and the connection goes on');
};

subtest 'bytes cut anywhere' => sub {
    my $expected = do { my $c = $mirror->connect; $c->send($whole); $c->read_answer->{body} =~ s/connection=\d+ exchange=\d+//r };
    my $c = $mirror->connect;
    my @wrong;
    for my $at (1 .. length($whole) - 1) {
        $c->send(substr $whole, 0, $at);
        select undef, undef, undef, 0.0005;
        $c->send(substr $whole, $at);
        push @wrong, $at if $c->read_answer->{body} =~ s/connection=\d+ exchange=\d+//r ne $expected;
    }
    is_deeply(\@wrong, [], 'a request split at any byte gets the same answer');
    $c->send($_) for split //, $whole;
    is($c->read_answer->{body} =~ s/connection=\d+ exchange=\d+//r, $expected, 'so does one sent byte by byte');
};

subtest 'the end anywhere' => sub {
    my @wrong;
    for my $at (1 .. length($whole) - 1) {
        my $before = length $mirror->errors;
        my $c = $mirror->connect;
        $c->send(substr $whole, 0, $at);
        $c->half_close;
        my $closed = $c->is_closed;
        push @wrong, $at if !$closed || substr($mirror->errors, $before) !~ /^fcgi-trust mirror: connection \d+: the connection ended in(?:side record \d+| the middle of request 1, after \d+ records); it is closed\n\z/;
    }
    is_deeply(\@wrong, [], 'a connection that ends inside a request is noticed at every byte, and gets no answer');
    my $before = length $mirror->errors;
    my $c = $mirror->connect;
    $c->half_close;
    ok($c->is_closed, 'one that ends before a request is closed');
    is(substr($mirror->errors, $before), '', 'and is nothing to complain of');
};

# Bytes changed, removed and put in at random, the same ones every time: each connection must come to an end, and the mirror go on.
subtest 'damaged at random' => sub {
    srand 20260101;
    my $good = $whole . record(FCGI_GET_VALUES, 0, encode_pair(FCGI_MAX_CONNS => '')) . record(99, 0, 'x') . $whole;
    my $endless = 0;
    for (1 .. 1500) {
        my $bytes = $good;
        for (0 .. rand 4) {
            my ($at, $how) = (int rand length $bytes, int rand 3);
            substr $bytes, $at, $how == 2 ? 0 : 1 + $how * int rand 9, $how == 1 ? '' : chr(rand 256) x (1 + $how * rand 5);
        }
        my $c = $mirror->connect;
        $c->send($bytes);
        $c->half_close;
        1 while $c->read_record(5);
        $endless++ if !$c->{ended};
    }
    is($endless, 0, 'every one of 1500 damaged streams comes to an end');
    ok($mirror->connect->ask(id => 3)->{ended}, 'and the next request is served');
};

is($mirror->stop, 0, 'after all this it still ends with 0');
unlike($mirror->errors, qr/Sanitizer|runtime error/, 'and no sanitizer complained');
done_testing;
