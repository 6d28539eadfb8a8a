# FCT::Saml: a SAML 2.0 identity provider for mod_auth_mellon and mod_shib: its metadata, and the browser's way through a log-in.
#
#     my $idp = FCT::Saml->new(users => { alice => { mail => 'alice@corp.example', groups => [qw(staff hr)] } });
#     $idp->metadata;                                            # a file for the service provider
#     my $answer = $idp->log_in($browser, '/app/page', 'alice');   # to the provider and back; the last answer of the site
#
# No program listens: what the provider would do with the browser is done here. Attributes go under these names, of NameFormat basic.
# log_in takes forged => 1 (signed with a key that is not in the metadata) and expired => 1 (an assertion of an hour ago).
package FCT::Saml;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use IO::Uncompress::RawInflate qw(rawinflate);
use MIME::Base64 qw(encode_base64 decode_base64);
use POSIX qw(strftime);
use FCT::Backend;
use FCT::Proc qw(scratch write_file read_file find_program);
use FCT::Web;

use constant { ENTITY => 'https://idp.test.example/idp', SSO => 'https://idp.test.example/sso' };

# users: name => { attribute => value or [values] }.
sub new ($class, %opt) {
    state $count = 0;
    my $self = bless { %opt, dir => scratch() . '/saml' . ++$count }, $class;
    mkdir $self->{dir} or die "$self->{dir}: $!\n";
    chmod 0755, $self->{dir} or die "$self->{dir}: $!\n";
    $self->{xmlsec1} = find_program('xmlsec1') // FCT::Backend::missing('xmlsec1', 'xmlsec1');
    $self->key_pair($_) for qw(known unknown);
    return $self;
}

# NAME.key and NAME.pem in the directory: an RSA key and a certificate of its own.
sub key_pair ($self, $name) {
    my $base = "$self->{dir}/$name";
    run("openssl req -x509 -newkey rsa:2048 -noenc -subj /CN=$name -days 30 -keyout '$base.key' -out '$base.pem'");
    chmod 0644, "$base.key" or die "$base.key: $!\n";
    return ("$base.key", "$base.pem");
}

sub run ($command) {
    my $said = qx($command 2>&1);
    die "$command:\n$said" if $?;
    return $said;
}

# A certificate as metadata has it: base64 without its frame.
sub certificate ($file) { return read_file($file) =~ s/-----[^-]+-----|\n//gr }

sub metadata ($self) {
    my $certificate = certificate("$self->{dir}/known.pem");
    return write_file("$self->{dir}/metadata.xml", <<"XML");
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="@{[ENTITY]}">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing">
      <KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>$certificate</X509Certificate></X509Data></KeyInfo>
    </KeyDescriptor>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="@{[SSO]}"/>
  </IDPSSODescriptor>
</EntityDescriptor>
XML
}

# --- the browser's way ---

# Asks for this page, logs in and goes back; the last answer of the site. What does not lead to the provider is the answer.
sub log_in ($self, $browser, $path, $user, %opt) {
    my $answer = $browser->follow($browser->get($path, Accept => 'text/html'));
    my ($query) = ($answer->header('Location') // '') =~ m{\A\Q@{[SSO]}\E\?(.*)\z} or return $answer;
    my $fields  = FCT::Web::fields($query);
    rawinflate(\decode_base64($fields->{SAMLRequest}), \my $request) or die "the request of the service provider is not compressed\n";
    my %asked = map { $_ => $request =~ /\b$_="([^"]*)"/ ? $1 : die "the request has no $_:\n$request\n" } qw(ID AssertionConsumerServiceURL);
    ($asked{audience}) = $request =~ m{<(?:\w+:)?Issuer\b[^>]*>([^<]+)<};
    my $response = encode_base64($self->response(\%asked, $user, %opt), '');
    my ($to) = $asked{AssertionConsumerServiceURL} =~ m{\A\Q@{[$browser->origin]}\E(/.*)\z} or die "$asked{AssertionConsumerServiceURL} is elsewhere\n";
    my @relay = defined $fields->{RelayState} ? (RelayState => $fields->{RelayState}) : ();
    return $browser->follow($browser->post($to, [SAMLResponse => $response, @relay]));
}

# --- the provider's answer (SAML 2.0 Core 2.3, 3.3.3; Profiles 4.1.4) ---

sub instant ($seconds) { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $seconds) }

sub response ($self, $asked, $user, %opt) {
    state $count = 0;
    my $now = time - ($opt{expired} ? 3600 : 0);
    my ($issued, $before, $after) = map { instant($now + $_) } 0, -60, 300;
    my $number = $$ . '-' . ++$count;
    my $template = write_file("$self->{dir}/response.xml", <<"XML");
<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r$number" Version="2.0"
 IssueInstant="$issued" Destination="$asked->{AssertionConsumerServiceURL}" InResponseTo="$asked->{ID}"><saml:Issuer>@{[ENTITY]}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
<saml:Assertion ID="_a$number" Version="2.0" IssueInstant="$issued"><saml:Issuer>@{[ENTITY]}</saml:Issuer>@{[signature("_a$number")]}
<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">transient-$number</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="$after"
 Recipient="$asked->{AssertionConsumerServiceURL}" InResponseTo="$asked->{ID}"/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="$before" NotOnOrAfter="$after"><saml:AudienceRestriction><saml:Audience>$asked->{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="$issued" SessionIndex="s$number"><saml:AuthnContext>
<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement>@{[$self->attributes($user)]}</saml:AttributeStatement></saml:Assertion></samlp:Response>
XML
    my ($key, $signed) = ("$self->{dir}/" . ($opt{forged} ? 'unknown' : 'known'), "$self->{dir}/signed.xml");
    run("'$self->{xmlsec1}' --sign --privkey-pem '$key.key' --id-attr:ID urn:oasis:names:tc:SAML:2.0:assertion:Assertion --output '$signed' '$template'");
    return read_file($signed);
}

sub attributes ($self, $user) {
    my $has = { uid => $user, %{ $self->{users}{$user} // die "$user is unknown\n" } };
    my $text = '';
    for my $name (sort keys %$has) {
        my $values = join '', map {"<saml:AttributeValue>$_</saml:AttributeValue>"} ref $has->{$name} ? $has->{$name}->@* : $has->{$name};
        $text .= qq{<saml:Attribute Name="$name" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic">$values</saml:Attribute>};
    }
    return $text;
}

# An enveloped signature for xmlsec1 to fill in.
sub signature ($id) {
    my $ds = 'http://www.w3.org/2000/09/xmldsig#';
    return <<"XML" =~ s/\n//gr;
<ds:Signature xmlns:ds="$ds"><ds:SignedInfo>
<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
<ds:Reference URI="#$id"><ds:Transforms><ds:Transform Algorithm="${ds}enveloped-signature"/>
<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference>
</ds:SignedInfo><ds:SignatureValue/></ds:Signature>
XML
}

1;
