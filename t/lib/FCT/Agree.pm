# FCT::Agree: one raw request through a gateway, and the same text through the tool: what the application was told, the verdict and the
# finding of both.
#
#     agree($gateway, 'a plain request', 'policy.xml', "GET / HTTP/1.1\r\nHost: a\r\n\r\n", ['--user', 'alice'], port => …);
package FCT::Agree;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Exporter qw(import);
use JSON::PP ();
use Test::More;
use FCT::Client;
use FCT::Proc qw(scratch wait_until write_file);
use FCT::Tool;

our @EXPORT = qw(agree seen_by_module seen_by_tool);

# Sends the bytes on a connection of their own: { status, params => [[name, value], …] or undef, finding, peer => ADDR:PORT, local }.
# opt: local (address to come from), tls (as FCT::Client), port.
sub seen_by_module ($gateway, $bytes, %opt) {
    my $log     = $gateway->httpd->log;
    my $known   = length $log->text;
    my $asked   = scalar $gateway->peer->requests;
    my $client  = FCT::Client->connect(port => $opt{port} // $gateway->port, local => $opt{local}, $opt{tls} ? (tls => $opt{tls}) : $gateway->tls);
    my $port    = $opt{tls} || $gateway->tls ? undef : $client->{socket}->sockport;
    $client->send($bytes);
    my ($method) = $bytes =~ /\A\s*(\S+)/;
    my $status  = $client->response(method => $method)->status // 0;
    $client->close;
    my @requests = $gateway->peer->requests;
    my $params   = @requests > $asked ? $requests[-1]{params} : undef;
    $status = 0 if $params;              # what the application answers is its own affair
    my $finding = sub { my @tags = grep { $_ != 5023 } substr($log->text, $known) =~ /\bFCT(\d{4})\b/g; $tags[0] // 0 };
    return { status => $status, params => $params, finding => $params ? sub {0} : $finding, port => $port };      # served: what is told beside is no verdict
}

sub exact ($param) {
    my $value = $param->{value_hex} ? pack 'H*', $param->{value_hex} : $param->{value};
    utf8::encode($value) if !$param->{value_hex};
    return [$param->{name}, $value];
}

# The same from the tool: { status, params, finding, by_httpd, why }.
sub seen_by_tool ($policy, $bytes, $given) {
    state $count = 0;
    my $file = scratch() . '/agree' . ++$count . '.txt';
    write_file($file, $bytes);
    my $ran = FCT::Tool::run('explain', $policy, '--request', $file, '--format', 'json', @$given);
    return { status => -1, why => "$ran->{err}$ran->{out}", params => undef, finding => 0 } if $ran->{exit} > 1 || $ran->{exit} < 0;
    my $said    = JSON::PP->new->utf8->decode($ran->{out});
    my $verdict = $said->{verdict};
    return { status => $verdict->{status}, params => $verdict->{status} ? undef : [map { exact($_) } $said->{parameters}->@*],
        finding => $verdict->{finding} // 0, by_httpd => ($verdict->{'ended-by'} // '') eq 'httpd', why => $verdict->{why} // '' };
}

# Three assertions: both end the request in the same way, for the same reason, and the parameters are the same bytes in the same order.
sub agree ($gateway, $name, $policy, $bytes, $given = [], %opt) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $module = seen_by_module($gateway, $bytes, %opt);
    my $from   = $opt{local} // '127.0.0.1';
    my $tool   = seen_by_tool($policy, $bytes, [($module->{port} ? ('--peer', "$from:$module->{port}") : ()), @$given]);
    is($tool->{status}, $module->{status}, "$name: the same verdict") or diag("the tool: $tool->{why}\n" . substr $gateway->httpd->log->text, -2000);
    wait_until(2, sub { $module->{finding}->() == $tool->{finding} }) if $tool->{finding};
    is($tool->{finding}, $module->{finding}->(), "$name: the same finding");
    is_deeply($tool->{params}, without($module->{params}, $opt{unknown}), "$name: " . ($tool->{params} ? 'the same parameters, byte for byte' : 'nothing is told'));
    return $module;
}

# A client port behind openssl s_client is not known beforehand.
sub without ($params, $names) {
    return $params if !$params || !$names;
    my %unknown = map { $_ => 1 } @$names;
    return [grep { !$unknown{ $_->[0] } } @$params];
}

1;
