# Signed calls of other services arrive byte for byte, with their signatures, so that the application can verify them; a changed byte or
# a second signature does not pass. policies/webhook.xml.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(hmac_sha256 hmac_sha256_hex sha256_hex);
use JSON::PP qw(decode_json);
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Backend;
use FCT::Client qw(request);
use FCT::Httpd;
use FCT::Proc qw(read_file repo_root);

my $php = FCT::Backend->php_fpm(unix => 1);
my $httpd = FCT::Httpd->new(
    modules => ['unique_id'], set => { PHP => $php->url },
    files => {
        'htdocs/hook.php' => read_file(repo_root() . '/t/lib/php/webhook.php'),
        'hook.xml' => '<policy xmlns="urn:mod-fcgi-trust:policy:1" name="t-hook" version="1" language="1.0"><extends shipped="php-fpm"/><extends shipped="webhook"/></policy>',
    },
    config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @DIR@/hook.xml
ProxyPass / @PHP@@DOCROOT@/
CONF
my $secret = 'shared secret';
my $now    = time;

sub github ($body) { return ('X-Hub-Signature-256' => 'sha256=' . hmac_sha256_hex($body, $secret), 'X-GitHub-Event' => 'push', 'X-GitHub-Delivery' => '7') }

sub stripe ($body, $time) { return ('Stripe-Signature' => "t=$time,v1=" . hmac_sha256_hex("$time.$body", $secret)) }

sub standard ($body, $time) {
    return ('webhook-id' => 'msg_1', 'webhook-timestamp' => $time, 'webhook-signature' => 'v1,' . encode_base64(hmac_sha256("msg_1.$time.$body", $secret), ''));
}

sub call ($body, @headers) { return request($httpd->port, '/hook.php', body => $body, close => 1, headers => ['Content-Type' => 'application/json', @headers]) }

# Bodies that something on the way might be tempted to change.
my %body = (
    'JSON' => '{"a": 1,  "b":"\u00e9"}', 'line ends of every kind' => "a\r\nb\nc\rd\0e", 'all bytes' => join('', map {chr} 0 .. 255),
    'a form' => 'a=b&a=c&%zz=+', 'nothing' => '', 'half a megabyte' => 'x' x 524_288,
);
for my $name (sort keys %body) {
    my $body = $body{$name};
    my $want = length($body) . ' ' . sha256_hex($body) . "\n";
    is(call($body, github($body))->body,           "github push $want", "GitHub's signature holds over $name");
    is(call($body, stripe($body, $now))->body,     "stripe $want",      "Stripe's too");
    is(call($body, standard($body, $now))->body,   "standard $want",    'and that of Standard Webhooks');
}
my $body = $body{JSON};

# Chunked, and with a Content-Encoding that nobody takes off.
my $client = FCT::Client->connect(port => $httpd->port);
my %hub = github($body);
$client->send("POST /hook.php HTTP/1.1\r\nHost: test.example\r\n" . join('', map {"$_: $hub{$_}\r\n"} sort keys %hub) . "Transfer-Encoding: chunked\r\n\r\n"
    . join('', map { "1\r\n$_\r\n" } split //, $body) . "0\r\n\r\n");
is($client->response->body, 'github push ' . length($body) . ' ' . sha256_hex($body) . "\n", 'it holds over a body that came in chunks of one byte');

# What is not signed, or not for this body, or long ago, is not believed.
is(call($body)->status, 403, 'a call without a signature is refused by the application');
is(call("$body ", github($body))->status, 403, 'one more byte, and the signature does not hold');
is(call($body, stripe($body, $now - 3600))->status, 403, 'a signature of an hour ago is too old');
is(call($body, standard($body, $now), 'Webhook_Id' => 'msg_2')->status, 400, 'a second spelling of a signed field ends the request');
is(call($body, 'X-Hub-Signature-256' => 'sha256=0', github($body))->status, 403, 'two signatures are no valid one');
is(call($body, 'X_Hub_Signature_256' => (github($body))[1])->status, 403, 'underscores make no signature');
is(request($httpd->port, '/hook.php')->status, 405, 'GET is not allowed');

my $told = decode_json(request($httpd->port, '/hook.php?told', body => $body, close => 1,
    headers => [github($body), Cookie => 'session=1', Authorization => 'Basic eA==', 'X-Forwarded-For' => '140.82.112.1', 'X-Real-IP' => '140.82.112.1'])->body);
is("$told->{HTTP_X_GITHUB_DELIVERY} $told->{REMOTE_ADDR}", '7 127.0.0.1', 'the delivery\'s id arrives; the address is the connection\'s');
is(join(' ', grep { $told->{$_} =~ /^(?:140\.82|Basic )/ } sort keys %$told), '', 'a forged address and a password do not');
$httpd->finish(findings => [qw(FCT2001 FCT2010)]);
$php->stop;
done_testing;
