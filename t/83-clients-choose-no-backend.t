# Where httpd is a forward proxy too, no client reaches a FastCGI backend by its URL: not even one that is a backend of this server. SPEC 1.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;

plan skip_all => 'no recipe against stock servers' if FCT::Httpd::is_stock();

my $gateway = FCT::Gateway->new(front => 'ProxyRequests On', modules => ['proxy_http']);
my $backend = '127.0.0.1:' . $gateway->peer->port;

for my $target ("fcgi://$backend/x", "FCGI://$backend/x", "fcgi://$backend", "fcgi://localhost:@{[$gateway->peer->port]}/x", 'fcgi://127.0.0.1:1/x',
    "fcgi://user:word\@$backend/x", "fcgi:/x", "unix:/tmp/none|fcgi://$backend/x") {
    for my $method (qw(GET POST)) {
        my $answer = $gateway->ask($target, method => $method, $method eq 'POST' ? (body => 'abc') : ());
        ok($answer->is_complete && $answer->status =~ /^[45]/, "$method $target is refused") or diag $answer->summary;
    }
}
is($gateway->ask("fcgi://$backend/x")->status, 403, 'the refusal is a 403');
is(scalar $gateway->peer->requests, 0, 'the backend saw none of them');
is($gateway->ask('/page')->body, 'own answer /page', 'what the configuration routes there is served');
$gateway->finish(findings => ['FCT5021'], allow => [qr/FCT5018|FCT22\d\d|AH0|is not a valid backend URL/]);
done_testing;
