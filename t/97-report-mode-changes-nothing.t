# FcgiTrustMode report: the backend gets and the client sees, byte for byte, what they would without the module, on fcgi:// and on http://
# routes; the decision log says what the policy would have done. FcgiTrustCandidate: what they would without the candidate. SPEC 1.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use JSON::PP ();
use Test::More;
use FCT::Decisions;
use FCT::Gateway;
use FCT::Proc qw(fork_child read_file stop_child scratch wait_until append_file);
use FCT::Record qw(answer);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();
plan skip_all => 'mod_proxy_fcgi is not there' if !FCT::Httpd->has_module('proxy_fcgi');

# An HTTP backend that says back what it got, hop by hop fields included.
my $listen = IO::Socket::INET->new(Listen => 50, LocalAddr => '127.0.0.1', ReuseAddr => 1) or die "listen: $!";
my $http = $listen->sockport;
my $pid = fork_child('http backend', sub {
    while (my $client = $listen->accept) {
        my ($head, $body) = ('', '');
        while ($head !~ /\r\n\r\n/ && sysread $client, my $bytes, 65536) { $head .= $bytes }
        ($head, $body) = $head =~ /\A(.*?\r\n\r\n)(.*)\z/s;
        my ($length) = $head =~ /^Content-Length: (\d+)/mi;
        while (length $body < ($length // 0) && sysread $client, my $bytes, 65536) { $body .= $bytes }
        my $said = "$head$body";
        print $client 'HTTP/1.1 200 OK', "\r\n", 'Content-Length: ', length $said, "\r\nConnection: close\r\n\r\n", $said;
        close $client;
    }
});

sub say_back ($conn, $request) {
    $conn->send(answer($request->{id}, join('', map {"$_=$request->{param}{$_}\n"} sort keys $request->{param}->%*) . $request->{stdin}, 'Content-Type: text/plain'));
    return 1;
}

sub front (@module) {
    return FCT::Gateway->new(each => \&say_back, modules => [qw(proxy_fcgi proxy_http headers setenvif rewrite)],
        files => { 'policy.xml' => FCT::Gateway::policy_text('report', '<refuse-header name="X-Never"/><backend script="none"/>') },
        config => join "\n", 'Listen 127.0.0.1:@PORT@', @module, 'SetEnvIf X-Copy (.*) COPIED=$1', 'RequestHeader set X-Set-By-Server yes',
        'ProxyPass /fcgi/ @BACKEND@/', "ProxyPass /http/ http://127.0.0.1:$http/ disablereuse=on", 'RewriteEngine on', 'RewriteRule ^/moved/(.*)$ @BACKEND@/$1 [P,E=REWRITTEN:$1]', '');
}

my ($with, $without) = (front(FCT::Decisions::directive(), 'FcgiTrustMode report', 'FcgiTrustPolicy @DIR@/policy.xml'), front('FcgiTrustMode off'));
my @enforced = (front('FcgiTrustPolicy @POLICIES@/open.xml', FCT::Decisions::directive(), 'FcgiTrustCandidate @DIR@/policy.xml'), front('FcgiTrustPolicy @POLICIES@/open.xml'));

# A corpus: what is well-formed, what the policy would refuse, what it would drop.
my @corpus;
for my $route ('/fcgi', '/http', '/moved') {
    push @corpus, ["$route/plain"], ["$route/query?a=b&c=%20d"], ["$route/path/info;x=1/%41"], ["$route/method", method => 'BREW'], ["$route/head", method => 'HEAD'],
        ["$route/post", body => 'a body'], ["$route/large", body => 'x' x 100_000], ["$route/never", headers => ['X-Never' => 'x']],
        ["$route/alias", headers => ['X_Remote_User' => 'admin', 'X-Remote-User' => 'admin']], ["$route/cookie", headers => [Cookie => 'a=b; c=d', Cookie => 'e=f']],
        ["$route/copied", headers => ['X-Copy' => 'REMOTE_USER']], ["$route/proxy", headers => [Proxy => 'http://evil.example']],
        ["$route/nominated", headers => [Connection => 'X-Set-By-Server']], ["$route/host", host => 'other.example'],
        ["$route/upgrade", headers => [Upgrade => 'websocket', Connection => 'Upgrade']], ["$route/authorization", headers => [Authorization => 'Basic Ym9iOng=']];
}

# Two servers never agree on ports, times and ids.
sub plain ($answer, $gateway) {
    my $text = join "\n", $answer->status, (map {"$_->[0]: $_->[1]"} grep { $_->[0] ne 'Date' } $answer->{headers}->@*), $answer->body;
    my ($own, $peer) = ($gateway->port, $gateway->peer->port);
    $text =~ s/\b$own\b/OWN/g;
    $text =~ s/\b$peer\b/PEER/g;
    $text =~ s/^Allow: (.*)$/'Allow: ' . join ',', sort split m{,}, $1/me;      # httpd's order is that of a hash
    $text =~ s/^Request id: [^<]+/Request id: /mg;
    $text =~ s/^(REMOTE_PORT|UNIQUE_ID)=.*$/$1=/mg;
    return $text =~ s{\Q@{[ $gateway->httpd->dir ]}\E}{DIR}gr;
}

for my $case (@corpus) {
    my ($path, %opt) = @$case;
    my @seen = map { plain($_->ask($path, %opt), $_) } $with, $without;
    is($seen[0], $seen[1], ($opt{method} // 'GET') . " $path is answered as without the module");
    my @beside = map { plain($_->ask($path, %opt), $_) } @enforced;
    is($beside[0], $beside[1], 'and beside a candidate as without one');
}

my $log = FCT::Decisions->new($with->httpd);
wait_until(10, sub { $log->all >= @corpus });
my %decision = map { $_->{path} => $_ } $log->all;
is(scalar(keys %decision), scalar(@corpus), 'each request has a decision, whatever its scheme');
is(scalar(grep { $_->{verdict} ne 'reported' || $_->{mode} ne 'report' } values %decision), 0, 'which is a report');
for my $route ('/fcgi', '/http', '/moved') {
    is($decision{"$route/plain"}{would_be}, 0, "$route: a plain request would pass");
    is($decision{"$route/never"}{would_be}, 400, 'one with a refused field would not');
    is($decision{"$route/never"}{status}, 200, 'but it did');
    is($decision{"$route/never"}{findings}[0]{tag}, 'FCT2011', 'the finding says why it would not');
    is($decision{"$route/method"}{would_be}, 405, 'nor would another method');
    ok($decision{"$route/plain"}{parameters}{REQUEST_METHOD}, 'what the application would be told stands there');
}
$log->judge;
stop_child($pid);
$_->finish for $with, $without;
$_->finish(allow => [qr/FCT(?:2|4008)/]) for @enforced;

# --- nobody there to serve it ---

my $alone = FCT::Httpd->new(config => join "\n", 'Listen 127.0.0.1:@PORT@', 'FcgiTrustPolicy @POLICIES@/open.xml', 'FcgiTrustMode report', 'ProxyPass / fcgi://127.0.0.1:9/', '');
my ($status, $said) = $alone->check_config;
isnt($status, 0, 'without mod_proxy_fcgi a server in report mode does not start');
like($said, qr/httpd\.conf:\d+: FCT4050 /, 'and names the line');
my $elsewhere = FCT::Httpd->new(modules => ['proxy_http'], config => join "\n", 'Listen 127.0.0.1:@PORT@', 'Listen 127.0.0.1:@OTHER_PORT@', 'FcgiTrustPolicy @POLICIES@/open.xml',
    '<VirtualHost 127.0.0.1:@PORT@>', 'FcgiTrustMode report', 'ProxyPass / http://127.0.0.1:9/', '</VirtualHost>',
    '<VirtualHost 127.0.0.1:@OTHER_PORT@>', 'ProxyPass / fcgi://127.0.0.1:9/', '</VirtualHost>', '');
($status, $said) = $elsewhere->check_config;
is($status, 0, 'where the virtual host in report mode has no such route, it starts') or diag $said;
done_testing;
