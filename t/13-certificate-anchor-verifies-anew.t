# <trust-anchor>: tls.client.* is there only where exactly that CA verifies the certificate, whatever mod_ssl took; once for each connection and anchor, over
# HTTP/1.1 and HTTP/2; after resumed sessions too; and no longer than the certificates are valid. POLICY 1, SPEC 6.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use JSON::PP ();
use POSIX qw(strftime);
use Test::More;
use Time::HiRes qw(sleep time);
use FCT::Proc qw(read_file write_file wait_until);
use FCT::Shown;

plan skip_all => 'stock mod_proxy_fcgi has no policies' if FCT::Httpd::is_stock();

my %anchor = (
    top => '<trust-anchor file="client-ca.pem"/>', middle => '<trust-anchor file="middle.pem"/>', both => '<trust-anchor file="client-ca.pem"><intermediates file="middle.pem"/></trust-anchor>',
    other => '<trust-anchor file="other-ca.pem"/>', none => '',
);
my $ask = '<param name="SSL_CLIENT_S_DN" from="tls.client.subject"/><param name="SAID" value="yes" when="tls.client.verified"/><param name="CHAIN" from="tls.client.chain[0]" encode="base64"/>';
my @places = map { ("<Location /$_/>", "FcgiTrustPolicy \@DIR\@/$_.xml", '</Location>') } sort keys %anchor;
my @crumb = ('FcgiTrustPolicy @DIR@/none.xml', 'SSLVerifyDepth 3', @places);

my $front = FCT::Shown->new(certificates => \&make_certificates, policies => { map { ($_ => "$anchor{$_}$ask") } keys %anchor },
    beside => { map { ("$_.pem" => "$_.pem") } qw(client-ca middle other-ca) }, config => join '', "LogLevel fcgi_trust:debug\n",
    FCT::Shown::vhost('PORT', 'SSLVerifyClient require', 'SSLCACertificateFile @CERTS@/all.pem', @crumb),
    FCT::Shown::vhost('OPEN_PORT', 'SSLVerifyClient optional_no_ca', 'SSLCACertificateFile @CERTS@/all.pem', @crumb),
    FCT::Shown::vhost('CANDIDATE_PORT', 'SSLVerifyClient require', 'SSLCACertificateFile @CERTS@/all.pem', 'SSLUserName SSL_CLIENT_S_DN_CN', 'FcgiTrustPolicy @DIR@/top.xml', 'FcgiTrustCandidate @DIR@/other.xml', 'FcgiTrustAuditLog @DIR@/decisions'),
    FCT::Shown::vhost('BLIND_PORT', 'SSLVerifyClient optional_no_ca', @crumb));

sub make_certificates ($cert) {
    my $use = 'extendedKeyUsage=clientAuth';
    $cert->authority('other-ca', '/O=Example/CN=Test client CA');
    $cert->intermediate('middle', 'client-ca', '/O=Example/CN=Test middle CA');
    $cert->issue('good', 'client-ca', '/CN=alice', $use);
    $cert->issue('deep', 'middle', '/CN=bob', $use);
    $cert->issue('other', 'other-ca', '/CN=alice', $use);
    $cert->issue('self', undef, '/CN=admin', $use);
    $cert->issue('brief', 'client-ca', '/CN=carol', $use);
    write_file($cert->file('all.pem'), join '', map { read_file($cert->file("$_.pem")) } qw(client-ca middle other-ca));
    return;
}

