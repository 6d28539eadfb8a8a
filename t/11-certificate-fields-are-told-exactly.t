# Every field of a verified client certificate, as a policy names it: RSA, EC and Ed25519 keys; SANs of every kind and several of each; DNs with commas, slashes,
# several values; what is ambiguous, no text or carries control bytes is refused. POLICY 1; EVIDENCE S3.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use Digest::SHA qw(sha256_hex);
use MIME::Base64 qw(encode_base64 decode_base64);
use POSIX ();
use Test::More;
use FCT::Proc qw(read_file);
use FCT::Shown;

plan skip_all => 'stock mod_proxy_fcgi has no policies' if FCT::Httpd::is_stock();

# Parameter → source, and more of the rule.
my @fields = (
    [VERIFY => 'verify'], [SUBJECT => 'subject'], [LEGACY => 'subject.legacy'], [CN => 'subject.CN'], [UID => 'subject.UID'], [OU0 => 'subject.OU[0]'], [OU1 => 'subject.OU[1]'],
    [OU2 => 'subject.OU[2]'], [ISSUER => 'issuer'], [ISSUER_LEGACY => 'issuer.legacy'], [ISSUER_CN => 'issuer.CN'], [SERIAL => 'serial'], [FROM => 'not-before'], [TO => 'not-after'],
    [EMAIL => 'san.email', 'pick="matching" pattern="[^@]+@corp\.example"'], [EMAIL1 => 'san.email[1]'], [EMAIL9 => 'san.email[9]'], [DNS => 'san.dns', 'join=" "'], [URI => 'san.uri[0]'], [IP => 'san.ip', 'join=","'],
    [UPN => 'san.upn'], [SHA256 => 'fingerprint.sha256'], [PEM => 'certificate.pem', 'encode="base64"'], [PEM_PERCENT => 'certificate.pem', 'encode="percent"'], [DER => 'certificate.der-base64'],
    [RFC9440 => 'certificate.rfc9440'], [CHAIN0 => 'chain[0]', 'encode="base64"'], [CHAIN1 => 'chain[1]', 'encode="base64"'], [CHAIN => 'chain', 'join="," encode="base64"'],
);
sub rule ($name, $field, $more = '') { return qq{<param name="C_$name" from="tls.client.$field" on-invalid="omit" $more/>} }
my %one = (email => 'san.email', cn => 'subject.CN', subject => 'subject', upn => 'san.upn', dns => 'san.dns', ip => 'san.ip', legacy => 'subject.legacy', lower => 'san.email');
my %more = (lower => 'case="lower" pattern="[^@]+@corp\.example"');

