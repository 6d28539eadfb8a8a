# Names × channels: no name that an application takes for an identity, however it is written, can be set by a field, a cookie, the query, a
# trailer, a field of an upstream from somebody else, a .htaccess, SetEnvIf or a rewrite flag; whether somebody is logged in or nobody. What the
# application is told is, parameter for parameter, what it is told without the forgery, or the request is refused with its finding. POLICY 2,
# 4; EVIDENCE T1, T2, T4, T6, T7, T10, T12.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Client;
use FCT::Gateway;
use FCT::H2;
use FCT::Proc qw(repo_root read_file wait_until);
use FCT::Record qw(answer);
use FCT::Told qw(folded);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

# Every identity name of POLICY 2; for what a star stands for, what modules and applications know, and anything else.
my %known = ('SSL_' => [qw(SSL_CLIENT_VERIFY SSL_CLIENT_S_DN SSL_CLIENT_S_DN_CN SSL_CLIENT_CERT SSL_PROTOCOL)], 'TLS_' => ['TLS_CLIENT_CN'], 'CLIENT_CERT' => [qw(CLIENT_CERT CLIENT_CERT_CHAIN)],
    'AUTHENTICATE_' => ['AUTHENTICATE_MAIL'], 'AUTHORIZE_' => ['AUTHORIZE_MEMBEROF'], 'OIDC_' => [qw(OIDC_CLAIM_SUB OIDC_ACCESS_TOKEN)], 'MELLON_' => ['MELLON_NAME_ID'], 'SHIB_' => ['SHIB_SESSION_ID'],
    'GSS_' => ['GSS_NAME'], 'CLAIM_' => ['CLAIM_EMAIL'], 'PHP_AUTH_' => [qw(PHP_AUTH_USER PHP_AUTH_PW)], 'GEOIP_' => ['GEOIP_COUNTRY_CODE'], 'MM_' => ['MM_COUNTRY_CODE'], 'MMDB_' => ['MMDB_ADDR']);