sub brief ($told) { return !ref $told ? $told : $told->{SAID} ? $told->{SSL_CLIENT_S_DN} =~ s/.*=//r : defined $told->{SSL_CLIENT_S_DN} ? 'half of it' : '-' }

# --- which anchor takes whom ---

my @names = qw(top middle both other none);
my @rows  = (
    ['good', undef, 'alice - alice - alice', 'one that the root signed'],
    ['deep', 'middle', 'bob bob bob - bob', 'one that an intermediate signed, which the client sends'],
    ['deep', undef, '- bob bob - bob', 'without it: the policy must have it'],
    ['other', undef, '- - - alice alice', 'one of another CA of the same name, which mod_ssl takes'],
);
for my $version (qw(1_2 1_3)) {
    for my $row (@rows) {
        my ($name, $chain, $want, $about) = @$row;
        my $client = $front->connect('PORT', $name, chain => $chain, tls => $version);
        is(join(' ', map { brief($front->ask($client, "/$_/x")) } @names), $want, "TLS $version, @names: $about");
        $client->close;
    }
    for my $row (@rows) {
        my ($name, $chain, $want, $about) = @$row;
        $want = ($name eq 'deep' ? '- bob bob - ' : $want =~ s/\w+\z//r) . '-';
        my $session = FCT::Proc::scratch() . "/anchor-$version-$name-" . ($chain // '');
        $front->told('PORT', $name, chain => $chain, tls => $version, session => $session);
        my $client = $front->connect('PORT', $name, tls => $version, session => $session);
        my @told = map { $front->ask($client, "/$_/x") } @names;
        is(join(' ', map { brief($_) } @told), $want, "TLS $version, resumed, @names: $about; without an anchor nobody knows");
        is((grep { ref && defined $_->{CHAIN} } @told), 0, 'there is no chain then');
        $client->close;
    }
    for my $port (qw(OPEN_PORT BLIND_PORT)) {
        is(join(', ', map { brief($_) } map { $front->twice($port, 'self', tls => $version, path => "/$_/x") } @names), join(', ', ('-') x 10), "TLS $version, $port: who signed himself is nobody, full or resumed");
    }
    is(join(', ', map { brief($_) } $front->twice('OPEN_PORT', 'good', tls => $version, path => '/top/x')), 'alice, alice', "TLS $version, optional_no_ca: what the CA signed, full and resumed");
    is(brief($front->told('BLIND_PORT', 'good', tls => $version, path => '/top/x')), '-', "TLS $version: what mod_ssl could not verify is not verified, though the anchor would");
}

# --- once for each connection and anchor ---

sub held ($work) {
    my $before = $front->httpd->log->count(qr/was held against the trust anchor/);
    my @told = $work->();
    return (join(' ', do { my %seen; grep { !$seen{$_}++ } map { brief($_) } @told }), $front->httpd->log->count(qr/was held against the trust anchor/) - $before);
}
sub many_h1 (@paths) {
    my $client = $front->connect('PORT', 'good');
    my @told = map { $front->ask($client, $_) } @paths;
    $client->close;
    return @told;
}
sub many_h2 (@paths) {
    my $client  = $front->connect('PORT', 'good', h2 => 1);
    my @streams = map { $client->request($_) } @paths;
    my @told    = map { $front->read_answer($client->answer($_)) } @streams;
    $client->close;
    return @told;
}
is_deeply([held(sub { many_h1(('/top/x') x 50) })], ['alice', 1], 'fifty requests of a connection: the anchor is asked once');
is_deeply([held(sub { many_h1(('/top/x', '/both/x') x 10) })], ['alice', 2], 'under two policies: each anchor once');
is_deeply([held(sub { many_h1(('/other/x') x 10) })], ['-', 1], 'what it does not verify, once as well');
is_deeply([held(sub { many_h1('/none/x') })], ['alice', 0], 'without an anchor: never');
is_deeply([held(sub { many_h1('/top/x') }), held(sub { many_h1('/top/x') })], ['alice', 1, 'alice', 1], 'each connection anew');
if (FCT::Shown::speaks_h2()) {
    is_deeply([held(sub { many_h2(('/top/x') x 60) })], ['alice', 1], 'sixty streams at once of an HTTP/2 connection: once');
    is_deeply([held(sub { many_h2(('/top/x', '/both/x') x 30) })], ['alice', 2], 'under two policies: each anchor once');
}

# --- the candidate has its own anchor ---

is(brief($front->told('CANDIDATE_PORT', 'good')), 'alice', 'a candidate with another anchor changes nothing');
is(brief($front->told('CANDIDATE_PORT', 'other')), '-', 'nor does it help whom the policy does not know');
my $log = $front->httpd->dir . '/decisions';
wait_until(5, sub { -e $log && 2 == (() = read_file($log) =~ /\n/g) });
my @differ = map { join ' ', sort grep { $_ ne 'AUTH_TYPE' } $_->{candidate}{only_policy}->@* } map { JSON::PP->new->utf8->decode($_) } split /\n/, read_file($log);
is_deeply(\@differ, ['REMOTE_USER SAID SSL_CLIENT_S_DN', ''], 'the decision log says what it would not tell');
my @more = map { join ' ', sort grep { $_ ne 'AUTH_TYPE' } $_->{candidate}{only_candidate}->@* } map { JSON::PP->new->utf8->decode($_) } split /\n/, read_file($log);
is_deeply(\@more, ['', 'REMOTE_USER SAID SSL_CLIENT_S_DN'], 'and what it would');

# --- no longer than it is valid ---

my $end = time + 4;
$front->cert->dated('brief', 'client-ca', '20250101000000', strftime('%Y%m%d%H%M%S', gmtime $end));
my $client = $front->connect('PORT', 'brief');
is(brief($front->ask($client, '/top/x')), 'carol', 'a certificate that is valid for a moment');
sleep $end + 1.1 - time;
is(brief($front->ask($client, '/top/x')), '-', 'is not told after that, on the same connection');
$client->close;
is(brief($front->told('PORT', 'brief')), 'no connection', 'and mod_ssl takes it no more');
$front->finish(findings => ['FCT7001', 'FCT4022'], allow => [qr/\bAH\d+/, qr/SSL Library Error/]);
done_testing;
