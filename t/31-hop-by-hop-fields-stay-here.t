# Fields that belong to one connection never pass from the backend to the client; Transfer-Encoding is refused. SPEC 5; EVIDENCE F4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Rows;
use FCT::Record qw(:all);

my @removed = (
    ['Connection: close', 'Connection'], ['Connection: keep-alive', 'Connection'], ['Keep-Alive: timeout=5', 'Keep-Alive'], ['TE: trailers', 'TE'],
    ['Trailer: X-A', 'Trailer'], ['Upgrade: websocket', 'Upgrade'], ['Proxy-Connection: keep-alive', 'Proxy-Connection'],
    ["Connection: X-Secret\r\nX-Secret: 1", 'X-Secret'], ["X-Secret: 1\r\nConnection: close, x-secret", 'X-Secret'],
    ["Connection: close\r\nConnection: X-Secret\r\nX-Secret: 1", 'X-Secret'], ["CONNECTION: ,, X-Secret ,\r\nX-Secret: 1", 'X-Secret'],
);

# What the answer's own Connection and Keep-Alive say is this server's word; the backend's is gone if the client's connection is kept.
sub passed ($answer, $name) {
    return if lc $name eq 'connection' || lc $name eq 'keep-alive' ? $answer->keeps_alive && ($answer->header('Keep-Alive') // '') !~ /timeout=5(?!\d)/
        : !defined $answer->header($name);
    return "$name went to the client";
}

my @table = (
    (map { my ($lines, $name) = @$_;
        +{ name => $lines =~ s/\r\n/; /gr, want => 200, whole => MARK, reused => 1, seen => sub ($answer) { passed($answer, $name) },
            play => sub ($id, @) { answer($id, MARK, 'Content-Type: text/plain', $lines, 'X-Other: 1') } } } @removed),
    (map { my $value = $_; +{ name => "Transfer-Encoding: $value", want => 502, finding => 'FCT1320',
        play => sub ($id, @) { answer($id, "5\r\nhello\r\n0\r\n\r\n" . MARK, 'Content-Type: text/plain', "Transfer-Encoding: $value") } } }
        'chunked', 'identity', 'gzip, chunked', ''),
    (map { my $name = $_; +{ name => "Connection that names $name", want => 502, finding => 'FCT1322',
        play => sub ($id, @) { answer($id, MARK, 'Content-Type: text/plain', 'Content-Length: ' . length MARK, "Connection: $name") } } }
        'Content-Length', 'Content-Type'),
    { name => 'Connection that is no list of names', want => 502, finding => 'FCT1321', play => sub ($id, @) { answer($id, MARK, 'X-A: 1', 'Connection: a b') } },
);

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
$rows->play(modes => [qw(whole records)]);
$rows->finish;
done_testing;
