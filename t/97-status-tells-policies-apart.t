# The status of many policies: the same one from two files, two of one name, candidates, more than there is room to count. SPEC 8.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;
use FCT::Gateway;
use FCT::Proc qw(find_program scratch wait_until write_file);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

use constant STATUS => map { ("ProxyPass /$_ !", "<Location /$_>", 'SetHandler ' . ($_ eq 'status' ? 'fcgi-trust-status' : $_), '</Location>') } qw(status server-status);

my $python = -x '/usr/bin/python3' ? '/usr/bin/python3' : 'python3';

# What Prometheus' own parser says of OpenMetrics, and of samples that stand there twice.
sub parsed ($text) {
    write_file(scratch() . '/metrics', $text);
    write_file(scratch() . '/metrics.py', <<'PYTHON');
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
seen = set()
for family in text_string_to_metric_families(open(sys.argv[1], encoding="utf-8").read()):
    for sample in family.samples:
        key = (sample.name, tuple(sorted(sample.labels.items())))
        if key in seen:
            print("twice:", key)
        seen.add(key)
print(len([name for name, labels in seen if name == "fcgi_trust_policy_info"]), "policies")
PYTHON
    return qx{'$python' '@{[ scratch() ]}/metrics.py' '@{[ scratch() ]}/metrics' 2>&1};
}

# --- the same from two files, two of one name, a candidate ---

my $inside = '<header name="X-Pass"/><drop-header name="X-Gone" assert="a test"/><refuse-header name="X-Never" when="method:POST"/>';
my $policy = FCT::Gateway::policy_text('policy', $inside);
my $gateway = FCT::Gateway->new(modules => ['status'], policy => $inside, worker => 'enablereuse=on', places => { app => '<header name="X-App-*"/>' },
    files => { 'same.xml' => $policy, 'candidate.xml' => FCT::Gateway::policy_text('policy', '') },
    front => join "\n", STATUS, 'FcgiTrustCandidate @DIR@/candidate.xml', '<Location /same/>', 'FcgiTrustPolicy @DIR@/same.xml', '</Location>');
my $kept = $gateway->client;
$kept->ask('/one') for 1 .. 2;
$kept->ask('/same/one') for 1 .. 3;

my %by_file;
sub passed () {
    my $status = JSON::PP::decode_json($gateway->ask('/status?format=json')->body);
    %by_file = map { $_->{file} =~ m{([^/]+)$} ? ($1 => $_) : () } $status->{policies}->@*;
    my ($counted) = grep { $_->{counters} && $_->{counters}{passed} } values %by_file;
    return $counted ? $counted->{counters}{passed} : 0;
}
ok(wait_until(10, sub { passed() == 5 }), 'the same policy from two files is counted once');
my @with = grep { $by_file{$_}{counted_with} } qw(policy.xml same.xml);
is(scalar(@with), 1, 'the other one says with which it is counted');
is(scalar($by_file{'candidate.xml'}{candidate}->@*), 1, 'a candidate says beside which line it stands');
is(scalar($by_file{'candidate.xml'}{in_force}->@*), 0, 'and that it is nowhere in force');
my %rules = map { $_->{name} => $_ } grep { $_->{rule} =~ /policy\.xml|same\.xml/ } $by_file{'policy.xml'}{header_rules}->@*;
is(join(' ', map {"$_=$rules{$_}{action}"} sort keys %rules), 'X-Gone=drop X-Never=refuse X-Pass=pass', 'header rules stand there with what they do');
is($rules{'X-Never'}{when}, 'method:POST', 'and when');

is(parsed($gateway->ask('/status?format=openmetrics')->body), "3 policies\n", 'OpenMetrics have no sample twice');
my @names = sort map { /^FcgiTrustRequests-(\S+):/ ? $1 : () } split /\n/, $gateway->ask('/server-status?auto')->body;
is("@names", 't-app t-policy', 'for machines mod_status has each name once');
my $page = $gateway->ask('/status');
like($page->body, qr{<a href="#policy1">.*<h2 id="policy1">}s, 'the page begins with what there is');
like($page->body, qr{The same policy as <code>[^<]+\.xml</code>, and counted with it}, 'and says what is counted together');
unlike($page->body, qr{decided in report mode}, 'what is of no use here is left out');
like($page->header('Content-Security-Policy'), qr/default-src 'none'/, 'a browser shall load nothing for it');
SKIP: {
    skip 'xmllint is not installed', 1 if !find_program('xmllint');
    write_file(scratch() . '/page.html', $page->body);
    my $said = qx{xmllint --html --noout '@{[ scratch() ]}/page.html' 2>&1};
    is(join('', grep { /error/ && !/Tag (?:details|summary) invalid/ } split /^/, $said), '', 'it is HTML');
}
$gateway->finish;

