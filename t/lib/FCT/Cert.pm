# FCT::Cert: makes the certificates of a test with openssl: a server CA and certificate, a client CA and client certificates.
package FCT::Cert;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

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

sub new_key ($self, $name) {
    return ('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-keyout', $self->file("$name.key"));
}

sub openssl ($self, @arguments) {
    my $program = find_program('openssl') // die "openssl is not installed\n";
    my $config  = $self->file('openssl.cnf');
    write_file($config, "[req]\ndistinguished_name=dn\n[dn]\n") if !-e $config;
    my $out = $self->file('openssl.out');
    my $pid = spawn_command('openssl', [$program, @arguments, '-config', $config], out => $out);
    my $done = wait_until(20, sub { !alive($pid) });
    my $exit = $?;
    stop_child($pid);
    die "openssl @arguments:\n" . read_file($out) if !$done || $exit;
    return;
}

1;
