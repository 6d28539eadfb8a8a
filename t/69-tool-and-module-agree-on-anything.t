# Requests put together at random from what is legal, odd and wrong: tool and module agree on each. T_SEED=N takes others, T_REQUESTS=N more. SPEC 9.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Agree;
use FCT::Gateway;
use FCT::Record qw(answer);

my $rules = '<param name="APP_PATH" from="request.path" trust="client"/><param name="APP_SCHEME" from="request.scheme" trust="client"/>'
    . '<param name="APP_SID" from="cookie.sid" trust="client" on-invalid="omit"/><param name="APP_TWO" from="header.X-One header.X-Two" trust="client" on-invalid="omit"/>'
    . '<header name="X-*" max-count="4"/><header name="Cookie" cookies="sid a*" override="yes"/><refuse-header name="X-Evil"/>'
    . '<request methods="GET HEAD POST PUT OPTIONS" max-body="20"/>';
my $gateway = FCT::Gateway->new(policy => $rules, each => sub ($conn, $request) { $conn->send(answer($request->{id}, 'told')); 1 });
my $seed = $ENV{T_SEED} // 20261120;
srand $seed;
my @server = ('--local', '127.0.0.1:' . $gateway->port, '--server-name', 'test.example', '--document-root', $gateway->httpd->docroot, '--server-software', banner());

# What the server calls itself is configured elsewhere.
sub banner () { return (FCT::Client::get($gateway->port, '/')->header('Server') // '') }

sub one (@of) { return $of[rand @of] }

# Mostly legal, now and then not.
my @segments = ('a', 'b.php', '%41', '%20', '%2e', '..', '.', '', '%2F', '%5c', '%', '%zz', '%00', '%25', '%3f', 'x;y=1', "\xc3\xa4", '%ff', '...', '%2E.', '~', '%7e', "a'b", '*', '&', '%0a');
my @names    = ('X-One', 'X-Two', 'x-one', 'X_One', 'X-A', 'X-B', 'Accept', 'Accept_', 'User-Agent', 'Referer', 'Cookie', 'Connection', 'X-Evil', 'If-Match', 'Depth', 'X-Forwarded-For', 'Range', 'TE', 'Upgrade', 'Max-Forwards', 'Origin', 'Keep-Alive', 'X.A', 'Content-Type', 'Expect');
my @values   = ('1', '', 'a, b', 'sid=1; b=2', 'sid="x"; sid=y', 'X-A, close', '"e"', "t\tb", "\xe4", ' ', '100-continue', 'text/plain', 'a b', "x\x01", '7', '0', 'a=1;;=', 'keep-alive');

sub path () { return join '', one('/', '/', '/', '//'), map({ one(rand() < 0.75 ? @segments[0 .. 3, 9, 15, 17, 18, 20 .. 25] : @segments) . one('/', '/', '/', '//', '') } 1 .. 1 + rand 4), rand() < 0.4 ? '?' . one('', 'a=b', 'a?b', '%zz', '&') : '' }

sub target () { return rand() < 0.08 ? one('*', 'http://test.example/x?y', 'https://h:1/', 'http://u@h/', 'a/b', '/#f', 'http://[::1]/', 'http://h') : path() }

sub host () { return rand() < 0.8 ? 'test.example' : one('', 'a:80', 'a:', 'a:0', '[::1]', '[::1', 'a..b', '1.2.3.4', '1.2.3', 'a,b', 'A.B', 'a.1', 'a b', '0x1') }

sub body ($method) {
    return '' if $method !~ /^P/ || rand() < 0.3;
    return one("Content-Length: 3\r\n\r\na=b", "Content-Length: 3\r\n\r\na=b", "Content-Length: 21\r\nConnection: close\r\n\r\n" . 'a' x 21, "Content-Length: +3\r\n\r\na=b", "Content-Length: 3, 3\r\n\r\na=b",
        "Transfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n03;a=b\r\na=b\r\n1 \r\nc\r\n0\r\nX: y\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3\r\na=bc\r\n0\r\n\r\n",
        "Transfer-Encoding: x, chunked\r\n\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n");
}

sub request () {
    my $method = one('GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'BREW');
    my $line   = join rand() < 0.97 ? ' ' : one('  ', "\t"), $method, target(), rand() < 0.95 ? 'HTTP/1.1' : one('HTTP/1.0', 'HTTP/1.2', 'HTTP/2', 'http/1.1', 'HTTP/1.1 ');
    my @lines  = ($line, rand() < 0.97 ? 'Host: ' . host() : (), map { one(@names) . (rand() < 0.99 ? ':' : one(' :', '')) . one(' ', '', "\t ", '  ') . one(rand() < 0.8 ? @values[0 .. 4, 6 .. 9, 16, 17] : @values) . (rand() < 0.05 ? "\r\n more" : '') } 1 .. rand 6);
    my $body   = body($method);
    return join('', map {"$_\r\n"} @lines) . ($body || "\r\n");
}

my (%seen, @all);
for my $n (1 .. $ENV{T_REQUESTS} // 150) {
    my $bytes  = request();
    my $module = agree($gateway, "request $n", $gateway->httpd->dir . '/policy.xml', $bytes, \@server);
    $seen{ $module->{status} }++;
    diag "seed $seed, request $n:\n" . $bytes =~ s/([^\n\x20-\x7e])/sprintf '\\x%02x', ord $1/ger if !Test::More->builder->is_passing && !$all[0]++;
}
cmp_ok($seen{0} // 0, '>=', 20, 'some are served: ' . join ', ', map {"$_: $seen{$_}"} sort keys %seen);
cmp_ok($seen{400} // 0, '>=', 20, 'some are refused');
my %findings = map { $_ => 1 } $gateway->httpd->log->text =~ /\bFCT(\d{4})\b/g;
$gateway->finish(findings => [map {"FCT$_"} sort grep { $_ != 5023 } keys %findings], allow => [qr/AH10244: /, qr/AH(?:00898|10188): /]);
done_testing;