my $front = FCT::Shown->new(certificates => \&make_certificates, policies => {
    all => join("\n", map { rule(@$_) } @fields),
    map { ($_ => qq{<param name="SSL_CLIENT_WHO" from="tls.client.$one{$_}" required="yes" @{[$more{$_} // '']}/>}) } keys %one,
}, config => FCT::Shown::vhost('PORT', 'SSLVerifyClient require', 'SSLVerifyDepth 5', 'SSLCACertificateFile @CERTS@/client-ca.pem', 'FcgiTrustPolicy @DIR@/all.xml',
    (map { qq{Header set X-$_ "%{SSL_CLIENT_$_}s"} } qw(S_DN S_DN_CN S_DN_UID S_DN_OU_1 I_DN I_DN_CN M_SERIAL SAN_Email_1 SAN_DNS_0 SAN_OTHER_msUPN_0 VERIFY)),
    'Header set X-LEGACY "%{SSL_CLIENT_S_DN}s" "expr=%{REQUEST_URI} =~ m#^/old/#"', '<Location /old/>', 'SSLOptions +LegacyDNStringFormat', '</Location>',
    map { ("<Location /$_/>", "FcgiTrustPolicy \@DIR\@/$_.xml", '</Location>') } sort keys %one), modules => ['headers']);

sub make_certificates ($cert) {
    my $san = join ',', qw(email:alice@home.example email:Alice@corp.example email:alice@work.example DNS:a.example DNS:*.b.example URI:spiffe://corp.example/ns/x URI:https://x.example/?a=b
        IP:192.0.2.1 IP:2001:db8::1 otherName:1.3.6.1.4.1.311.20.2.3;UTF8:alice@CORP otherName:1.2.3.4;UTF8:other RID:1.2.3);
    for my $kind (qw(ec rsa:2048 ed25519)) {
        my $name = $kind =~ s/:.*//r;
        $cert->kind($kind);
        $cert->issue($name, 'client-ca', '/C=DE/O=Example, Inc./OU=one/OU=two A\/S/CN=Alice \+ Co+UID=a1', "subjectAltName=$san", 'extendedKeyUsage=clientAuth');
    }
    $cert->kind('ec');
    $cert->issue('plain', 'client-ca', '/CN=plain', 'extendedKeyUsage=clientAuth');
    $cert->intermediate('middle', 'client-ca', '/CN=middle');
    $cert->intermediate('low', 'middle', '/CN=low');
    $cert->issue('deep', 'low', '/CN=deep', 'extendedKeyUsage=clientAuth');
    open my $out, '>', $cert->file('both.pem') or die $!;
    print $out read_file($cert->file("$_.pem")) for qw(low middle);
    close $out or die $!;
    make_strange($cert);
    return;
}

# What only a CA that signs anything would sign: [name, subject, extensions, what is replaced, by what].
sub strange () {
    return (
        ['nul-cn', '/CN=admin_.example', [], "admin_", "admin\0"], ['nul-email', '/CN=x', ['subjectAltName=email:bob@corp.example_evil'], 'example_', "example\0"],
        ['lf-cn', '/CN=a_b', [], 'a_b', "a\nb"], ['lf-email', '/CN=x', ['subjectAltName=email:a_b@corp.example'], 'a_b@', "a\nb@"], ['del-cn', '/CN=a_b', [], 'a_b', "a\x7fb"],
        ['t61-cn', '/CN=J_rg', [], "\x0c\x04J_rg", "\x14\x04J\xf6rg"], ['ascii-t61-cn', '/CN=Jorg', [], "\x0c\x04Jorg", "\x14\x04Jorg"], ['bmp-cn', '/CN=__J_r_g_', [], "\x0c\x08__J_r_g_", "\x1e\x08\0J\0\xf6\0r\0g"],
        ['utf8-cn', '/CN=J__rg', [], 'J__rg', "J\xc3\xb6rg"], ['utf8-email', '/CN=x', ['subjectAltName=email:J__rg@x'], 'J__rg', "J\xc3\xb6rg"], ['ip-mask', '/CN=x', ['subjectAltName=DNS:12345678'], "\x82\x08", "\x87\x08"],
        ['ip-five', '/CN=x', ['subjectAltName=DNS:12345'], "\x82\x05", "\x87\x05"], ['upn-ia5', '/CN=x', ['subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;UTF8:a@b'], "\x0c\x03a\@b", "\x16\x03a\@b"],
        ['two-cn', '/CN=alice/CN=admin', [], '', ''], ['two-email', '/CN=x', ['subjectAltName=email:a@corp.example,email:b@corp.example'], '', ''], ['slash', '/CN=x\/CN=admin', [], '', ''],
        ['backslash', '/CN=x_\/CN=admin', [], "x_/", 'x\\/'], ['empty-cn', '/O=Example', [], '', ''], ['no-subject', '/', ['subjectAltName=critical,email:a@corp.example'], '', ''],
    );
}

sub make_strange ($cert) {
    for my $row (strange()) {
        my ($name, $subject, $extensions, $old, $new) = @$row;
        $cert->issue($name, 'client-ca', $subject, @$extensions, 'extendedKeyUsage=clientAuth');
        $cert->altered($name, 'client-ca', sub { my $at = rindex $_, $old; die "no $old" if $at < 0; substr $_, $at, length $old, $new }) if length $old;
    }
    return;
}

# --- what is there ---

my $cert = $front->cert;
sub x509 ($name, @what) { return $cert->said('x509', '-in', $cert->file("$name.pem"), '-noout', @what) =~ s/\A\w+=|\n\z//gr }
sub iso ($text) {
    my %month; @month{qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec)} = 1 .. 12;
    return $text =~ /^(\w+) +(\d+) ([\d:]+) (\d+) GMT/ ? sprintf '%d-%02d-%02dT%sZ', $4, $month{$1}, $2, $3 : $text;
}
for my $name (qw(ec rsa ed25519)) {
    my $told = $front->told('PORT', $name);
    my $der  = $cert->der($name);
    my $pem  = read_file($cert->file("$name.pem"));
    my %want = (
        VERIFY => 'SUCCESS', SUBJECT => x509($name, '-subject', '-nameopt', 'RFC2253,-esc_msb'), LEGACY => '/C=DE/O=Example, Inc./OU=one/OU=two A\/S/UID=a1+CN=Alice \+ Co', CN => 'Alice + Co', UID => 'a1',
        OU0 => 'one', OU1 => 'two A/S', OU2 => undef, ISSUER => 'CN=Test client CA,O=Example', ISSUER_LEGACY => '/O=Example/CN=Test client CA', ISSUER_CN => 'Test client CA', SERIAL => x509($name, '-serial'),
        FROM => iso(x509($name, '-startdate')), TO => iso(x509($name, '-enddate')), EMAIL => 'Alice@corp.example', EMAIL1 => 'Alice@corp.example', EMAIL9 => undef, DNS => 'a.example *.b.example', URI => 'spiffe://corp.example/ns/x',
        IP => '192.0.2.1,2001:db8::1', UPN => 'alice@CORP', SHA256 => sha256_hex($der), PEM => encode_base64($pem, ''), PEM_PERCENT => $pem =~ s/([^A-Za-z0-9\-._~])/sprintf '%%%02X', ord $1/ger, DER => encode_base64($der, ''),
        RFC9440 => ':' . encode_base64($der, '') . ':', CHAIN0 => undef, CHAIN1 => undef, CHAIN => undef,
    );
    like($want{SUBJECT}, qr/^CN=Alice \\\+ Co\+UID=a1,OU=two A\/S,OU=one,O=Example\\, Inc\.,C=DE$/, "$name: openssl escapes the subject as RFC 4514 has it");
    is_deeply({ map { ($_->[0] => ref $told ? $told->{"C_$_->[0]"} : $told) } @fields }, \%want, "$name: every field is told as the certificate has it");
}
my $told = $front->told('PORT', 'deep', chain => 'both');
is($told->{C_CN}, 'deep', 'a certificate below two intermediates is told');
is(decode_base64($told->{"C_CHAIN$_->[0]"} // ''), read_file($cert->file("$_->[1].pem")), "chain[$_->[0]] is what the client sent behind its own") for [0, 'low'], [1, 'middle'];

# --- what mod_ssl says of the same ---

my %same = ('X-S_DN' => 'SUBJECT', 'X-S_DN_CN' => 'CN', 'X-S_DN_UID' => 'UID', 'X-S_DN_OU_1' => 'OU1', 'X-I_DN' => 'ISSUER', 'X-I_DN_CN' => 'ISSUER_CN', 'X-M_SERIAL' => 'SERIAL', 'X-SAN_Email_1' => 'EMAIL1', 'X-VERIFY' => 'VERIFY',
    'X-SAN_OTHER_msUPN_0' => 'UPN');
for my $row (['ec', '/x'], ['utf8-cn', '/x'], ['slash', '/x'], ['two-cn', '/x'], ['ec', '/old/x'], ['slash', '/old/x']) {
    my ($name, $path) = @$row;
    my %map = $path eq '/x' ? %same : ('X-LEGACY' => 'LEGACY');
    my $client = $front->connect('PORT', $name);
    my $answer = $client->ask($path);
    my $said = $front->read_answer($answer);
    my %ours = map { ($_ => $said->{"C_$map{$_}"}) } keys %map;
    my %theirs = map { ($_ => $answer->header($_)) } keys %map;
    $_ = $_ eq '(null)' ? undef : $_ for grep {defined} values %theirs;
    $ours{'X-S_DN_CN'} = $theirs{'X-S_DN_CN'} if $name eq 'two-cn';              # mod_ssl takes the first; here it is ambiguous
    s/\\\\/\\/g for grep {defined} values %theirs;                               # mod_headers doubles backslashes
    is_deeply(\%ours, \%theirs, "$name, $path: mod_ssl has the same");
    $client->close;
}

# --- what is refused ---

sub value ($path, $name) { my $got = $front->told('PORT', $name, path => "/$path/x"); return ref $got ? $got->{SSL_CLIENT_WHO} : $got }
my @rows = (
    ['cn', 'nul-cn', 403, 'a NUL'], ['subject', 'nul-cn', 'CN=admin\00.example', 'a NUL, which RFC 4514 escapes'], ['email', 'nul-email', 403, 'a NUL in an address'], ['lower', 'nul-email', 403, 'a NUL behind the domain'],
    ['cn', 'lf-cn', 403, 'a line feed'], ['subject', 'lf-cn', 'CN=a\0Ab', 'a line feed, escaped'], ['email', 'lf-email', 403, 'a line feed in an address'], ['cn', 'del-cn', 403, 'a control byte'],
    ['cn', 't61-cn', 403, 'a T61String beyond ASCII'], ['subject', 't61-cn', 403, 'a name with such a string'], ['legacy', 't61-cn', 403, 'in the old form, too'], ['cn', 'ascii-t61-cn', 'Jorg', 'a T61String of ASCII'],
    ['cn', 'bmp-cn', "J\xc3\xb6rg", 'a BMPString'], ['cn', 'utf8-cn', "J\xc3\xb6rg", 'a UTF8String'], ['subject', 'utf8-cn', "CN=J\xc3\xb6rg", 'in a name'], ['legacy', 'utf8-cn', '/CN=J\xC3\xB6rg', 'in the old form'],
    ['email', 'utf8-email', 403, 'an address that is not ASCII'], ['ip', 'ip-mask', 403, 'an address of eight bytes'], ['ip', 'ip-five', 403, 'one of five bytes'], ['upn', 'upn-ia5', 403, 'a UPN of another type'],
    ['cn', 'two-cn', 403, 'two CNs without saying which'], ['subject', 'two-cn', 'CN=admin,CN=alice', 'the name with both'], ['email', 'two-email', 403, 'two addresses without saying which'], ['lower', 'two-email', 403, 'two of which no pick says which'],
    ['cn', 'slash', 'x/CN=admin', 'a slash'], ['legacy', 'slash', '/CN=x\/CN=admin', 'a slash, escaped'], ['legacy', 'backslash', 403, 'a backslash that looks like such an escape'], ['subject', 'backslash', 'CN=x\\\\/CN=admin', 'which RFC 4514 tells apart'],
    ['cn', 'empty-cn', 403, 'no CN at all'], ['cn', 'no-subject', 403, 'an empty subject'], ['subject', 'no-subject', 403, 'which is no name'], ['email', 'no-subject', 'a@corp.example', 'but has an address'],
    ['email', 'plain', 403, 'no address'], ['dns', 'ip-five', 403, 'no host name'],
);
is(value($_->[0], $_->[1]), $_->[2], "$one{$_->[0]}: $_->[3]") for @rows;
$front->finish(findings => ['FCT2015', 'FCT2016'], allow => [qr/\bAH\d+/]);
done_testing;
