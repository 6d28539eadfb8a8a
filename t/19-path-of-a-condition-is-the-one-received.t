# when="path:…" is about the path that the client asked for, decoded and normalised, also where an ErrorDocument serves another one and where
# mod_proxy maps the path while it is encoded. POLICY 3.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Record qw(answer);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

sub tell ($conn, $request) {
    $conn->send(answer($request->{id}, $request->{param}{APP_ZONE} // '-'));
    return 1;
}

my $policy = FCT::Gateway::policy_text('zone', '<param name="APP_ZONE" value="public" when="path:/public"/>');
my $gateway = FCT::Gateway->new(each => \&tell, modules => ['authz_host'], files => { 'policy.xml' => $policy }, config => <<"CONF");
Listen 127.0.0.1:\@PORT\@
FcgiTrustPolicy \@DIR\@/policy.xml
ProxyPass /early/ \@BACKEND\@/ mapping=encoded
ProxyPass /servlet/ \@BACKEND\@/ mapping=servlet
ProxyPass /late/ \@BACKEND\@/
ProxyPass /public/early/ \@BACKEND\@/ mapping=encoded
ProxyPass /public/ \@BACKEND\@/
<LocationMatch denied>
    Require all denied
    ErrorDocument 403 /public/error
</LocationMatch>
<LocationMatch denied-early>
    ErrorDocument 403 /public/early/error
</LocationMatch>
<LocationMatch denied-away>
    ErrorDocument 403 /late/error
</LocationMatch>
CONF

for (
    ['/public/x', 'public'], ['/public/early/x', 'public'], ['/%70ublic/early/x', 'public'], ['/late/x', '-'], ['/early/x', '-'], ['/servlet/x', '-'],
    (map { my $to = $_; map { ["/$_/$to", '-'] } qw(late early servlet) } qw(denied denied-early)),
    (map { my $to = $_; map { ["/$_/$to", 'public'] } qw(public public/early) } qw(denied denied-early denied-away)),
) {
    my ($path, $zone) = @$_;
    is($gateway->ask($path)->body, $zone, "$path is " . ($zone eq '-' ? 'not below /public' : 'below it'));
}
$gateway->finish(allow => [qr/AH0\d{4}/]);
done_testing;
