# FCT::Cas: a CAS server for mod_auth_cas: tickets for users, and what they are worth (CAS protocol 2.0, 2.5).
#
#     my $cas = FCT::Cas->start(users => { alice => { mail => 'alice@corp.example', groups => [qw(staff hr)] } });
#     my $lines  = $cas->directives;                              # of the module
#     my $answer = $cas->log_in($browser, '/app/page', 'alice');  # with a ticket, back to the page
package FCT::Cas;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use FCT::Proc qw(scratch unprivileged);
use FCT::Web;

sub start ($class, %opt) {
    state $count = 0;
    my $self = bless { %opt, dir => scratch() . '/cas' . ++$count, tickets => 0 }, $class;
    mkdir $self->{dir} or die "$self->{dir}: $!\n";
    my (undef, $uid, $gid) = unprivileged();
    chown $uid, $gid, $self->{dir} if defined $uid;
    my %spent;
    $self->{web} = FCT::Web->start(sub ($request) {
        my $ticket = $request->{query}{ticket} // '';
        my ($user) = $ticket =~ /\AST-(\w+)-\d+\z/;
        return xml($user && $self->{users}{$user} && !$spent{$ticket}++ ? $self->success($user) : failure());
    });
    return $self;
}

sub stop ($self) { return $self->{web}->stop }

# The module keeps its sessions in a directory of its own, in which it removes what it does not know.
sub directives ($self) {
    my $url = $self->{web}->url;
    return "CASLoginURL $url/login\nCASValidateURL $url/serviceValidate\nCASCookiePath $self->{dir}/\n";
}

# Asks for this page, gets a ticket for it, and goes back; the last answer of the site.
sub log_in ($self, $browser, $path, $user) {
    my $answer = $browser->get($path);
    my ($service) = ($answer->header('Location') // '') =~ m{\A\Q@{[$self->{web}->url]}\E/login\?service=([^&]+)} or return $answer;
    my ($back) = FCT::Web::decoded($service) =~ m{\A\Q@{[$browser->origin]}\E(/.*)\z} or die "$service is elsewhere\n";
    return $browser->follow($browser->get("$back?ticket=ST-$user-" . ++$self->{tickets}));
}

sub xml ($inside) {
    return [200, ['Content-Type' => 'application/xml'], qq{<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">$inside</cas:serviceResponse>\n}];
}

sub success ($self, $user) {
    my $has  = $self->{users}{$user};
    my $list = '';
    for my $name (sort keys %$has) {
        $list .= "<cas:$name>$_</cas:$name>" for ref $has->{$name} ? $has->{$name}->@* : $has->{$name};
    }
    return "<cas:authenticationSuccess><cas:user>$user</cas:user><cas:attributes>$list</cas:attributes></cas:authenticationSuccess>";
}

sub failure () { return '<cas:authenticationFailure code="INVALID_TICKET">unknown</cas:authenticationFailure>' }

1;
