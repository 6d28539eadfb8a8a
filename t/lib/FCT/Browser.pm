# FCT::Browser: what a person's browser does with an application: keeps cookies, sends forms and files, follows redirects.
#
#     my $browser = FCT::Browser->new(port => $httpd->port);
#     my $answer  = $browser->post('/wp-login.php', [log => 'admin', pwd => 'secret']);
#     $answer = $browser->follow($answer);
package FCT::Browser;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use FCT::Client;

# port; host (test.example:PORT).
sub new ($class, %opt) {
    return bless { host => "test.example:$opt{port}", timeout => 30, jar => {}, %opt }, $class;
}

sub cookie ($self, $name) { return $self->{jar}{$name} }

sub cookie_header ($self) { return join '; ', map {"$_=$self->{jar}{$_}"} sort keys $self->{jar}->%* }

sub origin ($self) { return "http://$self->{host}" }

# One request; the answer's cookies are kept (all are for every path here). What FCT::Client::request takes.
sub ask ($self, $path, %opt) {
    my @headers = @{ $opt{headers} // [] };
    push @headers, Cookie => $self->cookie_header if $self->{jar}->%*;
    my $answer = FCT::Client::request($self->{port}, $path, host => $self->{host}, timeout => $self->{timeout}, close => 1, %opt, headers => \@headers);
    for ($answer->all('Set-Cookie')) {
        my ($name, $value) = /\A([^=;]+)=([^;]*)/ or next;
        my $gone = /;\s*max-age=0\b/i || $value eq 'deleted' || $value eq '';
        $gone ? delete $self->{jar}{$name} : ($self->{jar}{$name} = $value);
    }
    return $answer;
}

sub get ($self, $path, @headers) { return $self->ask($path, headers => \@headers) }

# A form with these fields, in order.
sub post ($self, $path, $fields, @headers) {
    return $self->ask($path, body => form($fields), headers => ['Content-Type' => 'application/x-www-form-urlencoded', @headers]);
}

# The path a redirect names, on this server or not at all; with its query, without its fragment.
sub target ($self, $answer) {
    my $origin = $self->origin;
    my $to = $answer->header('Location') // return;
    $to =~ s/#.*//s;
    return $to =~ m{\A\Q$origin\E(/.*)?\z} ? $1 // '/' : $to =~ m{\A/} ? $to : undef;
}

# Goes where redirects lead, as often as they do; the last answer.
sub follow ($self, $answer) {
    for (1 .. 5) {
        last if $answer->status !~ /^30[1237]$/;
        my $to = $self->target($answer) // last;
        $answer = $self->get($to);
    }
    return $answer;
}

# The value of a hidden field in a page.
sub hidden ($answer, $name) {
    my ($tag) = $answer->body =~ /(<input\b[^>]*\bname=["']\Q$name\E["'][^>]*>)/s or return;
    return $tag =~ /\bvalue=(["'])(.*?)\1/s ? $2 : undef;
}

sub form ($fields) {
    my @pairs;
    my @left = @$fields;
    while (my ($name, $value) = splice @left, 0, 2) { push @pairs, escape($name) . '=' . escape($value) }
    return join '&', @pairs;
}

sub escape ($text) { return $text =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger }

1;
