# The decision log says of each request what the application was told and why, what was refused, and how it ended. SPEC 7.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Decisions;
use FCT::Gateway;
use FCT::Readme;
use FCT::Record qw(answer record);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

sub reply ($conn, $request) {
    my $id = $request->{id};
    my $path = $request->{param}{REQUEST_URI};
    return if $path eq '/dies' && !$conn->send('');
    if ($path eq '/lies') { $conn->send("\x07garbage!"); return }
    if ($path eq '/breaks') {
        $conn->send(record(6, $id, "Content-Type: text/plain\r\n\r\n" . 'x' x 60_000)) for 1 .. 1;
        $conn->send(record(6, $id, 'y' x 60_000)) for 1 .. 3;
        return;
    }
    $conn->send(answer($id, 'told', 'Content-Type: text/plain'));
    return 1;
}

my $gateway = FCT::Gateway->new(each => \&reply, worker => 'enablereuse=on', front => join("\n", FCT::Decisions::directive(),
    'LogFormat "%{fcgi-trust-verdict}n %{fcgi-trust-policy}n %{fcgi-trust-finding}n %U" decisions', 'CustomLog @DIR@/run/access.log decisions'),
    modules => [qw(log_config)],
    policy => <<'POLICY');
<header name="X-Pass"/>
<header name="X-Pre-*"/>
<refuse-header name="X-Never"/>
<param name="APP_TIER" value="production"/>
<param name="APP_KEY" value="hidden" sensitive="yes"/>
<audit values="APP_TIER REQUEST_URI"/>
POLICY
my $log = FCT::Decisions->new($gateway->httpd);

# --- what passes ---

$gateway->ask('/told?x=1', body => 'twelve bytes', headers => ['X-Pass' => 'one', 'X-Pre-A' => 'a', 'X-Pre-Longer' => 'b', 'X-Unknown' => 'u', 'Sec-Fetch-Mode' => 'cors', 'User-Agent' => 'tester']);
my ($told) = $log->for('/told');
my ($request) = $gateway->requests_for('/told?x=1', 5);
my %logged = FCT::Decisions::parameters($told)->%*;
is(join(' ', sort keys %logged), join(' ', sort keys $request->{param}->%*), 'the parameters in the log are those that the backend got');
is_deeply([map { [$_, $logged{$_}{length}] } sort keys %logged], [map { [$_, length $request->{param}{$_}] } sort keys %logged],
    'each has the length of its value');
is($told->{verdict}, 'passed', 'the verdict is passed');
is($told->{status}, 200, 'the status is what the client saw');
is($told->{policy}{name}, 't-policy', 'the policy is named');
is($told->{mode}, 'enforce', 'so is the mode');
is($logged{REMOTE_ADDR}{source}, 'connection.client.address', 'a parameter has its source');
is($logged{REMOTE_ADDR}{class}, 'server', 'its class');
like($logged{REMOTE_ADDR}{rule}, qr{^shipped:rfc3875\.xml:\d+$}, 'and its rule, a shipped one');
is($logged{HTTP_X_PASS}{class}, 'client', 'a header field is the client\'s word');
like($logged{HTTP_X_PASS}{rule}, qr{^policy\.xml:\d+$}, 'by the rule that lets it through, in a file beside the policy');
like($told->{policy}{file}, qr{/policy\.xml$}, 'whose path is said once');
is($logged{CONTENT_LENGTH}{rule}, undef, 'the engine\'s own parameter has no rule');
is_deeply($told->{dropped}, ['X-Unknown'], 'what was dropped is named');
is($logged{APP_TIER}{value}, 'production', 'a value stands there where <audit values> allows it');
is($logged{REQUEST_URI}{value}, '/told?x=1', 'also one that comes from the client');
is("$logged{CONTENT_LENGTH}{source} $logged{CONTENT_LENGTH}{class} $logged{CONTENT_LENGTH}{length}", 'the body server 2', 'the length of the body is the server\'s own count');
is(scalar(grep { exists $_->{value} } values %logged), 2, 'no other value does');
is(index($log->text, 'hidden'), -1, 'a sensitive literal never does');

# --- the backend's part ---

