# FCT::Told: one request through a gateway, and what the application was told of it: the table tests of header fields and parameters.
#
#     my $gateway = FCT::Gateway->new(each => \&FCT::Told::keep, policy => …);
#     is_told(told($gateway, ['X-Role: admin']), 'a role', { HTTP_X_ROLE => undef, QUERY_STRING => … });
#     is_refused(told($gateway, ['X_Role: admin']), 'an alias', 400, 'FCT2019');
package FCT::Told;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Exporter qw(import);
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep);
use FCT::Client;
use FCT::H2;
use FCT::Httpd;
use FCT::Proc qw(wait_until);
use FCT::Record qw(answer);

our @EXPORT = qw(told is_told is_refused folded);

# A name as an application that knows only A-Z, 0-9 and _ reads it.
sub folded ($name) { return uc $name =~ s/[^A-Za-z0-9]/_/gr }

# The peer's part: keeps the parameters under the mark that the query begins with, as REQUEST_URI has it.
sub keep ($conn, $request) {
    my ($mark) = map { $_->[0] eq 'REQUEST_URI' && $_->[1] =~ /\?(told\d+)/ ? $1 : () } $request->{params}->@*;
    $conn->tell($mark // 'unmarked', JSON::PP::encode_json({ params => $request->{params}, stdin => $request->{stdin}, aborted => $request->{aborted} ? 1 : 0 }));
    $conn->send(answer($request->{id}, 'told'));
    return 1;
}

# Sends the header lines, exactly as they are, on a connection of their own: { status, params => [[name, value], …] or undef, stdin, aborted, log }.
# opt: method, path (/page), query (behind the mark), version, host, after (bytes behind the head; a list: with a pause between), httpd and port (another
# server, or port of it), local (address to come from), h2 => 1 (the lines become fields of HTTP/2; body: its DATA, pause: seconds before it; trailers: lines).
sub told ($gateway, $lines = [], %opt) {
    state $count = 0;
    my $mark  = 'told' . ++$count;
    my $log   = $gateway->httpd->log;
    my $known = length $log->text;
    my $path  = ($opt{path} // '/page') . "?$mark" . ($opt{query} // '');
    my $status = $opt{h2} ? status_h2($gateway, $path, $lines, %opt) : status_h1($gateway, $path, $lines, %opt);
    my $kept = $gateway->peer->told($mark);
    return { status => $status, log => sub { substr $log->text, $known }, $kept ? JSON::PP::decode_json($kept)->%* : () };
}

sub status_h1 ($gateway, $path, $lines, %opt) {
    my $client = FCT::Client->connect(port => $opt{port} // $gateway->port, local => $opt{local});
    my $method = $opt{method} // 'GET';
    my $host   = $opt{host} // 'test.example';
    my ($first, @later) = ref $opt{after} ? $opt{after}->@* : $opt{after} // '';
    $client->send(join "\r\n", "$method $path HTTP/" . ($opt{version} // '1.1'), "Host: $host", @$lines, '', $first);
    for (@later) { sleep 0.1; $client->send($_) }
    my $status = $client->response(method => $method)->status;
    $client->close;
    return $status;
}

sub status_h2 ($gateway, $path, $lines, %opt) {
    my $h2 = FCT::H2->connect(port => $opt{port} // $gateway->port, local => $opt{local});
    my $open = $opt{trailers} ? 1 : 0;
    my $id = $h2->request($path, method => $opt{method}, host => $opt{host}, headers => [fields_of($lines)], body => $opt{body}, pause => $opt{pause}, open => $open);
    $h2->{client}->send(FCT::H2::frame(FCT::H2::HEADERS, FCT::H2::END_HEADERS | FCT::H2::END_STREAM, $id,
        FCT::Hpack::encode(fields_of($opt{trailers})))) if $open;
    my $answer = $h2->answer($id);
    $h2->close;
    return $answer->{verdict} eq 'complete' ? $answer->{status} : $answer->{verdict};
}

sub fields_of ($lines) { return map { /^([^:]+):[ \t]*(.*)/s ? (lc $1, $2) : die "no field: $_\n" } @$lines }

# One assertion: the request was served, and of each name, in whatever folding, the application was told exactly this value (undef: nothing).
sub is_told ($told, $name, $wanted, $status = 200) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my %said;
    for my $pair (@{ $told->{params} // [] }) { push $said{ folded($pair->[0]) }->@*, $pair->[1] }
    my %got = map { my $all = $said{ folded($_) }; ($_ => $all ? join ' and ', @$all : undef) } keys %$wanted;
    return is_deeply({ status => $told->{status}, %got }, { status => $status, %$wanted }, $name) || diag($told->{log}->());
}

# One assertion: the request was refused with this status, the application was told nothing, and the log says why.
sub is_refused ($told, $name, $status, $finding) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $said = FCT::Httpd::is_stock() || wait_until(2, sub { $told->{log}->() =~ /\b$finding\b/ }) ? $finding : 'no such finding';
    my $seen = $told->{params} ? 'the application is asked' : 'unseen';
    return is("$told->{status}, $seen, $said", "$status, unseen, $finding", $name) || diag($told->{log}->());
}

1;
