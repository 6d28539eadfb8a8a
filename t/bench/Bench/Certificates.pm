# Bench::Certificates: what client certificates cost: a request on a kept TLS connection, and a connection, under policies that tell more and more of them.
package Bench::Certificates;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use List::Util qw(sum0);
use Bench::Contenders;
use Bench::Gateway;

use constant { REQUESTS => 20_000, HANDSHAKES => 1_200, CLIENTS => 4 };

our @ORDER = qw(none mtls anchor whole stock);
our %TITLE = (
    none   => 'generic, no certificate told', mtls => 'mtls: 10 fields of it', anchor => 'the same and a trust anchor', whole => 'the same and the certificate itself',
    stock  => 'mod_proxy_fcgi, StdEnvVars',
);
my %INSIDE = (
    mtls   => '',
    anchor => '<trust-anchor file="ca.pem"/>',
    whole  => '<trust-anchor file="ca.pem"/><param name="SSL_CLIENT_CERT" from="tls.client.certificate.der-base64"/>',
);

# Prints a line a contender, medians over rounds. top, out, dir, fcgi (the backend's port); cert: of FCT::Cert.
sub report ($contenders, $cert, $rounds) {
    my $curl = Bench::Contenders::program('curl') or die "bench: curl is not installed\n";
    my %gateway = map { ($_ => start($contenders, $cert, $_)) } @ORDER;
    my (%kept, %fresh);
    for my $round (0 .. $rounds) {
        for my $name (@ORDER) {
            my ($one, $two) = (cost($gateway{$name}, REQUESTS, $curl, $cert), cost($gateway{$name}, HANDSHAKES, $curl, $cert, '-H', 'Connection: close', '--no-sessionid'));
            next if !$round;
            push $kept{$name}->@*,  $one;
            push $fresh{$name}->@*, $two;
        }
    }
    printf "%-36s %22s %27s\n", '', 'a request, kept', 'a request with its handshake';
    for my $name (@ORDER) {
        printf "%-36s %10.1f µs CPU %+7.1f %12.0f µs CPU %+7.0f\n", $TITLE{$name}, median($kept{$name}->@*), median(differences($kept{$name}, $kept{none})), median($fresh{$name}->@*), median(differences($fresh{$name}, $fresh{none}));
    }
    return 0;
}

sub differences ($some, $base) { return map { $some->[$_] - $base->[$_] } 0 .. $#$some }

sub median (@values) { return (sort { $a <=> $b } @values)[@values / 2] }

# Microseconds of CPU of the server for each request.
sub cost ($gateway, $requests, $curl, $cert, @more) {
    my $each = int($requests / CLIENTS);
    my @command = ($curl, '-sS', '--max-time', '120', '--cacert', $cert->file('server-ca.pem'), '--cert', $cert->file('client.pem'), '--key', $cert->file('client.key'),
        '-o', '/dev/null', '-w', '%{http_code}\n', @more, "https://localhost:$gateway->{port}/small?[1-$each]");
    my $before = $gateway->cpu;
    my @from = map { open my $from, '-|', @command or die "bench: curl: $!\n"; $from } 1 .. CLIENTS;
    my $served = sum0 map { scalar grep {/^200$/} readline $_ } @from;
    my $seen = $gateway->cpu - $before;
    close $_ for @from;
    die 'bench: ' . ($each * CLIENTS - $served) . " of the requests were not served\n" if $served != $each * CLIENTS;
    return $seen / $served * 1e6;
}

sub start ($contenders, $cert, $name) {
    my $port = Bench::Gateway::free_port();
    my $dir  = "$contenders->{dir}/certificates-$name";
    my $out  = $contenders->{out};
    my $httpd = Bench::Contenders::program(qw(apache2 httpd)) // die "bench: httpd is not installed\n";
    my $policy = $INSIDE{$name} ? "$dir/policy.xml" : "$out/policies/" . ($name eq 'mtls' ? 'mtls' : 'generic') . '.xml';
    my @module = $name eq 'stock' ? 'SSLOptions +StdEnvVars +ExportCertData' : (qq{LoadModule fcgi_trust_module "$out/mod_fcgi_trust.so"}, qq{FcgiTrustPolicy "$policy"});
    my %files = (
        'policy.xml' => qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="bench" version="1" language="1.0"><extends shipped="mtls"/>} . ($INSIDE{$name} // '') . '</policy>',
        'ca.pem' => Bench::Gateway::slurp($cert->file('client-ca.pem')),
    );
    my $text = join "\n", (map { Bench::Contenders::load_module($httpd, $_) } qw(mpm_event unixd authz_core proxy proxy_fcgi socache_shmcb ssl)), qq{ServerRoot "$dir"}, 'ServerName localhost',
        "Listen 127.0.0.1:$port", qq{PidFile "$dir/pid"}, qq{DefaultRuntimeDir "$dir"}, 'Mutex pthread', qq{ErrorLog "$dir/error.log"}, 'LogLevel error', Bench::Contenders::user_lines(),
        'StartServers 1', 'ServerLimit 1', 'ThreadsPerChild 16', 'MaxRequestWorkers 16', 'MinSpareThreads 1', 'MaxSpareThreads 16', 'KeepAlive On', 'MaxKeepAliveRequests 0', 'KeepAliveTimeout 60',
        'SSLEngine on', "SSLCertificateFile @{[$cert->file('server.pem')]}", "SSLCertificateKeyFile @{[$cert->file('server.key')]}", "SSLCACertificateFile @{[$cert->file('client-ca.pem')]}",
        'SSLVerifyClient require', 'SSLSessionCache none', @module, qq{ProxyPass "/" "fcgi://127.0.0.1:$contenders->{fcgi}/" enablereuse=on}, '';
    umask 022;
    return Bench::Gateway->start(name => $name, dir => $dir, port => $port, owner => $$, command => [$httpd, '-f', "$dir/httpd.conf", '-DFOREGROUND'], conf => { %files, 'httpd.conf' => $text });
}

1;
