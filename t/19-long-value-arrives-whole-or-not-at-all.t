# However long a client makes a header field, the query or the path, no parameter is left out and none is cut: the application is told the whole
# value and everything else, or the request is refused, by the limits of the policy, of httpd and of a FastCGI record. EVIDENCE R3; POLICY 3, 4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Told;

use constant RECORD_MAX => 65_535;

my $wide = join '', map {qq(<header name="$_" max-length="200000" override="yes"/>)} qw(Cookie Referer User-Agent Accept If-None-Match);
my $inside = '<header name="X-App-*" max-length="200000"/><header name="Authorization" trust="client" max-length="200000"/>
    <param name="APP_TOKEN" from="header.X-Token" trust="client" max-length="200000"/>
    <server-header name="X-Forwarded-For" from="connection.client.address" assert="A test" why="y"/>';
my $gateway = FCT::Gateway->new(each => \&FCT::Told::keep, worker => 'enablereuse=on', modules => ['headers'], policy => $inside, places => { wide => $inside . $wide },
    front => "LimitRequestFieldSize 190000\nLimitRequestLine 190000");

# The limit of the policy that is shipped, and of a pair in a record: two lengths of four bytes at most, the name, the value.
sub fits ($param, $value) { return length($param) + length($value) + (length $param < 128 ? 1 : 4) + (length $value < 128 ? 1 : 4) <= RECORD_MAX }

# Of this length: a name, the header lines, the query, the path, { parameter => value }, the limit of its rule.
sub places_of ($length) {
    my $long = 'v' x $length;
    my $path = '/' . substr 'segment/' x ($length / 8 + 1), 0, $length - 1;
    return (
        (map { ["the field $_->[0]", ["$_->[0]: $long"], '', '/page', { $_->[1] => $long }, 8190] }
            ['Cookie', 'HTTP_COOKIE'], ['Referer', 'HTTP_REFERER'], ['User-Agent', 'HTTP_USER_AGENT'], ['If-None-Match', 'HTTP_IF_NONE_MATCH']),
        (map { ["the field $_->[0], with a wide rule", ["$_->[0]: $long"], '', '/wide/page', { $_->[1] => $long }] } ['Cookie', 'HTTP_COOKIE'], ['Referer', 'HTTP_REFERER']),
        ['a field of the application', ["X-App-Long: $long", 'X-App-Short: x'], '', '/page', { HTTP_X_APP_LONG => $long, HTTP_X_APP_SHORT => 'x' }],
        ['Authorization', ["Authorization: Bearer $long"], '', '/page', { HTTP_AUTHORIZATION => "Bearer $long" }],
        ['a field that a parameter reads', ["X-Token: $long"], '', '/page', { APP_TOKEN => $long }],
        ['a field of many lines', [map {"X-App-Many: $_"} unpack '(a500)*', $long], '', '/page', { HTTP_X_APP_MANY => join ', ', unpack '(a500)*', $long }],
        ['the query', [], $long, '/page', { QUERY_STRING => $long }],
        ['the path', [], '', $path, { PATH_INFO => $path }],
    );
}

my @always = qw(REQUEST_METHOD SERVER_NAME SERVER_PORT SERVER_PROTOCOL QUERY_STRING SCRIPT_NAME PATH_INFO REMOTE_ADDR HTTP_HOST HTTP_X_FORWARDED_FOR GATEWAY_INTERFACE);
for my $length (8189, 8190, 8191, 16_382, 16_383, 16_384, 16_385, 32_768, 49_000, 65_500, 65_535, 65_536, 131_072) {
    for my $place (places_of($length)) {
        my ($name, $lines, $query, $path, $wanted, $limit) = @$place;
        my $count = grep { /^X-App-Many/ } @$lines;
        next if $count > 95;    # LimitRequestFields
        my $told = told($gateway, $lines, path => $path, query => $query);
        my %got  = map { @$_ } @{ $told->{params} // [] };
        $got{QUERY_STRING} =~ s/^told\d+// if defined $got{QUERY_STRING};
        # the query and the path come a second time, in REQUEST_URI with the test's mark
        my ($param) = grep { length $wanted->{$_} > 100 } keys %$wanted;
        my $is_wide = fits($param, $wanted->{$param}) && ($query eq '' && length $path < 100 || fits('REQUEST_URI', "$path?told99999$query"));
        my $passes  = $is_wide && (!$limit || $length <= $limit);
        if (!$passes) {
            ok($told->{status} =~ /^4(?:31|14)$/ && !$told->{params}, "$name, $length bytes: refused as a whole") or diag("$told->{status}, " . join ' ', sort keys %got);
            next;
        }
        my @wrong = ($told->{status} eq 200 ? () : "status $told->{status}", grep({ ($got{$_} // '') ne $wanted->{$_} } sort keys %$wanted), map { defined $got{$_} ? () : "$_ is missing" } @always);
        is(join(', ', @wrong), '', "$name, $length bytes: told whole, and everything else too");
    }
}

# A name has a limit too, and the log says which of the two was too long.
for my $row ([256, undef], [257, qr/the name of the header field X-App-n+\S* has 257 bytes; at most 256 are let through/], [2_000, qr/the name of the header field X-App-n+\S* has 2000 bytes; at most 256/]) {
    my ($length, $sentence) = @$row;
    my $name = 'X-App-' . 'n' x ($length - 6);
    my $told = told($gateway, ["$name: v"]);
    if (!$sentence) { is_told($told, "a field name of $length bytes, by a prefix: told", { 'HTTP_' . FCT::Told::folded($name) => 'v' }); next }
    is_refused($told, "a field name of $length bytes, by a prefix: refused", 431, 'FCT2007');
    like($told->{log}->(), $sentence, "… and the log says that it is the name") if !FCT::Httpd::is_stock();
}
is_refused(told($gateway, ['Referer: ' . 'v' x 8191]), 'a value over the limit: refused', 431, 'FCT2007');
like(join("\n", $gateway->httpd->log->lines), qr/the header field Referer has 8191 bytes; max-length allows 8190/, '… and the log says that it is the value') if !FCT::Httpd::is_stock();

# A client cannot erase what the server says by making its own field long.
is_refused(told($gateway, ['X-Forwarded-For: ' . '10.6.6.6, ' x $_]), "X-Forwarded-For of $_ addresses: refused", 400, 'FCT2019') for 1, 2_000, 10_000;
$gateway->finish(findings => ['FCT2007', 'FCT2301', 'FCT2019'], allow => [qr/AH0\d+/]);
done_testing;
