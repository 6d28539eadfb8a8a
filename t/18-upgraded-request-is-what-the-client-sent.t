# A request that HTTP/2 takes over by an upgrade runs twice in httpd, and RequestHeader with it: still only what the client sent is told as the client's, what
# the server makes is there once, and repeated fields come apart as ever. EVIDENCE T9; SPEC 6.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;
use FCT::Gateway;
use FCT::H2;
use FCT::Told;

plan skip_all => 'mod_http2 does not run under prefork' if !FCT::Gateway->speaks_h2;

# mod_http2 ends an upgraded connection that is idle: the stream behind the first one is opened while that waits for its answer.
sub keep_slowly ($conn, $request) {
    $conn->pause(0.3) if $request->{param}{QUERY_STRING} =~ /slow/;
    return FCT::Told::keep($conn, $request);
}

my $gateway = FCT::Gateway->new(each => \&keep_slowly, h2 => 1, modules => ['headers'], front => <<'CONF', policy => <<'XML');
FcgiTrustSet made once
RequestHeader append X-Trail gateway
RequestHeader append X-Early gateway early
RequestHeader set X-Set gateway
RequestHeader set X-Own gateway
RequestHeader set X-Made operator
CONF
<header name="X-Plain"/><header name="X-Trail"/><header name="X-Early"/><header name="X-Set"/><header name="X-Own"/><header name="X-App-*"/>
<server-header name="X-Made" from="config.made" why="The application reads headers only"/>
XML

# Asks for the upgrade with these header fields: what was told of the request, and of another one behind it.
sub upgraded ($headers, $mark, $behind = undef) {
    my $known = length $gateway->httpd->log->text;
    my $h2 = FCT::H2->upgrade("/page?$mark&slow", port => $gateway->port, headers => $headers);
    return { status => 'not switched', log => sub { '' } } if !$h2;
    my $next = $behind ? $h2->ask("/page?$behind", headers => ['x-plain' => 'second', 'x-own' => 'client']) : { status => 0 };
    my $answer = $h2->answer(1);
    return (kept($mark, $answer->{status}, $known), kept($behind // 'none', $next->{status}, $known));
}

sub kept ($mark, $status, $known) {
    my $kept = $gateway->peer->told($mark);
    return { status => $status, log => sub { substr $gateway->httpd->log->text, $known }, $kept ? JSON::PP::decode_json($kept)->%* : () };
}

my %made = (HTTP_X_MADE => 'once', HTTP_UPGRADE => undef, HTTP_HTTP2_SETTINGS => undef, HTTP_CONNECTION => undef, SERVER_PROTOCOL => 'HTTP/2.0');
my %none = map { $_ => undef } qw(HTTP_X_TRAIL HTTP_X_EARLY HTTP_X_SET HTTP_X_OWN HTTP_X_PLAIN);
my @served = (
    ['nothing sent', [], { %made, %none }],
    ['fields that RequestHeader changes', ['X-Trail' => 'client', 'X-Early' => 'client', 'X-Set' => 'client', 'X-Plain' => 'client'], { %made, %none, HTTP_X_PLAIN => 'client' }],
    ['one that it sets to what it was', ['X-Set' => 'gateway'], { %made, HTTP_X_SET => 'gateway' }],
    ['a list in two lines', ['X-App-List' => 'a', 'User-Agent' => 'x', 'X-App-List' => 'b'], { %made, HTTP_X_APP_LIST => 'a, b', HTTP_USER_AGENT => 'x' }],
    ['two cookie fields', [Cookie => 'a=1', Cookie => 'b=2'], { %made, HTTP_COOKIE => 'a=1; b=2' }],
);
my $count = 7000;
for my $row (@served) {
    my ($name, $headers, $wanted) = @$row;
    my ($told, $next) = upgraded($headers, 'told' . ++$count, 'told' . ++$count);
    is_told($told, "$name: told as the client sent it", $wanted);
    is_told($next, "$name: the stream behind it has its own fields", { %made, %none, HTTP_X_PLAIN => 'second', HTTP_X_APP_LIST => undef, HTTP_COOKIE => undef });
}
my @refused = (
    ['what the server makes', ['X-Made' => 'once'], 'FCT2019'], ['another spelling of it', ['X_Made' => 'once'], 'FCT2019'],
    ['a singleton twice', ['User-Agent' => 'a', 'User-Agent' => 'b'], 'FCT2009'], ['two names that fold together', ['X-Plain' => 'a', 'X_Plain' => 'b'], 'FCT2010'],
);
is_refused((upgraded($_->[1], 'told' . ++$count))[0], "$_->[0]: refused", 400, $_->[2]) for @refused;

# Upgrades that httpd does not grant leave no trace for the next request of the connection.
my $client = $gateway->client;
$client->send(FCT::Client::request_bytes("/page?told7101", headers => [Connection => 'Upgrade', Upgrade => 'h2c', 'HTTP2-Settings' => 'AAMAAABkAAQAAP__', 'X-Plain' => 'one'], body => 'with a body'));
is($client->response->status, 200, 'an upgrade that is not granted is served as HTTP/1.1');
is($client->ask('/page?told7102', headers => ['X-App-Two' => 'two'])->status, 200, 'and so is the request behind it');
is_told(kept('told7101', 200, 0), 'the first one is told as it came', { %none, HTTP_X_PLAIN => 'one', HTTP_X_MADE => 'once', SERVER_PROTOCOL => 'HTTP/1.1' });
is_told(kept('told7102', 200, 0), 'the second one too', { %none, HTTP_X_APP_TWO => 'two', HTTP_X_MADE => 'once' });
$gateway->finish(findings => [qw(FCT2009 FCT2010 FCT2019)]);
done_testing;
