# A header that the server makes is the server's alone: a field of the client that folds to it, by whatever name, ends the request, also where
# the rule yields nothing; nothing that httpd's modules do, and no nomination in Connection, takes it away or puts another in its place.
# EVIDENCE T3, T5, T6; POLICY 4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Gateway;
use FCT::Told;

my $why = 'why="The application reads header fields only"';
my $gateway = FCT::Gateway->new(each => \&FCT::Told::keep, h2 => 1, modules => [qw(headers env setenvif rewrite auth_basic authn_core authn_file authz_user)],
    files => { users => "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n" },
    policy => qq(<server-header name="X-Remote-User" from="auth.user" $why/>
        <server-header name="X-Role" from="config.role" $why/>
        <server-header name="X-Nothing" from="config.nothing" $why/>
        <server-header name="X-Never" value="yes" when="tls" assert="A test" $why/>
        <header name="X-*"/>),
    front => <<'CONF');
FcgiTrustSet role reader
SetEnv HTTP_X_ROLE operator
SetEnvIf Host . HTTP_X_ROLE=operator
RewriteEngine On
RewriteRule ^ - [E=HTTP_X_ROLE:operator]
RequestHeader set X-Remote-User "%{RU}e" env=RU
RequestHeader set X-Never "%{SSL_CLIENT_S_DN}e" env=SSL_CLIENT_S_DN
<LocationMatch "^/private/">
    AuthType Basic
    AuthName here
    AuthUserFile @DIR@/users
    Require valid-user
</LocationMatch>
<LocationMatch "^/(private/)?set/">
    RequestHeader set X-Role operator
    RequestHeader set X-Remote-User operator
    RequestHeader append X-Nothing operator
</LocationMatch>
<Location /unset/>
    RequestHeader unset X-Role
    RequestHeader unset X-Remote-User
</Location>
RequestHeader set X-Nothing operator early
CONF
my $basic = 'Authorization: Basic ' . encode_base64('alice:secret', '');
my %mine  = (HTTP_X_ROLE => 'reader', HTTP_X_REMOTE_USER => undef, HTTP_X_NOTHING => undef, HTTP_X_NEVER => undef);
my %alice = (%mine, HTTP_X_REMOTE_USER => 'alice', REMOTE_USER => 'alice');

# The server's word stands, whatever stands beside it.
my @served = (
    ['nothing is forged', [], '/page', \%mine],
    ['RequestHeader sets fields of these names', [], '/set/page', \%mine],
    ['RequestHeader removes them', [], '/unset/page', \%mine],
    ['RequestHeader removes what the client sent', ['X-Role: admin', 'X-Remote-User: admin'], '/unset/page', \%mine],
    ['a user is logged in', [$basic], '/private/page', \%alice],
    ['a user is logged in and RequestHeader sets another', [$basic], '/private/set/page', \%alice],
    ['Connection names them', ['Connection: close, X-Remote-User, X-Role', $basic], '/private/page', \%alice],
    ['Connection names them in other letters', ['Connection: x-remote-user', 'Connection: X_REMOTE_USER, x-ROLE', $basic], '/private/page', \%alice],
    ['Connection names them, and RequestHeader sets them', ['Connection: X-Remote-User, X-Role', $basic], '/private/set/page', \%alice],
    ['Connection names Authorization', ['Connection: Authorization', $basic], '/private/page', \%alice],
    ['a name that only begins alike', ['X-Remote-User-Name: admin', 'X-Roles: admin', 'X-Rol: admin', 'Remote-User: admin', 'Role: admin'], '/page', \%mine],
    ['a folded line', ["X-Other: a\r\n X-Role: admin", "Accept: b\r\n\tX-Remote-User: admin"], '/page', \%mine],
    ['a value that looks like fields', ['User-Agent: a%0d%0aX-Role: admin'], '/page', { %mine, HTTP_USER_AGENT => 'a%0d%0aX-Role: admin' }],
);
is_told(told($gateway, $_->[1], path => $_->[2]), "$_->[0]: the server's word stands", $_->[3]) for @served;

# Every byte that may stand in a field's name and that an application folds to _, in every letter case.
my @separators = split //, q(-_.!#$%&'*+^`|~);
sub spellings ($name) {
    my ($first, @rest) = split /-/, $name;
    my @all = ($first);
    for my $part (@rest) {
        @all = map { my $begun = $_; map {"$begun$_$part"} @separators } @all;
    }
    return map { ($_, lc, uc, $_ =~ s/([a-z])/uc $1/er) } @all;
}
for my $name (qw(X-Role X-Remote-User X-Nothing X-Never)) {
    my @all = spellings($name);
    my (@wrong, %status);
    for my $spelling (@all) {
        my $told = told($gateway, ["$spelling: admin"]);
        ++$status{ $told->{status} };
        push @wrong, "$spelling: $told->{status}" if $told->{status} != 400 || $told->{params};
    }
    is_deeply(\@wrong, [], "$name from a client is refused in each of " . @all . ' spellings');
    my $same = told($gateway, ["$name: reader"]);
    is_refused($same, "$name is refused whatever its value", 400, 'FCT2019');
}

# What else a client may try.
my @refused = (
    ['an empty value', ['X-Role:']],
    ['the field twice', ['X-Role: reader', 'X-Role: admin']],
    ['two spellings', ['X-Role: reader', 'X_Role: admin']],
    ['named in Connection', ['Connection: X-Role', 'X-Role: admin']],
    ['another spelling, the right one named in Connection', ['Connection: close, X-Remote-User', 'X_Remote_User: admin']],
    ['another spelling, with the password', ['Connection: close, X-Remote-User', 'X_Remote_User: admin', $basic], '/private/page'],
    ['the right spelling, with the password', ['X-Remote-User: alice', $basic], '/private/page'],
    ['where RequestHeader sets it', ['X-Role: admin'], '/set/page'],
    ['where RequestHeader appends to it', ['X-Nothing: admin'], '/set/page'],
    ['another spelling where RequestHeader sets it', ['X_Role: admin'], '/set/page'],
    ['another spelling where RequestHeader removes it', ['X_Role: admin'], '/unset/page'],
    ['where the variable of RequestHeader is not set', ['X-Remote-User: admin']],
    ['where its condition is false', ['X-Never: yes']],
    ['on HTTP/1.0', ['X-Role: admin'], '/page', version => '1.0'],
);
for my $row (@refused) {
    my ($name, $lines, $path, %opt) = @$row;
    is_refused(told($gateway, $lines, path => $path, %opt), "$name: refused", 400, 'FCT2019');
}
is_refused(told($gateway, ["$_: admin"], h2 => 1), "HTTP/2, $_: refused", 400, 'FCT2019') for $gateway->speaks_h2 ? qw(x-role x_role x.role x-remote-user x-never x-nothing) : ();
is_told(told($gateway, [], h2 => 1), 'HTTP/2: the server\'s word stands', \%mine) if $gateway->speaks_h2;
is(told($gateway, ['X-Remote-User: alice'], path => '/private/page')->{status}, 401, 'without a password nobody is anybody');
is(told($gateway, ['X-Role : admin'])->{status}, 400, 'a blank before the colon is no field');
$gateway->finish(findings => ['FCT2019'], allow => [qr/AH01617|AH01618|AH00126|AH0\d+/]);
done_testing;
