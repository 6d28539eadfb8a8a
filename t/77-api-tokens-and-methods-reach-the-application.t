# A JSON interface that checks its own tokens, keys and preconditions works behind the add-on api; what narrows a call arrives or ends it,
# and where the web server checked who asks, the password stays here. policies/api.xml.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP qw(decode_json);
use Test::More;
use FCT::Backend;
use FCT::Client qw(request);
use FCT::Httpd;
use FCT::Proc qw(read_file repo_root);

my $php = FCT::Backend->php_fpm(unix => 1);
my $httpd = FCT::Httpd->new(
    modules => [qw(auth_basic authn_core authn_file authz_user unique_id)], set => { PHP => $php->url },
    files => {
        'htdocs/api.php' => read_file(repo_root() . '/t/lib/php/api.php'),
        users => "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n",
        'api.xml' => '<policy xmlns="urn:mod-fcgi-trust:policy:1" name="t-api" version="1" language="1.0"><extends shipped="php-fpm"/><extends shipped="api"/></policy>',
    },
    config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @DIR@/api.xml
ProxyPass / @PHP@@DOCROOT@/
<Location /api.php/told/staff>
    AuthType Basic
    AuthName here
    AuthUserFile @DIR@/users
    Require valid-user
</Location>
CONF
my @token = (Authorization => 'Bearer right-token');
my $basic = 'Basic YWxpY2U6c2VjcmV0';

# One call: (status, what the answer's JSON says, the answer). body: JSON text.
sub call ($method, $path, $body = undef, @headers) {
    my $answer = request($httpd->port, "/api.php/$path", method => $method, body => $body, close => 1,
        headers => [defined $body ? ('Content-Type' => 'application/json') : (), @headers]);
    return ($answer->status, scalar(eval { decode_json($answer->body) }), $answer);
}

sub status (@call) { return (call(@call))[0] }

is(status(GET => 'orders'), 401, 'without a token the application refuses');
is(status(GET => 'orders', undef, Authorization => 'Bearer wrong'), 401, 'with a wrong one too');
is(status(GET => 'orders', undef, @token), 200, 'the right one reaches it');
is(status(GET => 'orders', undef, @token, Authorization => 'Bearer wrong'), 400, 'a second one beside it ends the request');
is(status(GET => 'orders', undef, AUTHORIZATION => 'Bearer right-token', @token), 400, 'even if they are one and the same');

my ($status, $order, $answer) = call(POST => 'orders', '{"item":"tea"}', @token, 'Idempotency-Key' => 'k1');
is("$status $order->{id} $order->{item}", '201 1 tea', 'an order is taken');
is($answer->header('Location'), '/api.php/orders/1', 'and has a place');
is((call(POST => 'orders', '{"item":"tea"}', @token, 'Idempotency-Key' => 'k1'))[1]{id}, 1, 'the same key again is the same order');
is((call(POST => 'orders', '{"item":"tea"}', @token, 'Idempotency-Key' => 'k2'))[1]{id}, 2, 'another key is another order');
is(status(POST => 'orders', '{"item":"tea"}', @token, 'Idempotency-Key' => 'k1', 'Idempotency_Key' => 'k3'), 400, 'a second spelling of the key ends the request');
is(scalar @{ (call(GET => 'orders', undef, @token))[1] }, 2, 'so that there are two orders');
is(status(POST => 'orders', '{"item":"tea"}', @token, 'Idempotency-Key' => 'k1', 'Idempotency-Key' => 'k3'), 400, 'two keys end it too');

(undef, undef, $answer) = call(GET => 'orders/1', undef, @token);
my $tag = $answer->header('ETag');
is((call(PATCH => 'orders/1', '{"cups":2}', @token, 'If-Match' => $tag))[1]{cups}, 2, 'PATCH changes an order that has not changed');
is(status(PUT => 'orders/1', '{"item":"coffee"}', @token, 'If-Match' => $tag), 412, 'PUT does not change one that has: If-Match arrives');
is((call(PUT => 'orders/1', "{\"item\":\"caf\xc3\xa9\"}", @token))[1]{item}, "caf\x{e9}", 'PUT replaces it');
($status, undef, $answer) = call(DELETE => 'orders/2', undef, @token);
is($status . $answer->body, '204', 'DELETE deletes one, without a body');
is(status(GET => 'orders/2', undef, @token), 404, 'which is gone');
is(status(POST => 'orders', 'no json', @token), 422, 'what is no JSON is the application\'s to refuse');
is(status(OPTIONS => 'orders', undef, @token), 200, 'OPTIONS reaches the application');
for my $method (qw(PROPFIND TRACE MKCOL)) {
    is(status($method => 'orders', undef, @token), 405, "$method does not");
}

# Chunked calls arrive whole.
my $client = FCT::Client->connect(port => $httpd->port);
$client->send("POST /api.php/orders HTTP/1.1\r\nHost: test.example\r\nAuthorization: Bearer right-token\r\nTransfer-Encoding: chunked\r\n\r\n"
    . "8\r\n{\"item\":\r\n7\r\n\"milk\"}\r\n0\r\nAuthorization: Bearer wrong\r\n\r\n");
is(decode_json($client->response->body)->{item}, 'milk', 'a chunked call arrives whole, and its trailer changes nothing');

# What is told, and what not.
my %told = %{ (call(GET => 'told', undef, @token, 'X-API-Key' => 'key', 'X-Request-ID' => 'caller-7', DPoP => 'proof', 'X-Forwarded-For' => '10.6.6.6',
    'X-User-Id' => 'uid-0', 'X-HTTP-Method-Override' => 'DELETE', 'X-Consumer-Username' => 'admin', 'Unique-Id' => 'forged'))[1] };
is("@told{qw(HTTP_X_API_KEY HTTP_X_REQUEST_ID HTTP_DPOP)}", 'key caller-7 proof', 'keys, proofs and the caller\'s number arrive');
is(join(' ', grep { $told{$_} =~ /^(?:10\.6\.6\.6|uid-0|DELETE|admin|forged)$/ } sort keys %told), '', 'forwarded, user and override fields do not');
is(status(GET => 'told', undef, 'X-API-Key' => 'k' x 513), 431, 'a key of 513 bytes is refused');

%told = %{ (call(GET => 'told/staff', undef, Authorization => $basic))[1] };
is("$told{REMOTE_USER} " . ($told{HTTP_AUTHORIZATION} // 'no password'), 'alice no password', 'where httpd checked who asks, the application gets the name and not the password');
$httpd->finish(findings => [qw(FCT2001 FCT2007 FCT2009 FCT2010)]);
$php->stop;
done_testing;
