# Go, WSGI, Perl and C programs find SCRIPT_NAME and PATH_INFO as their libraries want them, at the root and at a prefix; HTTPS and users too. POLICY 5.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Backend;
use FCT::Client qw(request);
use FCT::Differences;
use FCT::Httpd;
use FCT::Twins;

# kind, policy; what it shows of a path at the root and at a prefix. Go takes the names apart itself: net/http/fcgi makes the URL of REQUEST_URI.
my @KINDS = (
    { kind => 'go',        policy => 'go',      hides => qr/^(?:SCRIPT_NAME|PATH_INFO|REQUEST_URI)$/ },
    { kind => 'uwsgi',     policy => 'wsgi',    hides => qr/^$/ },
    { kind => 'perl_fcgi', policy => 'generic', hides => qr/^$/ },
    { kind => 'libfcgi',   policy => 'rfc3875', hides => qr/^(?:REQUEST_URI|UNIQUE_ID|HTTPS|REQUEST_SCHEME|REMOTE_PORT|SERVER_ADDR)$/ },
);

my %backend;
my $config = "SSLSessionCache shmcb:\@DIR\@/run/sessions(64000)\n";
for my $app (@KINDS) {
    my $start = $app->{kind};
    my $name  = uc $start;
    $app->{backend} = FCT::Backend->$start(unix => 1);
    $backend{$name} = $app->{backend}->url;
    $config .= <<"CONF";
Listen 127.0.0.1:\@${name}_PORT\@
Listen 127.0.0.1:\@${name}_TLSPORT\@
<VirtualHost *:\@${name}_PORT\@>
    FcgiTrustPolicy \@SHIPPED\@/$app->{policy}.xml
    ProxyPass /prefix/ \@$name\@/
    ProxyPass /bare \@$name\@
    ProxyPass / \@$name\@/
    <Location /private/>
        AuthType Basic
        AuthName here
        AuthUserFile \@DIR\@/users
        Require valid-user
    </Location>
</VirtualHost>
<VirtualHost *:\@${name}_TLSPORT\@>
    SSLEngine on
    SSLCertificateFile \@CERTS\@/server.pem
    SSLCertificateKeyFile \@CERTS\@/server.key
    FcgiTrustPolicy \@SHIPPED\@/$app->{policy}.xml
    ProxyPass / \@$name\@/
</VirtualHost>
CONF
}
my $httpd = FCT::Httpd->new(set => \%backend, modules => [qw(ssl socache_shmcb auth_basic authn_core authn_file authz_user unique_id)],
    files => { users => "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n" }, config => $config)->start;

# The request, SCRIPT_NAME, PATH_INFO.
my @paths = (
    ['/env', '', '/env'],
    ['/a/b/env?q=1', '', '/a/b/env'],
    ['/with%20blank/%C3%A9/env', '', "/with blank/\xc3\xa9/env"],
    ['/prefix/env', '/prefix', '/env'],
    ['/prefix/a/env?q=1&r', '/prefix', '/a/env'],
    ['/prefixed/env', '', '/prefixed/env'],
    ['/bare/env', '/bare', '/env'],
);

sub shown ($answer) { return map { /^([A-Z_]+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $answer->body }

sub fault_of ($app, $env, %want) {
    my @names = grep { $_ !~ $app->{hides} } sort keys %want;
    return join ', ', map { ($env->{$_} // '(absent)') eq ($want{$_} // '(absent)') ? () : "$_ is " . ($env->{$_} // 'absent') } @names;
}

for my $app (@KINDS) {
    my ($kind, $name) = ($app->{kind}, uc $app->{kind});
    my $port = $httpd->port("${name}_PORT");
    my %common = (REQUEST_METHOD => 'GET', SERVER_NAME => 'test.example', SERVER_PORT => $port, SERVER_PROTOCOL => 'HTTP/1.1',
        GATEWAY_INTERFACE => 'CGI/1.1', HTTP_HOST => 'test.example', HTTPS => undef, REQUEST_SCHEME => 'http', REMOTE_USER => undef);
    for my $row (@paths) {
        my ($path, $script, $info) = @$row;
        my %env = shown(request($port, $path, close => 1));
        is(fault_of($app, \%env, %common, SCRIPT_NAME => $script, PATH_INFO => $info, REQUEST_URI => $path, QUERY_STRING => $path =~ /\?(.*)/ ? $1 : ''), '',
            "$kind: $path is told as it should be");
    }
    my %env = shown(request($port, '/private/env', headers => [Authorization => 'Basic ' . encode_base64('alice:secret', '')]));
    is(fault_of($app, \%env, REMOTE_USER => 'alice', AUTH_TYPE => 'Basic', HTTP_AUTHORIZATION => undef), '', "$kind: an authenticated user arrives, the password does not");
    is(request($port, '/private/env')->status, 401, "$kind: without one the application is not asked");

    my $tls = $httpd->port("${name}_TLSPORT");
    %env = shown(request($tls, '/env', host => 'localhost', tls => { ca => $httpd->cert->file('server-ca.pem') }));
    is(fault_of($app, \%env, HTTPS => 'on', REQUEST_SCHEME => 'https', SERVER_PORT => $tls), '', "$kind: HTTPS arrives");
}
$httpd->finish;

# The row mount of the table of differences.
my $twins = FCT::Twins->start(set => { PERL => $KINDS[2]{backend}->url }, config => <<'CONF');
Listen 127.0.0.1:@PORT@
ProxyPass /prefix/ @PERL@/
FcgiTrustPolicy @SHIPPED@/generic.xml
CONF
my ($stock, $module) = map { my %env = shown($_); join ' ', map { $_ // '(absent)' } @env{qw(SCRIPT_NAME PATH_INFO)} } $twins->ask('/prefix/env');
is("$stock / $module", '/prefix/env (absent) / /prefix /env', 'stock mod_proxy_fcgi tells a proxied program no PATH_INFO');
FCT::Differences->new('parameter')->seen('mount');
$twins->finish;
$_->{backend}->stop for @KINDS;
done_testing;
