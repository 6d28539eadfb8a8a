# FCT::Apps: one httpd in front of several real backends, each with the policy shipped for it and a route of its own.
#
#     my $apps = FCT::Apps->start(worker => 'enablereuse=on', backend => { unix => 1 });
#     for my $app ($apps->each) { my $answer = request($apps->port, "$app->{path}echo", body => 'x') }
#     $apps->finish;
package FCT::Apps;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Test::More;
use FCT::Backend;
use FCT::Client qw(request);
use FCT::Httpd;
use FCT::Proc qw(repo_root read_file wait_until);

# kind, the policy shipped for it, its ProxyPass path, and what stands between that and an action's name. closes: never keeps a
# connection, and closes it a moment after END_REQUEST (a POST that meets that moment cannot be sent again).
my @KINDS = (
    { kind => 'php_fpm',   policy => 'php-fpm', mount => '/php/',  script => 'app.php/' },
    { kind => 'go',        policy => 'go',      mount => '/go/',   script => '' },
    { kind => 'uwsgi',     policy => 'wsgi',    mount => '/wsgi/', script => '', closes => 1 },
    { kind => 'perl_fcgi', policy => 'generic', mount => '/perl/', script => '' },
    { kind => 'libfcgi',   policy => 'rfc3875', mount => '/c/',    script => '' },
);

sub kinds () { return map { $_->{kind} } @KINDS }

# kinds (all), worker (parameters of every ProxyPass; not for those that close), worker_of => { kind => parameters }, backend (what every FCT::Backend takes), before and config (lines of httpd's
# configuration), and what FCT::Httpd takes.
sub start ($class, %opt) {
    my %wanted  = map { $_ => 1 } @{ delete $opt{kinds} // [kinds()] };
    my %backend = %{ delete $opt{backend} // {} };
    my $worker  = delete $opt{worker} // '';
    $worker = '' if FCT::Httpd->mpm eq 'prefork';    # each of its processes would keep connections of its own, and starve the others
    my %own     = %{ delete $opt{worker_of} // {} };
    my $self = bless { leftover => '', apps => [map { +{%$_} } grep { $wanted{ $_->{kind} } } @KINDS] }, $class;
    my $config = join "\n", 'Listen 127.0.0.1:@PORT@', 'ExtendedStatus On', "<Location /server-status>\nSetHandler server-status\n</Location>",
        delete $opt{before} // '';
    for my $app ($self->each) {
        my $start = $app->{kind};
        $app->{backend} = FCT::Backend->$start(%backend);
        $app->{path} = "$app->{mount}$app->{script}";
        $opt{set}{ uc $start } = $app->{backend}->url;
        # What follows the host is what stock mod_proxy_fcgi makes SCRIPT_FILENAME of.
        my $target = '@' . uc($start) . '@' . ($app->{script} ? "\@DOCROOT\@$app->{mount}" : '/');
        $config .= "\nProxyPass $app->{mount} $target @{[$own{$start} // ($app->{closes} ? '' : $worker)]}\n<Location $app->{mount}>\n"
            . "FcgiTrustPolicy \@SHIPPED\@/$app->{policy}.xml\n</Location>\n";
        $opt{files}{"htdocs$app->{mount}app.php"} //= read_file(repo_root() . '/t/lib/apps/app.php') if $app->{script};
    }
    push @{ $opt{modules} }, qw(status unique_id);
    $self->{httpd} = FCT::Httpd->new(%opt, config => "$config\n" . (delete $opt{config} // ''))->start;
    return $self;
}

sub each ($self) { return $self->{apps}->@* }

# The application of a kind.
sub app ($self, $kind) { return (grep { $_->{kind} eq $kind } $self->each)[0] }

sub httpd ($self) { return $self->{httpd} }

sub port ($self) { return $self->{httpd}->port }

# One assertion that no worker of httpd is left busy with anything but the question (a connection that waits for its next request is idle).
sub workers_are_idle ($self, $name) {
    my $said = '';
    my $idle = wait_until(5, sub {
        $said = request($self->port, '/server-status?auto', close => 1)->body;
        return $said =~ /^Scoreboard: [_.KI]*W[_.KI]*$/m;
    });
    return ok($idle, $name) || diag($said);
}

# One assertion that an application answers ordinary requests.
sub answers ($self, $app, $name) {
    my $answer = request($self->port, "$app->{path}echo", body => "ask $name", close => 1, timeout => 5);
    my $right = $answer->is_success && $answer->body eq "ask $name";
    return ok($right, $name) || diag($answer->summary, "\n", $answer->body);
}

# One request and its answer on a connection that is kept as long as httpd keeps it.
sub ask ($self, $path, %opt) {
    my $client = $self->{client};
    $client = $self->{client} = FCT::Client->connect(port => $self->port) if !$client || $client->{closed} || !$self->{kept};
    my $answer = $client->ask($path, %opt);
    $self->{kept} = $answer->keeps_alive && $client->leftover eq '';
    $self->{leftover} .= $client->leftover;
    return $answer;
}

# One assertion that no byte came which belongs to no answer.
sub is_in_step ($self, $name) {
    return is($self->{leftover}, '', $name);
}

# Ends the server and judges its log, then ends the backends.
sub finish ($self, %expected) {
    $self->{httpd}->finish(%expected);
    $_->{backend}->stop for $self->each;
    return;
}

1;
