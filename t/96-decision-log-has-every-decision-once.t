# One line a decision: of requests that the server redirects, of its own sub-requests, over HTTP/2, of those with a finding, of one in so
# many. SPEC 1 (FcgiTrustAudit), 7.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Decisions;
use FCT::Gateway;
use FCT::Proc qw(free_port wait_until write_file);
use FCT::Record qw(answer);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

sub reply ($conn, $request) {
    my $fails = ($request->{param}{REQUEST_URI} // '') eq '/app/fails';
    $conn->send(answer($request->{id}, 'body', 'Content-Type: text/plain', $fails ? 'Status: 404 Not Found' : ()));
    return 1;
}

my $dead = free_port();
my $gateway = FCT::Gateway->new(each => \&reply, h2 => 1, files => { 'no.xml' => FCT::Gateway::policy_text('no', '<refuse-header name="X-No"/>') }, modules => [qw(include rewrite alias log_config)], config => join "\n", 'Listen 127.0.0.1:@PORT@',
    FCT::Gateway->speaks_h2 ? 'Protocols h2c http/1.1' : (), FCT::Decisions::directive(), 'FcgiTrustPolicy @POLICIES@/open.xml',
    'LogFormat "%{fcgi-trust-verdict}n %{fcgi-trust-finding}n %U" decisions', 'CustomLog @DIR@/run/access.log decisions',
    'ProxyPass /app/ @BACKEND@/', 'ProxyPass /quiet/ @BACKEND@/', 'ProxyPass /some/ @BACKEND@/', 'ProxyPass /denied/ @BACKEND@/', "ProxyPass /dead/ fcgi://127.0.0.1:$dead/", 'ProxyPass /no/ @BACKEND@/', '<Location /no/>', 'FcgiTrustPolicy @DIR@/no.xml', '</Location>',
    'RewriteEngine on', 'RewriteRule ^/moved$ /app/moved [PT]',
    '<Location /denied>', 'ErrorDocument 405 /app/document', '</Location>',
    '<Location /quiet>', 'FcgiTrustAudit findings', '</Location>', '<Location /some>', 'FcgiTrustAudit sample=10', '</Location>',
    '<Directory @DOCROOT@>', 'Options +Includes', 'SetOutputFilter INCLUDES', 'ForceType text/html', 'Require all granted', '</Directory>', '');
write_file($gateway->httpd->docroot . '/page.shtml', '<!--#include virtual="/app/part" -->' . "\n");
my $log = FCT::Decisions->new($gateway->httpd);

# --- redirected ---

$gateway->ask('/moved');
is(scalar($log->for('/moved')), 1, 'a request that is rewritten has one line, with the path that the client sent');

my $answer = $gateway->ask('/denied/x', method => 'BREW');
is($answer->status, 405, 'a request with a method that is not allowed is refused');
my @denied = $log->for('/denied/x', 2);
is(join(' ', map {"$_->{verdict}"} @denied), 'passed refused', 'its error document, which the application makes, has a line of its own');
ok($denied[0]{redirected}, 'which says that the server redirected it');
my $access = FCT::Proc::read_file($gateway->httpd->dir . '/run/access.log');
like($access, qr{^refused FCT2001 }m, 'the note is that of the request itself') or diag $access;

# --- of the server's own ---

$gateway->ask('/page.shtml');
my @part = grep { $_->{subrequest} } $log->for('/page.shtml');
is(scalar(@part), 1, 'a part of a page has a line');
is("$part[0]{verdict} $part[0]{status}", 'passed 200', 'with its verdict');

is($part[0]{part}, '/app/part', 'and its own path');
ok(!exists(($log->for('/moved'))[0]{part}), 'which a request of a client has not');
is($denied[0]{part}, '/app/document', 'but an error document has');
write_file($gateway->httpd->docroot . '/parts.shtml', '<!--#include virtual="/no/part" --><!--#include virtual="/dead/part" -->' . "\n");
$gateway->ask('/parts.shtml', headers => ['X-No' => 'x']);
is(join(' ', sort map {"$_->{part} $_->{verdict} $_->{status}"} $log->for('/parts.shtml', 2)), '/dead/part reply-refused 503 /no/part refused 400',
    'parts that are refused have the status that is in their place');

# --- which ones ---

$gateway->ask('/quiet/fine') for 1 .. 3;
$gateway->ask('/quiet/odd', headers => ['X-Remote-User' => 'x']);
ok($log->for('/quiet/odd') == 1, 'a request with a finding has a line');
is(scalar(grep { $_->{path} =~ m{^/quiet/} && !$_->{findings}->@* } $log->all), 0, 'with findings alone, a request without one has no line');
my $client = $gateway->client;
$client->ask("/some/$_") for 1 .. 100;
my $some = 0;      # a line is written after its answer
wait_until(10, sub { $some = grep { $_->{path} =~ m{^/some/} } $log->all; return $some >= 10 });
is($some, 10, 'with sample=10, ten of a hundred have one');
$gateway->ask('/some/refused', method => 'BREW') for 1 .. 3;
is(scalar($log->for('/some/refused', 3)), 3, 'and each that has a finding');

# --- HTTP/2 ---

SKIP: {
    skip 'mod_http2 does not run here', 4 if !FCT::Gateway->speaks_h2;
    my $h2 = $gateway->h2;
    my $five = $gateway->h2;
    my @streams = map { $five->request("/app/h2-$_") } 1 .. 5;
    $five->answer($_) for @streams;
    $five->close;                    # as below
    is(scalar(grep { $log->for("/app/h2-$_") == 1 } 1 .. 5), 5, 'each stream has a line');
    my $many = $gateway->h2;
    $many->ask("/app/whole-$_") for 1 .. 40;
    $many->close;                    # httpd may log the last stream of a connection only when that ends
    FCT::Proc::wait_until(10, sub { 40 == grep { $_->{path} =~ /whole/ } $log->all });
    is(join(' ', keys %{ { map { ($_->{verdict} => 1) } grep { $_->{path} =~ /whole/ } $log->all } }), 'passed', 'an answer that a client got whole has passed, though its stream is closed at once');
    $h2->ask('/denied/h2', method => 'BREW');
    $h2->close;
    is(join(' ', map {"$_->{method} $_->{verdict}"} $log->for('/denied/h2', 2)), 'BREW passed BREW refused', 'with a line for the request and one for its error document');
    ok(FCT::Proc::wait_until(5, sub { FCT::Proc::read_file($gateway->httpd->dir . '/run/access.log') =~ m{^refused FCT2001 (?:/app/document|/denied/h2)\n(?:.*\n)*\z}m }), 'and the notes of the request itself');
}

$log->judge;
$gateway->finish(allow => [qr/FCT2001/, qr/FCT2011/, qr/FCT5001/, qr/AH0\d+: .*(?:attempt to connect|failed to make connection|Connection refused)/, qr/unable to include/, qr/error state|disabl/i]);
done_testing;
