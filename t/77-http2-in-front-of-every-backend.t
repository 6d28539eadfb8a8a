# HTTP/2 in front: curl and nghttp get from every real backend what HTTP/1.1 gets, many streams at once, bodies without a length too. SPEC 4, 12; EVIDENCE R2.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Compress::Raw::Zlib qw(adler32);
use Digest::SHA qw(sha256_hex);
use Test::More;
use FCT::Apps;
use FCT::H2;
use FCT::Proc qw(find_program scratch write_file);

plan skip_all => 'mod_http2 does not serve under prefork' if FCT::Httpd->mpm eq 'prefork';
my $curl = find_program('curl') // FCT::Backend::missing('curl', 'curl');
my $apps = FCT::Apps->start(worker => 'enablereuse=on max=8', backend => { processes => 8 }, modules => [qw(http2 ssl socache_shmcb)],
    before => <<'CONF', config => <<'VHOST');
SSLSessionCache shmcb:@DIR@/run/sessions(64000)
Protocols h2c http/1.1
Listen 127.0.0.1:@TLSPORT@
CONF
<VirtualHost *:@TLSPORT@>
    Protocols h2 http/1.1
    SSLEngine on
    SSLCertificateFile @CERTS@/server.pem
    SSLCertificateKeyFile @CERTS@/server.key
</VirtualHost>
VHOST
my $tls = $apps->httpd->port('TLSPORT');
my $ca  = $apps->httpd->cert->file('server-ca.pem');

sub piped (@command) {
    open my $pipe, '-|', @command or die "$command[0]: $!\n";
    binmode $pipe;
    local $/;
    my $out = <$pipe> // '';
    close $pipe;
    return ($out, $? >> 8);
}

# What curl gets over TLS: (body, "HTTP-version status").
sub curl ($path, @arguments) {
    my ($out) = piped($curl, '-sS', '--http2', '--cacert', $ca, '--max-time', 20, '-w', "\n%{http_version} %{response_code}", @arguments, "https://localhost:$tls$path");
    return $out =~ /\A(.*)\n(\S+ \d+)\z/s;
}

sub shown ($body) { return map { /^([^=]+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $body }

my $megabyte = join '', map { pack 'N', $_ } 1 .. 262_144;
my $file = write_file(scratch() . '/megabyte', $megabyte);

for my $app ($apps->each) {
    my ($kind, $path) = @$app{qw(kind path)};
    my ($body, $how) = curl("${path}env?a=b");
    my %env = shown($body);
    is($how, '2 200', "$kind: curl is answered over HTTP/2");
    is($env{HTTP_HOST}, "localhost:$tls", "$kind: HTTP_HOST is the authority");
    is($env{SERVER_PROTOCOL}, 'HTTP/2.0', "$kind: SERVER_PROTOCOL is HTTP/2.0") if $kind ne 'go';
    is($env{HTTPS}, 'on', "$kind: HTTPS is on") if $kind ne 'libfcgi';
    ($body, $how) = curl("${path}echo", '--data-binary', "\@$file");
    is(sha256_hex($body) . " $how", sha256_hex($megabyte) . ' 2 200', "$kind: a megabyte goes there and back");
    ($body, $how) = curl("${path}env", '-T', $file, '-X', 'POST', '-H', 'Content-Length:');
    is({ shown($body) }->{body}, sprintf('%d %08x', length $megabyte, adler32($megabyte)), "$kind: a body without a length arrives whole");
    ($body, $how) = curl("${path}download?20000000");
    is(length($body) . " $how", '20000000 2 200', "$kind: a download is whole");
    ($body, $how) = curl("${path}download?1000", '-I');
    like($how, qr/^2 200$/, "$kind: HEAD is answered");
    is((curl("${path}status?$_"))[1], "2 $_", "$kind: $_ arrives") for 204, 304, 404, 500, 503;
}

# Many streams on one connection, to several backends at the same time.
my $h2 = FCT::H2->connect(port => $apps->port);
my @streams;
for my $round (1 .. 5) {
    for my $app ($apps->each) {
        my $own = "round $round of $app->{kind} " . 'x' x (1000 * $round);
        push @streams, [$h2->request("$app->{path}echo", body => $own, length => $round % 2), $own, $app->{kind}];
    }
}
my @wrong = map { my ($stream, $own, $kind) = @$_; my $got = $h2->answer($stream); $got->{verdict} eq 'complete' && $got->{body} eq $own ? () : "$kind: $got->{status} $got->{verdict}" }
    reverse @streams;
is(join("\n", @wrong), '', scalar(@streams) . ' streams at once each get their own answer');
$h2->close;

# nghttp, where it is installed: several requests multiplexed.
SKIP: {
    my $nghttp = find_program('nghttp') // skip 'nghttp is not installed', 1;
    my ($said) = piped($nghttp, '-ans', '--no-verify-peer', map { "https://localhost:$tls$_->{path}download?100000" } $apps->each);
    my @ok = $said =~ /\b200\b/g;
    is(scalar @ok, scalar($apps->each), 'nghttp gets an answer from every backend on one connection') or diag($said);
}
$apps->workers_are_idle('no worker of httpd is left busy');
$apps->finish;
done_testing;
