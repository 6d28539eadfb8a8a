# FCT::Twins: one configuration served twice, by stock mod_proxy_fcgi and by the module, so that a test can say where they differ.
#
#     my $twins = FCT::Twins->start(config => …, set => …);
#     my ($stock, $module) = $twins->ask('/x', method => 'HEAD');
#     $twins->finish(findings => […]);
package FCT::Twins;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Test::More;
use FCT::Backend;
use FCT::Client;
use FCT::Httpd;

# What FCT::Httpd takes. The stock server is given the configuration without the FcgiTrust lines.
sub start ($class, %opt) {
    FCT::Backend::missing('mod_proxy_fcgi', 'apache2') if !FCT::Httpd->has_module('proxy_fcgi');
    my $self = bless { module => FCT::Httpd->new(%opt)->start }, $class;
    local $ENV{T_MODULE} = 'stock';
    $self->{stock} = FCT::Httpd->new(%opt)->start;
    return $self;
}

sub module ($self) { return $self->{module} }

sub stock ($self) { return $self->{stock} }

# The same request to both, on connections of their own: (answer of stock, answer of the module).
sub ask ($self, $path, %opt) {
    return map { FCT::Client::request($self->{$_}->port, $path, %opt) } qw(stock module);
}

# The text with what differs between two private servers replaced: directory, ports, request id.
sub normalised ($self, $which, $text) {
    my $httpd = $self->{$which};
    my ($dir, $port) = (quotemeta $httpd->dir, $httpd->port);
    return $text =~ s/$dir/DIR/gr =~ s/\b$port\b/PORT/gr;
}

# Ends both; the module's error log is judged by what is expected of it, the other's only for crashes.
sub finish ($self, %expected) {
    $self->{module}->finish(%expected);
    local $ENV{T_MODULE} = 'stock';
    $self->{stock}->finish;
    return;
}

1;