my @rows  = read_file(repo_root() . '/mod_fcgi_trust/core/name_group.def') =~ /^FCT_NAME_GROUP\(IDENTITY, "([^"]+)"\)$/mg;
my @names = map { my ($start, $star) = /^([^*]+)(\*?)$/; $star ? (@{ $known{$start} // [] }, "${start}OF_NOBODY") : $_ } @rows;
ok(@rows > 25 && @names > @rows, 'the table of names is read: ' . scalar @names);
my @declared = qw(APP_ROLE APP_GROUPS);
my @headers  = qw(X-Remote-User X-App-Role Remote-Groups X-SSL-Client-DN);

# Ways to write one name that an application reads as it.
sub writings ($name) {
    my $words = join '-', map { ucfirst lc } split /_/, $name;
    my %seen;
    return grep { !$seen{$_}++ } $name, lc $name, $words, lc $words, uc $words, $words =~ tr/-/./r, $words =~ tr/-/_/r, $words =~ s/-/_/r, lcfirst(uc $words) =~ s/-/./r;
}

# A policy in which each of them comes from authentication; and one in which each comes from an upstream.
my @own = qw(REMOTE_USER AUTH_TYPE GATEWAY_INTERFACE SERVER_SOFTWARE SERVER_NAME SERVER_PORT SERVER_ADDR REMOTE_ADDR REMOTE_PORT HTTPS REQUEST_SCHEME UNIQUE_ID);
my %own = map { $_ => 1 } @own;
my @given = grep { !$own{$_} } @names, @declared;
my $policy = join "\n", '<backend profile="generic" script="none" override="yes"/><identity names="APP_ROLE APP_GROUPS" why="The application trusts them"/>',
    '<accept htaccess-auth="None here configures any"/><request methods="GET POST" chunked="spool" override="yes"/>', (map {qq{<param name="$_" from="auth.env.$_"/>}} @given), '<header name="X-Free"/>',
    '<server-header name="X-Remote-User" from="auth.user" why="A test"/>', map {qq{<server-header name="$_" from="auth.env.NOTHING" why="A test"/>}} @headers[1 .. $#headers];
my @from_edge = (@given, 'REMOTE_USER', 'AUTH_TYPE');
my $edge = join "\n", '<backend profile="generic" script="none" override="yes"/><without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><upstream name="edge" peers="127.0.0.9" assert="A test">', (map { '<field name="X-Edge-' . tr/_/-/r . '"/>' } @from_edge), '</upstream>',
    map { qq{<param name="$_" from="upstream.edge.X-Edge-} . tr/_/-/r . '" assert="A test"/>' } @from_edge;

# Every writing of every name, set by what stands in a configuration.
my @written = map { writings($_) } @names, @declared, map { 'HTTP_' . tr/-/_/r } map {uc} @headers;
my %place = (
    setenvif => join('', map {"SetEnvIf Wanted (.*) $_=\$1\n"} @written),
    setenv   => join('', map {"SetEnv $_ forged\n"} @written),
    rewrite  => "RewriteEngine on\n" . join('', map {"RewriteRule ^ - [E=$_:%{HTTP:Wanted}]\n"} @written),
    header   => join('', map {"RequestHeader set $_ forged\n"} map { writings(tr/-/_/r) } @names, @headers),
    redirect => join('', map {"SetEnvIf Wanted (.*) REDIRECT_$_=\$1\n"} @written),
    stock    => join('', map {"ProxyFCGISetEnvIf true $_ forged\n"} grep { !/[.]/ } @written),
);
my %files = map { ("htdocs/$_/.htaccess" => $place{$_}, "htdocs/$_/page.php" => '') } keys %place;

# The application says all that it is told.
sub say_all ($conn, $request) {
    $conn->send(answer($request->{id}, join '', map {"$_->[0]=$_->[1]\n"} $request->{params}->@*));
    return 1;
}

my $gateway = FCT::Gateway->new(each => \&say_all, h2 => 1, modules => [qw(proxy_fcgi unique_id env setenvif headers rewrite auth_basic authn_core authn_file authz_user)],
    files => { %files, 'policy.xml' => FCT::Gateway::policy_text('forged', $policy), 'edge.xml' => FCT::Gateway::policy_text('edge', $edge), users => 'alice:' . crypt('secret', 'ab') . "\n" }, config => <<"CONF");
Listen 127.0.0.1:\@PORT\@
Protocols h2c http/1.1
FcgiTrustPolicy \@DIR\@/policy.xml
ProxyPass /app/ \@BACKEND\@/ enablereuse=on
ProxyPass /login/ \@BACKEND\@/
ProxyPass /edge/ \@BACKEND\@/
<Location /edge/>
    FcgiTrustPolicy \@DIR\@/edge.xml
</Location>
<Location /login/>
    AuthType Basic
    AuthName here
    AuthUserFile \@DIR\@/users
    Require valid-user
</Location>
<Directory \@DIR\@/htdocs>
    AllowOverride All
    Options FollowSymLinks
</Directory>
<FilesMatch "\\.php\$">
    SetHandler "proxy:\@BACKEND\@"
</FilesMatch>
@{[map {"<Location /app/$_/>\n$place{$_}</Location>\n"} grep { $_ ne 'stock' } sort keys %place]}
CONF

# --- asking, on one connection as long as it lives ---

my ($client, $h2);

sub ask_h1 ($path, $lines, $after = '') {
    my $method = length $after ? 'POST' : 'GET';
    $client = FCT::Client->connect(port => $gateway->port) if !$client;
    $client->send(join "\r\n", "$method $path HTTP/1.1", 'Host: test.example', @$lines, '', $after);
    my $answer = $client->response;
    undef $client if $answer->status != 200;
    return ($answer->status, $answer->body);
}

sub ask_h2 ($path, $lines, $trailers = undef) {
    $h2 //= $gateway->h2;
    my $id = $h2->request($path, method => $trailers ? 'POST' : 'GET', headers => [FCT::Told::fields_of($lines)], open => $trailers ? 1 : 0);
    $h2->{client}->send(FCT::H2::frame(FCT::H2::HEADERS, FCT::H2::END_HEADERS | FCT::H2::END_STREAM, $id, FCT::Hpack::encode(FCT::Told::fields_of($trailers)))) if $trailers;
    my $answer = $h2->answer($id);
    return ($answer->{status}, $answer->{body} // '');
}

# What differs from one request to the next, or because of what is forged, and is the client's own word.
my %varies = map { $_ => 1 } qw(REMOTE_PORT UNIQUE_ID QUERY_STRING REQUEST_URI PATH_INFO SCRIPT_NAME HTTP_COOKIE);

sub told_of ($body) {
    return join "\n", sort grep { !/^(\w+)=/ || !$varies{$1} } split /\n/, $body;
}

# One assertion for all requests of a channel: each is answered as it is without the forgery, or refused as it must be.
my %refused;
sub is_forged_in_vain ($channel, $plain, $requests) {
    my (@wrong, $count);
    for my $request (@$requests) {
        my ($what, $refusal, $ask) = @$request;
        my ($status, $body) = $ask->();
        $count++;
        if ($refusal) {
            $refused{$refusal}++;
            push @wrong, "$what: $status, not 400" if $status != 400;
        }
        elsif ($status != 200)               { push @wrong, "$what: $status" }
        elsif (told_of($body) ne $plain)     { push @wrong, "$what: " . join ' ', difference($plain, told_of($body)) }
    }
    ok(!@wrong, "$channel: none of $count reaches the application") or diag(join "\n", @wrong > 20 ? (@wrong[0 .. 19], '…') : @wrong);
    return;
}

sub difference ($a, $b) {
    my %in_a = map { $_ => 1 } split /\n/, $a;
    return grep { !$in_a{$_} } split /\n/, $b;
}

my @login = ('Authorization: Basic ' . encode_base64('alice:secret', ''));
my %folds_to_header = map { folded($_) => 1 } @headers;
sub refusal_of ($field) { return $folds_to_header{ folded($field) } ? 'FCT2019' : undef }

for my $place (['nobody is logged in', '/app/page', []], ['alice is logged in', '/login/page', \@login]) {
    my ($who, $path, $lines) = @$place;
    my ($status, $body) = ask_h1($path, $lines);
    is($status, 200, "$who: a plain request is served");
    my $plain = told_of($body);
    my %plain = map { /^([^=]+)=(.*)/ ? (folded($1) => $2) : () } split /\n/, $plain;
    my $user = @$lines ? 'alice' : undef;
    is_deeply([@plain{qw(REMOTE_USER HTTP_X_REMOTE_USER AUTH_TYPE)}], [$user, $user, $user && 'Basic'], "$who: and the application is told so");
    is(join(' ', grep { exists $plain{$_} } @given, map { 'HTTP_' . folded($_) } @headers[1 .. $#headers]), '', "$who: of the others it is told nothing");

    my @fields = map { writings(tr/-/_/r) } @names, @declared, @headers;
    is_forged_in_vain("$who, fields", $plain, [map { my $f = $_; [$f, refusal_of($f), sub { ask_h1($path, [@$lines, "$f: forged"]) }] } @fields]);
    is_forged_in_vain("$who, fields named in Connection", $plain, [map { my $f = $_; [$f, refusal_of($f), sub { ask_h1($path, [@$lines, "$f: forged", "Connection: keep-alive, $f"]) }] } @fields]);
    is_forged_in_vain("$who, fields with HTTP in front", $plain, [map { my $f = $_; map { [$_, undef, do { my $g = $_; sub { ask_h1($path, [@$lines, "$g: forged"]) } }] } "HTTP_$f", "Http-$f", "http.$f" } @names, @declared]);
    is_forged_in_vain("$who, cookies", $plain, [map { my $f = $_; [$f, undef, sub { my ($s, $b) = ask_h1($path, [@$lines, "Cookie: $f=forged"]); ($s, $b) }] } map { writings($_) } @names, @declared]);
    is_forged_in_vain("$who, the query", $plain, [map { my $f = $_; [$f, undef, sub { ask_h1("$path?$f=forged&HTTP_$f=forged", $lines) }] } map { writings($_) } @names, @declared]);

    my $post = told_of((ask_h1($path, [@$lines, 'Transfer-Encoding: chunked'], "1\r\na\r\n0\r\n\r\n"))[1]);
    is_forged_in_vain("$who, trailers", $post, [map { my $f = $_; [$f, undef, sub { ask_h1($path, [@$lines, 'Transfer-Encoding: chunked', "Trailer: $f"], "1\r\na\r\n0\r\n$f: forged\r\n\r\n") }] } @fields]);
    next if !$gateway->speaks_h2;
    my $plain_h2 = told_of((ask_h2($path, $lines))[1]);
    is_forged_in_vain("$who, fields of HTTP/2", $plain_h2, [map { my $f = $_; [$f, refusal_of($f), sub { ask_h2($path, [@$lines, "$f: forged"]) }] } grep { $_ eq lc } @fields]);
    my $post_h2 = told_of((ask_h2($path, $lines, ['x-nothing: x']))[1]);
    is_forged_in_vain("$who, trailers of HTTP/2", $post_h2, [map { my $f = $_; [$f, undef, sub { ask_h2($path, $lines, ["$f: forged"]) }] } grep { $_ eq lc } @fields]);
}

# Fields of an upstream from somebody who is not it.
my ($status, $body) = ask_h1('/edge/page', []);
is($status, 200, 'behind an upstream that is not there a plain request is served');
is_forged_in_vain('fields of an upstream, from somebody else', told_of($body),
    [map { my $f = $_; [$f, 'FCT2018', sub { ask_h1('/edge/page', ["$f: forged"]) }] } map { writings("X_EDGE_$_") } @from_edge]);
is_forged_in_vain('the names themselves, where an upstream could tell them', told_of($body), [map { my $f = $_; [$f, undef, sub { ask_h1('/edge/page', ["$f: forged"]) }] } map { writings($_) } @from_edge]);

# What stands in the configuration, and in a .htaccess, as many lines as there are writings of names: one request.
($status, $body) = ask_h1('/app/page', ['Wanted: forged']);
my $plain = told_of($body);
is_forged_in_vain('directives', $plain, [map { my $p = $_; [$p, undef, sub { ask_h1("/app/$p/page", ['Wanted: forged']) }] } grep { $_ ne 'stock' } sort keys %place]);
is_forged_in_vain('directives of a .htaccess', $plain, [map { my $p = $_; [$p, undef, sub { ask_h1("/$p/page.php", ['Wanted: forged']) }] } sort keys %place]);

isnt(told_of((ask_h1('/app/page', ['X-Free: forged']))[1]), $plain, 'one that a rule lets through would have been seen');

# T10: credentials that nobody checks are no identity.
is_forged_in_vain('credentials that nobody asked for', $plain, [map { my ($scheme, $text) = @$_; [$scheme, undef, sub { ask_h1('/app/page', ["Authorization: $scheme $text"]) }] }
    ['Basic', encode_base64('admin:wrong', '')], ['Basic', encode_base64('alice:secret', '')], ['Digest', 'username="admin", realm="here", nonce="a", uri="/app/page", response="b"'], ['Bearer', 'forged'], ['Negotiate', 'Zm9yZ2Vk']]);

# Each refusal has its finding.
my $log = $gateway->httpd->log;
for my $finding (sort keys %refused) {
    ok(wait_until(5, sub { $log->count(qr/\b$finding\b/) >= $refused{$finding} }), "each of $refused{$finding} refusals is logged as $finding") or diag($log->count(qr/\b$finding\b/));
}
$gateway->finish(findings => [sort keys %refused], allow => [qr/AH0161[78]|FCT4014/]);
done_testing;
