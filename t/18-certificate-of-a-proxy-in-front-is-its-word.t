# A proxy in front ends TLS and passes on the client's certificate: nginx ($ssl_client_escaped_cert), HAProxy (ssl_c_der,base64) and the field of RFC 9440. Each
# is read field by field as an own one is; anyone else's is refused, and what is not exactly one certificate is invalid. POLICY 4.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Backend;
use FCT::Client;
use FCT::Proc qw(find_program free_port read_file scratch spawn_command stop_child wait_until write_file);
use FCT::Shown;

plan skip_all => 'stock mod_proxy_fcgi has no policies' if FCT::Httpd::is_stock();
my %program = map { ($_ => find_program($_) // FCT::Backend::missing($_, $_)) } qw(nginx haproxy);

my @forms = (['percent', 'X-Client-Cert', 'pem-percent', 'SUCCESS'], ['base64', 'X-Client-Der', 'der-base64', '0'], ['rfc9440', 'Client-Cert', 'rfc9440', '0']);
sub policy ($field, $format, $good) {
    return <<"INSIDE";
<upstream name="edge" peers="127.0.0.1" certificate="$field" format="$format" assert="only the proxy on this machine can reach this port">
<field name="X-Client-Verify" equals="$good"/><field name="$field" needs="X-Client-Verify"/></upstream>
<param name="REMOTE_USER" from="upstream.edge.client.san.email" assert="the proxy verified it" override="yes"/>
<param name="SSL_CLIENT_S_DN" from="upstream.edge.client.subject" assert="as above"/>
<param name="SHA256" from="upstream.edge.client.fingerprint.sha256" assert="as above"/>
<param name="OWN" from="tls.client.subject"/>
INSIDE
}
my $front = FCT::Shown->new(certificates => \&make_certificates, policies => { map { ($_->[0] => policy(@$_[1 .. 3])) } @forms },
    config => join "\n", 'Listen 127.0.0.1:@PORT@', 'ProxyPass / fcgi://@MIRROR@/', 'FcgiTrustPolicy @DIR@/percent.xml', 'LimitRequestFieldSize 20000',
        map { ("<Location /$_->[0]/>", "FcgiTrustPolicy \@DIR\@/$_->[0].xml", '</Location>') } @forms);
my ($cert, $port) = ($front->cert, $front->httpd->port);

sub make_certificates ($cert) {
    $cert->issue('alice', 'client-ca', '/C=DE/O=Example, Inc./CN=alice', 'subjectAltName=email:alice@corp.example', 'extendedKeyUsage=clientAuth');
    $cert->issue('two', 'client-ca', '/CN=two', 'subjectAltName=email:a@corp.example,email:b@corp.example', 'extendedKeyUsage=clientAuth');
    $cert->issue('self', undef, '/CN=admin', 'subjectAltName=email:admin@corp.example');
    return;
}
sub brief ($told) { return ref $told ? join ' ', map { $told->{$_} // '-' } qw(REMOTE_USER SSL_CLIENT_S_DN) : $told }

# --- real proxies ---

sub nginx_conf ($dir, $listen) {
    write_file("$dir/nginx.conf", join "\n", 'master_process off; daemon off;', "pid $dir/pid; error_log $dir/error.log;", 'events { worker_connections 64; }', 'http {', 'access_log off;', 'client_header_buffer_size 16k;',
        (map {"${_}_temp_path $dir/$_;"} qw(client_body fastcgi proxy uwsgi scgi)), 'server {', "listen 127.0.0.1:$listen ssl;", "ssl_certificate @{[$cert->file('server.pem')]};",
        "ssl_certificate_key @{[$cert->file('server.key')]};", "ssl_client_certificate @{[$cert->file('client-ca.pem')]};", 'ssl_verify_client optional_no_ca; ssl_protocols TLSv1.2 TLSv1.3;', 'location / {', "proxy_pass http://127.0.0.1:$port;",
        'proxy_http_version 1.1;', 'proxy_set_header X-Client-Cert $ssl_client_escaped_cert;', 'proxy_set_header X-Client-Verify $ssl_client_verify;', '} } }', '');
    return [$program{nginx}, '-p', $dir, '-e', "$dir/error.log", '-c', "$dir/nginx.conf"];
}
sub haproxy_conf ($dir, $listen) {
    write_file("$dir/server.pem", read_file($cert->file('server.pem')) . read_file($cert->file('server.key')));
    write_file("$dir/haproxy.cfg", join "\n", 'global', ' maxconn 50', 'defaults', ' mode http', ' timeout connect 5s', ' timeout client 20s', ' timeout server 20s', 'frontend in',
        " bind 127.0.0.1:$listen ssl crt $dir/server.pem ca-file @{[$cert->file('client-ca.pem')]} verify optional crt-ignore-err all ca-ignore-err all", ' http-request set-header X-Client-Verify %[ssl_c_verify]', ' http-request set-header X-Client-Der %[ssl_c_der,base64] if { ssl_c_used }',
        ' http-request del-header X-Client-Der if !{ ssl_c_used }', ' http-request set-header Client-Cert :%[ssl_c_der,base64]: if { ssl_c_used }', ' http-request del-header Client-Cert if !{ ssl_c_used }',
        ' http-request del-header X-Client-Der if { path_beg /rfc9440 }', ' http-request del-header Client-Cert if !{ path_beg /rfc9440 }', ' default_backend out', 'backend out', " server one 127.0.0.1:$port", '');
    return [$program{haproxy}, '-db', '-f', "$dir/haproxy.cfg"];
}

for my $row (['nginx', \&nginx_conf, ['percent']], ['haproxy', \&haproxy_conf, ['base64', 'rfc9440']]) {
    my ($name, $conf, $places) = @$row;
    my ($dir, $listen) = (scratch() . "/$name", free_port());
    mkdir $dir or die "$dir: $!\n";
    my $pid = spawn_command($name, $conf->($dir, $listen), out => "$dir/out");
    wait_until(10, sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $listen) }) or diag(read_file("$dir/out"));
    for my $place (@$places) {
        my $ask = sub ($shows, @more) { return $front->read_answer(FCT::Client::request($listen, "/$place/x", tls => $front->tls($shows), @more)) };
        my $told = $ask->('alice');
        is(brief($told), 'alice@corp.example CN=alice,O=Example\, Inc.,C=DE', "$name, $place: a verified certificate is read field by field");
        is(ref $told && $told->{SHA256}, lc($cert->said('x509', '-in', $cert->file('alice.pem'), '-noout', '-fingerprint', '-sha256') =~ s/.*=|[:\n]//gr), "$name, $place: it is the very same");
        is(ref $told && $told->{OWN}, undef, "$name, $place: it is none of this server's own connection");
        is(brief($ask->(undef)), '- -', "$name, $place: without a certificate there is none");
        is(brief($ask->('self')), '- -', "$name, $place: one that the proxy did not verify does not count");
        is(brief($ask->('two')), 403, "$name, $place: two addresses are ambiguous");
        my ($field) = map { $_->[0] eq $place ? $_->[1] : () } @forms;
        is(brief($ask->(undef, headers => [$field => 'forged'])), '- -', "$name, $place: the proxy takes away what a client sends under that name");
    }
    stop_child($pid);
}

# --- what the proxy itself might send ---

my $pem = read_file($cert->file('alice.pem'));
my $der = $cert->der('alice');
sub percent ($text) { return $text =~ s/([^A-Za-z0-9\-._~])/sprintf '%%%02X', ord $1/ger }
sub base64 ($bytes) { return encode_base64($bytes, '') }
my %good = (percent => percent($pem), base64 => base64($der), rfc9440 => ':' . base64($der) . ':');
my %bad = (
    percent => [percent($pem . $pem), percent("x\n$pem"), percent($pem . 'x'), percent($pem) . '%', percent($pem) =~ s/%0A/%0/r, $pem =~ tr/\n/ /r, percent($pem =~ s/\n/ /gr), percent($pem =~ s/^[A-Za-z0-9]/*/mr), base64($der), percent(substr $pem, 0, 300)],
    base64 => [base64($der . $der), base64($der . "\0"), base64(substr $der, 0, -1), base64($der) . '=', substr(base64($der), 0, -4) . '*AAA', base64($pem), percent($pem), 'AAAA', base64($der) =~ tr{+/}{-_}r . '-'],
    rfc9440 => [base64($der), ':' . base64($der), ':' . base64($der) . ':;a=1', ':' . base64($der) . ':, :' . base64($der) . ':', '"' . base64($der) . '"', '::', ':' . base64($der . $der) . ':'],
);
for my $row (@forms) {
    my ($place, $field, undef, $good) = @$row;
    my $ask = sub (%opt) { return $front->read_answer(FCT::Client::request($port, "/$place/x", %opt)) };
    is(brief($ask->(headers => [$field => $good{$place}, 'X-Client-Verify' => $good])), 'alice@corp.example CN=alice,O=Example\, Inc.,C=DE', "$place: as it should be");
    is(brief($ask->(headers => [$field => $good{$place}])), '- -', "$place: without the field that says it was verified");
    is(brief($ask->(headers => [$field => $good{$place}, 'X-Client-Verify' => 'FAILED'])), '- -', "$place: where that says it was not");
    is(brief($ask->(headers => [$field => $good{$place}, 'X-Client-Verify' => $good], local => '127.0.0.2')), 400, "$place: from anyone else");
    is(brief($ask->(headers => [$field => $good{$place}, $field => $good{$place}, 'X-Client-Verify' => $good])), 400, "$place: twice");
    is(brief($ask->(headers => [$field =~ tr/-/_/r => $good{$place}, 'X-Client-Verify' => $good])), 400, "$place: under an alias of its name");
    is(brief($ask->(headers => [$field => $_, 'X-Client-Verify' => $good])), 403, sprintf '%s: %.40s… is no certificate', $place, $_) for $bad{$place}->@*;
}
$front->finish(findings => [qw(FCT2016 FCT2018)], allow => [qr/FCT2010/]);
done_testing;
