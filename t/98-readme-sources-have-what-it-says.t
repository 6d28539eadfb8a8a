# Every source has the value that the README says it has, or none; what the README says has no effect has none.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Client;
use FCT::Httpd;
use FCT::Readme;
use FCT::Tool;

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

# A policy with a parameter for every source of the README's table: header.X-Y becomes S_HEADER_X_Y.
my %argument = ('config.' => 'tier', 'header.' => 'X-Thing', 'cookie.' => 'lang', 'env.' => 'Plain', 'set-header.' => 'X-Set', 'auth.env.' => 'Fact', 'auth.header.' => 'Fact');
my (@sources, $rules);
for my $row (FCT::Readme::table('Sources and classes')->{rows}->@*) {
    my ($source) = FCT::Readme::code($row->[0]);
    $source =~ s/^([\w.-]+\.)NAME$/$1$argument{$1}/;
    $source =~ s/^(tls\.client\.)FIELD$/$1subject.CN/;
    $source =~ s/^upstream\.NAME\.FIELD$/upstream.edge.X-Edge/;
    push @sources, $source;
    # the address is asserted under mod_remoteip, which this server loads
    my $trust = $source eq 'connection.client.address' ? ' assert="for the test"' : $row->[1] eq 'client' ? ' trust="client"' : $row->[1] eq 'asserted' ? ' assert="for the test"' : '';
    $rules .= sprintf qq{<param name="%s" from="%s"%s/>\n}, name($source), $source, $trust;
}
$rules .= qq{<upstream name="edge" peers="127.0.0.1" assert="for the test">\n<field name="X-Edge"/>\n</upstream>\n};
sub name ($source) { return 'S_' . uc($source) =~ s/[^A-Z0-9]/_/gr }

sub policy ($inside) { return qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="s" version="1" language="1.0">\n<extends shipped="php-fpm"/>\n$inside</policy>\n} }

my $mirror = FCT::Tool::Mirror->start;
my $httpd = FCT::Httpd->new(set => { BACKEND => ($mirror->addresses)[0] }, certificates => 1,
    modules => [qw(ssl socache_shmcb unique_id remoteip auth_basic authn_core authn_file authz_user dir env headers)],
    files => { 'policy/all.xml' => policy($rules), 'users' => "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n", 'htdocs/page.php' => '', 'htdocs/in/page.php' => '' },
    config => <<'CONF')->start;
LoadModule writer_module @OUT@/t/aux/mod_writer.so
Listen 127.0.0.1:@PORT@
Listen 127.0.0.1:@PORTTLS@ https
SSLSessionCache shmcb:@DIR@/run/sessions(512000)
ServerAdmin admin@test.example
ServerTokens Prod
FcgiTrustSet tier one
FcgiTrustSet other kept
# The policy's name is relative to ServerRoot.
FcgiTrustPolicy policy/all.xml
<FilesMatch "\.php$">
    SetHandler "proxy:fcgi://@BACKEND@"
</FilesMatch>
<Location /in>
    FcgiTrustSet TIER two
    AuthType Basic
    AuthName here
    AuthUserFile @DIR@/users
    Require valid-user
    WritesFact authn established
    SetEnv Plain entry
    RequestHeader set X-Set own
</Location>
ErrorDocument 404 /page.php/from?q=1
<VirtualHost 127.0.0.1:@PORTTLS@>
    ServerName secure.example:8443
    ServerAlias exact.example *.wild.example
    SSLEngine on
    SSLCertificateFile @CERTS@/server.pem
    SSLCertificateKeyFile @CERTS@/server.key
    SSLCACertificateFile @CERTS@/client-ca.pem
    SSLVerifyClient optional
    RemoteIPHeader X-Real
    RemoteIPInternalProxy 127.0.0.1
</VirtualHost>
<VirtualHost 127.0.0.1:@PORT@>
    ServerName https://front.example:444
    UseCanonicalName Off
    ProxyPreserveHost On
    ProxyAddHeaders On
    ProxyVia Full
    ProxyPass /proxied/ fcgi://@BACKEND@/ iobuffersize=8192
