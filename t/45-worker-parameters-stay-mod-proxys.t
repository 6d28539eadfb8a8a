# How connections to a backend are made, kept and waited for is what the worker's parameters say, as mod_proxy's users know them;
# and <backend workers> pins the addresses that a policy may be used with. SPEC 1, 3, 4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time sleep);
use FCT::Client qw(request);
use FCT::Gateway;
use FCT::Peer;
use FCT::Proc qw(free_port);
use FCT::Record qw(:all);

# /stall says nothing; /slow?N answers after so many milliseconds; anything else its own answer with the number of its connection.
sub serve ($conn) {
    while (my $request = $conn->read_request) {
        my ($what, $ms) = $request->{param}{REQUEST_URI} =~ m{/(\w+)(?:\?(\d+))?\z};
        if ($what eq 'stall') { $conn->drain(5); return }
        $conn->pause($ms / 1000) if $what eq 'slow';
        FCT::Gateway::say_own($conn, $request);
    }
}

sub connection ($answer) { return $answer->header('X-Connection') // 'none' }

subtest 'timeout' => sub {
    my $gateway = FCT::Gateway->new(worker => 'timeout=1', front => 'ProxyTimeout 9', serve => \&serve);
    my $start = time;
    is($gateway->ask('/stall')->status, 504, 'the worker\'s own time-out is 504');
    my $took = time - $start;
    ok($took > 0.8 && $took < 3, "after its second, not ProxyTimeout's nine ($took s)");
    is($gateway->ask('/slow?700')->status, 200, 'what comes in time is served');
    $gateway->finish(findings => ['FCT5002']);
};
subtest 'Timeout alone' => sub {
    my $gateway = FCT::Gateway->new(front => 'Timeout 1', serve => \&serve);
    my $start = time;
    is($gateway->ask('/stall')->status, 504, 'the server\'s Timeout counts where nothing else is said');
    cmp_ok(time - $start, '<', 3, 'in time');
    $gateway->finish(findings => ['FCT5002']);
};
subtest 'max and acquire' => sub {
    plan skip_all => 'a process of prefork has one connection' if FCT::Httpd->mpm eq 'prefork';
    my $gateway = FCT::Gateway->new(worker => 'max=1 acquire=200 enablereuse=on', serve => \&serve);
    my $first = $gateway->client;
    $first->send(FCT::Client::request_bytes('/slow?1500'));
    ok(FCT::Proc::wait_until(3, sub { scalar $gateway->requests_for('/slow?1500') }), 'the only connection is in use');
    my $start = time;
    my $answer = $gateway->ask('/next');
    is($answer->status, 503, 'who gets none in time is refused');
    ok($answer->is_complete && time - $start < 1.2, 'at once');
    is($first->response->body, 'own answer /slow?1500', 'the first one is served');
    is($gateway->ask('/next')->status, 200, 'and then the next');
    is($gateway->peer->connection_count, 1, 'all on one connection');
    $gateway->finish(allow => [qr/AH\d+/]);
};
subtest 'ttl' => sub {
    plan skip_all => 'a process of prefork has one connection' if FCT::Httpd->mpm eq 'prefork';
    my $gateway = FCT::Gateway->new(worker => 'enablereuse=on ttl=1 max=1', serve => \&serve);
    my $first = connection($gateway->ask('/a'));
    is(connection($gateway->ask('/b')), $first, 'a connection is kept');
    sleep 2.2;
    isnt(connection($gateway->ask('/c')), $first, 'but not longer than its ttl');
    $gateway->finish;
};
subtest 'reuse' => sub {
    for my $case (['enablereuse=on', 1], ['enablereuse=off', 0], ['disablereuse=off', 1], ['disablereuse=on', 0], ['', 0], ['keepalive=on', 0]) {
        my ($worker, $kept) = @$case;
        my $gateway = FCT::Gateway->new(worker => $worker, serve => \&serve);
        my @seen = map { connection($gateway->ask('/a')) } 1 .. 3;
        is(join(' ', @seen), $kept ? '1 1 1' : '1 2 3', ($worker || 'nothing said') . ': connections are ' . ($kept ? 'kept' : 'not kept'));
        $gateway->finish;
    }
};
subtest 'forcerecovery' => sub {
    my @ports = (free_port(), free_port());
    for my $case (['', 200], ['ProxySet forcerecovery=Off', 503]) {
        my ($line, $status) = @$case;
        my $gateway = FCT::Gateway->new(modules => [qw(proxy_balancer slotmem_shm lbmethod_byrequests)], serve => \&serve, config => <<"CONF");
Listen 127.0.0.1:\@PORT\@
FcgiTrustPolicy \@POLICIES\@/open.xml
<Proxy balancer://b>
    BalancerMember fcgi://127.0.0.1:$ports[0] retry=60
    BalancerMember fcgi://127.0.0.1:$ports[1] retry=60
    $line
</Proxy>
ProxyPass / balancer://b/
CONF
        is($gateway->ask('/a')->status, 503, 'all members are down: 503');
        my $up = FCT::Peer->start(port => $ports[0], serve => \&serve);
        is($gateway->ask('/a')->status, $status, ($line || 'by default') . ': as soon as one is up: ' . $status);
        $up->stop;
        $gateway->finish(findings => ['FCT5001'], allow => [qr/AH\d+/]);
    }
};

# <backend workers>: the addresses a policy may be used with.
subtest 'pinned backends' => sub {
    my $unix = FCT::Peer->start(unix => 1, serve => \&serve);
    my $tcp  = FCT::Peer->start(serve => \&serve);
    my $free = FCT::Peer->start(serve => \&serve);
    my $path = $unix->path;
    my $port = $tcp->port;
    my $policy = sub ($workers) { return FCT::Gateway::policy_text('pin', qq{<backend workers="$workers" profile="generic" script="none" override="yes"/>}) };
    my $httpd = FCT::Httpd->new(modules => [qw(rewrite alias)], set => { UNIX => $unix->url, TCP => $tcp->url, FREE => $free->url }, files => {
        'one.xml' => $policy->("fcgi://127.0.0.1:$port"), 'two.xml' => $policy->("fcgi://127.0.0.1:$port unix:$path"),
        'htdocs/x.php' => '', 'htdocs/own/x.php' => '', 'htdocs/own/.htaccess' => "<Files x.php>\nSetHandler \"proxy:fcgi://127.0.0.1:@{[$free->port]}\"\n</Files>\n",
        'htdocs/rewritten/x' => '', 'htdocs/rewritten/.htaccess' => "RewriteEngine on\nRewriteRule ^x fcgi://127.0.0.1:@{[$free->port]}/x [P]\n",
    }, config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @DIR@/two.xml
<Directory @DIR@/htdocs>
    Require all granted
    AllowOverride FileInfo
    Options +FollowSymLinks
</Directory>
<FilesMatch "\.php$">
    SetHandler "proxy:@TCP@"
</FilesMatch>
ProxyPass /tcp/ @TCP@/
ProxyPass /unix/ @UNIX@/
ProxyPass /free/ @FREE@/
<Location /tcp/one/>
    FcgiTrustPolicy @DIR@/one.xml
</Location>
<Location /unix/one/>
    FcgiTrustPolicy @DIR@/one.xml
</Location>
CONF
    for my $row (['/tcp/a', 200], ['/unix/a', 200], ['/free/a', 500], ['/tcp/one/a', 200], ['/unix/one/a', 500], ['/own/x.php', 500], ['/rewritten/x', 500]) {
        my ($where, $status) = @$row;
        is(request($httpd->port, $where)->status, $status, "$where: " . ($status == 200 ? 'a backend that is named is asked' : 'another is not'));
    }
    is(request($httpd->port, '/free/a', body => 'x' x 100_000)->status, 500, 'nor does it get a body');
    is($free->connection_count ? join(' ', map { length $_->{raw} } $free->connections) : 0, 0, 'no byte reaches a backend that is not named');
    $httpd->finish(findings => ['FCT5005'], allow => [qr/FCT4008/]);
    $_->stop for $unix, $tcp, $free;
};
done_testing;
