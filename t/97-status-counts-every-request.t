# The status of the policies: the same numbers as page, JSON and OpenMetrics, right to the last request; nothing of a request stands in it
# unescaped. SPEC 8.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;
use FCT::Gateway;
use FCT::Proc qw(find_program scratch write_file);
use FCT::Record qw(answer record);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

sub reply ($conn, $request) {
    if ($request->{param}{REQUEST_URI} eq '/lies') { $conn->send("\x07garbage!"); return }
    $conn->send(answer($request->{id}, 'x' x 1000, 'Content-Type: text/plain'));
    return 1;
}

my $gateway = FCT::Gateway->new(each => \&reply, worker => 'enablereuse=on', modules => [qw(status)], policy => '<param name="APP_TIER" value="&lt;b&gt;"/><param name="APP_KEY" value="hidden" sensitive="yes"/>',
    front => join "\n", (map { ("ProxyPass /$_ !", "<Location /$_>", 'SetHandler ' . ($_ eq 'status' ? 'fcgi-trust-status' : $_), '</Location>') } qw(status server-status)), '');

$gateway->ask('/fine') for 1 .. 7;
$gateway->ask('/fine', method => 'BREW') for 1 .. 3;
$gateway->ask('/lies') for 1 .. 2;
$gateway->ask('/fine', headers => ['X-Dropped' => '<script>']) for 1 .. 4;

# --- JSON ---

# A request is counted when httpd logs it, which may be after its client has the answer.
sub policy_after ($requests) {
    my $policy;
    FCT::Proc::wait_until(10, sub {
        ($policy) = JSON::PP::decode_json($gateway->ask('/status?format=json')->body)->{policies}->@*;
        my $all = 0;
        $all += $_->{requests} for $policy->{durations}{buckets}->@*;
        return $all >= $requests;
    });
    return $policy;
}

my $policy = policy_after(16);
my %counters = $policy->{counters}->%*;
is("$counters{passed} $counters{request_refused} $counters{reply_refused}", '11 3 2', 'every request is counted by its end');
is($counters{exchanges}, 13, 'every exchange too');
is($counters{connections_opened} + $counters{connections_reused}, 13, 'each on a connection that was opened or kept');
is("$counters{held_whole} $counters{replays}", '11 0', 'whole answers, and none that was asked for twice');
ok($counters{backend_received_bytes} > 11 * 1000, 'bytes are counted');
is($policy->{findings}{FCT2001}, 3, 'so is every finding');
is($policy->{findings}{FCT1101}, 2, 'also those about the backend');
is(join(' ', map {"$_->{name}=$_->{times}"} $policy->{dropped_fields}->@*), 'x-dropped=4', 'and every dropped field, by its name')
    or diag explain $policy->{dropped_fields};
my $sum = 0;
$sum += $_->{requests} for $policy->{durations}{buckets}->@*;
is($sum, 16, 'the histogram has every request');
like($policy->{digest}, qr/^[0-9a-f]{64}$/, 'the policy has its digest');
is($policy->{in_force}[0]{mode}, 'enforce', 'and its mode');
my ($told) = grep { $_->{name} eq 'REMOTE_ADDR' } $policy->{parameters}->@*;
is("$told->{source} $told->{class}", 'connection.client.address server', 'the table has source and class of each parameter');

# --- OpenMetrics, read by Prometheus' own parser ---

my $answer = $gateway->ask('/status?format=openmetrics');
is($answer->header('Content-Type'), 'application/openmetrics-text; version=1.0.0; charset=utf-8', 'OpenMetrics have their type');
write_file(scratch() . '/metrics', $answer->body);
write_file(scratch() . '/metrics.py', <<'PYTHON');
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for family in text_string_to_metric_families(open(sys.argv[1], encoding="utf-8").read()):
    for sample in family.samples:
        print(sample.name, sample.labels.get("finding", sample.labels.get("field", sample.labels.get("le", ""))), sample.value)
PYTHON
my $python = -x '/usr/bin/python3' ? '/usr/bin/python3' : 'python3';
my $samples = qx{'$python' '@{[ scratch() ]}/metrics.py' '@{[ scratch() ]}/metrics' 2>&1};
like($samples, qr/^fcgi_trust_passed_total  11(?:\.0)?$/m, 'another parser reads the same numbers');
like($samples, qr/^fcgi_trust_findings_total FCT2001 3(?:\.0)?$/m, 'of findings');
like($samples, qr/^fcgi_trust_dropped_fields_total x-dropped 4(?:\.0)?$/m, 'of dropped fields');
like($samples, qr/^fcgi_trust_request_duration_seconds_bucket \+Inf 16(?:\.0)?$/m, 'of durations');
like($answer->body, qr/\n# EOF\n\z/, 'and the end');
my $asked = $gateway->ask('/status', headers => [Accept => 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5']);
like($asked->header('Content-Type'), qr/openmetrics/, 'Prometheus is answered with them without being told');

# --- the page ---

my $page = $gateway->ask('/status');
is($page->header('Content-Type'), 'text/html; charset=UTF-8', 'a browser gets a page');
like($page->body, qr{<td>requests whose answer went to the client whole</td><td class="number">11</td>}, 'with the same numbers');
unlike($page->body, qr/<script|<b>|hidden/, 'without a script, markup of others, or a sensitive literal');
SKIP: {
    skip 'xmllint is not installed', 1 if !find_program('xmllint');
    write_file(scratch() . '/page.html', $page->body);
    my $said = qx{xmllint --html --noout '@{[ scratch() ]}/page.html' 2>&1};
    is(join('', grep { /error/ && !/Tag (?:details|summary) invalid/ } split /^/, $said), '', 'it is HTML');
}
is($gateway->ask('/status', method => 'POST', body => 'x')->status, 405, 'nothing can be sent to it');
is($gateway->ask('/status?format=xml')->status, 400, 'a form that is not there is refused');
is($gateway->ask('/status', method => 'HEAD')->status, 200, 'HEAD is answered');

# --- mod_status ---

my $status = $gateway->ask('/server-status')->body;
like($status, qr{<h2>FastCGI policies</h2>}, 'the page of mod_status has a section');
like($status, qr{<td>t-policy</td><td>1</td><td>16</td><td>11</td><td>3</td><td>2</td><td>0</td>}, 'with the numbers');
like($gateway->ask('/server-status?auto')->body, qr/^FcgiTrustRequests-t-policy: 16$/m, 'also for machines');

# --- over restarts ---

$gateway->httpd->graceful;
$gateway->ask('/fine');
is(policy_after(17)->{counters}{passed}, 12, 'a graceful restart keeps the counters of a policy that stays');
write_file($gateway->httpd->dir . '/policy.xml', FCT::Gateway::policy_text('policy', '<param name="APP_TIER" value="2"/>'));
$gateway->httpd->graceful;
$gateway->ask('/fine');
is(policy_after(1)->{counters}{passed}, 1, 'a changed policy begins at nothing');
write_file($gateway->httpd->dir . '/policy.xml', FCT::Gateway::policy_text('policy', '<param name="APP_TIER" value="&lt;b&gt;"/><param name="APP_KEY" value="hidden" sensitive="yes"/>'));
$gateway->httpd->graceful;
is(policy_after(17)->{counters}{passed}, 12, 'one that comes back goes on where it was');

$gateway->finish(findings => [qw(FCT2001 FCT1101)], allow => [qr/FCT2010/]);
done_testing;
