# refuse:NNN is what the client gets, also where httpd has no name for the status, and the id of the request, whatever page httpd has. POLICY 3.
use v5.26;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Client qw(request);
use FCT::Gateway;
use FCT::Httpd;

my @statuses = (400, 404, 418, 425, 451, 499, 500, 503, 512, 599);
my %policies = map { ("p$_.xml" => FCT::Gateway::policy_text("p$_", qq{<param name="APP_X" from="config.NONE" on-missing="refuse:$_"/>})) } @statuses;
my $httpd = FCT::Httpd->new(files => \%policies, config => <<'CONF' . join '', map { "<Location /$_/>\n    FcgiTrustPolicy \@DIR\@/p$_.xml\n</Location>\n" } @statuses)->start;
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @POLICIES@/open.xml
ProxyPass / fcgi://127.0.0.1:1/
<Location /404/own/>
    ErrorDocument 404 "the administrator's page"
</Location>
CONF

for my $status (@statuses) {
    my $reply = request($httpd->port, "/$status/x");
    is $reply->{status}, $status, "refuse:$status is answered $status";
    like $reply->{body}, qr{<title>$status .*Request id: }s, '... on a page that says so, with the id of the request';
}
is request($httpd->port, '/404/own/x')->body, "the administrator's page", 'an ErrorDocument stands in the place of either page';
unlike request($httpd->port, '/404/x', method => 'HEAD')->body // '', qr/./, 'HEAD gets no page';
$httpd->finish(findings => ['FCT2015', 'FCT4015']);
done_testing;
