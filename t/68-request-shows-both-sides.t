# request sends what it shows, shows what comes back, and tells an application that breaks the protocol from one that answers.
use v5.26;
use warnings;
use Test::More;
use FCT::Peer;
use FCT::Proc qw(scratch write_file);
use FCT::Record qw(:all);
use FCT::Tool;

sub pairs { my ($mark, $text) = @_; return map { /^\Q$mark\E ([^=]+)=(.*)/ ? [$1, $2] : () } split /\n/, $text }

subtest 'an honest exchange with the mirror' => sub {
    my $mirror = FCT::Tool::Mirror->start('--listen', '127.0.0.1:0', '--listen', scratch() . '/m.sock');
    for my $address ($mirror->addresses) {
        my $ran = FCT::Tool::run('request', $address, 'https://app.example:8443/a%20b/c?x=%20y', '--header', 'Accept-Language: de', '--data', 'hello',
            '--header', 'content-type: text/plain', '--param', 'EXTRA=one=two', '--param', 'SERVER_SOFTWARE', '--param', 'REMOTE_ADDR=192.0.2.1');
        is($ran->{exit}, 0, "$address: exit code 0");
        is($ran->{err}, '', "$address: nothing on stderr");
        my @sent = pairs('>', $ran->{out});
        my %sent = map {@$_} @sent;
        my ($body) = $ran->{out} =~ /^<\n(.*)^= connected/ms;
        my @told = map { /^([^#=]+)=(.*)/ ? [$1, $2] : () } split /\n/, $body;
        is_deeply(\@told, \@sent, "$address: the application was told exactly what is shown as sent");
        is_deeply([@sent{qw(REQUEST_METHOD REQUEST_URI QUERY_STRING PATH_INFO SERVER_NAME SERVER_PORT HTTPS HTTP_HOST CONTENT_LENGTH CONTENT_TYPE HTTP_ACCEPT_LANGUAGE EXTRA REMOTE_ADDR)}],
            ['POST', '/a%20b/c?x=%20y', 'x=%20y', '/a b/c', 'app.example', '8443', 'on', 'app.example:8443', 5, 'text/plain', 'de', 'one=two', '192.0.2.1'],
            "$address: URL, header fields, body and own parameters become what they should");
        ok(!exists $sent{SERVER_SOFTWARE}, "$address: a parameter that is not to be sent is not");
        like($ran->{out}, qr/^< Status: 200$/m, "$address: the status is shown");
        like($ran->{out}, qr/^# stdin length=5 /m, "$address: the body arrived");
        like($ran->{out}, qr/^= connected after [\d.]+ ms, first byte [\d.]+ ms, end [\d.]+ ms; body \d+ bytes; appStatus 0$/m, "$address: the times are shown");
    }
    my $address = ($mirror->addresses)[0];
    my $docroot = FCT::Tool::run('request', $address, '/x/y.php', '--docroot', '/var/www/');
    my %sent = map {@$_} pairs('>', $docroot->{out});
    is_deeply([@sent{qw(SCRIPT_FILENAME SCRIPT_NAME DOCUMENT_ROOT PATH_INFO)}], ['/var/www/x/y.php', '/x/y.php', '/var/www', undef], '--docroot names the script');
    my $head = FCT::Tool::run('request', $address, '/', '--method', 'HEAD', '--keep', '--id', 65535);
    ok($head->{exit} == 0 && $head->{out} =~ /; body 0 bytes;/, 'an answer to HEAD is whole without a body');
    my $file = write_file(scratch() . '/upload', join '', map { chr(rand 256) } 1 .. 300_000);
    like(FCT::Tool::run('request', $address, '/', '--data-file', $file)->{out}, qr/^# stdin length=300000 sha1=${\ sha1_of($file)}$/m, '--data-file is sent whole');
    my $body = FCT::Tool::run('request', '--body', $address, '/');
    like($body->{out}, qr/\A# request id=1 .*sha1=[0-9a-f]{40}\n\z/s, '--body prints the body and nothing else');
    is($mirror->stop, 0, 'the mirror ends with 0');
    is($mirror->errors, '', 'and had nothing to complain of');
};

sub sha1_of { require Digest::SHA; return Digest::SHA->new(1)->addfile(shift, 'b')->hexdigest }

subtest '--wire' => sub {
    my $peer = FCT::Peer->start(serve => sub {
        my ($conn) = @_;
        $conn->read_request or return;
        $conn->send(stderr(7, "warning\e[31m\n") . stdout(7, "Content-Type: text/plain\r\n\r\nline\x07\nlast", 65535, pad => 5) . end_request(7, 3));
    });
    my $ran = FCT::Tool::run('request', '--wire', '--id', 7, '--keep', '--param', 'LONG=' . 'x' x 100, '127.0.0.1:' . $peer->port, '/');
    is($ran->{exit}, 0, 'exit code 0');
    my @sent = map { /^=> record (\d+: .*)/ ? $1 : () } split /\n/, $ran->{out};
    like($sent[0], qr/^1: BEGIN_REQUEST \(type 1\), id 7, content 8, padding 0: role 1 \(responder\), flags 1 \(keep the connection\)$/, 'BEGIN_REQUEST is shown with its fields');
    my ($params) = $sent[1] =~ /^2: PARAMS \(type 4\), id 7, content (\d+), padding 0$/;
    my ($block) = $ran->{out} =~ /^=> record 2: .*\n((?:     .*\n)+)=> record 3: /m;
    is($block =~ s/^     /> /gmr, join('', map {"$_\n"} grep {/^> /} split /\n/, $ran->{out}), 'and every pair in it, in its order');
    my ($request) = $peer->requests;
    is($params, length $request->{pairs}, 'PARAMS is shown with its length') if defined $request->{pairs};
    is_deeply([@sent[2, 3]], ['3: PARAMS (type 4), id 7, content 0, padding 0', '4: STDIN (type 5), id 7, content 0, padding 0'], 'the end markers are shown');
    my @received = map { /^<= record (.*)/ ? $1 : () } split /\n/, $ran->{out};
    is_deeply(\@received, [
        '1: STDERR (type 7), id 7, content 13, padding 0: warning\x1b[31m\x0a',
        '2: STDOUT (type 6), id 7, content 38, padding 5: Content-Type: text/plain\x0d\x0a\x0d\x0aline\x07\x0alast',
        '3: END_REQUEST (type 3), id 7, content 8, padding 0: appStatus 3, protocolStatus 0 (complete)',
    ], 'every record received is shown with its fields, and nothing of it reaches the terminal as it is');
    like($ran->{out}, qr/^! warning\\x1b\[31m$/m, 'stderr is shown, escaped');
    like($ran->{out}, qr/^< Status: 200 \(none given\)$/m, 'a status that was not given is shown as such');
    like($ran->{out}, qr/^line\\x07\nlast\n= /m, 'the body is shown, escaped');
    like($ran->{out}, qr/; appStatus 3$/m, 'appStatus is shown');
    is_deeply([$peer->script_errors], [], 'the peer saw nothing amiss');
};

subtest 'applications that break the protocol' => sub {
    my %finding = ('short-body' => 'FCT1212', 'no-end' => 'FCT1210', 'bad-header' => 'FCT1304', 'wrong-id' => 'FCT1102', 'overloaded' => 'FCT1206');
    for my $lie (sort keys %finding) {
        my $mirror = FCT::Tool::Mirror->start('--lie', $lie);
        my $ran = FCT::Tool::run('request', $mirror->addresses, '/');
        ok($ran->{exit} == 1 && $ran->{err} =~ /^fcgi-trust request: $finding{$lie} \w+: [^\n]+\n\z/, "$lie is a finding: exit code 1, $finding{$lie} on stderr") or diag explain $ran;
        $mirror->stop;
    }
    my $peer = FCT::Peer->start(serve => sub { my ($conn) = @_; $conn->read_record; $conn->send("HTTP/1.1 400 Bad Request\r\n\r\n") });
    my $ran = FCT::Tool::run('request', '--wire', '127.0.0.1:' . $peer->port, '/');
    ok($ran->{exit} == 1 && $ran->{err} =~ /FCT\d{4} record: /, 'a web server in the place of an application is a finding') or diag explain $ran;
    like($ran->{out}, qr/^<= record 1: version 72, unknown type \(type 84\)/m, '--wire shows what it was taken for');
};

subtest 'no answer' => sub {
    my $silent = FCT::Peer->start(serve => sub { my ($conn) = @_; $conn->drain(10) });
    my $ran = FCT::Tool::run('request', '--timeout', 1, '127.0.0.1:' . $silent->port, '/');
    ok($ran->{exit} == 2 && $ran->{err} =~ /nothing happened for 1 seconds/, 'an application that says nothing: exit code 2') or diag explain $ran;
    my @rows = (
        [['127.0.0.1:1', '/'],                    qr/127\.0\.0\.1:1: Connection refused/],
        [[scratch() . '/none.sock', '/'],         qr/No such file or directory/],
        [['127.0.0.1:1'],                         qr/takes an address and a URL/],
        [['127.0.0.1:1', '/', '/'],               qr/takes an address and a URL/],
        [['nowhere', '/'],                        qr/is not ADDR:PORT/],
        [['127.0.0.1:1', 'index.php'],            qr/'index\.php': the URL begins neither with/],
        [['127.0.0.1:1', 'ftp://host/'],          qr/the URL begins neither with/],
        [['127.0.0.1:1', 'http:///path'],         qr/names no host/],
        [['127.0.0.1:1', '/a%2'],                 qr/not well encoded/],
        [['127.0.0.1:1', '/a%'],                  qr/not well encoded/],
        [['127.0.0.1:1', '/a%zz'],                qr/not well encoded/],
        [['127.0.0.1:1', '/a%00b'],               qr/not well encoded/],
        [['127.0.0.1:1', '/a#b'],                 qr/fragment/],
        [['--header', 'no colon', '127.0.0.1:1', '/'], qr/--header: 'no colon' is not a header field/],
        [['--param', '=x', '127.0.0.1:1', '/'],   qr/--param: a parameter has a name/],
        [['--id', '0', '127.0.0.1:1', '/'],       qr/--id: '0' is not a number from 1 to 65535/],
        [['--docroot', 'www', '127.0.0.1:1', '/'], qr/--docroot: 'www' is not an absolute path/],
        [['--data', 'x', '--data-file', 'y', '127.0.0.1:1', '/'], qr/exclude each other/],
        [['--wire', '--body', '127.0.0.1:1', '/'], qr/exclude each other/],
        [['--data-file', scratch() . '/none', '127.0.0.1:1', '/'], qr/none: No such file/],
        [['--data-file', scratch(), '127.0.0.1:1', '/'], qr/not a file/],
        [['--param', 'P=' . 'x' x 70_000, '127.0.0.1:1', '/'], qr/^fcgi-trust request: P is too large to be sent$/],
        [['--keep=yes', '127.0.0.1:1', '/'],      qr/--keep takes no value/],
    );
    for my $row (@rows) {
        my ($arguments, $sentence) = @$row;
        my $refused = FCT::Tool::run('request', @$arguments);
        my $shown = join ' ', map { substr $_, 0, 30 } @$arguments;
        ok($refused->{exit} == 2 && $refused->{err} =~ $sentence && $refused->{err} =~ /\A[^\n]+\n\z/, "request $shown: exit code 2 and a sentence") or diag explain $refused;
    }
};

subtest 'a backend that answers early' => sub {
    my $peer = FCT::Peer->start(serve => sub {
        my ($conn) = @_;
        $conn->read_record for 1 .. 3;
        $conn->send(answer(1, 'too large', 'Status: 413 Content Too Large'));
    });
    my $file = write_file(scratch() . '/big', 'x' x 20_000_000);
    my $ran = FCT::Tool::run('request', '127.0.0.1:' . $peer->port, '/', '--data-file', $file);
    is($ran->{exit}, 0, 'an answer before the body is read counts');
    like($ran->{out}, qr/^< Status: 413$/m, 'and is shown');
};

done_testing;
