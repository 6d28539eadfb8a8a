# What the gateway remembers of its backends is what happened: members asked, connections opened and kept, bytes, times, END_REQUEST's two
# statuses, what went to the client before the end was seen. LogLevel trace1 shows it. SPEC 7.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Record qw(:all);

use constant HEAD_LINES => "Content-Type: text/plain\r\n\r\n";
use constant LARGE => 200_000;

sub serve ($conn) {
    my $served = 0;
    while (my $request = $conn->read_request) {
        my ($act) = $request->{param}{REQUEST_URI} =~ m{^/(\w+)};
        my $id = $request->{id};
        return if $act eq 'closes' && $served;
        $conn->pause(0.2) if $act eq 'slow';
        my $bytes = $act eq 'overloaded' ? end_request($id, 0, 2) : $act eq 'fails' ? stdout($id, HEAD_LINES . 'x') . stdout_end($id) . end_request($id, 3)
            : $act eq 'large' || $act eq 'broken' ? stdout($id, HEAD_LINES . 'x' x LARGE) : answer($id, $act);
        $conn->send($bytes);
        return if $act eq 'broken';
        $conn->send(stdout_end($id) . end_request($id)) if $act eq 'large';
        $served++;
    }
}

my $gateway = FCT::Gateway->new(worker => 'enablereuse=on retry=0', serve => \&serve, trace => 1, modules => [qw(proxy_balancer lbmethod_byrequests slotmem_shm)], front => <<'CONF');
ProxyPass /dead/ fcgi://127.0.0.1:@DEADPORT@/ retry=0
<Proxy balancer://pair>
    BalancerMember fcgi://127.0.0.1:@DEADPORT@
    BalancerMember @BACKEND@ enablereuse=on lbset=1
</Proxy>
ProxyPass /pair/ balancer://pair/
CONF
my $log = $gateway->httpd->log;

# One request on a connection of its own; what was recorded of it, by name, and its answer as {reply}.
sub record_of ($path, %opt) {
    my $known = length $log->text;
    my $answer = $gateway->ask($path, %opt);
    my @lines;
    FCT::Proc::wait_until(5, sub { @lines = grep { /backend \S+: attempts/ } split /\n/, substr $log->text, $known });
    my ($backend, $rest) = ($lines[-1] // '') =~ /backend (\S+): (attempts .*)/ or return { reply => $answer };
    my %said = map { /^(\w+) (-?\d+)/ ? ($1 => $2) : () } split /, /, $rest;
    my ($hold) = $rest =~ /, ([a-z ]+)$/;
    return { %said, reply => $answer, backend => $backend, hold => $hold, last => $rest =~ /last (\w+)/ };
}

sub is_recorded ($record, $expected, $name) {
    my %got = map { $_ => $record->{$_} } keys %$expected;
    return is_deeply(\%got, $expected, $name);
}

my $own = 'fcgi://127.0.0.1:' . $gateway->peer->port;
my %one = (backend => $own, attempts => 1, exchanges => 1, replays => 0, protocolStatus => 0, appStatus => 0, finding => 0, hold => 'held whole');
my $first = record_of('/first', body => 'abcde');
is_recorded($first, { %one, opened => 1, reused => 0, last => 'opened' }, 'a request on a new connection');
is_recorded(record_of('/second'), { %one, opened => 0, reused => 1, last => 'reused' }, 'a request on a kept one');
my ($seen) = grep { ($_->{requests}[0]{param}{REQUEST_URI} // '') eq '/first' } $gateway->peer->connections;
my ($size) = map { my $r = $_; my $n = 0; $n += 8 + length($_->{content}) + ($_->{padding} || 0) for $r->{records}->@*; $n } $seen->{requests}[0];
is($first->{sent}, $size, "what was sent: every byte of the request ($size)");
is($first->{received}, length answer(1, 'first'), 'what was received: every byte of the answer');
is_recorded(record_of('/closes'), { %one, attempts => 2, exchanges => 2, opened => 1, reused => 1, replays => 1, last => 'opened' },
    'a kept connection that turned out closed: two exchanges, one replay');

my $slow = record_of('/slow');
cmp_ok($slow->{answered}, '>=', 200_000, 'a backend that thinks for 0.2 s: that long to the first byte');
cmp_ok($slow->{connected}, '<', 100_000, '… but not to the connection');
ok($slow->{ended} >= $slow->{answered} && $slow->{answered} >= $slow->{connected}, 'connected, answered, ended: in this order');

my $large = record_of('/large');
is_recorded($large, { %one, hold => 'passed on', received => length stdout(1, HEAD_LINES . 'x' x LARGE) . stdout_end(1) . end_request(1) }, 'an answer larger than the hold');
is_recorded(record_of('/fails'), { %one, appStatus => 3 }, 'an application that ends with 3: the status, and an answer that stands');
my $overloaded = record_of('/overloaded');
is_recorded($overloaded, { %one, protocolStatus => 2, finding => 1206, hold => 'nothing passed' }, 'END_REQUEST with OVERLOADED');
is($overloaded->{reply}->status, 503, '… the client gets 503');
my $broken = record_of('/broken');
is_recorded($broken, { attempts => 1, protocolStatus => -1, hold => 'passed on' }, 'a connection that ends in the middle: no END_REQUEST');
cmp_ok($broken->{finding}, '>', 0, '… and a finding');

my $dead = 'fcgi://127.0.0.1:' . $gateway->httpd->port('DEADPORT');
is_recorded(record_of('/dead/page'), { backend => $dead, attempts => 1, exchanges => 0, opened => 0, connected => -1, answered => -1, finding => 5001, hold => 'nothing passed' },
    'a backend that cannot be reached');
my $pair = record_of('/pair/page');
is_recorded($pair, { %one, attempts => 2, exchanges => 1, opened => 1, reused => 0 }, 'a balancer whose first member cannot be reached: two attempts, one exchange');
cmp_ok($pair->{connected}, '>=', 0, '… and a connection in the end');
$gateway->finish(findings => ['FCT1206', 'FCT5001'], allow => [qr/FCT12/, qr/AH0/]);
done_testing;
