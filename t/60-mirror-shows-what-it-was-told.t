# The mirror shows every parameter as it came, in each format, on TCP and on a Unix socket.
use v5.26;
use warnings;
use Test::More;
use Digest::SHA qw(sha1_hex);
use JSON::PP ();
use FCT::Proc qw(scratch);
use FCT::Record qw(record FCGI_BEGIN_REQUEST FCGI_PARAMS FCGI_STDIN FCGI_STDOUT encode_pair);
use FCT::Tool;

my @nasty = (
    ['REQUEST_METHOD', 'POST'], ['EMPTY', ''], ['LONG', 'y' x 300], ['TWICE', 'one'], ['TWICE', 'two'],
    ['MARKUP', q{<script>alert("1")</script>&'}], ['CONTROL', "a\x00b\nc\x1b[31m\x7f"], ['UTF8', "caf\xc3\xa9 \xe2\x82\xac"],
    ['LATIN1', "caf\xe9"], ['BACKSLASH', 'C:\x41'], ['WEIRD=NAME', 'v'], ['#HASH', 'v'], ['', 'no name'], ['CONTENT_LENGTH', '5'],
);
my @request = (id => 513, keep => 1, params => \@nasty, stdin => 'hello');

sub unescape { my ($s) = @_; $s =~ s/\\x([0-9a-f]{2})/chr hex $1/ge; return $s }

sub text_pairs {
    return map { /^([^#=]*)=(.*)/ ? [unescape($1), unescape($2)] : () } split /\n/, shift;
}

subtest 'text' => sub {
    my $socket = scratch() . '/mirror.sock';
    my $mirror = FCT::Tool::Mirror->start('--listen', '127.0.0.1:0', '--listen', "unix:$socket");
    is(($mirror->addresses)[1], "unix:$socket", 'the address of the Unix socket is printed as it was given');
    like(($mirror->addresses)[0], qr/^127\.0\.0\.1:[1-9]\d+$/, 'the port that was taken is printed');
    for my $n (0, 1) {
        my $where  = ($mirror->addresses)[$n];
        my $answer = $mirror->connect($n)->ask(@request);
        is($answer->{field}{status}, '200 OK', "$where: the status is 200");
        is($answer->{field}{'content-type'}, 'text/plain; charset=utf-8', "$where: the type is text");
        is($answer->{field}{'content-length'}, length $answer->{body}, "$where: Content-Length is the length of the body");
        is_deeply([text_pairs($answer->{body})], \@nasty, "$where: every pair is there, in the order sent, and can be read back exactly");
        like($answer->{body}, qr/^# request id=513 role=1 \(responder\) flags=1 keep-conn=1 /, "$where: id, role and flag are shown");
        like($answer->{body}, qr/^# stdin length=5 sha1=${\ sha1_hex('hello')}$/m, "$where: length and digest of the body are shown");
        unlike($answer->{body}, qr/[\x00-\x09\x0b-\x1f\x7f]/, "$where: no control byte is passed on");
        is($answer->{ended}, pack('NCx3', 0, 0), "$where: END_REQUEST says complete");
        is_deeply([grep { $_->{id} != 513 } $answer->{records}->@*], [], "$where: every record has the request's id");
    }
    is($mirror->stop, 0, 'it ends with 0 when it is told to');
    is($mirror->errors, '', 'it had nothing to complain of');
    ok(!-e $socket, 'the socket file is gone');
};

subtest 'json' => sub {
    my $mirror = FCT::Tool::Mirror->start('--format', 'json');
    my $answer = $mirror->connect->ask(@request);
    is($answer->{field}{'content-type'}, 'application/json', 'the type is JSON');
    my $said = eval { JSON::PP->new->utf8->decode($answer->{body}) };
    ok($said, 'the body is valid JSON and valid UTF-8') or diag $@;
    my @pairs = map { [map { $_->[0] // $_->[1] } [hex_of($_->{name_hex}), bytes_of($_->{name})], [hex_of($_->{value_hex}), bytes_of($_->{value})]] } $said->{params}->@*;
    is_deeply(\@pairs, \@nasty, 'every pair is there, in the order sent, and can be read back exactly');
    is_deeply([@$said{qw(id role flags)}, !!$said->{keep_conn}], [513, 1, 1, !!1], 'id, role and flag are shown');
    is_deeply([@{ $said->{stdin} }{qw(length sha1 begins_with)}], [5, sha1_hex('hello'), 'hello'], 'the body is shown');
    is_deeply($said->{remarks}, [], 'there is nothing to remark');
    is($mirror->stop, 0, 'it ends with 0');
};

sub hex_of { my ($hex) = @_; return defined $hex ? pack 'H*', $hex : undef }
sub bytes_of { my ($s) = @_; utf8::encode($s); return $s }

subtest 'html' => sub {
    my $mirror = FCT::Tool::Mirror->start('--format', 'html');
    my $answer = $mirror->connect->ask(@request);
    is($answer->{field}{'content-type'}, 'text/html; charset=utf-8', 'the type is HTML');
    is($answer->{field}{'content-security-policy'}, q{default-src 'none'; style-src 'unsafe-inline'}, 'the page may run and load nothing, and look as it says');
    like($answer->{body}, qr/<style>[^<]*overflow-wrap: anywhere[^<]*<\/style>/, 'long words are broken, also on a phone');
    like($answer->{body}, qr/&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;&amp;&#39;/, 'markup in a value is text');
    unlike($answer->{body}, qr/<script/, 'no value becomes markup');
    unlike($answer->{body}, qr/[\x00-\x09\x0b-\x1f\x7f]/, 'no control byte is passed on');
    like($answer->{body}, qr/<code>CONTROL<\/code><\/td><td><code>a\\x00b\\x0ac\\x1b\[31m\\x7f</, 'control bytes are shown as numbers');
    ok(utf8::decode(my $copy = $answer->{body}), 'the page is valid UTF-8');
    is($mirror->stop, 0, 'it ends with 0');
};

subtest 'auto' => sub {
    my $mirror = FCT::Tool::Mirror->start('--format', 'auto');
    my $c = $mirror->connect;
    for my $row (['text/html,*/*;q=0.8' => 'text/html; charset=utf-8'], ['application/json' => 'application/json'], ['*/*' => 'text/plain; charset=utf-8']) {
        my $answer = $c->ask(keep => 1, params => [['HTTP_ACCEPT', $row->[0]]]);
        is($answer->{field}{'content-type'}, $row->[1], "Accept: $row->[0] gets $row->[1]");
        is($answer->{field}{vary}, 'Accept', 'a cache is told so');
    }
    is($mirror->stop, 0, 'it ends with 0');
};

subtest 'what is worth a look' => sub {
    my $mirror = FCT::Tool::Mirror->start;
    my $c = $mirror->connect;
    my $pairs = encode_pair(A => '1') . encode_pair(B => '2' x 200) . encode_pair(C => '3');
    for my $at (1 .. length($pairs) - 1) {
        $c->send(join '', record(FCGI_BEGIN_REQUEST, 1, pack 'nCx5', 1, 1), record(FCGI_PARAMS, 1, substr($pairs, 0, $at), pad => $at % 9),
            record(FCGI_PARAMS, 1, substr $pairs, $at), record(FCGI_PARAMS, 1, ''), record(FCGI_STDIN, 1, ''));
        my $body  = $c->read_answer->{body};
        my $split = $at == 4 || $at == 210 ? 0 : 1;
        my $ok = $body =~ /^# .* split-pairs=$split$/m && ($body =~ /^# remark: a pair lies in more than one PARAMS record$/m) == $split
            && $body =~ /^A=1\nB=2{200}\nC=3$/m;
        if (!$ok) { fail("a pair split after $at bytes is noticed and put together again"); diag $body; last }
    }
    pass('a pair split over two records is noticed at every place, and no other is');
    like($c->ask(keep => 1, params => [['CONTENT_LENGTH', '4']], stdin => 'hello')->{body}, qr/^# remark: CONTENT_LENGTH is not the length of STDIN$/m,
        'a CONTENT_LENGTH that is wrong is noticed');
    unlike($c->ask(keep => 1, params => [['CONTENT_LENGTH', '5']], stdin => 'hello')->{body}, qr/remark/, 'one that is right is not');
    $c->send(record(FCGI_BEGIN_REQUEST, 1, pack('nCx5', 1, 1), reserved => 1) . record(FCGI_PARAMS, 1, '') . record(FCGI_STDIN, 1, ''));
    like($c->read_answer->{body}, qr/^# remark: a reserved byte or flag is not 0$/m, 'a reserved byte that is not 0 is noticed');
    my $head = $c->ask(keep => 1, params => [['REQUEST_METHOD', 'HEAD']]);
    is($head->{body}, '', 'HEAD gets no body');
    cmp_ok($head->{field}{'content-length'}, '>', 100, 'and the Content-Length of the one GET would get');
    is($mirror->stop, 0, 'it ends with 0');
    is($mirror->errors, '', 'it had nothing to complain of');
};

subtest 'large' => sub {
    my $mirror = FCT::Tool::Mirror->start;
    my @params = map { ["P$_", chr(65 + $_ % 26) x 60_000] } 1 .. 15;
    my $stdin  = join '', map { chr(rand 256) x 1000 } 1 .. 3000;
    my $answer = $mirror->connect->ask(params => \@params, stdin => $stdin);
    is_deeply([text_pairs($answer->{body})], \@params, '900 KB of parameters are shown whole');
    like($answer->{body}, qr/^# stdin length=3000000 sha1=${\ sha1_hex($stdin)}$/m, '3 MB of body are digested');
    is_deeply([grep { $_->{type} == FCGI_STDOUT && length $_->{content} > 65535 } $answer->{records}->@*], [], 'no record is larger than it may be');
    is($mirror->stop, 0, 'it ends with 0');
};

done_testing;
