# What a client shows is told to the application only where it was verified: every SSLVerifyClient, TLS 1.2 and 1.3, full and resumed sessions, HTTP/1.1 and
# HTTP/2, for a virtual host and for a <Location> (renegotiation, post-handshake authentication). POLICY 1, SPEC 6; EVIDENCE S1, S2.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Proc qw(scratch read_file write_file);
use FCT::Shown;

plan skip_all => 'stock mod_proxy_fcgi has no policies' if FCT::Httpd::is_stock();

my $ask = '<param name="SSL_CLIENT_S_DN" from="tls.client.subject"/><param name="SSL_CLIENT_VERIFY" from="tls.client.verify"/>'
    . '<param name="CHAIN" from="tls.client.chain[0]" encode="base64"/><param name="SAID" value="yes" when="tls.client.verified"/>';

sub make_certificates ($cert) {
    my @use = ('extendedKeyUsage=clientAuth');
    $cert->intermediate('middle', 'client-ca', '/O=Example/CN=Test middle CA');
    $cert->authority('foreign-ca', '/O=Example/CN=Test client CA');
    $cert->issue('good', 'client-ca', '/O=Example/CN=alice', @use);
    $cert->issue('deep', 'middle', '/O=Example/CN=bob', @use);
    $cert->issue('self', undef, '/O=Example/CN=admin', @use);
    $cert->issue('foreign', 'foreign-ca', '/O=Example/CN=admin', @use);
    $cert->issue('server-only', 'client-ca', '/O=Example/CN=host', 'extendedKeyUsage=serverAuth');
    $cert->issue($_, 'client-ca', "/O=Example/CN=$_", @use) for qw(old young gone);
    $cert->dated('old',   'client-ca', '20200101000000', '20210101000000');
    $cert->dated('young', 'client-ca', '20980101000000', '20990101000000');
    $cert->revoke('client-ca', 'gone');
    write_file($cert->file('stuffed.pem'), join '', map { read_file($cert->file("$_.pem")) } qw(foreign-ca middle));
    return;
}

my %chain = (deep => 'middle');
my @bad   = qw(self foreign old young gone server-only);
my @here  = ('FcgiTrustPolicy @DIR@/ask.xml', 'SSLCACertificateFile @CERTS@/client-ca.pem', 'SSLCARevocationFile @CERTS@/client-ca.crl', 'SSLCARevocationCheck leaf no_crl_for_cert_ok');
sub location ($mode) { return "<Location /in/>\nSSLVerifyClient $mode\nSSLVerifyDepth 3\n</Location>" }

