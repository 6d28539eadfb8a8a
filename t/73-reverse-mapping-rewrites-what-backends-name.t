# ProxyPassReverse, ProxyPassReverseCookieDomain and -Path map what a backend names into the server's own space. SPEC 1.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Peer;
use FCT::Record qw(answer);
use FCT::Twins;

# A backend that writes the fields the query asks for, decoded.
my $peer = FCT::Peer->start(serve => sub ($conn) {
    while (my $request = $conn->read_request) {
        my @lines = map { s/%([0-9A-F]{2})/chr hex $1/ger } split /&/, $request->{param}{QUERY_STRING};
        $conn->send(answer($request->{id}, 'body', @lines, 'Content-Type: text/plain'));
    }
});
my $twins = FCT::Twins->start(modules => [qw(proxy_balancer lbmethod_byrequests slotmem_shm)], set => { BACKEND => $peer->url }, config => <<'CONF');
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @SHIPPED@/generic.xml
ProxyPass /app/ @BACKEND@/
<Location /app/>
    ProxyPassReverse http://internal.example/
    ProxyPassReverse @BACKEND@/
    ProxyPassReverseCookieDomain internal.example public.example
    ProxyPassReverseCookiePath / /app/
</Location>
<Proxy balancer://all>
    BalancerMember @BACKEND@
</Proxy>
ProxyPass /balanced/ balancer://all/
ProxyPassReverse /balanced/ http://balanced.example/
ProxyPass /plain/ @BACKEND@/
CONF

# Path, the fields the backend writes, the field looked at, its value.
my @table = (
    ['/app/', ['Status: 302', 'Location: http://internal.example/next?a=b'], Location => 'http://test.example/app/next?a=b'],
    ['/app/', ['Status: 302', 'Location: http://other.example/next'], Location => 'http://other.example/next'],
    ['/app/', ['Status: 302', 'Location: /relative'], Location => undef],
    ['/app/', ['Status: 201', 'Location: http://internal.example/new'], Location => 'http://test.example/app/new'],
    ['/app/', ['Location: http://internal.example/no-status'], Location => 'http://test.example/app/no-status'],
    ['/app/', ['Content-Location: http://internal.example/doc'], 'Content-Location' => 'http://test.example/app/doc'],
    ['/app/', ['Set-Cookie: a=b; domain=internal.example; path=/'], 'Set-Cookie' => 'a=b; domain=public.example; path=/app/'],
    ['/app/', ['Set-Cookie: a=b; Path=/; HttpOnly', 'Set-Cookie: c=d; Domain=third.example; Path=/x'], 'Set-Cookie' => 'a=b; Path=/app/; HttpOnly, c=d; Domain=third.example; Path=/app/'],
    ['/balanced/', ['Status: 302', 'Location: http://balanced.example/next'], Location => 'http://test.example/balanced/next'],
    ['/plain/', ['Status: 302', 'Location: http://internal.example/next'], Location => 'http://internal.example/next'],
    ['/plain/', ['Set-Cookie: a=b; domain=internal.example; path=/'], 'Set-Cookie' => 'a=b; domain=internal.example; path=/'],
);

for my $row (@table) {
    my ($path, $lines, $field, $want) = @$row;
    my $query = join '&', map { s/([^\w:\/. -])/sprintf '%%%02X', ord $1/ger =~ s/ /%20/gr } @$lines;
    my ($stock, $module) = $twins->ask("$path?$query");
    my $name = join ', ', $path, @$lines;
    my ($sent) = join ', ', map { /^\Q$field\E: (.*)/ ? $1 : () } @$lines;
    is($module->header($field), $want // $sent, "$name: $field is " . (defined $want && $want ne $sent ? 'mapped' : 'left alone'));
    is($stock->header($field), $sent, "$name: stock mod_proxy_fcgi leaves it alone");
    next if $name =~ /no-status/;      # stock answers 200: the row location of the table of differences
    is($module->status, $stock->status, "$name: the status is stock's");
}
$twins->finish;
$peer->stop;
done_testing;
