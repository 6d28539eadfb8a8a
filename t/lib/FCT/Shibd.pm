# FCT::Shibd: the daemon of mod_shib with a configuration of its own: one service provider that trusts one FCT::Saml.
#
#     my $shibd = FCT::Shibd->start($idp, attributes => [qw(uid mail groups)]);
#     my $lines = $shibd->directives;       # LoadModule and ShibConfig, for FCT::Httpd's configuration
#
# REMOTE_USER is the attribute uid. What is not installed ends the test file as in FCT::Backend.
package FCT::Shibd;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use IO::Socket::UNIX;
use FCT::Backend;
use FCT::Httpd;
use FCT::Proc qw(scratch write_file read_file find_program spawn_command stop_child alive wait_until unprivileged);

# Where the distribution's own files about protocols lie.
use constant ETC => '/etc/shibboleth';

# attributes: what of the assertion is published, each under its own name; lifetime: of sessions, in seconds (300).
sub start ($class, $idp, %opt) {
    state $count = 0;
    my $self = bless { lifetime => 300, %opt, idp => $idp, dir => scratch() . '/shibd' . ++$count }, $class;
    my $program = find_program('shibd') // FCT::Backend::missing('shibd', 'libapache2-mod-shib');
    FCT::Backend::missing('mod_shib', 'libapache2-mod-shib') if !FCT::Httpd->has_module('shib') || !-e ETC . '/protocols.xml';
    $self->{socket} = "$self->{dir}/socket";
    mkdir $self->{dir} or die "$self->{dir}: $!\n";
    $self->write_configuration;
    my (undef, $uid, $gid) = unprivileged();
    chown $uid, $gid, $self->{dir} if defined $uid;
    $self->{pid} = spawn_command('shibd', [$program, '-F', '-f', '-c', "$self->{dir}/shibboleth2.xml", '-p', "$self->{dir}/pid"],
        out => "$self->{dir}/output", uid => $uid, gid => $gid);
    my $up = wait_until(30, sub { !alive($self->{pid}) ? -1 : IO::Socket::UNIX->new(Peer => $self->{socket}) ? 1 : 0 }) // 0;
    die "shibd does not start:\n" . read_file("$self->{dir}/output") if $up != 1;
    return $self;
}

sub write_configuration ($self) {
    my $dir = $self->{dir};
    my $map = join "\n", map {
        qq{<Attribute name="$_" id="$_" nameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"/>}
    } @{ $self->{attributes} // ['uid'] };
    write_file("$dir/attribute-map.xml", qq{<Attributes xmlns="urn:mace:shibboleth:2.0:attribute-map">\n$map\n</Attributes>\n});
    write_file("$dir/$_.logger", <<"CONF") for qw(shibd native);
log4j.rootCategory=WARN, file
log4j.appender.file=org.apache.log4j.FileAppender
log4j.appender.file.fileName=$dir/$_.log
log4j.appender.file.layout=org.apache.log4j.PatternLayout
log4j.appender.file.layout.ConversionPattern=%d{%Y-%m-%d %H:%M:%S} %p %c %x: %m%n
CONF
    write_file("$dir/shibboleth2.xml", <<"XML");
<SPConfig xmlns="urn:mace:shibboleth:3.0:native:sp:config" logger="$dir/shibd.logger" clockSkew="180">
  <InProcess logger="$dir/native.logger"/>
  <UnixListener address="$self->{socket}"/>
  <ApplicationDefaults entityID="https://sp.test.example/shibboleth" REMOTE_USER="uid">
    <Sessions lifetime="$self->{lifetime}" timeout="$self->{lifetime}" checkAddress="false" handlerSSL="false" cookieProps="http" relayState="ss:mem">
      <SSO entityID="@{[FCT::Saml::ENTITY()]}">SAML2</SSO>
      <Logout>Local</Logout>
    </Sessions>
    <Errors supportContact="root\@localhost"/>
    <MetadataProvider type="XML" validate="false" path="@{[$self->{idp}->metadata]}"/>
    <AttributeExtractor type="XML" validate="false" reloadChanges="false" path="$dir/attribute-map.xml"/>
  </ApplicationDefaults>
  <SecurityPolicyProvider type="XML" validate="false" path="@{[ETC]}/security-policy.xml"/>
  <ProtocolProvider type="XML" validate="false" reloadChanges="false" path="@{[ETC]}/protocols.xml"/>
</SPConfig>
XML
    return;
}

# The module and its configuration; the module calls itself mod_shib, not shib_module.
sub directives ($self) {
    return 'LoadModule mod_shib ' . FCT::Httpd->module_dir . "/mod_shib.so\nShibConfig $self->{dir}/shibboleth2.xml\n";
}

# What the daemon and the module logged.
sub log_text ($self) { return join '', map { -e $_ ? read_file($_) : '' } map {"$self->{dir}/$_.log"} qw(shibd native) }

sub stop ($self) { return stop_child(delete $self->{pid}) }

1;