# "CN chain", "nothing", or how the request ended.
sub brief ($told) {
    return $told // 'no session' if !ref $told;
    my ($subject, $verify, $said) = @$told{qw(SSL_CLIENT_S_DN SSL_CLIENT_VERIFY SAID)};
    return 'nothing' if !defined $subject && !defined $verify && !defined $said && !defined $told->{CHAIN};
    return 'half of it' if !$subject || ($verify // '') ne 'SUCCESS' || !$said;
    return $subject =~ s/^CN=|,.*//gr . (defined $told->{CHAIN} ? ' with chain' : '');
}

my @versions = qw(1_2 1_3);
my @protocols = (0, FCT::Shown::speaks_h2() ? 1 : ());

# No connection, or one on which nothing is told: TLS 1.3 clients are through before the server looks at their certificate.
sub is_not_told ($about, @got) { return ok(!(grep { ref && brief($_) ne 'nothing' } @got), $about) || diag(join ', ', map { brief($_) } @got) }

# Each certificate that counts, twice, and each that does not. full, resumed: whether such a session tells of alice. In a <Location> TLS 1.2 negotiates anew,
# also after a resumed session.
sub check ($front, $port, $about, $full, $resumed, %opt) {
    for my $version (@versions) {
        for my $h2 (@protocols) {
            next if $h2 && $opt{path};
            my %how = (tls => $version, h2 => $h2, path => $opt{path});
            my $where = sprintf '%s, TLS %s, HTTP/%s', $about, $version =~ tr/_/./r, $h2 ? 2 : '1.1';
            is(join(', ', map { brief($_) } $front->twice($port, 'good', %how)), join(', ', map { $_ ? 'alice' : 'nothing' } $full, $resumed || ($opt{path} && $full && $version eq '1_2')), "$where: a certificate of the CA, full and resumed");
            is(brief($front->told($port, 'deep', %how, chain => 'middle')), $full ? 'bob with chain' : 'nothing', "$where: one below an intermediate that the client sends");
            is(brief($front->told($port, 'deep', %how)), $full && $opt{lenient} ? 'nothing' : $full ? 'refused' : 'nothing', "$where: without the intermediate") if !$full || $opt{lenient};
            is_not_told("$where: $_", $front->twice($port, $_, %how)) for @bad;
            my $none = $front->told($port, undef, %how);
            $opt{required} ? is_not_told("$where: no certificate", $none) : is(brief($none), 'nothing', "$where: no certificate");
        }
    }
    return;
}

# --- without optional_no_ca anywhere: a resumed session is as good as the first one ---

my $strict = FCT::Shown->new(certificates => \&make_certificates, policies => { ask => $ask }, config => join '',
    (map { FCT::Shown::vhost(uc($_) . '_PORT', "SSLVerifyClient $_", 'SSLVerifyDepth 3', @here) } qw(none optional require)),
    (map { FCT::Shown::vhost("IN_\U${_}_PORT", @here, location($_)) } qw(none optional require)));
check($strict, 'NONE_PORT',     'none',     0, 0);
check($strict, 'OPTIONAL_PORT', 'optional', 1, 1);
check($strict, 'REQUIRE_PORT',  'require',  1, 1, required => 1);
check($strict, 'IN_NONE_PORT',     'none in a Location',     0, 0, path => '/in/x');
check($strict, 'IN_OPTIONAL_PORT', 'optional in a Location', 1, 1, path => '/in/x');
check($strict, 'IN_REQUIRE_PORT',  'require in a Location',  1, 1, path => '/in/x', required => 1);
for my $version (@versions) {
    my $client = $strict->connect('IN_REQUIRE_PORT', 'good', tls => $version);
    is(join(', ', map { brief($strict->ask($client, $_)) } '/x', '/in/x', '/x', '/in/x'), 'nothing, alice, alice, alice', "TLS $version: what a later request brings is there from then on");
}
for my $version (@versions) {
    my $client = $strict->connect('IN_REQUIRE_PORT', 'good', tls => $version);
    my $answer = $client->ask('/in/x', method => 'POST', body => 'y' x 100_000);
    is(join(' ', brief($strict->read_answer($answer)), $answer->status == 200 ? JSON::PP::decode_json($answer->body)->{stdin}{length} : '-'), 'alice 100000', "TLS $version: a body that mod_ssl keeps while it asks for the certificate arrives whole");
    $client->close;
}
for my $version (@versions) {
    is(brief($strict->told('REQUIRE_PORT', 'good', tls => $version, chain => 'foreign-ca')), 'alice', "TLS $version: a certificate that came beside it and did not sign it is told to nobody");
    is($strict->told('REQUIRE_PORT', 'deep', tls => $version, chain => 'stuffed')->{CHAIN}, encode_base64(read_file($strict->cert->file('middle.pem')), ''), "TLS $version: nor is one that came ahead of what did");
}
if (FCT::Shown::speaks_h2()) {
    is(brief($strict->told('IN_REQUIRE_PORT', 'good', h2 => 1, path => '/in/x')), 'reset', 'HTTP/2: a Location that asks for a certificate is not served');
}
$strict->finish(allow => [qr/\bAH\d+/, qr/SSL Library Error/]);

# --- with optional_no_ca somewhere: after a resumed session nobody knows, so nobody is told ---

my $lenient = FCT::Shown->new(certificates => \&make_certificates, policies => { ask => $ask, anchored => qq{<trust-anchor file="anchor.pem"/>$ask} }, beside => { 'anchor.pem' => 'client-ca.pem' }, config => join '',
    (map { FCT::Shown::vhost(uc($_) . '_PORT', "SSLVerifyClient $_", 'SSLVerifyDepth 3', @here) } qw(require optional_no_ca)),
    FCT::Shown::vhost('IN_PORT', @here, location('optional_no_ca')),
    FCT::Shown::vhost('NAMED_PORT', @here, 'SSLVerifyClient optional_no_ca', 'SSLUserName SSL_CLIENT_S_DN_CN', '<Location /anchored/>', 'FcgiTrustPolicy @DIR@/anchored.xml', '</Location>'));
check($lenient, 'OPTIONAL_NO_CA_PORT', 'optional_no_ca', 1, 0, lenient => 1);
check($lenient, 'REQUIRE_PORT', 'require beside optional_no_ca', 1, 0, required => 1);
check($lenient, 'IN_PORT', 'optional_no_ca in a Location', 1, 0, path => '/in/x', lenient => 1);
for my $version (@versions) {
    for my $row (['self', '/x', '- -'], ['self', '/anchored/x', '- -'], ['good', '/x', 'alice -'], ['good', '/anchored/x', 'alice alice']) {
        my ($name, $path, $want) = @$row;
        my @told = $lenient->twice('NAMED_PORT', $name, tls => $version, path => $path);
        is(join(' ', map { ref ? $_->{REMOTE_USER} // '-' : $_ // 'no session' } @told), $want, "TLS $version, optional_no_ca, SSLUserName, $path, $name: REMOTE_USER, full and resumed");
    }
    my $session = scratch() . "/left$version";
    my @told = map { brief($lenient->told('IN_PORT', 'self', tls => $version, path => $_, session => $session)) } '/in/x', '/x', '/in/x';
    $_ eq 'no connection' and $_ = 'nothing' for @told[1, 2];     # mod_ssl may refuse such a session itself
    is("@told", 'nothing nothing nothing', "TLS $version: a session that took a certificate in a Location tells nobody of it elsewhere, nor there");
}
$lenient->finish(findings => ['FCT4022', 'FCT7001'], allow => [qr/\bAH\d+/, qr/SSL Library Error/]);

# --- a .htaccess can say optional_no_ca where AllowOverride lets it: a session that it opened tells nobody either ---

my $written = FCT::Shown->new(certificates => \&make_certificates, modules => ['authz_host'], policies => { ask => qq{<accept htaccess-auth="a test"/><backend script="file"/>$ask} },
    files => { 'htdocs/in/page' => '', 'htdocs/in/.htaccess' => "SSLVerifyClient optional_no_ca\n", 'htdocs/out/page' => '' }, config => <<'CONF');
Listen 127.0.0.1:@PORT@
<VirtualHost *:@PORT@>
SSLEngine on
SSLCertificateFile @CERTS@/server.pem
SSLCertificateKeyFile @CERTS@/server.key
SSLCACertificateFile @CERTS@/client-ca.pem
SSLVerifyDepth 3
FcgiTrustPolicy @DIR@/ask.xml
<Directory @DIR@/htdocs>
AllowOverride AuthConfig
Require all granted
SetHandler "proxy:fcgi://@MIRROR@/"
</Directory>
</VirtualHost>
CONF
for my $version (@versions) {
    for my $row (['self', 'nothing', 'nothing'], ['good', 'alice', $version eq '1_2' ? 'alice' : 'nothing']) {
        my ($name, $first, $again) = @$row;
        my $session = scratch() . "/written$version$name";
        my @told = map { brief($written->told('PORT', $name, tls => $version, path => $_, session => $session)) } '/in/page', '/in/page', '/out/page';
        $_ eq 'no connection' and $_ = 'nothing' for $name eq 'self' ? @told[1, 2] : ();     # mod_ssl may refuse such a session itself
        is("@told", "$first $again nothing", "TLS $version, .htaccess with optional_no_ca, $name: full, resumed, resumed elsewhere");
    }
}
$written->finish(findings => ['FCT4022', 'FCT7001'], allow => [qr/\bAH\d+/, qr/SSL Library Error/]);

# --- two virtual hosts of one address, each with a CA of its own: the session of one is nobody's at the other ---

sub named ($name, $ca) {
    return FCT::Shown::vhost('PORT', "ServerName $name", "SSLCACertificateFile \@CERTS\@/$ca.pem", 'SSLVerifyClient require', 'FcgiTrustPolicy @DIR@/ask.xml') =~ s/\AListen.*\n//r;
}
# Before 2.4.64 httpd does not keep such sessions apart (t/14-certificate-of-another-virtual-host-is-not-resumed.t).
my $is_old = FCT::Httpd->patch < 64;
my $two = FCT::Shown->new(certificates => \&make_certificates, policies => { ask => $ask }, config => "Listen 127.0.0.1:\@PORT\@\n" . named('a.example', 'client-ca') . named('b.example', 'foreign-ca'));
for my $version (@versions) {
    for my $row (['a.example', 'b.example', 'good', 'alice'], ['b.example', 'a.example', 'foreign', 'admin']) {
        my ($own, $other, $name, $who) = @$row;
        my $session = scratch() . "/two$version$name";
        my %how = (tls => $version, session => $session);
        is(join(', ', map { brief($two->told('PORT', $name, %how, name => $own, host => $own)) } 1, 2), $is_old ? "$who, nothing" : "$who, $who", "TLS $version: a certificate of its own CA counts at $own, full and resumed");
        is_not_told("TLS $version: its session tells nothing at $other", $two->told('PORT', $name, %how, name => $other, host => $other));
        is_not_told("TLS $version: nor under that name on a connection to $own", $two->told('PORT', $name, %how, name => $own, host => $other));
    }
}
$two->finish(findings => [$is_old ? ('FCT4022', 'FCT7001') : ()], allow => [qr/\bAH\d+/, qr/SSL Library Error/]);
done_testing;
