# A certificate and its chain arrive whole, however large they are, or the request is refused: never cut, never silently missing. EVIDENCE S4.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use Digest::SHA qw(sha256_hex);
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Proc qw(read_file write_file);
use FCT::Shown;

my $policy = '<param name="SSL_CLIENT_CERT" from="tls.client.certificate.pem" encode="none" required="yes"/><param name="SSL_CLIENT_CERT_CHAIN_0" from="tls.client.chain[0]" encode="none"/>'
    . '<param name="CHAIN" from="tls.client.chain" join="," encode="base64" max-items="100"/><param name="NAMES" from="tls.client.san.dns" join=" " max-items="400"/><param name="LAST" from="tls.client.san.dns[%d]"/><param name="SHA256" from="tls.client.fingerprint.sha256"/>';
my $front = FCT::Shown->new(certificates => \&make_certificates, policies => { whole => sprintf $policy, 99 },
    config => FCT::Shown::vhost('PORT', 'SSLVerifyClient require', 'SSLVerifyDepth 10', 'SSLOptions +StdEnvVars +ExportCertData', 'SSLCACertificateFile @CERTS@/client-ca.pem', 'FcgiTrustPolicy @DIR@/whole.xml'));

sub host ($n, $length) { return sprintf('h%03d', $n) . '.' . 'x' x $length . '.example' }

sub make_certificates ($cert) {
    for my $row (['small', 1, 10], ['many', 100, 40], ['large', 100, 170], ['very-large', 100, 450], ['too-large', 100, 520]) {
        my ($name, $names, $length) = @$row;
        $cert->issue($name, 'client-ca', "/CN=$name", 'subjectAltName=' . join(',', map { 'DNS:' . host($_, $length) } 0 .. $names - 1), 'extendedKeyUsage=clientAuth');
    }
    $cert->intermediate('middle', 'client-ca', '/CN=middle' . join '', map { "/OU=$_" . 'y' x 60 } 1 .. 290);
    $cert->issue('deep', 'middle', '/CN=deep', 'extendedKeyUsage=clientAuth');
    $cert->intermediate("level$_", $_ == 1 ? 'client-ca' : 'level' . ($_ - 1), "/CN=level $_") for 1 .. 8;
    $cert->issue('long', 'level8', '/CN=long', 'subjectAltName=' . join(',', map { 'DNS:' . host($_, 10) } 0), 'extendedKeyUsage=clientAuth');
    write_file($cert->file('eight.pem'), join '', map { read_file($cert->file("level$_.pem")) } reverse 1 .. 8);
    return;
}

for my $row (['small', 1, 10, 300], ['many', 100, 40, 5_500], ['large', 100, 170, 18_000], ['very-large', 100, 450, 45_000]) {
    my ($name, $names, $length, $bytes) = @$row;
    my $pem = read_file($front->cert->file("$name.pem"));
    my $der = length $front->cert->der($name);
    ok($der > $bytes, "$name: the certificate has $der bytes");
    for my $how ([tls => '1_2'], [tls => '1_3'], FCT::Shown::speaks_h2() ? [h2 => 1] : ()) {
        my $told = $front->told('PORT', $name, @$how);
        $told = { SSL_CLIENT_CERT => $told } if !ref $told;
        ok(($told->{SSL_CLIENT_CERT} // '') eq $pem, "$name, @$how: the whole certificate is there as PEM, byte for byte") or diag substr $told->{SSL_CLIENT_CERT} // 'nothing', 0, 200;
        is($told->{SHA256}, sha256_hex($front->cert->der($name)), "$name, @$how: its fingerprint");
        ok(($told->{NAMES} // '') eq join(' ', map { host($_, $length) } 0 .. $names - 1), "$name, @$how: every name of it");
        is($told->{LAST}, $names == 100 ? host(99, $length) : undef, "$name, @$how: the last one");
    }
}
ok(length(read_file($front->cert->file('too-large.pem'))) > 65_535, 'this one is larger as PEM than a FastCGI record');
is($front->told('PORT', 'too-large'), 500, 'so its request is refused, and no part of it is told');
my $told = $front->told('PORT', 'deep', chain => 'middle');
ok(ref $told && ($told->{SSL_CLIENT_CERT_CHAIN_0} // '') eq read_file($front->cert->file('middle.pem')), 'a large certificate of the chain is there, byte for byte');

# A long chain, and the same certificate forty times.
$told = $front->told('PORT', 'long', chain => 'eight');
is(ref $told ? $told->{CHAIN} : $told, encode_base64(join(',', map { read_file($front->cert->file("level$_.pem")) } reverse 1 .. 8), ''), 'eight certificates above its own are there, every one') if !FCT::Httpd::is_stock();
my $top = read_file($front->cert->file('client-ca.pem'));
write_file($front->cert->file('forty.pem'), $top x 40);
$told = $front->told('PORT', 'small', chain => 'forty');
is(ref $told ? $told->{CHAIN} : $told, encode_base64($top, ''), 'of one that is sent forty times, one') if !FCT::Httpd::is_stock();
$front->finish(findings => ['FCT2301'], allow => [qr/\bAH\d+/]);
done_testing;
