# FcgiTrustMode report on the routes that people have: SetHandler with PHP-FPM, balancers that fail over, uploads, websockets, HTTP/2. Backend
# and client see what they would without the module; httpd's own access log says the same; the decision log says what would have been. SPEC 1.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use Test::More;
use FCT::Backend;
use FCT::Client;
use FCT::Decisions;
use FCT::H2;
use FCT::Httpd;
use FCT::Proc qw(fork_child free_port read_file repo_root stop_child wait_until);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();
plan skip_all => 'mod_proxy_fcgi is not there' if !FCT::Httpd->has_module('proxy_fcgi');

my $speaks_h2 = FCT::Httpd->mpm ne 'prefork';
my $php = FCT::Backend->php_fpm(unix => 1, processes => 2);

# --- an HTTP backend that says back what it got, and that speaks a websocket's first words ---

sub read_chunked ($client, $body) {
    while ($body !~ /(?:\A|\r\n)0\r\n\r\n\z/ && sysread $client, my $bytes, 65536) { $body .= $bytes }
    return $body;
}

sub serve ($client) {
    my ($head, $body) = ('', '');
    while ($head !~ /\r\n\r\n/ && sysread $client, my $bytes, 65536) { $head .= $bytes }
    ($head, $body) = $head =~ /\A(.*?\r\n\r\n)(.*)\z/s or return;
    if ($head =~ /^Upgrade: websocket/mi && $head =~ m{^GET /?ws}m) {
        syswrite $client, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
        sysread $client, my $bytes, 100;
        syswrite $client, "echo $bytes";
        return;
    }
    syswrite $client, "HTTP/1.1 100 Continue\r\n\r\n" if $head =~ /^Expect: 100-continue/mi;
    my ($length) = $head =~ /^Content-Length: (\d+)/mi;
    while (length $body < ($length // 0) && sysread $client, my $bytes, 65536) { $body .= $bytes }
    $body = read_chunked($client, $body) if $head =~ /^Transfer-Encoding: chunked/mi;
    $body =~ s/(?:\A|\r\n)[0-9a-f]+\r\n//gi if !$length;
    my $said = $head . length($body) . ' ' . unpack '%32C*', $body;
    print $client 'HTTP/1.1 200 OK', "\r\n", 'Content-Length: ', length $said, "\r\nConnection: close\r\n\r\n", $said;
}

my $listen = IO::Socket::INET->new(Listen => 50, LocalAddr => '127.0.0.1', ReuseAddr => 1) or die "listen: $!";
my $pid = fork_child('http backend', sub {
    while (my $client = $listen->accept) { serve($client); close $client }
});

# --- the same server, with the module in report mode and without a policy ---

my $dead = free_port();
sub front (@module) {
    return FCT::Httpd->new(set => { PHP => $php->path, HTTP => '127.0.0.1:' . $listen->sockport, DEAD => "127.0.0.1:$dead" },
        modules => [qw(proxy_fcgi proxy_http proxy_wstunnel proxy_balancer lbmethod_byrequests slotmem_shm alias dir setenvif headers logio), $speaks_h2 ? 'http2' : ()],
        files => { (map { ("htdocs/$_.php" => '<?php $s = $_SERVER; ksort($s); foreach ($s as $k => $v) if (is_string($v)) echo "$k=$v\n"; $b = file_get_contents("php://input"); echo strlen($b), " ", md5($b);') } qw(index one)),
            'policy.xml' => FCT::Gateway::policy_text('report', '<refuse-header name="X-Never"/><request max-body="150K"/><backend script="file"/>') },
        config => join "\n", 'Listen 127.0.0.1:@PORT@', $speaks_h2 ? 'Protocols h2c http/1.1' : (), @module,
        'LogFormat "%>s %O %X %f %U %m %{proxy-status}n %{SPECIAL}e %{Host}i %{X-Made}i %{Content-Length}i" seen', 'CustomLog @DIR@/run/access.log seen',
        'SetEnvIf X-Copy (.*) SPECIAL=$1', 'RequestHeader set X-Made yes', 'ProxyPass /http/ http://@HTTP@/', 'ProxyPass /ws ws://@HTTP@/ws',
        '<Proxy balancer://web>', 'BalancerMember http://@DEAD@ retry=0', 'BalancerMember http://@HTTP@', '</Proxy>', 'ProxyPass /web/ balancer://web/',
        'ProxyPass /bare/ fcgi://@DEAD@/', '<Directory @DOCROOT@>', 'Require all granted', 'DirectoryIndex index.php', '<FilesMatch "\.php$">', 'SetHandler "proxy:unix:@PHP@|fcgi://php/"', '</FilesMatch>', '</Directory>', '')->start;
}
use FCT::Gateway;
my $with = front(FCT::Decisions::directive(), 'FcgiTrustMode report', 'FcgiTrustPolicy @DIR@/policy.xml');
my $without = front('FcgiTrustMode off');

sub plain ($text, $httpd) {
    my $own = $httpd->port;
    $text =~ s/\b$own\b/OWN/g;
    $text =~ s/^(REMOTE_PORT|UNIQUE_ID|REQUEST_TIME(?:_FLOAT)?|H2_STREAM_TAG)=.*$/$1=/mg;
    $text =~ s/^(Date|Via): .*$/$1:/mg;
    return $text =~ s{\Q@{[ $httpd->dir ]}\E}{DIR}gr;
}

sub shown ($answer, $httpd) {
    return plain(join("\n", $answer->status, (map {"$_->[0]: $_->[1]"} $answer->{headers}->@*), $answer->body), $httpd);
}

my @chunked = (headers => ['Transfer-Encoding' => 'chunked', 'Content-Type' => 'text/plain']);
my $large = join '', map { sprintf("%x\r\n", 10_000) . 'c' x 10_000 . "\r\n" } 1 .. 30;
my @cases = (
    ['/one.php'], ['/one.php/info;a=b?x=%20y'], ['/'], ['/one.php', body => 'a=b', headers => ['Content-Type' => 'application/x-www-form-urlencoded']],
    ['/one.php/large', body => 'l' x 300_000], ['/one.php/never', headers => ['X-Never' => 'x']], ['/one.php/copy', headers => ['X-Copy' => 'REMOTE_USER']],
    ['/nothing.php'], ['/http/post', body => 'x' x 300_000], ['/http/expect', body => 'x', headers => [Expect => '100-continue']], ['/web/failover', body => 'w' x 50_000], ['/web/get'],
    ['/bare/x'], ['/one.php/head', method => 'HEAD'], ['/one.php/options', method => 'OPTIONS'], ['/one.php/brew', method => 'BREW'],
);
for my $case (@cases) {
    my ($path, %opt) = @$case;
    my @seen = map { shown(FCT::Client::request($_->port, $path, %opt), $_) } $with, $without;
    is($seen[0], $seen[1], ($opt{method} // ($opt{body} ? 'POST' : 'GET')) . " $path is answered as without the module");
}

# Uploads in chunks, and what follows on the same connection.
for my $path ('/one.php/chunked', '/http/chunked', '/web/chunked') {
    my @seen = map {
        my $client = FCT::Client->connect(port => $_->port);
        $client->send("POST $path HTTP/1.1\r\nHost: test.example\r\nTransfer-Encoding: chunked\r\n\r\n${large}0\r\n\r\n");
        shown($client->response, $_) . shown($client->ask('/one.php/after'), $_);
    } $with, $without;
    is($seen[0], $seen[1], "$path, in chunks, is answered as without the module, and so is what follows");
}

for my $path ('/ws') {
    my @seen = map {
        my $client = FCT::Client->connect(port => $_->port);
        $client->send("GET $path HTTP/1.1\r\nHost: test.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        $client->wait_head;
        $client->send('hello');
        $client->wait_bytes(qr/echo hello/);
        plain($client->leftover, $_);
    } $with, $without;
    like($seen[1], qr/101 Switching.*echo hello/s, "$path: a websocket runs");
    is($seen[0], $seen[1], 'also where it is reported');
}

SKIP: {
    skip 'mod_http2 does not run under prefork', 4 if !$speaks_h2;
    my @h2 = map { FCT::H2->connect(port => $_->port) } $with, $without;
    for my $case (['/one.php/h2'], ['/one.php/h2-post', body => 'b' x 100_000, length => 1], ['/http/h2', body => 'b' x 100_000, length => 1], ['/one.php/h2-never', headers => ['x-never' => 'x']]) {
        my ($path, %opt) = @$case;
        my @seen = map { my $answer = $h2[$_]->ask($path, %opt); plain(join("\n", map({ join ': ', @$_ } grep { $_->[0] ne 'date' } $answer->{headers}->@*), $answer->{body}), ($with, $without)[$_]) } 0, 1;
        is($seen[0], $seen[1], "HTTP/2 $path is answered as without the module");
    }
    $_->close for @h2;
}

# --- what httpd itself says of them ---

# Over HTTP/2 the size is that of compressed header fields, and streams end as they please.
sub access_log ($httpd) { return plain(read_file($httpd->dir . '/run/access.log'), $httpd) =~ s{^(\d+) \d+ [-+X] (?=\S+ /\S*/h2)}{$1 }gmr }
sub sorted_log ($httpd) { return join "\n", sort split /\n/, access_log($httpd) }
wait_until(10, sub { sorted_log($with) eq sorted_log($without) });      # the last lines come when their connections end
is(sorted_log($with), sorted_log($without), 'the access logs are the same: status, bytes, file, environment, notes, header fields');

# --- what would have been ---

my $log = FCT::Decisions->new($with);
sub would_be ($path) { my ($one) = $log->for($path); return $one ? "$one->{verdict} $one->{would_be} " . ($one->{findings}[0]{tag} // '-') : 'none' }
is(would_be('/one.php'), 'reported 0 -', 'a script would be served');
is(would_be('/one.php/never'), 'reported 400 FCT2011', 'a refused field would not');
is(would_be('/one.php/large'), 'reported 413 FCT2003', 'nor would a body that is too large');
is(would_be('/ws'), 'reported 501 FCT2002', 'nor a websocket');
is(scalar($log->for('/web/failover')), 1, 'a balancer that fails over has one decision');
$log->judge;
my @ordinary = (qr/AH0\d+: .*(?:attempt to connect|failed to make connection|Connection refused)|AH01(?:0|1)\d\d/, qr/AH00(?:957|959|940)/, qr/AH01114|AH01071|AH01079/);
$with->finish(allow => \@ordinary);
$without->finish(allow => \@ordinary);

# --- a route without a policy, framing that nobody allows, beside a candidate ---

my $bare = FCT::Httpd->new(set => { HTTP => '127.0.0.1:' . $listen->sockport }, modules => [qw(proxy_fcgi proxy_http)], files => { 'next.xml' => FCT::Gateway::policy_text('next', '') },
    config => join "\n", 'Listen 127.0.0.1:@PORT@', FCT::Decisions::directive(), 'FcgiTrustMode report', "ProxyPass /none/ fcgi://127.0.0.1:$dead/", 'ProxyPass /http-none/ http://@HTTP@/',
    'ProxyPass /both/ http://@HTTP@/', '<Location /both/>', 'FcgiTrustPolicy @POLICIES@/open.xml', 'FcgiTrustCandidate @DIR@/next.xml', '</Location>', '')->start;
FCT::Client::request($bare->port, '/http-none/x');
FCT::Client::request($bare->port, '/none/x');
my $client = FCT::Client->connect(port => $bare->port);
$client->send("POST /both/odd HTTP/1.1\r\nHost: test.example\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
$client->response;
FCT::Client::request($bare->port, '/both/last');
$log = FCT::Decisions->new($bare);
is(would_be('/none/x'), 'reported 500 FCT4001', 'a fcgi:// route without a policy would be refused');
my ($last) = $log->for('/both/last');
is(scalar(grep { $_->{path} eq '/http-none/x' } $log->all), 0, 'a route that enforcing would leave alone has no decision');
my ($odd) = $log->for('/both/odd');
is("$odd->{would_be} $odd->{status} " . ($odd->{candidate}{differs} ? 'differs' : 'same'), '400 200 same', 'what no policy allows, the candidate does not allow either');
$log->judge;
$bare->finish(allow => [@ordinary, qr/FCT4009/]);
stop_child($pid);
done_testing;