</VirtualHost>
CONF

# What the application was told, by source.
sub told ($answer) {
    my %param = map { /^([^=#]+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $answer->body;
    return { (map { $_ => $param{ name($_) } } @sources), param => \%param };
}

sub is_told ($is, $name, %expected) {
    for my $source (sort keys %expected) {
        ref $expected{$source} ? like($is->{$source} // '(absent)', $expected{$source}, "$name: $source") : is($is->{$source}, $expected{$source}, "$name: $source");
    }
}

my $tls = { ca => $httpd->cert->file('server-ca.pem'), cert => $httpd->cert->file('client.pem'), key => $httpd->cert->file('client.key'), name => 'localhost' };
my $basic = 'Basic ' . encode_base64('alice:secret', '');

# Over TLS, with a user, PATH_INFO, a query, a header field, cookies.
my $answer = FCT::Client::request($httpd->port('PORTTLS'), '/in/page.php/a%20b?x=%20y', tls => $tls, host => 'exact.example', method => 'POST', body => 'abc', close => 1,
    headers => [Authorization => $basic, 'X-Thing' => 'thing', 'X-Edge' => 'said', Cookie => 'a=b; lang=de', 'Content-Type' => 'text/plain']);
is($answer->status, 200, 'TLS: served') or diag $answer->summary;
my $is = told($answer);
my $root = $httpd->docroot;
my %everything = (
    'config.tier' => 'two', 'server.software' => 'Apache', 'server.admin' => 'admin@test.example', 'server.address' => '127.0.0.1', 'server.name' => 'secure.example',
    'server.port' => 8443, 'server.scheme' => 'https', 'server.matched-name' => 'exact.example', 'connection.peer.address' => '127.0.0.1', 'connection.peer.port' => qr/^\d+$/,
    'connection.local.address' => '127.0.0.1', 'connection.local.port' => $httpd->port('PORTTLS'), 'connection.client.address' => '127.0.0.1', 'connection.client.port' => $is->{'connection.peer.port'},
    'connection.tls' => 'on', 'tls.https' => 'on', 'tls.protocol' => qr/^TLSv1\.[23]$/, 'tls.cipher' => qr/^[A-Z0-9_-]+$/, 'request.id' => qr/^[\w@-]{24,}$/, 'auth.user' => 'alice', 'auth.type' => 'Basic',
    'auth.realm' => 'here', 'auth.env.Fact' => 'established', 'auth.header.Fact' => 'established', 'env.Plain' => 'entry', 'set-header.X-Set' => 'own', 'tls.client.subject.CN' => 'alice',
    'request.method' => 'POST', 'request.uri' => '/in/page.php/a%20b?x=%20y', 'request.path' => '/in/page.php/a b', 'request.query' => 'x=%20y', 'request.protocol' => 'HTTP/1.1',
    'request.scheme' => 'https', 'request.authority' => 'exact.example', 'request.content-type' => 'text/plain', 'request.content-length' => 3, 'request.redirect.status' => undef,
    'request.redirect.url' => undef, 'request.redirect.query' => undef, 'script.name' => '/in/page.php', 'script.path-info' => '/a b', 'script.filename' => "$root/in/page.php",
    'script.path-translated' => "$root/a b", 'script.document-root' => $root, 'tls.sni' => 'localhost', 'tls.session.id' => qr/^[0-9A-Fa-f]+$|^\(absent\)$/, 'header.X-Thing' => 'thing', 'cookie.lang' => 'de', 'upstream.edge.X-Edge' => 'said');
is_told($is, 'TLS', %everything);
is_deeply([sort keys %everything], [sort @sources], 'and these are all there are');
is($is->{param}{HTTP_HOST}, 'exact.example', 'HTTP_HOST is what the request names');
ok(!defined $is->{param}{HTTP_AUTHORIZATION}, 'credentials do not pass by themselves');

# Without TLS, user, fields.
$is = told(FCT::Client::request($httpd->port, '/page.php', host => 'front.example:444', close => 1));
is_told($is, 'plain', 'config.tier' => 'one', 'server.name' => 'front.example', 'server.port' => 444, 'server.scheme' => 'https', 'server.matched-name' => 'front.example', 'connection.tls' => undef,
    'tls.https' => undef, 'tls.protocol' => undef, 'tls.cipher' => undef, 'tls.sni' => undef, 'tls.session.id' => undef, 'auth.user' => undef, 'auth.type' => undef, 'auth.realm' => undef,
    'auth.env.Fact' => undef, 'auth.header.Fact' => undef, 'env.Plain' => undef, 'set-header.X-Set' => undef, 'tls.client.subject.CN' => undef, 'request.query' => undef, 'request.authority' => 'front.example:444',
    'request.content-type' => undef, 'request.content-length' => undef, 'header.X-Thing' => undef, 'cookie.lang' => undef, 'script.path-info' => undef, 'script.path-translated' => undef);
is($is->{param}{QUERY_STRING}, '', 'QUERY_STRING is always sent');

# Names that the client chooses.
$is = told(FCT::Client::request($httpd->port('PORTTLS'), '/page.php', tls => $tls, host => 'x.wild.example', close => 1));
is_told($is, 'an alias with a wildcard', 'server.matched-name' => 'secure.example', 'request.authority' => 'x.wild.example');
$is = told(FCT::Client::request($httpd->port, '/page.php', host => 'other.example:99', close => 1));
is_told($is, 'a host that is none of the names', 'server.matched-name' => 'front.example', 'server.port' => 444, 'request.authority' => 'other.example:99');

# mod_remoteip replaces the client's address; the peer's stays, and the port is nobody's.
$is = told(FCT::Client::request($httpd->port('PORTTLS'), '/page.php', tls => $tls, host => 'exact.example', close => 1, headers => ['X-Real' => '192.0.2.7']));
is_told($is, 'mod_remoteip', 'connection.client.address' => '192.0.2.7', 'connection.client.port' => undef, 'connection.peer.address' => '127.0.0.1', 'connection.peer.port' => qr/^\d+$/);

# An internal redirect, here that of an error document.
$answer = FCT::Client::request($httpd->port, '/nothing?here', host => 'front.example', close => 1);
$is = told($answer);
is_told($is, 'an error document', 'request.redirect.status' => 404, 'request.redirect.url' => '/nothing', 'request.redirect.query' => 'here', 'request.uri' => '/nothing?here', 'script.name' => '/page.php', 'request.query' => 'q=1');

# Cookies, fields and schemes of a client's own making.
$is = told(FCT::Client::request($httpd->port, 'http://front.example/page.php', host => 'front.example', close => 1, headers => [Cookie => 'lang=de', 'X-Thing' => 'a', 'x-thing' => 'b']));
is_told($is, 'an absolute target', 'request.scheme' => 'http', 'request.authority' => 'front.example', 'cookie.lang' => 'de', 'header.X-Thing' => 'a, b');
is(FCT::Client::request($httpd->port, '/page.php', host => 'front.example', close => 1, headers => [Cookie => 'lang=de; lang=en'])->status, 400, 'two cookies of a name are invalid');

# What has no effect on what the application is told.
$is = told(FCT::Client::request($httpd->port, '/proxied/page.php', host => 'front.example', close => 1));
is(join(' ', sort grep {/^HTTP_/} keys $is->{param}->%*), 'HTTP_HOST', 'ProxyPreserveHost, ProxyAddHeaders, ProxyVia: no field is added');
is($is->{param}{SERVER_NAME}, 'front.example', 'UseCanonicalName: SERVER_NAME is as configured');

$httpd->finish(findings => ['FCT2016']);
$mirror->stop;
done_testing;
