# FCT::Cert: makes the certificates of a test with openssl: a server CA and certificate, a client CA and client certificates.
package FCT::Cert;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use MIME::Base64 ();
use FCT::Proc qw(find_program write_file spawn_command wait_until alive stop_child read_file);

# Makes, in the directory: server-ca.pem, server.pem and server.key (localhost, 127.0.0.1, *.example), client-ca.pem,
# client.pem and client.key (CN=alice).
sub new ($class, $dir) {
    my $self = bless { dir => $dir }, $class;
    File::Path::make_path($dir);
    $self->authority('server-ca', '/CN=Test server CA');
    $self->authority('client-ca', '/O=Example/CN=Test client CA');
    $self->issue('server', 'server-ca', '/CN=localhost', 'subjectAltName=DNS:localhost,DNS:test.example,DNS:*.example,IP:127.0.0.1',
        'extendedKeyUsage=serverAuth');
    $self->issue('client', 'client-ca', '/C=DE/O=Example/OU=Staff/CN=alice', 'subjectAltName=email:alice@corp.example', 'extendedKeyUsage=clientAuth');
    return $self;
}

sub file ($self, $name) { return "$self->{dir}/$name" }

# A self-signed CA: NAME.pem and NAME.key.
sub authority ($self, $name, $subject) {
    $self->openssl('req', '-x509', $self->new_key($name), '-out', $self->file("$name.pem"), '-subj', $subject, '-days', '30',
        '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign');
    return;
}

# A certificate signed by one of the CAs (or, with ca undef, by itself); extensions as for openssl's -addext.
sub issue ($self, $name, $ca, $subject, @extensions) {
    my @signer = defined $ca ? ('-CA', $self->file("$ca.pem"), '-CAkey', $self->file("$ca.key")) : ();
    $self->openssl('req', '-x509', $self->new_key($name), @signer, '-out', $self->file("$name.pem"), '-subj', $subject, '-days', '30',
        map { ('-addext', $_) } 'basicConstraints=critical,CA:FALSE', @extensions);
    return;
}

# A CA below another: NAME.pem and NAME.key.
sub intermediate ($self, $name, $ca, $subject) {
    $self->openssl('req', '-x509', $self->new_key($name), '-CA', $self->file("$ca.pem"), '-CAkey', $self->file("$ca.key"), '-out', $self->file("$name.pem"),
        '-subj', $subject, '-days', '30', '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign');
    return;
}

sub new_key ($self, $name) {
    my @kind = (($self->{kind} // 'ec') eq 'ec' ? ('ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1') : $self->{kind});
    return ('-newkey', @kind, '-noenc', '-keyout', $self->file("$name.key"));
}

# Keys made from now on: ec (the default), rsa:2048, ed25519.
sub kind ($self, $kind) { $self->{kind} = $kind; return }

# A certificate that no openssl would make: the to-be-signed part of NAME.pem as the function leaves it in $_, signed again by the CA, whose key
# is an EC one.
sub altered ($self, $name, $ca, $change) {
    my (undef, $rest) = der_split($self->der($name));
    my ($tbs, $algorithm) = der_elements($rest);
    my ($tag, $inner) = der_split($tbs);
    { local $_ = $inner; $change->(); $inner = $_ }
    write_file($self->file("$name.tbs"), $tbs = der_join($tag, $inner));
    my $signature = $self->said('dgst', '-sha256', '-sign', $self->file("$ca.key"), $self->file("$name.tbs"));
    $self->write_der($name, der_join(0x30, $tbs . $algorithm . der_join(0x03, "\0$signature")));
    return;
}

# Valid from and to these times (YYYYMMDDHHMMSS, UTC).
sub dated ($self, $name, $ca, $from, $to) {
    $self->altered($name, $ca, sub {
        my $times = join '', map { der_join(0x18, "${_}Z") } $from, $to;
        s/\x30\x1e\x17\x0d\d{12}Z\x17\x0d\d{12}Z/der_join(0x30, $times)/e or die "no validity in $name\n";
    });
    return;
}

# A list of what the CA has revoked: NAME.crl.
sub revoke ($self, $ca, @names) {
    my $base = $self->file("$ca.crl");
    write_file("$base.index", join '', map {
        my ($serial) = $self->said('x509', '-in', $self->file("$_.pem"), '-noout', '-serial') =~ /=(\w+)/;
        "R\t330101000000Z\t250101000000Z\t$serial\tunknown\t/CN=$_\n";
    } @names);
    write_file("$base.cnf", "[ca]\ndefault_ca=own\n[own]\ndatabase=$base.index\ndefault_md=sha256\ndefault_crl_days=9\n");
    $self->openssl('ca', '-config', "$base.cnf", '-gencrl', '-keyfile', $self->file("$ca.key"), '-cert', $self->file("$ca.pem"), '-out', $base);
    return;
}

sub der ($self, $name) { return $self->said('x509', '-in', $self->file("$name.pem"), '-outform', 'DER') }

sub write_der ($self, $name, $der) {
    write_file($self->file("$name.pem"), "-----BEGIN CERTIFICATE-----\n" . MIME::Base64::encode_base64($der) =~ s/\n//gr =~ s/(.{1,64})/$1\n/gr . "-----END CERTIFICATE-----\n");
    return;
}

# --- DER: tag, content, and back ---

sub der_join ($tag, $content) {
    my $n = length $content;
    return pack('C', $tag) . ($n < 128 ? pack 'C', $n : $n < 256 ? pack 'CC', 0x81, $n : $n < 65536 ? pack 'Cn', 0x82, $n : pack('C', 0x83) . substr pack('N', $n), 1) . $content;
}

# The first element: (tag, content, its whole length).
sub der_split ($der) {
    my ($tag, $n) = unpack 'CC', $der;
    my $head = 2;
    if ($n & 0x80) { my $bytes = $n & 0x7f; $n = hex unpack 'H*', substr $der, 2, $bytes; $head += $bytes }
    return ($tag, substr($der, $head, $n), $head + $n);
}

# Every element, whole.
sub der_elements ($der) {
    my @all;
    while (length $der) { my $n = (der_split($der))[2]; push @all, substr $der, 0, $n, '' }
    return @all;
}

# What openssl writes to its standard output.
sub said ($self, @arguments) {
    my $program = find_program('openssl') // die "openssl is not installed\n";
    open my $from, '-|:raw', $program, @arguments or die "openssl: $!\n";
    local $/;
    my $said = <$from>;
    close $from or die "openssl @arguments fails\n";
    return $said;
}

sub openssl ($self, @arguments) {
    my $program = find_program('openssl') // die "openssl is not installed\n";
    my $config  = $self->file('openssl.cnf');
    write_file($config, "[req]\ndistinguished_name=dn\n[dn]\n") if !-e $config;
    my $out = $self->file('openssl.out');
    my $pid = spawn_command('openssl', [$program, @arguments, (grep { $_ eq '-config' } @arguments) ? () : ('-config', $config)], out => $out);
    my $done = wait_until(20, sub { !alive($pid) });
    my $exit = $?;
    stop_child($pid);
    die "openssl @arguments:\n" . read_file($out) if !$done || $exit;
    return;
}

1;
