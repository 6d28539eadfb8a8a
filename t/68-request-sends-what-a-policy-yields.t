# request --policy sends exactly what the policy yields for such a request, and nothing where the policy refuses it.
use v5.26;
use warnings;
use Test::More;
use FCT::Backend;
use FCT::Proc qw(scratch write_file);
use FCT::Tool;

my $dir = scratch() . '/policy';
my $policy = write_file("$dir/app.xml", <<'XML');
<policy xmlns="urn:mod-fcgi-trust:policy:1" name="app" version="1" language="1.0">
  <param name="REQUEST_METHOD" from="request.method" why="x"/>
  <param name="REQUEST_URI" from="request.uri" why="x"/>
  <param name="QUERY_STRING" from="request.query" why="x"/>
  <param name="PATH_INFO" from="script.path-info" why="x"/>
  <param name="SERVER_NAME" from="server.matched-name" why="x"/>
  <param name="SERVER_PORT" from="server.port" why="x"/>
  <param name="HTTPS" from="tls.https" why="x"/>
  <param name="REMOTE_ADDR" from="connection.peer.address" why="x"/>
  <param name="REMOTE_USER" from="auth.user" case="lower" why="x"/>
  <param name="APP_TIER" from="config.tier" required="yes" why="x"/>
  <header name="Host" why="x"/>
  <header name="X-App-*" max-length="20" why="x"/>
  <request methods="GET HEAD POST" max-body="300K" why="x"/>
</policy>
XML

