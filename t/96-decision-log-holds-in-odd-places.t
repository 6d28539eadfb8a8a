# The decision log where things are not as usual: other methods behind an error document, no policy, a proxy protocol, members that are down,
# other virtual hosts, files that are pipes, keys of its own. SPEC 1, 7.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use List::Util qw(sum0);
use POSIX qw(mkfifo);
use Test::More;
use FCT::Decisions;
use FCT::Gateway;
use FCT::Proc qw(free_port read_file scratch wait_until write_file);
use FCT::Record qw(answer);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

sub reply ($conn, $request) {
    my $to = $request->{param}{REQUEST_METHOD} eq 'POST' ? ['Location: /app/there'] : ['Content-Type: text/plain'];
    $conn->send(answer($request->{id}, 'body', @$to));
    return 1;
}

# --- what the client sent, whatever became of it ---

my $dead = free_port();
my $gateway = FCT::Gateway->new(each => \&reply, modules => [qw(remoteip proxy_balancer lbmethod_byrequests slotmem_shm headers)], files => {
        'one.xml' => FCT::Gateway::policy_text('one', '<response local-redirect="follow"/>'), 'two.xml' => FCT::Gateway::policy_text('two', ''),
    }, config => join "\n", 'Listen 127.0.0.1:@PORT@', 'Listen 127.0.0.1:@PROXY_PORT@', 'Listen 127.0.0.1:@OTHER_PORT@', FCT::Decisions::directive(),
    'FcgiTrustPolicy @DIR@/one.xml',
    'ProxyPass /app/ @BACKEND@/', 'ErrorDocument 405 /app/error', 'ProxyPass /both/ balancer://both/', "ProxyPass /dead/ fcgi://127.0.0.1:$dead/dead/", '<Proxy balancer://both>',
    "BalancerMember fcgi://127.0.0.1:$dead route=a", 'BalancerMember @BACKEND@ status=+H', '</Proxy>',
    '<Location /app/every>', 'FcgiTrustAudit sample=2', '</Location>',
    '<VirtualHost 127.0.0.1:@PROXY_PORT@>', 'RemoteIPProxyProtocol On', 'FcgiTrustPolicy @DIR@/two.xml', 'ProxyPass /app/ @BACKEND@/', '</VirtualHost>',
    '<VirtualHost 127.0.0.1:@OTHER_PORT@>', 'ServerName other.example', 'FcgiTrustAuditLog run/other.log', 'FcgiTrustPolicy @DIR@/two.xml', 'ProxyPass /app/ @BACKEND@/', '</VirtualHost>', '');
my $httpd = $gateway->httpd;
my $log = FCT::Decisions->new($httpd);

$gateway->ask('/app/refused', method => 'BREW');
is(join(' ', map {"$_->{method} $_->{verdict}"} $log->for('/app/refused', 2)), 'BREW passed BREW refused', 'the method is what the client sent, also behind an error document');
$gateway->ask('/app/redirect', method => 'POST', body => 'x');
is(join(' ', map {"$_->{method} $_->{status}"} $log->for('/app/redirect', 2)), 'POST 200 POST 200', 'also after a local redirect');

$gateway->ask('/both/one?secret=in-query');
my ($both) = $log->for('/both/one');
is("$both->{verdict} $both->{backend}{attempts} $both->{status}", 'passed 2 200', 'a balancer that goes on to its next member has one line, of how it ended');
is($both->{backend}{address}, 'fcgi://127.0.0.1:' . $gateway->peer->port, 'with the member that answered');
unlike($log->text, qr/in-query/, 'no query stands in the log');

$gateway->ask('/dead/one');
my ($unreached) = $log->for('/dead/one');
is("$unreached->{verdict} $unreached->{findings}[0]{tag}", 'reply-refused FCT5001', 'a backend that is not there refuses');
ok(!exists $unreached->{parameters}, 'and was told nothing');

