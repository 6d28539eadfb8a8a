# FCT::Shown: a client that shows a certificate, over TLS 1.2 or 1.3, in a full handshake or a resumed session, over HTTP/1.1 or HTTP/2; and
# what the application was told of it.
#
#     my $front = FCT::Shown->new(certificates => sub ($cert) { … }, policies => { name => inside }, config => …);
#     my $told  = $front->told(PORT => 'alice', tls => '1_2');        # { NAME => value, … }, or a status, or 'no connection'
#     my ($full, $resumed) = $front->twice(PORT => 'alice');          # the second with the session of the first
#
# The backend is the tool's own mirror, @MIRROR@. Policies stand in @DIR@/NAME.xml; certificates are made before they are read.
package FCT::Shown;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use JSON::PP ();
use FCT::Client;
use FCT::H2;
use FCT::Httpd;
use FCT::Proc qw(scratch write_file read_file wait_until);
use FCT::Tool;

# policies: { name => what stands inside <policy> }; sections of virtual hosts are written with vhost(). Everything else goes to FCT::Httpd.
sub new ($class, %opt) {
    my $made = delete $opt{certificates};
    my %policies = %{ delete $opt{policies} // {} };
    my $is_started = !delete $opt{stopped};
    my $self = bless { mirror => FCT::Tool::Mirror->start('--format', 'json') }, $class;
    $opt{files}{"$_.xml"} = policy_text($_, $policies{$_}) for keys %policies;
    $opt{modules} = [@{ $opt{modules} // [] }, qw(ssl socache_shmcb), speaks_h2() ? 'http2' : ()];
    my $protocols = speaks_h2() ? "Protocols h2 http/1.1\n" : '';
    $opt{config} = "SSLSessionCache shmcb:\@DIR\@/run/sessions(512000)\n$protocols$opt{config}";
    $self->{httpd} = FCT::Httpd->new(%opt, certificates => 1, set => { MIRROR => ($self->{mirror}->addresses)[0], %{ $opt{set} // {} } });
    $made->($self->{httpd}->cert) if $made;
    for my $name (keys %{ $opt{beside} // {} }) { write_file($self->{httpd}->dir . "/$name", read_file($self->cert->file($opt{beside}{$name}))) }
    $self->{httpd}->start if $is_started;
    return $self;
}

sub speaks_h2 () { return FCT::Httpd->mpm ne 'prefork' && FCT::Httpd->has_module('http2') }

sub policy_text ($name, $inside) {
    return <<"POLICY";
<policy xmlns="urn:mod-fcgi-trust:policy:1" name="$name" version="1" language="1.0">
<extends shipped="generic"/>
$inside
</policy>
POLICY
}

# A virtual host with HTTPS on a port of its own.
sub vhost ($port, @lines) {
    return join "\n", "Listen 127.0.0.1:\@$port\@", "<VirtualHost *:\@$port\@>", 'SSLEngine on', 'SSLCertificateFile @CERTS@/server.pem',
        'SSLCertificateKeyFile @CERTS@/server.key', 'ProxyPass / fcgi://@MIRROR@/', @lines, '</VirtualHost>', '';
}

sub httpd ($self) { return $self->{httpd} }

sub cert ($self) { return $self->{httpd}->cert }

# The arguments of openssl s_client. shows: the name of a certificate, or undef; opt: tls (1_2 or 1_3), chain (the name of more certificates to send),
# session (a file: read if it is there, else written), name (of the server, for SNI).
sub tls ($self, $shows, %opt) {
    my $version = $opt{tls} // '1_3';
    my @arguments = ("-tls$version", $version eq '1_3' ? '-enable_pha' : (), $opt{chain} ? ('-cert_chain', $self->cert->file("$opt{chain}.pem")) : ());
    push @arguments, -s $opt{session} ? '-sess_in' : '-sess_out', $opt{session} if $opt{session};
    return {
        $opt{name} ? (name => $opt{name}) : (), ca => $self->cert->file('server-ca.pem'), arguments => \@arguments,
        !defined $shows ? () : (cert => $self->cert->file("$shows.pem"), key => $self->cert->file(($opt{key} // $shows) . '.key')),
    };
}

# A connection; opt as for tls, and h2.
sub connect ($self, $port, $shows, %opt) {
    my %how = (port => $self->{httpd}->port($port), tls => $self->tls($shows, %opt), timeout => 10);
    return $opt{h2} ? FCT::H2->connect(%how) : FCT::Client->connect(%how);
}

# One request on an open connection: { NAME => value, … }, or the status, or 'no connection'.
sub ask ($self, $client, $path = '/x', %opt) {
    return $self->read_answer($client->ask($path, %opt));
}

# The same of an answer that is there already, an FCT::Answer or one of FCT::H2.
sub read_answer ($self, $answer) {
    my ($status, $body) = ref $answer eq 'HASH' ? ($answer->{verdict} eq 'complete' ? $answer->{status} : $answer->{verdict} eq 'reset' ? 'reset' : 0, $answer->{body})
        : ($answer->status, $answer->body);
    return $status || 'no connection' if ($status // 0) ne '200';
    my %told = map { ($_->{name} => defined $_->{value_hex} ? pack('H*', $_->{value_hex}) : encoded($_->{value})) } JSON::PP->new->utf8->decode($body)->{params}->@*;
    die "what the mirror says is no answer of a gateway: $body\n" if !defined $told{REQUEST_URI};
    return \%told;
}

# Bytes, as they were sent.
sub encoded ($text) { utf8::encode($text); return $text }

# One request on a connection of its own; opt: path, as for connect.
sub told ($self, $port, $shows, %opt) {
    my $client = $self->connect($port, $shows, %opt);
    my $told = $self->ask($client, $opt{path} // '/x', $opt{host} ? (host => $opt{host}) : ());
    wait_until(2, sub { -s $opt{session} }) if $opt{session} && ref $told;
    $client->close;
    return $told;
}

# The same request twice: in a full handshake, and in the session that it left. The second is undef where it left none.
sub twice ($self, $port, $shows, %opt) {
    state $count = 0;
    my $session = scratch() . '/session' . ++$count;
    my $first = $self->told($port, $shows, %opt, session => $session);
    return ($first, -s $session ? $self->told($port, $shows, %opt, session => $session) : undef);
}

# Ends all; as FCT::Httpd's.
sub finish ($self, %expected) {
    $self->{httpd}->finish(%expected);
    $self->{mirror}->stop;
    return;
}

1;
