# Over TLS, with client certificates, the tool says what the module says: every field of a certificate, with a trust anchor and without. SPEC 9.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Agree;
use FCT::Gateway;
use FCT::Proc qw(read_file write_file);
use FCT::Record qw(answer);

my @fields = qw(verify subject subject.legacy subject.CN subject.O issuer issuer.CN serial not-before not-after san.email[0] san.dns[0] fingerprint.sha256 certificate.der-base64 certificate.rfc9440);
my $rules = join '', '<without param="REMOTE_PORT" why="openssl s_client chooses it"/>',
    '<param name="APP_SNI" from="tls.sni" trust="client"/><param name="APP_PROTOCOL" from="tls.protocol"/><param name="APP_CIPHER" from="tls.cipher"/>',
    '<param name="AUTH_TYPE" value="ClientCert" when="tls.client.verified" override="yes"/>',
    '<param name="APP_UNITS" from="tls.client.subject.OU" join="; "/>', '<param name="APP_PEM" from="tls.client.certificate.pem" encode="base64"/>',
    map { my $name = uc s/[^a-z0-9]+/_/gir; qq{<param name="APP_$name" from="tls.client.$_" max-length="4000"/>} } @fields;
my $need = '<without param="REMOTE_PORT" why="openssl s_client chooses it"/><param name="REMOTE_USER" from="tls.client.san.email" pick="only" required="yes" override="yes"/>';
my $front = join "\n", 'ServerTokens Prod', 'SSLVerifyClient optional', 'SSLVerifyDepth 3', 'SSLCACertificateFile @CERTS@/client-ca.pem';
my $gateway = FCT::Gateway->new(tls => 1, policy => $rules, front => $front, places => { need => $need, anchor => "<trust-anchor file=\"certs/client-ca.pem\"/>$rules",
    foreign => "<trust-anchor file=\"certs/server-ca.pem\"/>$rules" }, each => sub ($conn, $request) { $conn->send(answer($request->{id}, 'told')); 1 });
my $dir  = $gateway->httpd->dir;
my $cert = $gateway->httpd->cert;
$cert->issue('two', 'client-ca', '/O=Example/OU=One/OU=Two/CN=bob', 'subjectAltName=email:bob@corp.example,email:b@corp.example', 'extendedKeyUsage=clientAuth');

my @server = ('--local', '127.0.0.1:' . $gateway->port, '--server-name', 'test.example', '--document-root', $gateway->httpd->docroot, '--tls', 'TLSv1.3', '--sni', 'localhost');
sub tls ($name) { return { ca => $cert->file('server-ca.pem'), $name ? (cert => $cert->file("$name.pem"), key => $cert->file("$name.key")) : () } }

# A name, the path, the certificate, the policy, and what both must answer.
my @rows = (
    ['no certificate', '/page', undef, 'policy', 0],
    ['a certificate', '/page', 'client', 'policy', 0],
    ['a certificate with two of each', '/page', 'two', 'policy', 0],
    ['no certificate where one is required', '/need/', undef, 'need', 403],
    ['a certificate where one is required', '/need/', 'client', 'need', 0],
    ['two addresses where one is picked', '/need/', 'two', 'need', 403],
    ['the trust anchor is its CA', '/anchor/', 'client', 'anchor', 0],
    ['the trust anchor is another CA', '/foreign/', 'client', 'foreign', 0],
);
for my $row (@rows) {
    my ($name, $path, $client, $policy, $status) = @$row;
    my $module = agree($gateway, $name, "$dir/$policy.xml", "GET $path?x HTTP/1.1\r\nHost: test.example\r\nX-SSL-Client-Verify: SUCCESS\r\n\r\n",
        [@server, $client ? ('--cert', $cert->file("$client.pem")) : ()], tls => tls($client));
    is($module->{status}, $status, "$name: " . ($status ? "refused with $status" : 'served'));
    my %told = map {@$_} @{ $module->{params} // [] };
    is($told{APP_VERIFY}, $client && $policy =~ /policy|anchor/ ? 'SUCCESS' : undef, "$name: " . ($told{APP_VERIFY} ? 'verified' : 'nothing is told of a certificate'))
        if $policy ne 'need';
}
my %findings = map { $_ => 1 } $gateway->httpd->log->text =~ /\bFCT(\d{4})\b/g;
$gateway->finish(findings => [map {"FCT$_"} sort grep { $_ != 5023 } keys %findings]);
done_testing;
