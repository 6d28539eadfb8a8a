# Over HTTP/2 no header field says where the body ends: Transfer-Encoding and other fields of the connection have no say and are not told, a Content-Length that is
# not true ends the request, and what the application is told as CONTENT_LENGTH is what it gets. EVIDENCE R6; SPEC 4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Told;

plan skip_all => 'mod_http2 does not run under prefork' if !FCT::Gateway->speaks_h2;

my $gateway = FCT::Gateway->new(each => \&FCT::Told::keep, h2 => 1, modules => ['reqtimeout'], policy => '<header name="T*"/><header name="C*"/><header name="K*"/><header name="U*"/>',
    front => 'RequestReadTimeout body=5');
my %none = map { ("HTTP_$_" => undef) } qw(TRANSFER_ENCODING CONNECTION KEEP_ALIVE UPGRADE TE TRAILER PROXY_CONNECTION HTTP2_SETTINGS CONTENT_LENGTH);

# A name, the fields. The body is "abcde"; nothing of the fields may change that. A reset by mod_http2 is as good.
my @harmless = (
    ['none', []],
    ['Transfer-Encoding: chunked', ['transfer-encoding: chunked']],
    ['Transfer-Encoding: gzip, chunked', ['transfer-encoding: gzip, chunked']],
    ['Transfer-Encoding: identity', ['transfer-encoding: identity']],
    ['Transfer-Encoding twice', ['transfer-encoding: chunked', 'transfer-encoding: chunked']],
    ['Transfer-Encoding and Content-Length', ['transfer-encoding: chunked', 'content-length: 5']],
    ['Connection', ['connection: close']],
    ['Connection that names others', ['connection: user-agent, host', 'user-agent: x']],
    ['Keep-Alive', ['keep-alive: 5']],
    ['Upgrade', ['connection: upgrade', 'upgrade: websocket']],
    ['Proxy-Connection', ['proxy-connection: keep-alive']],
    ['TE', ['te: trailers']],
    ['a true Content-Length', ['content-length: 5']],
);
for my $row (@harmless) {
    my ($name, $lines) = @$row;
    my $told = told($gateway, $lines, method => 'POST', h2 => 1, body => 'abcde');
    if ($told->{status} eq 'reset' || $told->{status} eq 400) { ok(!$told->{params}, "$name: refused, and the application is not asked"); next }
    is_told($told, "$name: not told, and CONTENT_LENGTH is the body's", { %none, CONTENT_LENGTH => 5 });
    is($told->{stdin}, 'abcde', "$name: the body arrives as it is");
}
is(told($gateway, [], method => 'POST', h2 => 1, body => 'abcde')->{status}, 200, 'the plain one is no refusal');

# A Content-Length that is not true: no byte of the body reaches the application, and no whole request that a body belongs to. The body waits a little: a
# stream that mod_http2 resets before its request has begun crashes mod_logio (httpd 2.4.71: ap_logio_add_bytes_out on a connection without configuration).
my @untrue = (
    ['too long', ['content-length: 6']], ['too short', ['content-length: 4']], ['twice', ['content-length: 5', 'content-length: 6']],
    ['a list', ['content-length: 5, 5']], ['a sign', ['content-length: +5']], ['negative', ['content-length: -5']], ['hexadecimal', ['content-length: 0x5']],
    ['no number', ['content-length: five']], ['empty', ['content-length:']], ['beyond 64 bits', ['content-length: 99999999999999999999']],
);
# httpd ends a body where its Content-Length is reached. A request of 0 bytes is whole with its head: DATA that follows is nobody's.
{
    my $told = told($gateway, ['content-length: 0'], method => 'POST', h2 => 1, body => 'abcde', pause => 0.1);
    is($told->{stdin} // '', '', 'a Content-Length, 0: no byte of the body reaches the application');
}
my $whole = sub ($told) { return $told->{params} && !$told->{aborted} };
for my $row (@untrue) {
    my ($name, $lines) = @$row;
    my $told = told($gateway, $lines, method => 'POST', h2 => 1, body => 'abcde', pause => 0.1);
    ok($told->{status} =~ /^(?:4\d\d|reset|lost)$/ && !$whole->($told), "a Content-Length, $name: refused, and no whole request reaches the application")
        or diag("$told->{status}, stdin '" . ($told->{stdin} // '') . "' " . join ' ', map {"$_->[0]=$_->[1]"} grep { $_->[0] =~ /LENGTH/ } @{ $told->{params} // [] });
}
$gateway->finish(allow => [qr/AH0\d+|AH1\d+|FCT50\d\d|FCT20\d\d|h2/]);
done_testing;
