# FCT::Kdc: a Kerberos realm of a test's own: a KDC on a free port, principals, keytabs, and tickets for curl.
#
#     my $kdc = FCT::Kdc->start(principals => ['alice', 'HTTP/test.example']);
#     my $keytab = $kdc->keytab('HTTP/test.example');
#     $kdc->kinit('alice');                                   # a ticket in a cache of alice's own
#     my $answer = $kdc->get('alice', $url, Name => 'value');   # with --negotiate, as alice: status, body
#
# What is not installed ends the test file as in FCT::Backend.
package FCT::Kdc;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use IO::Socket::INET;
use FCT::Backend;
use FCT::Proc qw(scratch write_file read_file find_program free_port spawn_command stop_child alive wait_until unprivileged);

# realm (TEST.EXAMPLE); principals: names without the realm; lifetime of tickets ("10m"); trusts: another FCT::Kdc whose users this realm accepts.
sub start ($class, %opt) {
    state $count = 0;
    my $self = bless { realm => 'TEST.EXAMPLE', lifetime => '10m', %opt, dir => scratch() . '/kdc' . ++$count, port => free_port() }, $class;
    my (undef, $uid, $gid) = unprivileged();
    for my $dir ($self->{dir}, "$self->{dir}/of-httpd") { mkdir $dir or die "$dir: $!\n" }
    chown $uid, $gid, "$self->{dir}/of-httpd" if defined $uid;
    $self->program($_->[0], $_->[1]) for ['krb5kdc', 'krb5-kdc'], ['kadmin.local', 'krb5-admin-server'], ['kinit', 'krb5-user'];
    $self->write_configuration;
    $self->run('kdb5_util', '-r', $self->{realm}, 'create', '-s', '-W', '-P', 'master');
    $self->run('kadmin.local', '-q', "addprinc -pw password-of-$_ $_") for @{ $opt{principals} // [] };
    $self->trust($opt{trusts}) if $opt{trusts};
    $self->{pid} = spawn_command('krb5kdc', [$self->program('krb5kdc'), '-n'], env => $self->environment, out => "$self->{dir}/output");
    wait_until(10, sub { !alive($self->{pid}) || IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}) });
    die "krb5kdc does not start:\n" . read_file("$self->{dir}/output") if !alive($self->{pid});
    return $self;
}

# Users of the other realm get tickets for services of this one.
sub trust ($self, $other) {
    my $crossing = "krbtgt/$self->{realm}\@$other->{realm}";
    $_->run('kadmin.local', '-q', "addprinc -pw shared $crossing") for $self, $other;
    $_->write_configuration($self, $other) for $self, $other;
    return;
}

sub stop ($self) { return stop_child(delete $self->{pid}) }

sub program ($self, $name, $package = 'krb5-user') {
    return find_program($name) // FCT::Backend::missing($name, $package);
}

sub write_configuration ($self, @realms) {
    @realms = $self if !@realms;
    my $realms = join "\n", map {"  $_->{realm} = {\n    kdc = 127.0.0.1:$_->{port}\n  }"} @realms;
    write_file("$self->{dir}/krb5.conf", <<"CONF");
[libdefaults]
  default_realm = $self->{realm}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  forwardable = true
  udp_preference_limit = 1
  ticket_lifetime = $self->{lifetime}
[realms]
$realms
[domain_realm]
  test.example = TEST.EXAMPLE
CONF
    write_file("$self->{dir}/kdc.conf", <<"CONF");
[kdcdefaults]
  kdc_listen = 127.0.0.1:$self->{port}
  kdc_tcp_listen = 127.0.0.1:$self->{port}
[realms]
  $self->{realm} = {
    database_name = $self->{dir}/principal
    key_stash_file = $self->{dir}/stash
    acl_file = $self->{dir}/acl
  }
[logging]
  kdc = FILE:$self->{dir}/kdc.log
  admin_server = FILE:$self->{dir}/admin.log
  default = FILE:$self->{dir}/krb5.log
CONF
    return;
}

# What programs need to find this realm; user: with the tickets of this principal.
sub environment ($self, $user = undef) {
    return {
        KRB5_CONFIG => "$self->{dir}/krb5.conf", KRB5_KDC_PROFILE => "$self->{dir}/kdc.conf", KRB5RCACHEDIR => $self->own_dir,
        KRB5CCNAME => defined $user ? "FILE:$self->{dir}/tickets-" . $user =~ tr{/@}{__}r : undef,
    };
}

# Where httpd may write: its replay cache, and what is delegated to it.
sub own_dir ($self) { return "$self->{dir}/of-httpd" }

# Runs a program to its end; what it printed. opt: user, input is nothing.
sub run ($self, $name, @arguments) { return $self->run_as(undef, $name, @arguments) }

sub run_as ($self, $user, $name, @arguments) {
    my $out = "$self->{dir}/run.out";
    unlink $out;
    my $pid  = spawn_command($name, [$self->program($name), @arguments], env => $self->environment($user), out => $out);
    my $done = wait_until(30, sub { !alive($pid) });
    my $exit = $?;
    stop_child($pid);
    my $said = read_file($out);
    die "$name @arguments:\n$said" if !$done || $exit;
    return $said;
}

# A file with the keys of these principals, which the account of httpd may read.
sub keytab ($self, @principals) {
    my $file = "$self->{dir}/keytab";
    $self->run('kadmin.local', '-q', "ktadd -k $file $_") for @principals;
    my (undef, $uid, $gid) = unprivileged();
    chown $uid, $gid, $file if defined $uid;
    return $file;
}

# A ticket-granting ticket for the principal, by its password; it is kept in a file that goes with the realm.
sub kinit ($self, $user) {
    my $keys = "$self->{dir}/keys-of-client";
    unlink $keys;
    $self->run('kadmin.local', '-q', "ktadd -norandkey -k $keys $user");
    return $self->run_as($user, 'kinit', '-k', '-t', $keys, $user);
}

# curl with the tickets of this principal: what it printed.
sub curl ($self, $user, $url, @arguments) {
    my ($port) = $url =~ /:(\d+)/;
    return $self->run_as($user, 'curl', '-sS', '--max-time', '20', '--resolve', "test.example:$port:127.0.0.1", @arguments, $url);
}

# One request with these header lines; a list of curl's own arguments may come first. The answer: { status, body }.
sub get ($self, $user, $url, @headers) {
    my @arguments = ref $headers[0] ? (shift @headers)->@* : ('--negotiate', '-u', ':');
    while (my ($name, $value) = splice @headers, 0, 2) { push @arguments, '-H', "$name: $value" }
    my ($body, $status) = $self->curl($user, $url, @arguments, '-w', '\n%{http_code}') =~ /\A(.*)\n(\d{3})\z/s or die "$url: no answer\n";
    return bless { status => $status, body => $body }, 'FCT::Kdc::Answer';
}

package FCT::Kdc::Answer;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

sub status ($self) { return $self->{status} }

sub body ($self) { return $self->{body} }

1;
