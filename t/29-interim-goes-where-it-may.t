# Where the policy forwards interim (1xx) blocks, they go to clients that can take them, with the fields that an interim answer may have:
# HTTP/1.1; HTTP/2, where mod_http2 lets 103 through only with H2EarlyHints on. Never to HTTP/1.0, never into the page that a part is for. SPEC 5.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Record qw(:all);

sub each_request ($conn, $request) {
    my $id = $request->{id};
    my ($status) = ($request->{param}{QUERY_STRING} // '') =~ /^(\d+)/;
    my $fields = join '', map {"$_\r\n"} 'Link: </a.css>; rel=preload', 'X-Hidden: h', 'Connection: X-Named', 'X-Named: n', 'Content-Length: 5', 'Content-Type: text/x-early';
    $conn->send(stdout($id, "Status: $status\r\n$fields\r\n"));
    $conn->pause(0.1);
    $conn->send(answer($id, 'the answer'));
    return 1;
}

my $gateway = FCT::Gateway->new(each => \&each_request, modules => [qw(include mime dir)], h2 => 1, policy => '<response interim="forward" hide="X-Hidden" override="yes"/>',
    set => { H2C => FCT::Gateway->speaks_h2 ? "Protocols h2c http/1.1\n    H2EarlyHints on" : '' }, files => { 'htdocs/page.shtml' => '[<!--#include virtual="/part?103" -->]' }, front => <<'CONF');
Listen 127.0.0.1:@HINTSPORT@
<VirtualHost 127.0.0.1:@HINTSPORT@>
    @H2C@
    FcgiTrustPolicy @DIR@/policy.xml
    ProxyPass / @BACKEND@/
</VirtualHost>
TypesConfig /dev/null
<Directory @DIR@/htdocs>
    Require all granted
    Options +Includes
    AddOutputFilter INCLUDES .shtml
    AddType text/html .shtml
</Directory>
ProxyPass /page.shtml !
CONF
sub early ($answer) { return join ' ', map { $_->{status} } $answer->{interim}->@* }

for my $status (102, 103, 199) {
    my $answer = $gateway->ask("/page?$status");
    is(early($answer) . ', ' . $answer->status . ' ' . $answer->body, "$status, 200 the answer", "HTTP/1.1: $status comes, and the answer");
}
my ($hints) = $gateway->ask('/page?103')->{interim}->@*;
my %field = map { (lc $_->[0], $_->[1]) } $hints->{headers}->@*;
is($field{link}, '</a.css>; rel=preload', '… with its fields');
is_deeply([grep { exists $field{$_} } qw(x-hidden x-named connection content-length)], [], '… but none that is hidden, of the connection, or of a body');
is(early($gateway->ask('/page?100')), '', 'HTTP/1.1: 100 does not come from a backend');
is(early($gateway->ask('/page?103', version => '1.0')), '', 'HTTP/1.0: no interim answer');
my $page = $gateway->ask('/page.shtml');
is(early($page) . ', ' . $page->status . ' ' . $page->body, ', 200 [the answer]', 'a part of a page: its interim answer is nowhere in the page');

if ($gateway->speaks_h2) {
    for my $row (['without H2EarlyHints', $gateway->port, ''], ['with H2EarlyHints on', $gateway->httpd->port('HINTSPORT'), '103']) {
        my ($name, $port, $wanted) = @$row;
        my $h2 = FCT::H2->connect(port => $port);
        for my $status (102, 103) {
            my $answer = $h2->ask("/page?$status");
            my $seen = join ' ', map { $_->[0][1] } @{ $answer->{interim} // [] };
            is("$seen, $answer->{status} $answer->{body}", ($status == 103 ? $wanted : 102) . ', 200 the answer', "HTTP/2 $name: what comes of $status, and the answer");
        }
    }
}
$gateway->finish;
done_testing;
