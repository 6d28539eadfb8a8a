# A policy that requires config.NAME where no FcgiTrustSet can give it is told at the start, with both lines: its requests would all be refused. SPEC 1.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;

plan skip_all => 'stock mod_proxy_fcgi has no policies' if FCT::Httpd::is_stock();

my %policies = (
    need     => '<param name="APP_TIER" from="config.tier" required="yes"/>',
    refuse   => '<param name="APP_TIER" from="config.tier config.stage" on-missing="refuse:503" when="path:/in/"/>',
    may      => '<param name="APP_TIER" from="config.tier"/>',
    either   => '<param name="APP_TIER" from="config.tier header.X-Tier" trust="client" required="yes"/>',
);

# What check_config says of these lines: the exit code, each FCT4015 with its line.
sub said (@lines) {
    my $config = join "\n", 'Listen 127.0.0.1:@PORT@', 'Listen 127.0.0.1:@OTHER_PORT@', 'ProxyPass / fcgi://127.0.0.1:1/', @lines, '';
    my $httpd = FCT::Httpd->new(config => $config, files => { map { ("$_.xml" => FCT::Gateway::policy_text($_, $policies{$_})) } keys %policies });
    my ($exit, $out) = $httpd->check_config;
    my @all = split /\n/, FCT::Proc::read_file($httpd->dir . '/httpd.conf');
    return ($exit, join(' | ', map { /:(\d+): FCT4015/ ? $all[$1 - 1] =~ s{/\S*/}{}r : () } split /\n/, $out), $out);
}
sub policy ($name) { return "FcgiTrustPolicy \@DIR\@/$name.xml" }
sub vhost ($port, @lines) { return ("<VirtualHost 127.0.0.1:\@$port\@>", "ServerName \L$port.example", @lines, '</VirtualHost>') }

for my $row (
    ['required, and said', [policy('need'), 'FcgiTrustSet tier x'], ''],
    ['required, and said in other letters', [policy('need'), 'FcgiTrustSet TIER x'], ''],
    ['required, and not said', [policy('need')], 'FcgiTrustPolicy need.xml'],
    ['required, and another said', [policy('need'), 'FcgiTrustSet stage x'], 'FcgiTrustPolicy need.xml'],
    ['required, and said in a Location', [policy('need'), '<Location /x>', 'FcgiTrustSet tier x', '</Location>'], ''],
    ['required in the server, said in a virtual host', [policy('need'), vhost('OTHER_PORT', 'FcgiTrustSet tier x')], ''],
    ['required in a virtual host, said in another', [policy('may'), vhost('PORT', policy('need')), vhost('OTHER_PORT', 'FcgiTrustSet tier x')], 'FcgiTrustPolicy need.xml'],
    ['required in both, said in one', [vhost('PORT', policy('need')), vhost('OTHER_PORT', policy('need'), 'FcgiTrustSet tier x'), policy('may')], 'FcgiTrustPolicy need.xml'],
    ['not required', [policy('may')], ''],
    ['there may be another source', [policy('either')], ''],
    ['refused where both are missing', [policy('refuse')], 'FcgiTrustPolicy refuse.xml'],
    ['refused where both are missing, one is said', [policy('refuse'), 'FcgiTrustSet stage x'], ''],
    ['a candidate requires it', [policy('may'), 'FcgiTrustCandidate @DIR@/need.xml'], 'FcgiTrustCandidate need.xml'],
    ['required in mode off', ['FcgiTrustMode off', policy('need')], ''],
    ['required in mode off, but not of a virtual host', ['FcgiTrustMode off', policy('need'), vhost('OTHER_PORT', 'FcgiTrustMode enforce')], 'FcgiTrustPolicy need.xml'],
) {
    my ($about, $lines, $expected) = @$row;
    my ($exit, $found, $out) = said(@$lines);
    is("$exit: $found", "0: $expected", $about . ($expected ? " is told, and it starts" : ' is not told')) or diag $out;
}
my (undef, undef, $out) = said(policy('need'));
like($out, qr{httpd\.conf:\d+: FCT4015 configuration: \S*/need\.xml:4 requires config\.tier, and no FcgiTrustSet says it here, so that the policy refuses every request with 500; say FcgiTrustSet tier VALUE},
    'rule and remedy are named');
done_testing;
