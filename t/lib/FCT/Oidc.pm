# FCT::Oidc: a small OpenID provider for mod_auth_openidc: discovery, authorization code with PKCE, token, keys, user info, end of session.
#
#     my $provider = FCT::Oidc->start(users => { alice => { email => 'alice@corp.example', groups => ['staff'] } });
#     $provider->metadata_url;                       # for OIDCProviderMetadataURL
#     my $answer = $provider->log_in($browser, '/app/page', 'alice');    # follows the redirects; the last answer
#     my $token  = $provider->access_token('alice');                     # for "Authorization: Bearer"
#
# Its log-in form is a parameter "user" of the authorization endpoint. forged => 1 in a user's claims: the ID token is signed with a key that the
# provider does not publish.
package FCT::Oidc;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Digest::SHA qw(sha256);
use JSON::PP ();
use MIME::Base64 qw(decode_base64 encode_base64url);
use FCT::Proc qw(scratch write_file read_file find_program);
use FCT::Web;

# The client that every provider knows.
use constant { CLIENT => 'gateway', SECRET => 'client-secret-of-the-test' };

# users: name => claims (besides sub, which is the name); lifetime: seconds of an ID token (300).
sub start ($class, %opt) {
    state $count = 0;
    my $dir  = scratch() . '/oidc' . ++$count;
    my $self = bless { lifetime => 300, %opt, dir => $dir, code => {}, access => {} }, $class;
    mkdir $dir or die "$dir: $!\n";
    openssl('genrsa', '-out', "$dir/$_.key", '2048') for qw(known unknown);
    $self->{modulus} = openssl('rsa', '-in', "$dir/known.key", '-noout', '-modulus') =~ s/.*=//r =~ s/\s//gr;
    $self->{web} = FCT::Web->start(sub ($request) {
        $self->{issuer} = "http://$request->{header}{host}";
        return $self->answer($request);
    });
    return $self;
}

sub openssl (@arguments) {
    my $program = find_program('openssl') // die "openssl is not installed\n";
    open my $out, '-|', join ' ', map({"'$_'"} $program, @arguments), '2>/dev/null' or die "openssl: $!\n";
    local $/;
    my $said = <$out>;
    close $out or die "openssl @arguments failed\n";
    return $said;
}

sub issuer ($self) { return $self->{web}->url }

sub metadata_url ($self) { return $self->issuer . '/.well-known/openid-configuration' }

sub stop ($self) { return $self->{web}->stop }

# The directives of mod_auth_openidc that make it a client of this provider; the address it answers at is PATH (/oidc) of each site.
sub directives ($self, $path = '/oidc') {
    my ($client, $secret) = (CLIENT, SECRET);
    return join "\n", 'OIDCProviderMetadataURL ' . $self->metadata_url, "OIDCClientID $client", "OIDCClientSecret $secret",
        "OIDCRedirectURI $path/callback", 'OIDCCryptoPassphrase passphrase-of-the-test', 'OIDCScope "openid email"', 'OIDCPKCEMethod S256', '';
}

# --- the browser's part ---

