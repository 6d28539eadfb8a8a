# FCT::Gateway: a gateway with one scripted peer behind it, in one call: the peer, the policies, the configuration.
#
#     my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', each => sub ($conn, $request) { $conn->send(answer($request->{id}, 'x')); 1 });
#     my $answer = $gateway->ask('/page');             # one request on a connection of its own
#     $gateway->finish(findings => ['FCT5002']);
#
# opt: each – called for every whole request of a connection, false ends the connection; or serve, as for FCT::Peer. worker: parameters of
# ProxyPass. policy: the inside of the policy at / (default: t/lib/policies/open.xml). places: { name => inside of the policy at /name/ }.
# tls => 1: HTTPS; h2 => 1: HTTP/2 too. front: more directives of the server. config: the whole configuration instead. peer: what FCT::Peer takes.
# Everything else goes to FCT::Httpd.
package FCT::Gateway;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Test::More ();
use FCT::Client;
use FCT::H2;
use FCT::Httpd;
use FCT::Peer;
use FCT::Record qw(answer);

sub new ($class, %opt) {
    my $self = bless {}, $class;
    my $each  = delete $opt{each} // \&say_own;
    my $serve = delete $opt{serve} // sub ($conn) {
        while (my $request = $conn->read_request) { $each->($conn, $request) or return }
    };
    $self->{peer} = FCT::Peer->start(%{ delete $opt{peer} // {} }, serve => $serve);
    my %places = %{ delete $opt{places} // {} };
    my $policy = delete $opt{policy};
    my $whole  = '@POLICIES@/open.xml';
    if (defined $policy) {
        $opt{files}{'policy.xml'} = policy_text('policy', $policy);
        $whole = '@DIR@/policy.xml';
    }
    $opt{files}{"$_.xml"} = policy_text($_, $places{$_}) for keys %places;
    my $worker = delete $opt{worker} // '';
    my $front  = join "\n", delete $opt{front} // (), $self->front_lines(\%opt);
    $opt{config} //= join "\n", 'Listen 127.0.0.1:@PORT@', $front, "FcgiTrustPolicy $whole", "ProxyPass / \@BACKEND\@/ $worker",
        (map { ("<Location /$_/>", "FcgiTrustPolicy \@DIR\@/$_.xml", '</Location>') } sort keys %places), '';
    $opt{set}{BACKEND} //= $self->{peer}->url;
    $self->{httpd} = FCT::Httpd->new(%opt)->start;
    return $self;
}

# The directives, and the modules, of HTTPS and HTTP/2.
sub front_lines ($self, $opt) {
    my ($tls, $h2) = delete $opt->@{qw(tls h2)};
    $h2 &&= $self->speaks_h2;
    $opt->{modules} = [@{ $opt->{modules} // [] }, $tls ? qw(ssl socache_shmcb) : (), $h2 ? 'http2' : ()];
    $self->{is_tls} = $tls;
    return ($h2 ? $tls ? 'Protocols h2 http/1.1' : 'Protocols h2c http/1.1' : ()), !$tls ? () : ('SSLEngine on',
        'SSLCertificateFile @CERTS@/server.pem', 'SSLCertificateKeyFile @CERTS@/server.key', 'SSLSessionCache shmcb:@DIR@/run/sessions(512000)');
}

# A policy of a test: generic, and what the test adds.
sub policy_text ($name, $inside) {
    return <<"POLICY";
<?xml version="1.0" encoding="UTF-8"?>
<policy xmlns="urn:mod-fcgi-trust:policy:1" name="t-$name" version="1" language="1.0">
  <extends shipped="generic"/>
  $inside
</policy>
POLICY
}

# What a peer answers if the test does not say: what it was asked for, and on which of its connections.
sub say_own ($conn, $request) {
    $conn->send(answer($request->{id}, "own answer $request->{param}{REQUEST_URI}", 'Content-Type: text/plain', 'X-Connection: ' . $conn->number));
    return 1;
}

sub httpd ($self) { return $self->{httpd} }

sub peer ($self) { return $self->{peer} }

sub port ($self) { return $self->{httpd}->port }

# mod_http2 does not run under prefork.
sub speaks_h2 ($class) { return FCT::Httpd->mpm ne 'prefork' }

# What a client needs to speak to it.
sub tls ($self) { return $self->{is_tls} ? (tls => { ca => $self->{httpd}->cert->file('server-ca.pem') }) : () }

# A new connection of a client (FCT::Client), or of one that speaks HTTP/2 (FCT::H2).
sub client ($self, %opt) { return FCT::Client->connect(port => $self->port, $self->tls, %opt) }

sub h2 ($self, %opt) { return FCT::H2->connect(port => $self->port, $self->tls, %opt) }

# One request on a connection of its own, as FCT::Client::request.
sub ask ($self, $path, %opt) { return FCT::Client::request($self->port, $path, $self->tls, %opt) }

# The requests the peer got for this path, query included; waits a little for the first.
sub requests_for ($self, $path, $seconds = 0) {
    my $find = sub { grep { ($_->{param}{REQUEST_URI} // '') eq $path } $self->{peer}->requests };
    FCT::Proc::wait_until($seconds, sub { scalar $find->() }) if $seconds;
    return $find->();
}

# Ends the server and judges its log; no script of the peer may have failed.
sub finish ($self, %expected) {
    $self->{httpd}->finish(%expected);
    $self->{peer}->stop;
    Test::More::is(join('', $self->{peer}->script_errors), '', 'the peer played what it was told to');
    return;
}

1;
