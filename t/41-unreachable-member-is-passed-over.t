# A member that cannot be connected to is passed over, body and all; when none is left the client gets 503. failonstatus and failontimeout
# work as mod_proxy documents them. SPEC 3, 4 (Replay).
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Client qw(request);
use FCT::Gateway;
use FCT::Httpd;
use FCT::Peer;
use FCT::Proc qw(free_port);
use FCT::Record qw(:all);

my @modules = qw(proxy_balancer lbmethod_byrequests slotmem_shm);

sub serving ($name) {
    return FCT::Peer->start(serve => sub ($conn) {
        while (my $request = $conn->read_request) {
            my ($what) = $request->{param}{QUERY_STRING} =~ /^(\w*)/;
            if ($what eq "stall$name") { $conn->drain(6); return }
            if ($what eq "stall${name}late") {
                $conn->send(stdout($request->{id}, "Content-Type: text/plain\r\n\r\npart"));
                $conn->drain(6);
                return;
            }
            my @head = ('Content-Type: text/plain', $what eq "busy$name" ? 'Status: 503' : ());
            $conn->send(answer($request->{id}, "$name $request->{stdin}", @head));
        }
    });
}

sub balanced ($set, $members, $options = '', $more = '') {
    return FCT::Httpd->new(modules => \@modules, set => $set, config => <<"CONF")->start;
Listen 127.0.0.1:\@PORT\@
ProxyTimeout 1
FcgiTrustPolicy \@POLICIES\@/open.xml
<Proxy balancer://all>
    $members
    ProxySet $options
</Proxy>
ProxyPass / balancer://all/
$more
CONF
}

my $down = free_port();
my ($one, $two) = (serving('one'), serving('two'));
my $gone = FCT::Proc::scratch() . '/no-such-socket';

for my $case (['a port nobody listens on', "fcgi://127.0.0.1:$down"], ['a Unix socket that is not there', "unix:$gone|fcgi://gone"]) {
    my ($name, $url) = @$case;
    for my $body (undef, '', 'a=b', 'x' x 1_000_000) {
        my $httpd = balanced({ DOWN => $url, UP => $one->url }, "BalancerMember \@DOWN\@ retry=60\n    BalancerMember \@UP\@ status=+H enablereuse=on", 'lbmethod=byrequests');
        my $what  = defined $body ? length($body) . ' bytes of body' : 'no body';
        my $answer = request($httpd->port, '/page', body => $body);
        is($answer->status . ' ' . $answer->body, '200 one ' . ($body // ''), "$name, $what: the next member serves the request, whole");
        is(request($httpd->port, '/page')->status, 200, "$name, $what: and the one after it");
        $httpd->finish(findings => ['FCT5001'], log => [qr/AH0(?:1114|0957|2454|0959)/]);
    }
}
subtest 'a body that was not read yet goes to the next member' => sub {
    my $httpd = balanced({ DOWN => "fcgi://127.0.0.1:$down", UP => $one->url }, "BalancerMember \@DOWN\@ retry=60\n    BalancerMember \@UP\@ status=+H", 'lbmethod=byrequests');
    my $client = FCT::Client->connect(port => $httpd->port);
    $client->send("POST /page HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n");
    ok($client->wait_bytes(qr/100 Continue/, 5), 'the client is invited to send it');
    $client->send('abcdef');
    is($client->response->body, 'one abcdef', 'it arrives');
    $httpd->finish(findings => ['FCT5001'], log => [qr/AH0(?:1114|0957|0959)/]);
};
subtest 'all members are down' => sub {
    my $other = free_port();
    my $httpd = balanced({}, "BalancerMember fcgi://127.0.0.1:$down retry=60\n    BalancerMember fcgi://127.0.0.1:$other retry=60", 'lbmethod=byrequests');
    for my $body (undef, 'a=b') {
        my $answer = request($httpd->port, '/page', body => $body);
        is($answer->status, 503, 'the client gets 503');
        ok($answer->is_complete, 'a complete one');
    }
    $httpd->finish(findings => ['FCT5001'], log => [qr/AH0(?:1114|0957|0959)/], allow => [qr/AH01167/, qr/AH01171/]);
};
subtest 'no balancer' => sub {
    my $httpd = FCT::Httpd->new(config => <<"CONF")->start;
Listen 127.0.0.1:\@PORT\@
FcgiTrustPolicy \@POLICIES\@/open.xml
ProxyPass / fcgi://127.0.0.1:$down/ retry=0
CONF
    is(request($httpd->port, '/page')->status, 503, 'a backend that is down is 503') for 1, 2;
    my $peer = FCT::Peer->start(port => $down, serve => sub ($conn) { my $r = $conn->read_request or return; $conn->send(answer($r->{id}, 'up')) });
    is(request($httpd->port, '/page')->body, 'up', 'and serves as soon as it is up');
    $peer->stop;
    $httpd->finish(findings => ['FCT5001'], log => [qr/AH0(?:1114|0957|0959)/]);
};

# These two take a member out although a connection was made.
for my $case (
    ['failonstatus=503', '/page?busyone', 503, 'the status the backend said'], ['failonstatus=502,503', '/page?busyone', 503, 'one of two statuses'],
    ['failontimeout=on', '/page?stallone', 504, 'silence before output'], ['failontimeout=on', '/page?stallonelate', 200, 'silence after output'],
) {
    my ($option, $path, $status, $what) = @$case;
    subtest "$option: $what" => sub {
        my $httpd = balanced({ ONE => $one->url, TWO => $two->url }, "BalancerMember \@ONE\@ retry=60\n    BalancerMember \@TWO\@ status=+H retry=60",
            "lbmethod=byrequests $option");
        is(request($httpd->port, '/page')->body, 'one ', 'the first member serves');
        my $answer = request($httpd->port, $path);
        is($answer->status, $status, "the client gets $status");
        is($answer->is_complete, $status == 200 ? '' : 1, $status == 200 ? 'an answer that is visibly not whole' : 'a complete answer');
        is(request($httpd->port, '/page')->body, 'two ', 'the member is out, the standby serves the next request');
        $httpd->finish(findings => [$option =~ /timeout/ ? 'FCT5002' : ()], log => [qr/AH0(?:1174|2460|1198|2430)/]);
    };
}
subtest 'without them' => sub {
    my $httpd = balanced({ ONE => $one->url, TWO => $two->url }, "BalancerMember \@ONE\@ retry=60\n    BalancerMember \@TWO\@ status=+H retry=60", 'lbmethod=byrequests');
    is(request($httpd->port, $_)->status, /busy/ ? 503 : 504, "$_ costs the answer") for '/page?busyone', '/page?stallone';
    is(request($httpd->port, '/page')->body, 'one ', 'and not the member');
    $httpd->finish(findings => ['FCT5002']);
};
$_->stop for $one, $two;
is(join('', map { $_->script_errors } $one, $two), '', 'the peers played what they were told to');
done_testing;
