# Where nothing but the end of the connection ends a body (HTTP/1.0), an answer that is not whole ends with a reset, never with a clean
# end; a whole one still ends cleanly. SPEC 3.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Client;
use FCT::Gateway;
use FCT::Proc qw(scratch read_file write_file wait_until);
use FCT::Record qw(:all);

plan skip_all => 'no recipe against stock servers' if FCT::Httpd::is_stock();

my %part = (small => "a line\n" x 10, big => "a line\n" x 30_000);

# /FILTER/SIZE/HOW: begins, and ends as it should or not.
sub serve ($conn) {
    my $request = $conn->read_request or return;
    my $id = $request->{id};
    my (undef, undef, $size, $how, $token) = split m{[/?]}, $request->{param}{REQUEST_URI};
    my $length = $how =~ /length/ ? 'Content-Length: ' . 2 * length($part{$size}) . "\r\n" : '';
    $conn->send(stdout($id, "Content-Type: text/html\r\n$length\r\n$part{$size}"));
    $conn->wait_for($token, 8);
    $conn->send(stdout($id, $part{$size}) . stdout_end($id) . end_request($id)) if $how =~ /whole/;
    $conn->send(record(42, $id, '')) if $how =~ /wrong/;
}

my $gateway = FCT::Gateway->new(serve => \&serve, modules => [qw(deflate sed ssl socache_shmcb)], certificates => 1, front => <<'CONF');
Listen 127.0.0.1:@TLSPORT@
SSLSessionCache shmcb:@DIR@/run/sessions(512000)
<VirtualHost 127.0.0.1:@TLSPORT@>
    SSLEngine on
    SSLCertificateFile @CERTS@/server.pem
    SSLCertificateKeyFile @CERTS@/server.key
    FcgiTrustPolicy @POLICIES@/open.xml
    ProxyPass / @BACKEND@/
</VirtualHost>
<Location /deflate/>
    SetOutputFilter DEFLATE
</Location>
<Location /sed/>
    OutputSed s/line/LINE/
    SetOutputFilter Sed
</Location>
CONF
my $n = 0;

# Waits for the head and lets the peer go on: the answer.
sub answer_to ($client, $path, $version) {
    my $token = 'go' . ++$n;
    $client->send("GET $path?$token HTTP/$version\r\nHost: test.example\r\nAccept-Encoding: gzip\r\n\r\n");
    $client->wait_head(2);
    $gateway->peer->signal($token);
    return $client->response(timeout => 5);
}

for my $filter (qw(none deflate sed)) {
    for my $size (qw(small big)) {
        for my $how (qw(cut wrong cut-length)) {
            my $answer = answer_to($gateway->client, "/$filter/$size/$how", '1.0');
            ok(!$answer->is_success, "$filter, $size, $how: an HTTP/1.0 client sees that it is not whole") or diag $answer->summary;
        }
        for my $how (qw(whole whole-length)) {
            my $answer = answer_to($gateway->client, "/$filter/$size/$how", '1.0');
            ok($answer->is_success, "$filter, $size, $how: what is whole ends as it should") or diag $answer->summary;
        }
    }
}

# Over TLS the end that was not announced is what openssl names.
sub openssl_says ($how) {
    my $log = scratch() . '/s_client.log';
    write_file($log, '');
    my $client = FCT::Client->connect(port => $gateway->httpd->port('TLSPORT'), tls => { ca => $gateway->httpd->cert->file('server-ca.pem') });
    my $answer = answer_to($client, "/none/small/$how", '1.0');
    is($answer->body, $part{small} x ($how eq 'whole' ? 2 : 1), "TLS, $how: what was sent arrives");
    wait_until(2, sub { read_file($log) =~ /unexpected eof|errno=104|Connection reset/i });
    return read_file($log);
}
like(openssl_says('cut'), qr/unexpected eof|errno=104|Connection reset/i, 'TLS: the end of what is not whole is no clean end');
unlike(openssl_says('whole'), qr/unexpected eof|errno=104|Connection reset/i, 'TLS: the end of what is whole is one');
$gateway->finish(findings => ['FCT1210'], allow => [qr/FCT110\d/]);
done_testing;
