# A policy that requires a verified client certificate does not start where mod_ssl verifies none; both lines are named. What depends on the request is told, and
# so is what keeps resumed sessions from counting. POLICY 1, SPEC 1.
use v5.26;
use warnings;
use Test::More;
use FCT::Proc qw(scratch);
use FCT::Shown;

plan skip_all => 'stock mod_proxy_fcgi has no policies' if FCT::Httpd::is_stock();

my %policies = (
    need     => '<param name="REMOTE_USER" from="tls.client.san.email" required="yes" override="yes"/>',
    refuse   => '<param name="WHO" from="tls.client.subject" on-missing="refuse:401"/>',
    may      => '<accept htaccess-auth="a test"/><param name="SSL_CLIENT_S_DN" from="tls.client.subject"/>',
    either   => '<param name="WHO" from="tls.client.subject config.who" required="yes"/>',
    sometime => '<param name="WHO" from="tls.client.subject" required="yes" when="path:/in/"/>',
    anchored => '<trust-anchor file="anchor.pem"/><param name="SSL_CLIENT_S_DN" from="tls.client.subject"/>',
    nothing  => '',
);

my $count = 0;
sub said {
    my (@lines) = @_;
    my $config = FCT::Shown::vhost('PORT' . ++$count, 'SSLCACertificateFile @CERTS@/client-ca.pem', map { ref ? () : $_ } @lines) . join "\n", (map { ref ? @$_ : () } @lines), '';
    state $front = FCT::Shown->new(stopped => 1, policies => \%policies, beside => { 'anchor.pem' => 'client-ca.pem' }, config => 'X',
        files => { 'far.conf' => "\n" x 500 . "SSLVerifyClient none\n", 'near.conf' => "SSLVerifyClient none\n" });
    $front->httpd->{config} = "SSLSessionCache shmcb:\@DIR\@/run/sessions(512000)\n$config";
    my ($exit, $out) = $front->httpd->check_config;
    my @all = split /\n/, read_config($front->httpd);
    my @named = map { /:(\d+): (FCT40\d\d)/ ? "$2 at " . ($all[$1 - 1] // '') =~ s/^\s+//r : () } split /\n/, $out;
    return ($exit == 0 ? 'starts' : 'does not start', join(' | ', map { s{/\S*/}{}gr } @named), $out);
}
sub read_config { return FCT::Proc::read_file($_[0]->dir . '/httpd.conf') }
sub policy { return "FcgiTrustPolicy \@DIR\@/$_[0].xml" }
sub in { my ($where, @lines) = @_; return ("<Location $where>", @lines, '</Location>') }

my @asks = 'SSLVerifyClient require';
my @rows = (
    ['required, and asked for', [@asks, policy('need')], 'starts', ''],
    ['required, and optional', ['SSLVerifyClient optional', policy('need')], 'starts', ''],
    ['required, and none at all', [policy('need')], 'does not start', 'FCT4020 at FcgiTrustPolicy need.xml'],
    ['required, and none', ['SSLVerifyClient none', policy('need')], 'does not start', 'FCT4020 at FcgiTrustPolicy need.xml'],
    ['required, and optional_no_ca', ['SSLVerifyClient optional_no_ca', policy('need')], 'does not start', 'FCT4020 at FcgiTrustPolicy need.xml | FCT4022 at FcgiTrustPolicy need.xml'],
    ['required, and none in a file ahead of it', ['Include @DIR@/far.conf', @asks, policy('need')], 'starts', ''],
    ['required, and none in a file behind it', [@asks, 'Include @DIR@/near.conf', policy('need')], 'does not start', 'FCT4020 at FcgiTrustPolicy need.xml'],
    ['refused where it is missing, and none', ['SSLVerifyClient none', policy('refuse')], 'does not start', 'FCT4020 at FcgiTrustPolicy refuse.xml'],
    ['not required, and none', ['SSLVerifyClient none', policy('may')], 'starts', ''],
    ['required from here or elsewhere, and none', ['SSLVerifyClient none', policy('either')], 'starts', ''],
    ['required of some requests, and none', ['SSLVerifyClient none', policy('sometime')], 'starts', ''],
    ['required, in mode off', ['FcgiTrustMode off', policy('need')], 'starts', ''],
    ['required, asked for in the main server', [policy('need'), ['SSLVerifyClient require']], 'starts', ''],
    ['required, none here though asked for in the main server', ['SSLVerifyClient none', policy('need'), ['SSLVerifyClient require']], 'starts', 'FCT4021 at FcgiTrustPolicy need.xml'],
    ['required and asked for in a Location', [in('/in/', @asks, policy('need'))], 'starts', ''],
    ['required and none in a Location', [@asks, in('/in/', 'SSLVerifyClient none', policy('need'))], 'does not start', 'FCT4020 at FcgiTrustPolicy need.xml'],
    ['required in one Location, asked for in another', [in('/in/', policy('need')), in('/in/deep/', @asks)], 'starts', 'FCT4021 at FcgiTrustPolicy need.xml'],
    ['required in a Location, asked for in the virtual host', [@asks, in('/in/', policy('need'))], 'starts', ''],
    ['required here, asked for in a Location', [policy('need'), in('/in/', @asks)], 'starts', 'FCT4021 at FcgiTrustPolicy need.xml'],
    ['required here, asked for in another virtual host', [policy('need'), [split /\n/, FCT::Shown::vhost('OTHERPORT', 'FcgiTrustMode off', @asks)]], 'does not start', 'FCT4020 at FcgiTrustPolicy need.xml'],
    ['required and asked for in the server, none in a virtual host', [[policy('need'), 'SSLVerifyClient require', split /\n/, FCT::Shown::vhost('OTHERPORT', 'SSLVerifyClient none')]], 'starts', 'FCT4021 at FcgiTrustPolicy need.xml'],
    ['the same with a policy of its own there', [[policy('need'), 'SSLVerifyClient require', split /\n/, FCT::Shown::vhost('OTHERPORT', 'SSLVerifyClient none', policy('may'))]], 'starts', ''],
    ['two places', ['SSLVerifyClient none', policy('need'), in('/in/', policy('need'))], 'does not start', 'FCT4020 at FcgiTrustPolicy need.xml | FCT4020 at FcgiTrustPolicy need.xml'],

    ['optional_no_ca beside it', [@asks, policy('may'), [split /\n/, FCT::Shown::vhost('OTHERPORT', 'FcgiTrustMode off', 'SSLVerifyClient optional_no_ca')]], 'starts', 'FCT4022 at FcgiTrustPolicy may.xml'],
    ['the same with a trust anchor', [@asks, policy('anchored'), [split /\n/, FCT::Shown::vhost('OTHERPORT', 'FcgiTrustMode off', 'SSLVerifyClient optional_no_ca')]], 'starts', ''],
    ['the same for a policy that does not ask', [@asks, policy('nothing'), in('/in/', 'SSLVerifyClient optional_no_ca')], 'starts', ''],
    (map { my ($line, $tells) = @$_; ["$line somewhere", [@asks, policy('may'), ["<Directory />", $line, '</Directory>']], 'starts', $tells ? 'FCT4022 at FcgiTrustPolicy may.xml' : ''] }
        ['AllowOverride All', 1], ['AllowOverride AuthConfig', 1], ['AllowOverride FileInfo AuthConfig', 1], ['AllowOverride None', 0], ['AllowOverride FileInfo', 0], ['AllowOverrideList SSLVerifyClient', 1],
        ['AllowOverrideList Redirect', 0], ['AllowOverride Nonfatal=AuthConfig', 0]),
);
for my $row (@rows) {
    my ($about, $lines, $starts, $findings) = @$row;
    my ($got, $named, $out) = said(@$lines);
    is("$got: $named", "$starts: $findings", "$about: it $starts" . ($findings ? ", $findings" : '')) or diag $out;
}
my (undef, undef, $out) = said('SSLVerifyClient none', policy('need'));
like($out, qr{httpd\.conf:\d+: FCT4020 configuration: \S*/need\.xml:3 requires a verified client certificate, but SSLVerifyClient none in \S*/httpd\.conf:\d+ is in force here}, 'rule and line are named');
done_testing;
