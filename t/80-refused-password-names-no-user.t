# A name whose password was refused is nobody's: not on the way to the document of the refusal either. SPEC 6 (auth.user); EVIDENCE T10.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(encode_base64);
use Test::More;
use FCT::Gateway;
use FCT::Record qw(answer);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

sub tell ($conn, $request) {
    my $param = $request->{param};
    $conn->send(answer($request->{id}, join '', map {"$_=$param->{$_}\n"} grep { exists $param->{$_} } qw(REMOTE_USER AUTH_TYPE SCRIPT_NAME PATH_INFO)));
    return 1;
}

# One set of rules for everything, so that httpd inherits what stood in the request before; and a part that nobody has to log in for.
my $gateway = FCT::Gateway->new(each => \&tell, modules => [qw(auth_basic authn_core authn_file authz_user alias dir rewrite)],
    files => { users => join '', map { "$_:" . crypt('secret', 'ab') . "\n" } qw(bob alice) }, config => <<'CONF');
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @POLICIES@/open.xml
ErrorDocument 401 /app/denied
ErrorDocument 403 /app/forbidden
RewriteEngine on
RewriteRule ^/moved$ /app/moved [PT]
ProxyPass /app/ @BACKEND@/
ProxyPass /free/ @BACKEND@/
<Location />
    AuthType Basic
    AuthName x
    AuthBasicProvider file
    AuthUserFile @DIR@/users
    Require user bob
</Location>
<Location /free>
    AuthMerging Off
    Require all granted
</Location>
<Location /app/alice>
    ErrorDocument 403 /free/forbidden
    AuthMerging Off
    Require user alice
    AuthzSendForbiddenOnFailure on
</Location>
CONF

sub basic ($user, $password) { return [Authorization => 'Basic ' . encode_base64("$user:$password", '')] }

for (
    ['the right password', '/app/page', 'bob', 'secret', 200, 'bob'],
    ['a rewritten URL', '/moved', 'bob', 'secret', 200, 'bob'],
    ['a wrong password', '/app/page', 'bob', 'wrong', 401, undef],
    ['a user that does not exist', '/app/page', 'root', 'wrong', 401, undef],
    ['a user who is not the one', '/app/page', 'alice', 'secret', 401, undef],
    ['a wrong password for what is no application', '/page', 'root', 'wrong', 401, undef],
    ['a user who is not the one, and a document that asks for nobody', '/app/alice/page', 'bob', 'secret', 403, undef],
    ['where nobody has to log in, any name', '/free/page', 'root', 'wrong', 200, undef],
) {
    my ($name, $path, $user, $password, $status, $told) = @$_;
    my $answer = $gateway->ask($path, headers => basic($user, $password));
    is($answer->status, $status, "$name: $status");
    like($answer->body, qr/^PATH_INFO=|^SCRIPT_NAME=/m, "$name: the application answers");
    is($answer->body =~ /^REMOTE_USER=(.*)$/m ? $1 : undef, $told, "$name: REMOTE_USER is " . ($told // 'absent'));
    is($answer->body =~ /^AUTH_TYPE=(.*)$/m ? $1 : undef, $told && 'Basic', "$name: so is AUTH_TYPE");
}
$gateway->finish(allow => [qr/AH0161[78]|AH01631|AH01790/]);
done_testing;
