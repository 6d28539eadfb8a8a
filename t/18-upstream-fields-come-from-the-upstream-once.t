# A field that a proxy in front sends is its word only when it comes from that proxy's address, once, by its own name, and is not nominated in
# Connection: anything else ends the request. POLICY 4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Told;

my $gateway = FCT::Gateway->new(each => \&FCT::Told::keep, h2 => 1, modules => [qw(headers remoteip env)], policy => <<'XML', front => <<'CONF');
<upstream name="edge" peers="127.0.0.2 127.0.0.16/28" assert="Only the edge has these addresses, and it deletes these fields of clients">
    <field name="X-Edge-User" needs="X-Edge-Verify"/><field name="X-Edge-Verify" equals="SUCCESS"/><field name="X-Edge-Group"/><field name="X_Edge_Odd"/>
</upstream>
<upstream name="other" peers="127.0.0.5" assert="Only that one has this address"><field name="X-Other-User"/></upstream>
<param name="REMOTE_USER" from="upstream.edge.X-Edge-User" assert="The edge authenticates everybody"/>
<param name="REMOTE_GROUPS" from="upstream.edge.X-Edge-Group" split="," join=" " assert="The edge knows groups"/>
<param name="APP_OTHER" from="upstream.other.X-Other-User" assert="The other one knows"/>
<param name="APP_ODD" from="upstream.edge.X_Edge_Odd" assert="The edge"/>
<header name="X-*"/>
XML
RemoteIPHeader X-Forwarded-For
RemoteIPInternalProxy 127.0.0.2 127.0.0.3
SetEnv REMOTE_USER admin
SetEnv X-Edge-Group staff
<Location /set/>
    RequestHeader set X-Edge-User admin
    RequestHeader set X-Edge-Verify SUCCESS
    RequestHeader append X-Edge-Group staff
</Location>
<Location /unset/>
    RequestHeader unset X-Edge-Verify
</Location>
CONF
my ($edge, $second, $last, $other, $proxy, $client) = map {"127.0.0.$_"} 2, 16, 31, 5, 3, 1;
my @alice = ('X-Edge-Verify: SUCCESS', 'X-Edge-User: alice');

# From whom, the lines, what is told.
my @served = (
    ['the edge', $edge, \@alice, { REMOTE_USER => 'alice', HTTP_X_EDGE_USER => undef, HTTP_X_EDGE_VERIFY => undef }],
    ['the first address of a range', $second, \@alice, { REMOTE_USER => 'alice' }],
    ['the last address of a range', $last, \@alice, { REMOTE_USER => 'alice' }],
    ['other letters', $edge, ['x-edge-VERIFY: SUCCESS', 'X-EDGE-USER: alice'], { REMOTE_USER => 'alice' }],
    ['commas in one line', $edge, ['X-Edge-Group: a,b,c'], { REMOTE_GROUPS => 'a b c' }],
    ['commas and blanks in one line', $edge, [$alice[0], 'X-Edge-User: CN=a, O=b'], { REMOTE_USER => 'CN=a, O=b' }],
    ['what it needs is missing', $edge, [$alice[1]], { REMOTE_USER => undef, HTTP_X_EDGE_USER => undef }],
    ['what it needs says no', $edge, ['X-Edge-Verify: FAILED', $alice[1]], { REMOTE_USER => undef }],
    ['what it needs says so in other letters', $edge, ['X-Edge-Verify: success', $alice[1]], { REMOTE_USER => undef }],
    ['what it needs says more', $edge, ['X-Edge-Verify: SUCCESS, FAILED', $alice[1]], { REMOTE_USER => undef }],
    ['an empty value', $edge, [$alice[0], 'X-Edge-User:'], { REMOTE_USER => undef }],
    ['nobody', $client, [], { REMOTE_USER => undef, REMOTE_GROUPS => undef, APP_OTHER => undef, HTTP_X_EDGE_GROUP => undef }],
    ['nobody, behind the edge', $edge, [], { REMOTE_USER => undef }],
    ['another upstream', $other, ['X-Other-User: bob'], { APP_OTHER => 'bob', REMOTE_USER => undef }],
    ['a name with underscores', $edge, ['X_Edge_Odd: x'], { APP_ODD => 'x' }],
    ['a longer name', $client, ['X-Edge-Users: admin'], { REMOTE_USER => undef, HTTP_X_EDGE_USERS => 'admin' }],
    ['a folded line', $client, ["Accept: a\r\n X-Edge-User: admin"], { REMOTE_USER => undef }],
    ['another field named in Connection', $edge, ['Connection: close, X-Own', @alice], { REMOTE_USER => 'alice' }],
    ['the edge, with a client whom mod_remoteip names', $edge, ['X-Forwarded-For: 192.0.2.7', @alice], { REMOTE_USER => 'alice', REMOTE_ADDR => '192.0.2.7' }],
    ['RequestHeader sets them, nobody sends them', $client, [], { REMOTE_USER => undef, REMOTE_GROUPS => undef }, '/set/page'],
    ['RequestHeader changes what the edge sent', $edge, [@alice], { REMOTE_USER => undef }, '/set/page'],
    ['RequestHeader appends to what the edge sent', $edge, ['X-Edge-Group: a'], { REMOTE_GROUPS => undef }, '/set/page'],
    ['RequestHeader removes what it needs', $edge, [@alice], { REMOTE_USER => undef }, '/unset/page'],
);
for my $row (@served) {
    my ($name, $from, $lines, $wanted, $path) = @$row;
    is_told(told($gateway, $lines, local => $from, path => $path), "$name: told as it should be", $wanted);
}