# Asks for this page of the site behind the browser, logs in at the provider and goes back; the last answer of the site.
sub log_in ($self, $browser, $path, $user) {
    my $answer = $browser->get($path, Accept => 'text/html');    # others are answered 401
    my ($to) = ($answer->header('Location') // '') =~ m{\A\Q@{[$self->issuer]}\E(/authorize\?.*)\z} or return $answer;
    my $back = FCT::Client::request($self->{web}->port, "$to&user=$user", host => '127.0.0.1:' . $self->{web}->port, close => 1);
    return $back if $back->status != 302;
    return $browser->follow($browser->get($browser->target($back) // die "the provider leads elsewhere\n"));
}

# The directive that makes it the judge of bearer tokens (AuthType oauth20): a JWT signed with its key, which httpd is given as a file.
sub bearer_directives ($self) {
    my $public = "$self->{dir}/known.pem";
    openssl('rsa', '-in', "$self->{dir}/known.key", '-pubout', '-out', $public);
    return "OIDCOAuthVerifyCertFiles known#$public\nOIDCOAuthRemoteUserClaim sub\n";
}

# A token as a program would get it for this user.
sub access_token ($self, $user) {
    $self->{issuer} = $self->issuer;
    return $self->id_token({ user => $user });
}

# --- the provider's part ---

sub json ($value) { return [200, ['Content-Type' => 'application/json'], JSON::PP->new->canonical->utf8->encode($value)] }

sub refuse ($status, $why) { return [$status, ['Content-Type' => 'application/json'], JSON::PP::encode_json({ error => $why })] }

sub answer ($self, $request) {
    my %at = (
        '/.well-known/openid-configuration' => \&metadata, '/jwks' => \&keys, '/authorize' => \&authorize, '/token' => \&token,
        '/userinfo' => \&user_info, '/logout' => \&end_session,
    );
    my $code = $at{ $request->{path} } or return refuse(404, 'not_found');
    return $self->$code($request);
}

sub metadata ($self, $request) {
    my $issuer = $self->{issuer};
    return json({
        issuer => $issuer, authorization_endpoint => "$issuer/authorize", token_endpoint => "$issuer/token", userinfo_endpoint => "$issuer/userinfo",
        jwks_uri => "$issuer/jwks", end_session_endpoint => "$issuer/logout", response_types_supported => ['code'], subject_types_supported => ['public'],
        id_token_signing_alg_values_supported => ['RS256'], code_challenge_methods_supported => ['S256'],
        token_endpoint_auth_methods_supported => ['client_secret_basic'], scopes_supported => [qw(openid email)],
    });
}

# The key that signs its tokens, as a JWK (RFC 7517).
sub public_key ($self) {
    return { kty => 'RSA', use => 'sig', alg => 'RS256', kid => 'known', e => 'AQAB', n => encode_base64url(pack 'H*', $self->{modulus}) };
}

sub keys ($self, $request) { return json({ keys => [$self->public_key] }) }

sub authorize ($self, $request) {
    my $query = $request->{query};
    my $user  = $query->{user} // return [200, ['Content-Type' => 'text/html'], '<form>Who are you?</form>'];
    return refuse(400, 'invalid_request') if !$self->{users}{$user} || ($query->{client_id} // '') ne CLIENT || ($query->{response_type} // '') ne 'code';
    my $code = random();
    $self->{code}{$code} = { user => $user, map { $_ => $query->{$_} } qw(redirect_uri nonce code_challenge) };
    return [302, [Location => "$query->{redirect_uri}?" . FCT::Web::encoded(code => $code, state => $query->{state} // '')], ''];
}

sub token ($self, $request) {
    my $form = $request->{form};
    return refuse(401, 'invalid_client') if !is_client($request);
    my $grant = delete $self->{code}{ $form->{code} // '' } or return refuse(400, 'invalid_grant');
    my $proof = encode_base64url(sha256($form->{code_verifier} // ''));
    return refuse(400, 'invalid_grant') if ($form->{redirect_uri} // '') ne $grant->{redirect_uri} || $proof ne ($grant->{code_challenge} // '');
    return json({ access_token => $self->issue($grant->{user}), token_type => 'Bearer', expires_in => $self->{lifetime}, id_token => $self->id_token($grant) });
}

sub user_info ($self, $request) {
    my ($bearer) = ($request->{header}{authorization} // '') =~ /\ABearer (.*)\z/;
    my $user = $self->{access}{ $bearer // '' } // return refuse(401, 'invalid_token');
    return json($self->claims($user));
}

# Is the request from the client that every provider knows?
sub is_client ($request) {
    my ($basic) = ($request->{header}{authorization} // '') =~ /\ABasic (.*)\z/;
    return decode_base64($basic // '') eq CLIENT . ':' . SECRET;
}

sub issue ($self, $user) {
    my $access = random();
    $self->{access}{$access} = $user;
    return $access;
}

sub end_session ($self, $request) {
    my $to = $request->{query}{post_logout_redirect_uri};
    return $to ? [302, [Location => $to], ''] : [200, ['Content-Type' => 'text/plain'], "logged out\n"];
}

sub claims ($self, $user) {
    my %claims = ($self->{users}{$user}->%*, sub => $user);
    delete $claims{forged};
    return \%claims;
}

# An ID token (OpenID Connect Core 2), signed with RS256 (RFC 7515).
sub id_token ($self, $grant) {
    my $user = $grant->{user};
    my %payload = ($self->claims($user)->%*, iss => $self->{issuer}, aud => CLIENT, iat => time, exp => time + $self->{lifetime},
        defined $grant->{nonce} ? (nonce => $grant->{nonce}) : ());
    my $signed = join '.', map { encode_base64url(JSON::PP->new->canonical->utf8->encode($_)) } { alg => 'RS256', typ => 'JWT', kid => 'known' }, \%payload;
    my $input  = write_file("$self->{dir}/token", $signed);
    my $key    = $self->{users}{$user}{forged} ? 'unknown' : 'known';
    return $signed . '.' . encode_base64url(openssl('dgst', '-sha256', '-sign', "$self->{dir}/$key.key", $input));
}

sub random () {
    open my $fh, '<:raw', '/dev/urandom' or die "/dev/urandom: $!\n";
    read $fh, my $bytes, 24;
    return encode_base64url($bytes);
}

1;