my $client = FCT::Client->connect(port => $httpd->port('PROXY_PORT'));
$client->send("PROXY TCP4 192.0.2.7 127.0.0.1 5555 80\r\nGET /app/proxied HTTP/1.1\r\nHost: test.example\r\n\r\n");
is($client->response->status, 200, 'a request over the PROXY protocol is served');
my ($proxied) = $log->for('/app/proxied');
is("$proxied->{peer} $proxied->{client}", '127.0.0.1 192.0.2.7', 'the peer is that of the connection, the client is that of the protocol');

# --- sampling ---

my %seen;
my $kept = $gateway->client;
for my $i (1 .. 100) { $kept->ask('/app/every' . ($i % 2 ? '/odd' : '/even')) }
$gateway->ask('/app/end');
$log->for('/app/end');
wait_until(10, sub {      # the last line may come behind that of the end
    %seen = ();
    $seen{$_->{path}}++ for grep { $_->{path} =~ /every/ } $log->all;
    return sum0(values %seen) >= 50;
});
is(($seen{'/app/every/odd'} // 0) + ($seen{'/app/every/even'} // 0), 50, 'with sample=2, one of two is logged');
ok(($seen{'/app/every/odd'} // 0) > 5 && ($seen{'/app/every/even'} // 0) > 5, 'whatever the order in which they come') or diag explain \%seen;

# --- virtual hosts ---

FCT::Client::request($httpd->port('OTHER_PORT'), '/app/other');
my $other = FCT::Decisions->new($httpd, $httpd->dir . '/run/other.log');
my ($line) = $other->for('/app/other');
is("$line->{server} $line->{policy}{name}", 'other.example t-two', 'a virtual host has a log of its own, whose path is below ServerRoot');
is(scalar(grep { $_->{path} eq '/app/other' } $log->all), 0, 'and nothing in the server\'s');
$_->judge for $log, $other;

# --- the key, over restarts ---

$_->close for $client, $kept;

sub hash_of ($log, $path, $name = 'REQUEST_URI') {
    my ($one) = $log->for($path);
    return FCT::Decisions::parameters($one)->{$name}{hash};
}
my $before = hash_of($log, '/app/end', 'SERVER_NAME');
$httpd->graceful;
$gateway->ask('/app/after');
is(hash_of($log, '/app/after', 'SERVER_NAME'), $before, 'after a graceful restart equal values have equal hashes');
$httpd->graceful;
$gateway->ask('/app/again');
is(hash_of($log, '/app/again', 'SERVER_NAME'), $before, 'and after a second one');
$gateway->finish(allow => [qr/FCT2001/, qr/FCT1301/, qr/FCT5/, qr/AH0\d+: .*(?:attempt to connect|failed to make connection|Connection refused)/, qr/error state|disabl/i, qr/unreachable|connection to the backend/, qr/AH03490/]);

# --- a key from a file ---

sub keyed ($key) {
    my $keyed = FCT::Gateway->new(files => { key => $key }, front => join "\n", FCT::Decisions::directive(), 'FcgiTrustAuditKey @DIR@/key');
    $keyed->ask('/keyed');
    my $hash = hash_of(FCT::Decisions->new($keyed->httpd), '/keyed');
    return ($keyed, $hash);
}
umask 077;
my ($first, $hash) = keyed('a' x 32);
my ($second, $same) = keyed('a' x 32);
is($same, $hash, 'servers with the same key have the same hashes');
write_file($second->httpd->dir . '/key', 'b' x 32);
$second->httpd->graceful;
$second->ask('/changed');
$second->ask('/keyed');
my @both = FCT::Decisions->new($second->httpd)->for('/keyed', 2);
isnt(FCT::Decisions::parameters($both[1])->{REQUEST_URI}{hash}, $hash, 'a graceful restart takes another key from its file');
$_->finish for $first, $second;

sub check (%opt) { return FCT::Httpd->new(%opt, config => "Listen 127.0.0.1:\@PORT\@\n$opt{config}\n")->check_config }
my ($status, $said) = check(config => 'FcgiTrustAuditKey @DIR@/key', files => { key => 'short' });
ok($status && $said =~ /fewer than 16 bytes/, 'a key that is too short is refused') or diag $said;
($status, $said) = check(config => 'FcgiTrustAuditKey @DIR@/nothing');
ok($status && $said =~ /cannot be read/, 'so is one that is not there');
umask 0;
($status, $said) = check(config => 'FcgiTrustAuditKey @DIR@/key', files => { key => 'a' x 32 });
ok($status && $said =~ /others may read or write/, 'and one that others may read');
umask 022;

# --- where it may stand, what it may be ---

for my $case (['<Directory />', 'FcgiTrustAuditLog run/x', '</Directory>'], ['<Location />', 'FcgiTrustAuditLog run/x', '</Location>']) {
    ($status, $said) = check(config => join "\n", @$case);
    ok($status && $said =~ /FcgiTrustAuditLog not allowed/, "$case->[0] takes no log of its own") or diag $said;
}
for my $target (qw(syslog:local1 syslog off none | ||), '"|  "') {
    ($status, $said) = check(config => "FcgiTrustAuditLog $target");
    ok($status && $said =~ /FcgiTrustAuditLog: .* is neither a file nor/, "$target is no name of a file") or diag $said;
}

# --- no policy anywhere ---

my $bare = FCT::Gateway->new(config => join "\n", 'Listen 127.0.0.1:@PORT@', FCT::Decisions::directive(), 'ProxyPass / @BACKEND@/', '');
is($bare->ask('/bare')->status, 500, 'without any policy a request is refused');
my ($refused) = FCT::Decisions->new($bare->httpd)->for('/bare');
is("$refused->{verdict} $refused->{findings}[0]{tag}", 'refused FCT4001', 'and the log says why');
$bare->finish(findings => ['FCT4001'], allow => [qr/FCT4009/]);

# --- no connection ---

SKIP: {
    skip 'each process of prefork has its own connections', 3 if FCT::Httpd->mpm eq 'prefork';
    my $busy = FCT::Gateway->new(worker => 'enablereuse=on max=1 acquire=100', front => join("\n", FCT::Decisions::directive(), 'FcgiTrustAudit findings'), each => sub ($conn, $request) {
        sleep 1;
        $conn->send(answer($request->{id}, 'slow', 'Content-Type: text/plain'));
        return 1;
    });
    my $slow = $busy->client;
    $slow->send("GET /slow HTTP/1.1\r\nHost: test.example\r\n\r\n");
    select undef, undef, undef, 0.3;
    is($busy->ask('/next')->status, 503, 'where all connections are taken a request is answered 503');
    my ($next) = FCT::Decisions->new($busy->httpd)->for('/next');
    is("$next->{verdict} $next->{findings}[0]{tag}", 'reply-refused FCT5001', 'the log with findings alone has it, and says why');
    $slow->response;
    $busy->finish(allow => [qr/AH0/, qr/FCT5001/]);
}

# --- a file that is a pipe ---

my $fifo = scratch() . '/fifo';
mkfifo($fifo, 0600) or die "mkfifo: $!";
my $piped = FCT::Gateway->new(front => "FcgiTrustAuditLog $fifo\nProxyPass /status !\n<Location /status>\nSetHandler fcgi-trust-status\n</Location>", worker => 'enablereuse=on');
my $start = time;
my $asking = $piped->client;
is(scalar(grep { $asking->ask("/n$_")->is_success } 1 .. 60), 60, 'with a FIFO that nobody reads every request is served');
ok(time - $start < 15, 'without waiting for it');
open my $reader, '<', $fifo or die "fifo: $!";
sysread $reader, my $text, 1 << 20;
is(scalar(grep { !/^\{.*\}$/ } split /\n/, $text), 0, 'who reads it later finds whole lines');
$asking->ask('/later');
ok($piped->httpd->log->wait_for(qr/FCT6002/), 'and it is written again');
$piped->finish(findings => [qw(FCT6001 FCT6002)]);
done_testing;
