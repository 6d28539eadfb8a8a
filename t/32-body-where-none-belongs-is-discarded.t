# A body with HEAD, 204 or 304 is discarded, and its length is not compared; the connection stays good. SPEC 5; EVIDENCE F14.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Rows;
use FCT::Record qw(:all);

my $big = MARK() x 20_000;
my $has_length = sub ($length) {
    return sub ($answer) {
        my $got = ref $answer eq 'HASH' ? FCT::H2::header($answer, 'Content-Length') : $answer->header('Content-Length');
        return ($got // 'none') eq $length ? undef : 'Content-Length is ' . ($got // 'none');
    };
};

my @table;
for (['HEAD', 'HEAD', 200, 200], ['204', 'GET', 204, 204], ['304', 'GET', 304, 304], ['HEAD with 404', 'HEAD', 404, 404], ['204 after POST', 'POST', 204, 204]) {
    my ($name, $method, $sent, $want) = @$_;
    my %row = (want => $want, whole => '', reused => 1, method => $method);
    $row{body} = 'x' if $method eq 'POST';
    my @head = ("Status: $sent", 'Content-Type: text/plain');
    push @table,
        { %row, name => "$name without a body", play => sub ($id, @) { answer($id, '', @head) } },
        { %row, name => "$name with a body", play => sub ($id, @) { answer($id, MARK, @head) } },
        { %row, name => "$name with a body of 260 KB", modes => ['whole'], play => sub ($id, @) { answer($id, $big, @head) } },
        { %row, name => "$name with an answer as body", play => sub ($id, @) { answer($id, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad", @head) } },
        { %row, name => "$name with the Content-Length of another body", play => sub ($id, @) { answer($id, MARK, @head, 'Content-Length: 12345') } },
        { %row, name => "$name and the connection ends before END_REQUEST", reused => 0, want => 502, finding => 'FCT1210', modes => ['whole'],
            play => sub ($id, @) { stdout($id, join('', map {"$_\r\n"} @head) . "\r\n"), CLOSE }, $method eq 'HEAD' ? (whole => '') : (whole => undef) };
    delete $table[-1]{whole};
}
push @table, (
    { name => 'HEAD with a Content-Length and no body', want => 200, whole => '', method => 'HEAD', reused => 1, seen => $has_length->('12345'),
        play => sub ($id, @) { answer($id, '', 'Content-Type: text/plain', 'Content-Length: 12345') } },
    { name => 'HEAD with a malformed Content-Length', want => 502, method => 'HEAD', finding => 'FCT1315',
        play => sub ($id, @) { answer($id, '', 'Content-Type: text/plain', 'Content-Length: x') } },
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
$rows->play;
SKIP: {
    skip 'mod_http2 does not support the prefork MPM', 1 if FCT::Httpd->mpm eq 'prefork';
    $rows->play(front => 'h2', modes => ['whole']);
}
$rows->finish(allow => [qr/AH10034:/]);
done_testing;
