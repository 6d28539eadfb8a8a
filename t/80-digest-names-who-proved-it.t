# A user of mod_auth_digest is told where the answer to the server's challenge was right, and only there: a name in a Digest field is nobody's
# word, whether the answer is wrong, forged, or was not asked for. SPEC 6 (auth.user); EVIDENCE T10.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use Digest::MD5 qw(md5_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Record qw(answer);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

sub tell ($conn, $request) {
    $conn->send(answer($request->{id}, join ' ', map { $request->{param}{$_} // '-' } qw(REMOTE_USER AUTH_TYPE REMOTE_REALM)));
    return 1;
}

my $policy = FCT::Gateway::policy_text('digest', '<param name="REMOTE_REALM" from="auth.realm"/>');
my $gateway = FCT::Gateway->new(each => \&tell, modules => [qw(auth_digest authn_core authn_file authz_user rewrite)],
    files => { 'policy.xml' => $policy, users => join '', map { "$_:staff only:" . md5_hex("$_:staff only:secret") . "\n" } qw(alice bob) }, config => <<'CONF');
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @DIR@/policy.xml
ProxyPass /app/ @BACKEND@/
ProxyPass /free/ @BACKEND@/
ErrorDocument 401 /app/denied
ErrorDocument 404 /app/page
<Location />
    AuthType Digest
    AuthName "staff only"
    AuthDigestProvider file
    AuthUserFile @DIR@/users
    Require user alice
</Location>
<Location /free>
    AuthMerging Off
    ErrorDocument 401 default
    Require all granted
</Location>
CONF

# The Authorization field that answers a challenge. opt: user, password, and what is to be wrong in the field.
sub response_to ($challenge, $path, %opt) {
    my ($nonce) = $challenge =~ /nonce="([^"]*)"/;
    my $user  = $opt{user} // 'alice';
    my $proof = md5_hex(join ':', md5_hex("$user:staff only:" . ($opt{password} // 'secret')), $nonce, '00000001', 'abc', 'auth', md5_hex("GET:$path"));
    my $named = $opt{named} // $user;
    my $uri   = $opt{uri} // $path;
    return qq{Digest username="$named", realm="staff only", nonce="@{[$opt{nonce} // $nonce]}", uri="$uri", qop=auth, nc=00000001, cnonce="abc", response="$proof", algorithm=MD5};
}

# What a challenge for this path, answered like that, brings: the status and what the application is told.
sub logged_in ($path, %opt) {
    my $asked = $gateway->ask('/app/page');
    my $answer = $gateway->ask($path, headers => [Authorization => response_to($asked->header('WWW-Authenticate') // '', $path, %opt)]);
    return $answer->status . ' ' . $answer->body;
}

is($gateway->ask('/app/page')->status, 401, 'a log-in is asked for');
is($gateway->ask('/app/page')->body, '- - -', 'and the document that says so is told of nobody');
is(logged_in('/app/page'), '200 alice Digest staff only', 'the right answer: the user, how, and the realm');
is(logged_in('/missing'), '404 alice Digest staff only', 'so they are in the document of an error on the way');
is(logged_in('/free/page'), '200 - - -', 'where nobody is asked, the right answer names nobody');
for (
    ['a wrong password', password => 'wrong'],
    ['a user who is not the one', user => 'bob'],
    ['a user that does not exist', user => 'root'],
    ['the answer of one user under the name of another', user => 'bob', named => 'alice'],
    ['a nonce that the server never gave', nonce => 'MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI='],
) {
    my ($name, %opt) = @$_;
    is(logged_in('/app/page', %opt), '401 - - -', "$name: nobody");
}
like(logged_in('/app/page', uri => '/free/page'), qr/^400 (?!alice)/, 'an answer for another path: refused');
is($gateway->ask('/app/page', headers => [Authorization => 'Digest username="alice"'])->body, '- - -', 'a field with a name alone: nobody');
is($gateway->ask('/free/page', headers => [Authorization => 'Digest username="alice"'])->body, '- - -', 'not where it is not asked for either');
$gateway->finish(allow => [qr/AH0\d{4}/]);
done_testing;
