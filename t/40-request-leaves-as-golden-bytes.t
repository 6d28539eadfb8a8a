# What goes to the backend is exactly one form of FastCGI: every byte of it is known, and nothing is sent that was not asked for. SPEC 4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Record qw(:all);

# The bytes a request must consist of: its parameters as they were received, everything else as the specification draws it.
sub golden ($request, $keep) {
    my $id = $request->{id};
    my $pairs = join '', map { encode_pair(@$_) } $request->{params}->@*;
    return join '', record(FCGI_BEGIN_REQUEST, $id, pack 'nCx5', 1, $keep ? FCGI_KEEP_CONN : 0),
        record(FCGI_PARAMS, $id, $pairs), record(FCGI_PARAMS, $id, ''),
        (map { record(FCGI_STDIN, $id, $_) } $request->{stdin}), $request->{stdin} ne '' ? record(FCGI_STDIN, $id, '') : ();
}

my @asked = (
    ['GET', '/get?a=b'], ['HEAD', '/head'], ['POST', '/post', 'x=1&y=2'], ['POST', '/empty', ''], ['POST', '/one', 'x'],
    ['POST', '/nul', "\0\r\n\r\n\xff"], ['PUT', '/put', 'y' x 16384], ['DELETE', '/delete'],
);

sub ask_all ($gateway, $client = undef) {
    for (@asked) {
        my ($method, $path, $body) = @$_;
        my $answer = ($client // $gateway->client)->ask($path, method => $method, body => $body, headers => ['User-Agent' => 'test/1']);
        is($answer->status, 200, "$method $path is answered");
    }
    return;
}

for my $case (
    ['enablereuse=on', 'enablereuse=on', 1], ['enablereuse=on, a Unix socket', 'enablereuse=on', 1, unix => 1],
    ['enablereuse=off', 'enablereuse=off', 0], ['no word about reuse', '', 0], ['disablereuse=on', 'disablereuse=on', 0],
) {
    my ($name, $worker, $keep, %peer) = @$case;
    subtest $name => sub {
        my $gateway = FCT::Gateway->new(worker => $worker, peer => \%peer);
        ask_all($gateway, $gateway->client);
        my @connections = $gateway->peer->connections;
        is(scalar @connections, $keep ? 1 : @asked, $keep ? 'all requests use one backend connection' : 'each request has a backend connection of its own');
        my @requests = map { $_->{requests}->@* } @connections;
        is(join('', map { golden($_, $keep) } @requests), join('', map { $_->{raw} } @connections), 'every byte sent is as the specification draws it');
        is_deeply([map { $_->{stdin} } @requests], [map { $_->[2] // '' } @asked], 'STDIN is the body');
        is_deeply([map { $_->{param}{REQUEST_METHOD} } @requests], [map { $_->[0] } @asked], 'each request has its own parameters');
        my %ids = map { $_->{id} => 1 } map { $_->{requests}->@* } $connections[0];
        is(scalar keys %ids, scalar $connections[0]{requests}->@*, 'each request of a connection has an id of its own');
        ok(!(grep { $_->{id} < 1 } @requests), 'no request has the id 0');
        is(scalar(grep { $_->{type} !~ /^[145]$/ } map { $_->{records}->@* } @connections), 0, 'only BEGIN_REQUEST, PARAMS and STDIN are sent');
        $gateway->finish;
    };
}
done_testing;
