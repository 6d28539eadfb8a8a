# Under HTTP/2 a fault costs one stream, reset where its answer had begun; the others go on. SPEC 3, 5.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Rows;
use FCT::Record qw(:all);

plan skip_all => 'mod_http2 does not support the prefork MPM' if FCT::Httpd->mpm eq 'prefork';

my $part = MARK . ' one,';
my @table = (
    { name => 'a good answer', want => 200, whole => MARK, reused => 1, play => sub ($id, @) { answer($id, MARK) } },
    at_every_stage(name => 'a connection closed', fault => sub ($id) { CLOSE }, want => 502, finding => 'FCT1210'),
    at_every_stage(name => 'record type 42', fault => sub ($id) { record(42, $id, 'x') }, want => 502, finding => 'FCT1106'),
    { name => 'OVERLOADED', want => 503, finding => 'FCT1206', play => sub ($id, @) { end_request($id, 0, FCGI_OVERLOADED) } },
    { name => 'a body that ends short', want => 502, finding => 'FCT1212', play => sub ($id, @) { answer($id, MARK, 'Content-Length: 1000') } },
    { name => 'a body that ends short when it has begun to go out', want => 'abort', finding => 'FCT1212', delivered => MARK,
        play => sub ($id, @) { stdout($id, "Content-Length: 1000\r\n\r\n" . MARK), RELEASED, stdout_end($id) . end_request($id) } },
    { name => 'a fault while half of the request body is outstanding', want => 'abort', read => 'params', finding => 'FCT1210', delivered => $part,
        body => 'x' x 500_000, play => sub ($id, @) { stdout($id, HEAD_LINES . "\r\n$part"), RELEASED, CLOSE } },
    { name => 'a POST', want => 200, whole => MARK, body => 'x' x 100_000, play => sub ($id, @) { answer($id, MARK) } },
);

my $rows = FCT::Rows->new(table => \@table, modules => ['http2'], config => <<'CONF');
Listen 127.0.0.1:@PORT@
Protocols h2c http/1.1
ProxyPass / @BACKEND@/ enablereuse=on
<Location /held/>
    FcgiTrustPolicy @POLICIES@/hold.xml
</Location>
<Location /open/>
    FcgiTrustPolicy @POLICIES@/open.xml
</Location>
CONF
$rows->play(front => 'h2', modes => ['whole']);

# Two streams: one waits for its backend while the other is aborted.
my ($slow) = grep { $table[$_]{name} eq 'a good answer' } 0 .. $#table;
my ($fault) = grep { $table[$_]{name} =~ /^a connection closed when the body has begun/ } 0 .. $#table;
my $h2 = FCT::H2->connect(port => $rows->httpd->port);
my ($slow_path) = $rows->target($table[$slow], $slow, 'whole');
my ($fault_path, $token) = $rows->target($table[$fault], $fault, 'whole');
my $waiting = $h2->request($slow_path, method => 'POST', open => 1, headers => ['content-length', 3]);
my $broken  = $h2->request($fault_path);
$h2->wait_body($broken, 0, 2);
$rows->peer->signal("head-$token");
is($h2->answer($broken, 3)->{verdict}, 'reset', 'a stream whose backend breaks off is reset');
$h2->data($waiting, 'abc', 1);
is($h2->answer($waiting)->{body}, MARK, 'another stream of the same connection gets its whole answer');
$h2->close;
$rows->finish(allow => [qr/FCT5004/, qr/FCT5003/]);
done_testing;
