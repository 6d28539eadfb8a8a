# A refused request, and a faulty reply, cost the client its answer but never a balancer member its good standing; and what was sent once
# is not tried on the next member. Only a connection that could not be made is. SPEC 3; EVIDENCE R1, F1.
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
use FCT::Record qw(:all);

my @modules = qw(proxy_balancer lbmethod_byrequests slotmem_shm rewrite);

# The first member does what the query says; the second, a hot standby, serves whatever still comes to it.
sub play ($conn, $request) {
    my $id = $request->{id};
    my %do = (
        ok         => sub { answer($id, 'first') },
        overloaded => sub { end_request($id, 0, FCGI_OVERLOADED) },
        role       => sub { end_request($id, 0, FCGI_UNKNOWN_ROLE) },
        malformed  => sub { stdout($id, "no colon\r\n\r\n") . stdout_end($id) . end_request($id) },
        version    => sub { "\2" . substr answer($id, 'first'), 1 },
        empty      => sub { stdout_end($id) . end_request($id) },
        status500  => sub { answer($id, 'first', 'Status: 500', 'Content-Type: text/plain') },
        status503  => sub { answer($id, 'first', 'Status: 503', 'Content-Type: text/plain') },
        status504  => sub { answer($id, 'first', 'Status: 504', 'Content-Type: text/plain') },
        closed     => sub { '' },
        cut        => sub { substr answer($id, 'first'), 0, 30 },
    );
    my ($what) = $request->{param}{QUERY_STRING} =~ /^(\w+)/;
    if ($what eq 'stall') { $conn->drain(6); return 0 }
    $conn->send($do{$what}->()) if $do{$what};
    return $what !~ /^(?:closed|cut)$/;
}

sub serving ($play) {
    return FCT::Peer->start(serve => sub ($conn) {
        while (my $request = $conn->read_request) { $play->($conn, $request) or return }
    });
}

my $first  = serving(\&play);
my $second = serving(sub ($conn, $request) { $conn->send(answer($request->{id}, 'second')); 1 });
my $httpd  = FCT::Httpd->new(modules => \@modules, set => { FIRST => $first->url, SECOND => $second->url }, files => {
    'broken.xml' => FCT::Gateway::policy_text('broken', '<param name="APP_X" from="config.NONE" required="yes" on-missing="refuse:500"/>'),
    'strict.xml' => FCT::Gateway::policy_text('strict', '<request max-body="10" chunked="refuse" override="yes"/>'),
    'pinned.xml' => FCT::Gateway::policy_text('pinned', '<backend workers="fcgi://127.0.0.1:1"/>'),
}, config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
ProxyTimeout 1
FcgiTrustPolicy @POLICIES@/open.xml
<Proxy balancer://all>
    BalancerMember @FIRST@ retry=60 enablereuse=on
    BalancerMember @SECOND@ status=+H enablereuse=on
</Proxy>
ProxyPass / balancer://all/
<Location /broken/>
    FcgiTrustPolicy @DIR@/broken.xml
</Location>
<Location /strict/>
    FcgiTrustPolicy @DIR@/strict.xml
</Location>
<Location /pinned/>
    FcgiTrustPolicy @DIR@/pinned.xml
</Location>
CONF

my @rows = (
    ['a method that is not allowed', 405, '/page?ok', method => 'OPTIONS'],
    ['a wrong Transfer-Encoding', 400, '/page?ok', method => 'POST', headers => ['Transfer-Encoding' => 'gzip, chunked']],
    ['a body over its limit', 413, '/strict/page?ok', body => 'x' x 11],
    ['a body without a length where one is needed', 411, '/strict/page?ok', method => 'POST', headers => ['Transfer-Encoding' => 'chunked']],
    ['a parameter that this server should have', 500, '/broken/page?ok'],
    ['a backend the policy does not name', 500, '/pinned/page?ok'],
    ['OVERLOADED', 503, '/page?overloaded'],
    ['OVERLOADED after a POST', 503, '/page?overloaded', body => 'a=b'],
    ['UNKNOWN_ROLE', 502, '/page?role'],
    ['a malformed header block', 502, '/page?malformed'],
    ['a wrong version', 502, '/page?version'],
    ['no header block', 502, '/page?empty'],
    ['a connection closed without a byte, GET', 502, '/page?closed'],
    ['a connection closed without a byte, POST', 502, '/page?closed', body => 'a=b'],
    ['a connection closed in the answer', 502, '/page?cut'],
    ['silence', 504, '/page?stall'],
    ['silence after a POST', 504, '/page?stall', body => 'a=b'],
    ['an application that says 500', 500, '/page?status500'],
    ['an application that says 503', 503, '/page?status503'],
    ['an application that says 504', 504, '/page?status504'],
);
for (@rows) {
    my ($name, $status, $path, %request) = @$_;
    my $answer = request($httpd->port, $path, %request);
    is($answer->status, $status, "$name: $status") or diag($answer->summary);
    is($second->connection_count, 0, "$name: the second member is not tried");
    is(request($httpd->port, '/page?ok')->body, 'first', "$name: the first member serves the next request");
}

# The request id stands in the answer, and nothing more of the reason.
for my $case (['a refused request', '/page?ok', method => 'POST', headers => ['Transfer-Encoding' => 'gzip, chunked']], ['a refused reply', '/page?malformed']) {
    my ($name, $path, %request) = @$case;
    my $body = request($httpd->port, $path, %request)->body;
    like($body, qr/Request id: \S+/, "$name: the client is told the request's id");
    unlike($body, qr/FCT|\.xml|colon|127\.0\.0\.1/, "$name: and not the policy, the reason or the backend");
}
$_->stop for $first, $second;
$httpd->finish(findings => [qw(FCT2001 FCT5017 FCT2003 FCT2004 FCT2015 FCT5005 FCT1206 FCT1208 FCT1304 FCT1101 FCT1202 FCT1210 FCT5002 FCT4015)]);
is(join('', map { $_->script_errors } $first, $second), '', 'the peers played what they were told to');
done_testing;
