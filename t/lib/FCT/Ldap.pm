# FCT::Ldap: a directory of a test's own: slapd on a free loopback port with people and groups.
#
#     my $ldap = FCT::Ldap->start(people => { alice => { mail => 'alice@corp.example', password => 'secret' } }, groups => { staff => ['alice'] });
#     $ldap->url('people', 'uid,mail')    # ldap://127.0.0.1:PORT/ou=people,dc=test,dc=example?uid,mail
#
# What is not installed ends the test file as in FCT::Backend.
package FCT::Ldap;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use IO::Socket::INET;
use FCT::Backend;
use FCT::Proc qw(scratch write_file read_file find_program free_port spawn_command stop_child alive wait_until);

use constant BASE => 'dc=test,dc=example';

sub start ($class, %opt) {
    state $count = 0;
    my $self = bless { dir => scratch() . '/ldap' . ++$count, port => free_port() }, $class;
    my ($slapd, $slapadd) = map { find_program($_) // FCT::Backend::missing('slapd', 'slapd') } qw(slapd slapadd);
    my ($schema)  = grep { -e "$_/core.schema" } qw(/etc/ldap/schema /etc/openldap/schema);
    my ($modules) = grep { glob "$_/back_mdb*" } qw(/usr/lib/ldap /usr/lib64/openldap);
    my $load = $modules ? "modulepath $modules\nmoduleload back_mdb" : '';
    $schema // FCT::Backend::missing('the schema files of OpenLDAP', 'slapd');
    File::Path::make_path("$self->{dir}/data");
    my $config = write_file("$self->{dir}/slapd.conf", <<"CONF");
include $schema/core.schema
include $schema/cosine.schema
include $schema/inetorgperson.schema
pidfile $self->{dir}/slapd.pid
argsfile $self->{dir}/slapd.args
$load
database mdb
suffix "@{[BASE]}"
directory $self->{dir}/data
maxsize 10485760
access to attrs=userPassword by anonymous auth by * none
access to * by * read
CONF
    my $ldif = write_file("$self->{dir}/data.ldif", entries(%opt));
    run_to_end('slapadd', "$self->{dir}/slapadd.out", $slapadd, '-f', $config, '-l', $ldif);
    $self->{pid} = spawn_command('slapd', [$slapd, '-d', '0', '-f', $config, '-h', "ldap://127.0.0.1:$self->{port}/"], out => "$self->{dir}/output");
    wait_until(10, sub { !alive($self->{pid}) || IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}) });
    die "slapd does not start:\n" . read_file("$self->{dir}/output") if !alive($self->{pid});
    return $self;
}

sub run_to_end ($name, $out, @command) {
    my $pid  = spawn_command($name, \@command, out => $out);
    my $done = wait_until(20, sub { !alive($pid) });
    my $exit = $?;
    stop_child($pid);
    die "$name:\n" . read_file($out) if !$done || $exit;
    return;
}

# Everything in the directory, as LDIF: people below ou=people, groups (groupOfNames) below ou=groups.
sub entries (%opt) {
    my @entries = ([BASE, objectClass => 'dcObject', objectClass => 'organization', dc => 'test', o => 'Test'],
        map { ["ou=$_," . BASE, objectClass => 'organizationalUnit', ou => $_] } qw(people groups));
    for my $uid (sort keys %{ $opt{people} // {} }) {
        my %person = (cn => $uid, sn => $uid, $opt{people}{$uid}->%*);
        my $password = delete $person{password};
        push @entries, ["uid=$uid,ou=people," . BASE, objectClass => 'inetOrgPerson', uid => $uid, %person, userPassword => $password];
    }
    for my $cn (sort keys %{ $opt{groups} // {} }) {
        push @entries, ["cn=$cn,ou=groups," . BASE, objectClass => 'groupOfNames', cn => $cn,
            map { (member => "uid=$_,ou=people," . BASE) } $opt{groups}{$cn}->@*];
    }
    return join "\n", map { ldif(@$_) } @entries;
}

sub ldif ($dn, @pairs) {
    my $text = "dn: $dn\n";
    while (my ($name, $value) = splice @pairs, 0, 2) { $text .= "$name: $value\n" }
    return $text;
}

# For AuthLDAPURL: where people or groups are, and which attributes are asked for.
sub url ($self, $unit, $attributes) { return "ldap://127.0.0.1:$self->{port}/ou=$unit," . BASE . "?$attributes" }

# The name of a group's entry, for Require ldap-group.
sub group ($self, $cn) { return "cn=$cn,ou=groups," . BASE }

sub stop ($self) { return stop_child(delete $self->{pid}) }

1;
