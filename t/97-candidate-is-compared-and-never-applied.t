# FcgiTrustCandidate: a second policy is evaluated beside the first. What it would change is in the decision log and counted; the request
# goes as the policy in force says. SPEC 1.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;
use FCT::Decisions;
use FCT::Gateway;

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

my $inside = '<header name="X-Old"/><param name="APP_TIER" value="one"/><header name="X-Both"/>';
my $candidate = '<header name="X-New"/><param name="APP_TIER" value="two"/><header name="X-Both"/><refuse-header name="X-Bad"/>'
    . '<param name="APP_EXTRA" value="x" when="method:POST"/>';
my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', policy => $inside, files => { 'candidate.xml' => FCT::Gateway::policy_text('candidate', $candidate) },
    front => join "\n", FCT::Decisions::directive(), 'FcgiTrustCandidate @DIR@/candidate.xml', 'ProxyPass /status !', '<Location /status>', 'SetHandler fcgi-trust-status', '</Location>');
my $log = FCT::Decisions->new($gateway->httpd);

my @cases = (
    ['/plain', [], {}, { other_value => ['APP_TIER'] }],
    ['/old', ['X-Old' => 'x'], {}, { only_policy => ['HTTP_X_OLD'], other_value => ['APP_TIER'] }],
    ['/new', ['X-New' => 'x'], {}, { only_candidate => ['HTTP_X_NEW'], other_value => ['APP_TIER'] }],
    ['/both', ['X-Both' => 'x'], {}, { other_value => ['APP_TIER'] }],
    ['/post', [], { body => 'x' }, { only_candidate => ['APP_EXTRA'], other_value => ['APP_TIER'] }],
);
for my $case (@cases) {
    my ($path, $headers, $opt, $expected) = @$case;
    is($gateway->ask($path, headers => [@$headers], %$opt)->status, 200, "$path is served");
    my ($request) = $gateway->requests_for($path, 5);
    is($request->{param}{APP_TIER}, 'one', 'as the policy in force says');
    ok(!exists $request->{param}{HTTP_X_NEW} && !exists $request->{param}{APP_EXTRA}, 'nothing of the candidate reaches the application');
    my ($decision) = $log->for($path);
    my %difference = map { $_ => $decision->{candidate}{$_} } grep { ($decision->{candidate}{$_} // [])->@* } qw(only_policy only_candidate other_value);
    is_deeply(\%difference, $expected, 'the log says what would be different');
    ok($decision->{candidate}{differs}, 'and that something would');
}

is($gateway->ask('/bad', headers => ['X-Bad' => 'x'])->status, 200, 'what the candidate would refuse is served');
my ($bad) = $log->for('/bad');
is($bad->{candidate}{status}, 400, 'the log has the status of the refusal');
like($bad->{candidate}{rule}, qr{^candidate\.xml:\d+$}, 'and the rule');
is($gateway->ask('/brew', method => 'BREW')->status, 405, 'what both refuse is refused');
my ($brew) = $log->for('/brew');
ok(!$brew->{candidate}{differs}, 'and no difference');

my $policies = JSON::PP::decode_json($gateway->ask('/status?format=json')->body)->{policies};
my ($own) = grep { $_->{name} eq 't-policy' } @$policies;
is($own->{counters}{candidate_differs}, 6, 'the differences are counted');
$log->judge;
$gateway->finish(findings => ['FCT2001']);

# --- a faulty candidate ---

my $faulty = FCT::Httpd->new(files => { 'bad.xml' => '<policy/>' }, config => join "\n", 'Listen 127.0.0.1:@PORT@',
    'FcgiTrustPolicy @POLICIES@/open.xml', 'FcgiTrustCandidate @DIR@/bad.xml', '');
my ($status, $said) = $faulty->check_config;
isnt($status, 0, 'a faulty candidate is as bad as a faulty policy');
like($said, qr/bad\.xml:1: FCT/, 'and is named');

# --- a candidate that could not become the policy here ---

sub check_beside ($candidate, @lines) {
    return FCT::Httpd->new(modules => [qw(setenvif ssl socache_shmcb)], files => { 'next.xml' => FCT::Gateway::policy_text('next', $candidate) }, config => join "\n",
        'Listen 127.0.0.1:@PORT@', @lines, 'FcgiTrustPolicy @POLICIES@/open.xml', 'FcgiTrustCandidate @DIR@/next.xml', '')->check_config;
}
($status, $said) = check_beside('<identity names="APP_ROLE"/><param name="APP_ROLE" from="env.ROLE" assert="the server sets it"/>');
is($status, 0, 'a candidate starts that could start as a policy') or diag $said;
($status, $said) = check_beside('<identity names="APP_ROLE"/><param name="APP_ROLE" from="env.ROLE" assert="the server sets it"/>', 'SetEnvIf X-Role (.*) ROLE=$1');
isnt($status, 0, 'one whose parameter the client would write does not');
like($said, qr/next\.xml:\d+: FCT3104 .*SetEnvIf/, 'and the line is named that does it');
($status, $said) = check_beside('<param name="APP_CERTIFICATE" from="tls.client.verify" required="yes"/>');
isnt($status, 0, 'nor does one that requires certificates which nobody asks for');
like($said, qr/httpd\.conf:\d+: FCT4020 /, 'and FcgiTrustCandidate is named');

# --- a candidate with nothing to be compared with ---

($status, $said) = FCT::Httpd->new(config => join "\n", 'Listen 127.0.0.1:@PORT@', 'FcgiTrustCandidate @POLICIES@/open.xml', '')->check_config;
like($said, qr/httpd\.conf:\d+: FCT4006 .*beside no FcgiTrustPolicy/, 'a candidate beside no policy is told at the start');
($status, $said) = FCT::Httpd->new(config => join "\n", 'Listen 127.0.0.1:@PORT@', 'FcgiTrustPolicy @POLICIES@/open.xml', '<Files *.php>',
    'FcgiTrustCandidate @POLICIES@/open.xml', '</Files>', 'ProxyPass / fcgi://127.0.0.1:9/', '')->check_config;
like($said, qr/httpd\.conf:\d+: FCT4006 .*does not govern any route/, 'so is one in a place where none applies');
done_testing;