my @refused = (
    ['a client', $client, \@alice],
    ['a client sends one of them', $client, ['X-Edge-User: admin']],
    ['a client sends what is needed', $client, ['X-Edge-Verify: SUCCESS']],
    ['a client sends an empty one', $client, ['X-Edge-User:']],
    ['a neighbour below the range', '127.0.0.15', \@alice],
    ['a neighbour above the range', '127.0.0.32', \@alice],
    ['another upstream', $other, \@alice],
    ['the edge, for another upstream', $edge, ['X-Other-User: bob']],
    ['a client whom mod_remoteip takes for the edge', $proxy, ['X-Forwarded-For: 127.0.0.2', @alice]],
    ['a client who claims to be the edge', $client, ['X-Forwarded-For: 127.0.0.2', @alice]],
    (map { ["$_ from a client", $client, ["$_: admin"]] } 'X_Edge_User', 'x.edge.user', 'X-Edge_User', 'X~Edge-User', 'X-Edge-Odd'),
    (map { ["$_ from the edge", $edge, [$alice[0], "$_: admin"]] } 'X_Edge_User', 'x.edge.user', 'X-Edge_User', 'X~Edge-User', 'X-Edge-Odd'),
    ['both spellings', $edge, [@alice, 'X_Edge_User: admin']],
    ['both spellings, the other order', $edge, ['X_Edge_User: admin', @alice]],
    ['two lines', $edge, [@alice, 'X-Edge-User: admin']],
    ['two lines alike', $edge, [@alice, $alice[1]]],
    ['two lines in other letters', $edge, [@alice, 'x-edge-user: admin']],
    ['two lines, the second empty', $edge, [@alice, 'X-Edge-User:']],
    ['two lines, the first empty', $edge, ['X-Edge-User:', @alice]],
    ['two lines with others between', $edge, [@alice, 'Accept: x', 'Connection: close', 'X-Edge-User: admin']],
    ['two lines, the second folded', $edge, [@alice, "X-Edge-User: admin\r\n b"]],
    ['two lines, the first folded', $edge, [$alice[0], "X-Edge-User: a\r\n b", 'X-Edge-User: admin']],
    ['what is needed, twice', $edge, ['X-Edge-Verify: SUCCESS', @alice]],
    ['three lines', $edge, [@alice, 'X-Edge-User: b', 'X-Edge-User: c']],
    ['two lines of which RequestHeader makes one', $edge, [@alice, 'X-Edge-User: admin'], '/set/page'],
    ['named in Connection', $edge, ['Connection: close, X-Edge-User', @alice]],
    ['named in a second Connection', $edge, ['Connection: close', 'Connection: x-edge-user', @alice]],
    ['what is needed, named in Connection', $edge, ['Connection: X-Edge-Verify', @alice]],
    ['on HTTP/1.0', $client, [@alice], '/page', version => '1.0'],
);
for my $row (@refused) {
    my ($name, $from, $lines, $path, %opt) = @$row;
    is_refused(told($gateway, $lines, local => $from, path => $path, %opt), "$name: refused", 400, 'FCT2018');
}

if ($gateway->speaks_h2) {
    is_told(told($gateway, \@alice, local => $edge, h2 => 1), 'HTTP/2, the edge: told', { REMOTE_USER => 'alice' });
    is_refused(told($gateway, \@alice, local => $client, h2 => 1), 'HTTP/2, a client: refused', 400, 'FCT2018');
    is_refused(told($gateway, [$alice[0], 'x_edge_user: admin'], local => $edge, h2 => 1), 'HTTP/2, another spelling: refused', 400, 'FCT2018');
    is_refused(told($gateway, [@alice, 'x-edge-user: admin'], local => $edge, h2 => 1), 'HTTP/2, two fields: refused', 400, 'FCT2018');
}
$gateway->finish(findings => ['FCT2018']);
done_testing;