# --- a candidate that is the same as a policy that comes later; modes of virtual hosts and sections ---

my $modes = FCT::Gateway->new(modules => [qw(status proxy_fcgi)], files => { (map { $_ => $policy } qw(one.xml two.xml)), 'three.xml' => FCT::Gateway::policy_text('three', '') }, config => join "\n", 'Listen 127.0.0.1:@PORT@', 'Listen 127.0.0.1:@OTHER_PORT@',
    'ServerName main.example', STATUS, 'FcgiTrustMode off', 'FcgiTrustCandidate @DIR@/one.xml', 'FcgiTrustPolicy @DIR@/two.xml', 'ProxyPass / @BACKEND@/',
    '<Location /whole/>', 'FcgiTrustPolicy @DIR@/three.xml', '</Location>', '<Location /own/>', 'FcgiTrustMode enforce', 'FcgiTrustPolicy @DIR@/three.xml', '</Location>',
    '<VirtualHost 127.0.0.1:@OTHER_PORT@>', 'ServerName other.example', 'FcgiTrustMode Enforce', STATUS, 'ProxyPass / @BACKEND@/', '<Location /watched/>', 'FcgiTrustMode report', '</Location>',
    '<Location /replaced/>', 'FcgiTrustPolicy @DIR@/three.xml', 'FcgiTrustMode report', '</Location>', '</VirtualHost>', '') if FCT::Httpd->has_module('proxy_fcgi');
SKIP: {
    skip 'mod_proxy_fcgi is not there', 6 if !$modes;
    my $other = $modes->httpd->port('OTHER_PORT');
    FCT::Client::request($other, '/one') for 1 .. 4;
    my $shown;
    wait_until(10, sub { ($shown = FCT::Client::request($other, '/status')->body) =~ m{<td class="number">4</td>} });
    like($shown, qr{<td>requests whose answer went to the client whole</td><td class="number">4</td>}, 'what is in force is shown with its numbers, also where a candidate before it is the same');
    like($shown, qr{The same policy as <code>[^<]*two\.xml</code>}, 'and the candidate with what is in force');
    my $told = JSON::PP::decode_json(FCT::Client::request($other, '/status?format=json')->body);
    my %in_force = map { my $one = $_; (($one->{file} =~ m{([^/]+)$})[0] => join ' ', map { $_->{mode} . '@' . ($_->{section} =~ s/^<(\w+)(?: ([^1][^>]*)?.*)?/$1 . ($2 \/\/ '')/er) } $one->{in_force}->@*) } $told->{policies}->@*;
    is($in_force{'two.xml'}, 'off@the main server enforce@VirtualHost report@Location/watched/', 'a policy of the main server is shown with the modes of virtual hosts and their sections');
    is($in_force{'three.xml'}, 'off@Location/whole/ enforce@VirtualHost enforce@Location/own/ report@Location/replaced/', 'so is one of a section, but for a section that has a mode of its own');
    my $metrics = FCT::Client::request($other, '/status?format=openmetrics')->body;
    is(join(' ', $metrics =~ /^fcgi_trust_policy_info\{policy="t-policy".*mode="(\w+)"\} 1$/mg), 'enforce report off candidate', 'OpenMetrics have each mode once');
    unlike(parsed($metrics), qr/twice|rror/, 'and are read by another parser');
    $modes->finish;
}

# --- more than there is room for ---

my %files = map { ("many$_.xml" => FCT::Gateway::policy_text("many$_", '')) } 1 .. 66;
my $many = FCT::Gateway->new(files => \%files, modules => ['status'], front => join "\n", STATUS,
    map { ("<Location /many$_>", "FcgiTrustPolicy \@DIR\@/many$_.xml", '</Location>') } 1 .. 66);
is($many->ask('/many66/x')->status, 200, 'a policy that is not counted is in force');
is(parsed($many->ask('/status?format=openmetrics')->body), "64 policies\n", 'as many as there is room for are counted');
is(scalar(grep { !$_->{counters} } JSON::PP::decode_json($many->ask('/status?format=json')->body)->{policies}->@*), 3, 'the others are shown without numbers');
is(scalar(() = $many->ask('/server-status')->body =~ /<tr><td>t-/g) + 0, 64, 'the page of mod_status has those that are counted');
$many->finish(log => [qr/the counters of 64 policies are kept/]);
done_testing;
