# A non-zero appStatus is recorded and changes nothing for the client. SPEC 5.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Rows;
use FCT::Record qw(:all);

my $body = MARK . ' fine';
my @table = map {
    my $status = $_;
    +{ name => "appStatus $status", want => 200, whole => $body, reused => 1, finding => $status ? 'FCT5015' : undef,
        play => sub ($id, @) { stdout($id, HEAD_LINES . "\r\n$body") . stdout_end($id) . end_request($id, $status) } };
} 0, 1, 255, 256, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff;

my $rows = FCT::Rows->new(table => \@table, config => <<'CONF');
Listen 127.0.0.1:@PORT@
ProxyPass / @BACKEND@/ enablereuse=on
<Location /held/>
    FcgiTrustPolicy @POLICIES@/hold.xml
</Location>
<Location /open/>
    FcgiTrustPolicy @POLICIES@/open.xml
</Location>
CONF
$rows->play(modes => ['whole', 'drip']);
if (!FCT::Httpd::is_stock()) {
    ok($rows->httpd->log->count(qr/FCT5015.*\b$_\b/), "the log says which: $_") for 1, 255, 0xffff_ffff;
    is($rows->httpd->log->count(qr/FCT5015.*\b0$/), 0, 'an appStatus of 0 is not worth a line');
}
$rows->finish;
done_testing;