my $backend = $told->{backend};
is($backend->{address}, 'fcgi://127.0.0.1:' . $gateway->peer->port, 'the backend has its address');
is("$backend->{attempts} $backend->{protocol_status} $backend->{app_status}", '1 0 0', 'what END_REQUEST said stands there');
ok(!$backend->{reused}, 'the first connection was opened');
ok($backend->{connect_seconds} <= $backend->{first_byte_seconds} && $backend->{first_byte_seconds} <= $backend->{end_seconds}, 'times follow each other');
ok($backend->{sent} > 100 && $backend->{received} > 20, 'bytes are counted');

# --- keyed hashes ---

$gateway->ask('/again', headers => ['X-Pass' => 'one']);
$gateway->ask('/other', headers => ['X-Pass' => 'two']);
ok((($log->for('/other'))[0]->{backend}{reused}), 'a kept connection is used again');
my ($again, $other) = map { FCT::Decisions::parameters(($log->for($_))[0]) } '/again', '/other';
is($again->{HTTP_X_PASS}{hash}, $logged{HTTP_X_PASS}{hash}, 'equal values have equal hashes');
isnt($other->{HTTP_X_PASS}{hash}, $logged{HTTP_X_PASS}{hash}, 'other values have others');
my $other_server = FCT::Gateway->new(front => FCT::Decisions::directive(), policy => '<header name="X-Pass"/>');
$other_server->ask('/again', headers => ['X-Pass' => 'one']);
my ($elsewhere) = FCT::Decisions->new($other_server->httpd)->for('/again');
my $hash = FCT::Decisions::parameters($elsewhere)->{HTTP_X_PASS}{hash};
isnt($hash, $logged{HTTP_X_PASS}{hash}, 'another server has another key');
$other_server->finish;

# --- what does not pass ---

$gateway->ask('/refused', headers => ['X-Never' => 'x']);
my ($refused) = $log->for('/refused');
is($refused->{verdict}, 'refused', 'a refused request is refused');
is($refused->{status}, 400, 'with the status that the client saw');
is($refused->{refused}, 'X-Never', 'the field that ended it is named');
like($refused->{findings}[0]{tag}, qr/^FCT\d{4}$/, 'the finding has its tag');
like($refused->{findings}[0]{says}, qr/X-Never/, 'its sentence');
like($refused->{findings}[0]{rule}, qr{^policy\.xml:\d+$}, 'and the rule');
ok(!exists $refused->{parameters}, 'no parameter was sent');
ok(!exists $refused->{backend}, 'and no backend was asked');

$gateway->ask('/lies');
my ($lie) = $log->for('/lies');
is("$lie->{verdict} $lie->{status} $lie->{findings}[0]{tag}", 'reply-refused 502 FCT1101', 'an answer that is not to be believed is refused');
$gateway->ask('/breaks');
my ($broken) = $log->for('/breaks');
is("$broken->{verdict} $broken->{findings}[0]{tag}", 'aborted FCT1210', 'an answer that breaks off is aborted');

# --- notes ---

my $access = FCT::Proc::read_file($gateway->httpd->dir . '/run/access.log');
like($access, qr{^passed t-policy/1 - /again$}m, 'the access log can have verdict and policy');
like($access, qr{^refused t-policy/1 $refused->{findings}[0]{tag} /refused$}m, 'and the finding');

# --- rotation ---

my $file = $gateway->httpd->dir . '/run/decisions.log';
rename $file, "$file.1" or die "rename: $!";
$gateway->httpd->graceful;
$gateway->ask('/rotated');
ok($log->for('/rotated'), 'after a graceful restart a new file takes the lines');
is((stat $file)[2] & 0777, 0640, 'which others may not read');
$log->judge;
FCT::Decisions->new($gateway->httpd, "$file.1")->judge('the old file has whole lines too');

# --- the README's line ---

my ($sample) = map { $_->{text} } FCT::Readme::blocks('json');
FCT::Proc::write_file("$file.sample", $sample =~ s/\n//gr . "\n");
FCT::Decisions->new($gateway->httpd, "$file.sample")->judge('the line of the README is one');

$gateway->finish(findings => [qw(FCT1101 FCT1210), $refused->{findings}[0]{tag}]);
done_testing;
