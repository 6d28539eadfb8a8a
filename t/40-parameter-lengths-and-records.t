# Lengths are encoded as FastCGI says at every edge, a pair is never split over two records, and one that does not fit is refused
# before a connection is made; nothing is ever left out. SPEC 4; EVIDENCE R3.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Record qw(:all);

use constant RECORD_MAX => 65_535;

my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', front => "LimitRequestFieldSize 200000\nLimitRequestFields 200\nLimitRequestLine 200000",
    policy => '<header name="X-Test-*" max-length="200000"/><header name="Cookie" max-length="200000" override="yes"/>');

sub headers_of (@pairs) { return [map {@$_} @pairs] }

# Does every PARAMS record hold whole pairs only?
sub has_whole_pairs ($request) {
    return !grep { $_->{type} == FCGI_PARAMS && !eval { parse_pairs($_->{content}); 1 } } $request->{records}->@*;
}

sub reaches ($name, $param, $value, $headers) {
    my $before = () = $gateway->peer->requests;
    my $answer = $gateway->ask('/page', headers => $headers);
    is($answer->status, 200, "$name: answered");
    my $request = ($gateway->peer->requests)[-1];
    is(scalar(() = $gateway->peer->requests), $before + 1, "$name: one request reaches the backend");
    ok(defined $request->{param}{$param} && $request->{param}{$param} eq $value, "$name: the value arrives whole")
        or diag('length ' . length($request->{param}{$param} // ''));
    ok(has_whole_pairs($request), "$name: no pair is split over two records");
    return $request;
}

sub is_refused ($name, $headers, $path = '/page') {
    my $before = $gateway->peer->connection_count;
    my $requests = () = $gateway->peer->requests;
    my $answer = $gateway->ask($path, headers => $headers);
    is($answer->status, 431, "$name: 431");
    is($gateway->peer->connection_count, $before, "$name: no connection is made");
    is(scalar(() = $gateway->peer->requests), $requests, "$name: nothing reaches the backend");
    return;
}

# The encoded bytes of a pair, as the specification draws them, stand in what was sent.
sub stands_in_params ($request, $name, $param, $value) {
    my $wanted = (length $param < 128 ? pack('C', length $param) : pack('N', 0x8000_0000 | length $param))
        . (length $value < 128 ? pack('C', length $value) : pack('N', 0x8000_0000 | length $value)) . $param . $value;
    my $sent = join '', map { $_->{type} == FCGI_PARAMS ? $_->{content} : () } $request->{records}->@*;
    ok(index($sent, $wanted) >= 0, "$name: encoded in the form its length asks for");
    return;
}

for my $length (1, 126, 127, 128, 129, 255, 256, 8190, 16_384, 16_385, 32_767, 32_768) {
    my $value = 'v' x $length;
    my $request = reaches("a value of $length bytes", HTTP_X_TEST_V => $value, ['X-Test-V' => $value]);
    stands_in_params($request, "a value of $length bytes", HTTP_X_TEST_V => $value);
}
for my $length (126, 127, 128, 129, 200, 255, 256) {
    my $field = 'X-Test-' . 'n' x ($length - length 'HTTP_X_TEST_');
    my $param = 'HTTP_' . uc $field =~ tr/-/_/r;
    my $request = reaches("a name of $length bytes", $param => 'v', [$field => 'v']);
    stands_in_params($request, "a name of $length bytes", $param => 'v');
}
reaches('name and value of 200 bytes', 'HTTP_X_TEST_' . 'N' x 188 => 'v' x 200, ['X-Test-' . 'n' x 188 => 'v' x 200]);
is_refused('a field name of 60,000 bytes', ['X-Test-' . 'n' x 60_000 => 'v']);

# What a pair takes beside its value: one byte for the name's length, four for the value's, the name.
my $room = RECORD_MAX - 5 - length 'HTTP_X_TEST_V';
for my $spare (2, 1, 0) {
    reaches("a pair of @{[RECORD_MAX - $spare]} bytes", HTTP_X_TEST_V => 'v' x ($room - $spare), ['X-Test-V' => 'v' x ($room - $spare)]);
}
is_refused('a pair of 65,536 bytes', ['X-Test-V' => 'v' x ($room + 1)]);
is_refused('a value of 65,535 bytes', ['X-Test-V' => 'v' x RECORD_MAX]);
is_refused('a value of 65,536 bytes', ['X-Test-V' => 'v' x 65_536]);
is_refused('a value of 130,000 bytes', ['X-Test-V' => 'v' x 130_000]);
is_refused('a cookie of 70,000 bytes', [Cookie => 'a=' . 'v' x 70_000]);
is_refused('a query of 70,000 bytes', [], '/page?' . 'q' x 70_000);
is_refused('a path of 70,000 bytes', [], '/' . 'p' x 70_000);

# Many pairs: several records, each with whole pairs; their order is the order of the fields.
for my $case ([3, 30_000], [2, 65_000], [20, 40_000], [90, 700]) {
    my ($n, $length) = @$case;
    my @fields = map { sprintf 'X-Test-%03d', $_ } 1 .. $n;
    my $request = reaches("$n fields of $length bytes", HTTP_X_TEST_001 => 'v' x $length, headers_of(map { [$_ => 'v' x $length] } @fields));
    my @got = map { $_->[0] =~ /^HTTP_X_TEST_\d/ ? $_->[0] : () } $request->{params}->@*;
    is_deeply(\@got, [map { 'HTTP_' . uc tr/-/_/r } @fields], "$n fields of $length bytes: none is missing, none moved");
    is(scalar(grep { length $_->[1] != $length } grep { $_->[0] =~ /^HTTP_X_TEST_\d/ } $request->{params}->@*), 0, "$n fields of $length bytes: none is cut");
}

# What a client could erase by making it too long for today's gateways.
for my $case (['Cookie', 'HTTP_COOKIE', 'a=' . 'c' x 20_000], ['X-Test-V', 'HTTP_X_TEST_V', 'v' x 17_000]) {
    my ($field, $param, $value) = @$case;
    reaches("$field of " . length($value) . ' bytes', $param => $value, [$field => $value]);
}
my $query = 'q=' . 'x' x 20_000;
is($gateway->ask("/page?$query")->status, 200, 'a query of 20,000 bytes is answered');
is(($gateway->peer->requests)[-1]{param}{QUERY_STRING}, $query, 'a query of 20,000 bytes arrives whole');
my $path = '/' . join '/', ('segment') x 2500;
is($gateway->ask($path)->status, 200, 'a path of 20,000 bytes is answered');
my $param = ($gateway->peer->requests)[-1]{param};
is(($param->{SCRIPT_NAME} // '') . ($param->{PATH_INFO} // ''), $path, 'a path of 20,000 bytes arrives whole');

# 17 fields of 65,000 bytes are more than a request may send.
is_refused('more than 1 MB of parameters', headers_of(map { ["X-Test-$_" => 'v' x 65_000] } 1 .. 17));
$gateway->finish(findings => ['FCT2007', 'FCT2301', 'FCT2302']);
done_testing;