sub pairs { my ($mark, $text) = @_; return [map { /^\Q$mark\E([^=#]+)=(.*)/ ? [$1, $2] : () } split /\n/, $text] }

my $mirror = FCT::Tool::Mirror->start;
my ($address) = $mirror->addresses;
my $tier = 'tier=production';

subtest 'what is sent' => sub {
    my $ran = FCT::Tool::run('request', '--policy', $policy, '--set', $tier, '--user', 'Alice', '--peer', '192.0.2.7:4711', '--header', 'X-App-Id: 4', '--header', 'X-Other: no',
        '--header', 'X-Remote-User: admin', '--data', 'hello', '--header', 'Content-Type: text/plain', $address, 'https://app.example:8443/a%20b/c?x=%20y');
    is($ran->{exit}, 0, 'exit code 0') or diag explain $ran;
    my $sent = pairs('> ', $ran->{out});
    is_deeply($sent, [[REQUEST_METHOD => 'POST'], [REQUEST_URI => '/a%20b/c?x=%20y'], [QUERY_STRING => 'x=%20y'], [PATH_INFO => '/a b/c'], [SERVER_NAME => 'app.example'],
        [SERVER_PORT => 8443], [HTTPS => 'on'], [REMOTE_ADDR => '192.0.2.7'], [REMOTE_USER => 'alice'], [APP_TIER => 'production'], [CONTENT_TYPE => 'text/plain'],
        [HTTP_HOST => 'app.example:8443'], [HTTP_X_APP_ID => 4], [CONTENT_LENGTH => 5]], 'the parameters of the policy, in its order, and no other');
    my ($body) = $ran->{out} =~ /^<\n(.*)^= connected/ms;
    is_deeply(pairs('', $body), $sent, 'the application was told exactly these');
    like($body, qr/^# stdin begins with \(5 bytes\) hello$/m, 'and got the body');
    my $plain = FCT::Tool::run('request', '--policy', $policy, '--set', $tier, $address, '/');
    is_deeply(pairs('> ', $plain->{out}), [[REQUEST_METHOD => 'GET'], [REQUEST_URI => '/'], [QUERY_STRING => ''], [PATH_INFO => '/'], [SERVER_NAME => 'localhost'], [SERVER_PORT => 80],
        [REMOTE_ADDR => '127.0.0.1'], [APP_TIER => 'production'], [HTTP_HOST => 'localhost']], 'without TLS, user and body, what is left of it');
};

subtest 'what explain tells' => sub {
    my @said = ('--set', $tier, '--user', 'Bob', '--peer', '198.51.100.1');
    my $ran = FCT::Tool::run('request', '--policy', $policy, @said, '--header', 'X-App-A: 1', $address, '/x?y');
    my $request = write_file("$dir/request.txt", "GET /x?y HTTP/1.1\r\nHost: localhost\r\nX-App-A: 1\r\n\r\n");
    my $told = FCT::Tool::run('explain', $policy, '--request', $request, @said, '--format', 'json');
    require JSON::PP;
    my $said = JSON::PP->new->decode($told->{out});
    is_deeply(pairs('> ', $ran->{out}), [map { [$_->{name}, $_->{value}] } $said->{parameters}->@*], 'request sends what explain tells') or diag $told->{out};
};

my $large = write_file("$dir/large", 'x' x 400_000);
my @refused = (
    ['an unknown method',        ['--method', 'PUT', '/'],                           qr/^fcgi-trust request: FCT2001 request: .*; the client gets 405$/],
    ['a body that is too large', ['--data-file', $large, '/'],                       qr/^fcgi-trust request: FCT2003 request: .*; the client gets 413$/],
    ['a field that is too long', ['--header', 'X-App-A: ' . 'x' x 30, '/'],          qr/^fcgi-trust request: \Q$policy\E:13: FCT2007 request: .*; the client gets 431$/],
    ['two names for one',        ['--header', 'X-App-A: 1', '--header', 'X_App_A: 2', '/'], qr/^fcgi-trust request: FCT2010 request: .*; the client gets 400$/],
    ['a wrong Host',             ['--header', 'Host: a/b', '/'],                     qr/^fcgi-trust request: .*400/],
    ['a path out of the root',   ['/../etc'],                                        qr/^fcgi-trust request: .*400/],
);
for my $row (@refused) {
    my ($what, $arguments, $sentence) = @$row;
    my $ran = FCT::Tool::run('request', '--policy', $policy, '--set', $tier, @$arguments[0 .. $#$arguments - 1], '127.0.0.1:1', $arguments->[-1]);
    ok($ran->{exit} == 1 && $ran->{out} eq '' && $ran->{err} =~ $sentence && $ran->{err} =~ /\A[^\n]+\n\z/, "$what is refused before anything is connected: exit code 1") or diag explain $ran;
}
my $missing = FCT::Tool::run('request', '--policy', $policy, '127.0.0.1:1', '/');
ok($missing->{exit} == 1 && $missing->{err} =~ /\Q$policy\E:11: FCT\d{4} .*APP_TIER.*; the client gets 500$/, 'a required value that is missing names its rule') or diag explain $missing;

my $bad = write_file("$dir/bad.xml", qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="bad" version="1" language="1.0">\n<param name="REMOTE_USER" from="header.X-User"/>\n</policy>\n});
my @wrong = (
    [['--policy', $bad, '127.0.0.1:1', '/'],                                qr/^\Q$bad\E:2: FCT3104 flow: /],
    [['--policy', "$dir/none.xml", '127.0.0.1:1', '/'],                     qr/none\.xml: No such file/],
    [['--policy', $policy, '--param', 'A=b', '127.0.0.1:1', '/'],           qr/--docroot and --param exclude it/],
    [['--policy', $policy, '--docroot', '/srv', '127.0.0.1:1', '/'],        qr/--docroot and --param exclude it/],
    [['--policy', $policy, '--header', "X-App-A: 1\r\nX-App-B: 2", '127.0.0.1:1', '/'], qr/--header: a field has no line ends/],
    [['--policy', $policy, '--header', 'Transfer-Encoding: chunked', '127.0.0.1:1', '/'], qr/Content-Length and Transfer-Encoding are not yours to say/],
    [['--policy', $policy, '--data', 'hello', '--header', 'content-length: 3', '127.0.0.1:1', '/'], qr/Content-Length and Transfer-Encoding are not yours to say/],
    [['--policy', $policy, '--method', "GET / HTTP/1.1\nX: y", '127.0.0.1:1', '/'], qr/method and URL have no line ends/],
    [['--policy', $policy, '127.0.0.1:1', "/ HTTP/1.1\r\nX: y"],            qr/method and URL have no line ends/],
    [['--policy', $policy, '127.0.0.1:1', 'index.php'],                     qr/'index\.php': the URL begins neither with/],
    [['--user', 'alice', '127.0.0.1:1', '/'],                               qr/--user has a meaning only with --policy/],
    [['--set', 'a=b', '127.0.0.1:1', '/'],                                  qr/--set has a meaning only with --policy/],
);
for my $row (@wrong) {
    my ($arguments, $sentence) = @$row;
    my $ran = FCT::Tool::run('request', @$arguments);
    ok($ran->{exit} == 2 && $ran->{out} eq '' && $ran->{err} =~ $sentence, join(' ', map { s{.*/}{}r =~ s/\s/ /gr } @$arguments) . ': exit code 2 and a sentence') or diag explain $ran;
}

# The same request and policy, sent to applications that nobody here wrote.
subtest 'real backends' => sub {
    my $php = write_file("$dir/php.xml", <<'XML');
<policy xmlns="urn:mod-fcgi-trust:policy:1" name="php" version="1" language="1.0">
  <extends shipped="php-fpm"/>
  <header name="X-App-*" why="x"/>
</policy>
XML
    my $go = write_file("$dir/go.xml", <<'XML');
<policy xmlns="urn:mod-fcgi-trust:policy:1" name="go" version="1" language="1.0">
  <extends shipped="go"/>
  <header name="X-App-*" why="x"/>
</policy>
XML
    for my $row (['PHP-FPM', FCT::Backend->php_fpm, $php, ['--document-root', FCT::Backend::apps()], '/app.php/env'], ['Go', FCT::Backend->go, $go, [], '/env']) {
        my ($name, $backend, $file, $more, $path) = @$row;
        my $ran = FCT::Tool::run('request', '--policy', $file, '--user', 'alice', @$more, '--header', 'X-App-Id: 7', '--header', 'X-Forwarded-User: admin', '--wire', $backend->address, "https://app.example$path?a=b");
        ok($ran->{exit} == 0 && $ran->{err} eq '', "$name answers") or diag explain $ran;
        my ($body) = $ran->{out} =~ /^<\n(.*)/ms;
        like($body, qr/^\Q$_\E$/m, "$name was told $_") for 'REMOTE_USER=alice', 'HTTPS=on', 'QUERY_STRING=a=b', 'SERVER_NAME=app.example', 'HTTP_X_APP_ID=7';
        unlike($body, qr/admin/, "$name was not told what the policy drops");
        $backend->stop;
    }
};

is($mirror->stop, 0, 'the mirror ends with 0');
is($mirror->errors, '', 'and had nothing to complain of');
done_testing;
