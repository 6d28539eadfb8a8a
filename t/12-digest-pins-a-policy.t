# FcgiTrustPolicy FILE sha256:HEX starts only with exactly that policy; layout does not matter, meaning does. SPEC 1, POLICY 6.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Httpd;
use FCT::Proc qw(scratch write_file);
use FCT::Tool;

plan skip_all => 'stock mod_proxy_fcgi has no policies' if FCT::Httpd::is_stock();

my $inside = '<header name="X-One"/><header name="X-Two"/>';

# Runs `httpd -t` with a policy and a pin; returns (loads?, what it said).
sub check ($text, $pin) {
    my $httpd = FCT::Httpd->new(files => { 'own.xml' => $text },
        config => "Listen 127.0.0.1:\@PORT\@\nFcgiTrustPolicy \@DIR\@/own.xml $pin\nProxyPass / fcgi://127.0.0.1:1/\n");
    my ($exit, $said) = $httpd->check_config;
    return ($exit == 0, $said);
}

my $text = FCT::Gateway::policy_text('own', $inside);
my (undef, $said) = check($text, 'sha256:' . '0' x 64);
like($said, qr/httpd\.conf:\d+: FCT4011 configuration: policy t-own version \S+ in \S+ has the digest sha256:[0-9a-f]{64}, not sha256:0{64}/,
    'a wrong digest is told with the line, the policy and its digest');
my ($digest) = $said =~ /has the digest sha256:([0-9a-f]{64})/ or BAIL_OUT('no digest');

my @rows = (
    ['the digest of the policy', $text, "sha256:$digest", 1],
    ['the digest in capitals', $text, "sha256:\U$digest", 1],
    ['no digest', $text, '', 1],
    ['another layout and a comment', FCT::Gateway::policy_text('own', "<!-- note -->\n\n  <header   name='X-Two'/>\n<header name=\"X-One\"></header>"), "sha256:$digest", 1],
    ['one header more', FCT::Gateway::policy_text('own', "$inside<header name=\"X-Three\"/>"), "sha256:$digest", 0],
    ['one header less', FCT::Gateway::policy_text('own', '<header name="X-One"/>'), "sha256:$digest", 0],
    ['another name', FCT::Gateway::policy_text('other', $inside), "sha256:$digest", 0],
    ['a why', FCT::Gateway::policy_text('own', $inside =~ s{X-One"}{X-One" why="because"}r), "sha256:$digest", 0],
    ['one digit too few', $text, 'sha256:' . substr($digest, 1), 0],
    ['no prefix', $text, $digest, 0],
    ['another algorithm', $text, "md5:$digest", 0],
);
for (@rows) {
    my ($name, $policy, $pin, $loads) = @$_;
    my ($ok, $why) = check($policy, $pin);
    is($ok ? 1 : 0, $loads, "$name: " . ($loads ? 'starts' : 'does not start')) or diag($why);
}

# An OpenSSL without SHA-256 gives no digest, and a policy without one is in force nowhere.
write_file(scratch() . '/none.cnf', "openssl_conf = all\n[all]\nalg_section = none\n[none]\ndefault_properties = fips=yes\n");
write_file(scratch() . '/own.xml', $text);
{
    local $ENV{OPENSSL_CONF} = scratch() . '/none.cnf';
    my $ran = FCT::Tool::run('lint', scratch() . '/own.xml');
    like($ran->{out}, qr/own\.xml: FCT3007 policy: OpenSSL gives no SHA-256/, 'without SHA-256 no policy loads');
    is($ran->{exit}, 1, 'and lint says so');
}

# What is in force stands in the error log.
my $gateway = FCT::Gateway->new(policy => $inside);
ok($gateway->{httpd}->log->count(qr/policy t-policy version \S+, sha256:[0-9a-f]{64}, read from \S+policy\.xml: enforce at \S+:\d+/) >= 1,
    'the start-up log names the policy, its version and its digest, and where it is in force');
$gateway->finish;
$gateway = FCT::Gateway->new(policy => $inside, front => "FcgiTrustMode off");
ok($gateway->{httpd}->log->count(qr/policy t-policy .*: off at \S+:\d+/) >= 1, 'or that it is switched off there');
$gateway->finish;
done_testing;
