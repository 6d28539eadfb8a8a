# Trailers, over HTTP/1.1 and HTTP/2, announced or not, become no parameter, take none away, refuse nothing, and do not reach the next request on the
# connection; the body before them arrives whole. EVIDENCE T12; POLICY 4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Told;

my $inside = '<header name="X-App-*"/><server-header name="X-Role" value="reader" assert="A test" why="y"/><header name="Authorization" trust="client"/>';
my $gateway = FCT::Gateway->new(each => \&FCT::Told::keep, h2 => 1, policy => $inside, places => { stream => "$inside<request chunked=\"stream\" override=\"yes\"/>" });

# A name, the header lines, the trailer lines, what is told.
my @rows = (
    ['a field of the application', [], ['X-App-Late: late'], { HTTP_X_APP_LATE => undef }],
    ['one that the header has, too', ['X-App-One: early'], ['X-App-One: late'], { HTTP_X_APP_ONE => 'early' }],
    ['one announced', ['Trailer: X-App-Late'], ['X-App-Late: late'], { HTTP_X_APP_LATE => undef, HTTP_TRAILER => undef }],
    ['one announced and TE', ['TE: trailers', 'Trailer: X-App-Late'], ['X-App-Late: late'], { HTTP_X_APP_LATE => undef, HTTP_TE => undef }],
    ['one that the server makes', [], ['X-Role: admin'], { HTTP_X_ROLE => 'reader' }],
    ['one that folds to it', [], ['X_Role: admin'], { HTTP_X_ROLE => 'reader' }],
    ['a reserved one', [], ['X-Forwarded-For: 10.6.6.6', 'Forwarded: for=10.6.6.6', 'X-Remote-User: admin'], { HTTP_X_FORWARDED_FOR => undef, HTTP_FORWARDED => undef, HTTP_X_REMOTE_USER => undef }],
    ['credentials', [], ['Authorization: Basic YTpi', 'Cookie: session=stolen'], { HTTP_AUTHORIZATION => undef, HTTP_COOKIE => undef, REMOTE_USER => undef }],
    ['credentials that the header has, too', ['Cookie: session=own'], ['Cookie: session=stolen'], { HTTP_COOKIE => 'session=own' }],
    ['a singleton', ['User-Agent: one'], ['User-Agent: two'], { HTTP_USER_AGENT => 'one' }],
    ['one that folds to an allowed one', ['User-Agent: one'], ['User_Agent: two'], { HTTP_USER_AGENT => 'one' }],
    ['a restricting field', [], ['If-Match: "x"', 'Content-Range: bytes 0-1/2'], { HTTP_IF_MATCH => undef, HTTP_CONTENT_RANGE => undef }],
    ['Proxy', [], ['Proxy: http://evil.example'], { HTTP_PROXY => undef }],
    ['the body\'s type', ['Content-Type: text/plain'], ['Content-Type: text/html'], { CONTENT_TYPE => 'text/plain' }],
    ['Host', [], ['Host: evil.example'], { HTTP_HOST => 'test.example', SERVER_NAME => 'test.example' }],
    ['many', [], [map {"X-App-$_: late"} 1 .. 50], { map { ("HTTP_X_APP_$_" => undef) } 1, 25, 50 }],
);
for my $row (@rows) {
    my ($name, $head, $trailers, $wanted) = @$row;
    my @after = ("5\r\nabcde\r\n", "0\r\n" . join('', map {"$_\r\n"} @$trailers) . "\r\n");
    for my $place ('', '/stream') {
        my $how = $place ? ', streamed' : '';
        my $told = told($gateway, [@$head, 'Transfer-Encoding: chunked'], method => 'POST', path => "$place/page", after => $place ? \@after : join '', @after);
        is_told($told, "$name$how: not told", { %$wanted, CONTENT_LENGTH => $place ? undef : 5, HTTP_TRANSFER_ENCODING => undef });
        is($told->{stdin}, 'abcde', "$name$how: the body arrives whole");
    }
    next if !$gateway->speaks_h2 || "@$head" =~ /TE:/;
    my $told = told($gateway, $head, method => 'POST', h2 => 1, body => 'abcde', trailers => $trailers);
    if ($told->{status} eq 'reset') { ok(!$told->{params}, "$name, HTTP/2: refused by mod_http2"); next }
    is_told($told, "$name, HTTP/2: not told", $wanted);
    is($told->{stdin}, 'abcde', "$name, HTTP/2: the body arrives whole");
}

# The request behind them on the same connection is its own.
my $client = $gateway->client;
$client->send("POST /page?told9001 HTTP/1.1\r\nHost: test.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-App-Late: late\r\nX-Role: admin\r\n\r\n"
    . "GET /page?told9002 HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\n\r\n");
is(join(' ', map { $client->response->status } 1, 2), '200 200', 'both of two requests in a row are answered');
my $next = $gateway->peer->told('told9002') // '';
ok($next =~ /told9002/ && $next !~ /LATE|admin/i, 'the request behind them does not have them');
$gateway->finish;

# A server that would put trailers among the header fields does not start with a policy.
if (!FCT::Httpd::is_stock()) {
    my $httpd = FCT::Httpd->new(config => "Listen 127.0.0.1:\@PORT\@\nMergeTrailers on\nFcgiTrustPolicy \@POLICIES\@/open.xml\n");
    my ($exit, $said) = $httpd->check_config;
    ok($exit != 0 && $said =~ /FCT4003/, 'with MergeTrailers on the server does not start') or diag($said);
}
done_testing;
