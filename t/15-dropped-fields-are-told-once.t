# The first drop of a header field is told at info with the line that would let it through, once for each name. POLICY 4.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Httpd;

plan skip_all => 'stock mod_proxy_fcgi drops nothing' if FCT::Httpd::is_stock();

my $gateway = FCT::Gateway->new;
$gateway->ask('/', headers => ['X-Own' => 1, 'x-own2' => 2, 'X-Forwarded-For' => '192.0.2.1', 'Keep-Alive' => 5, 'X-$|odd' => 3]) for 1 .. 5;
my $log = $gateway->httpd->log;
my @rows = (
    ['X-Own', qr/FCT5023 gateway: policy t-open drops the header field X-Own; <header name="X-Own"\/> would let it through/],
    ['x-own2', qr/FCT5023 .* x-own2; <header name="x-own2"\/>/],
    ['a reserved name', qr/FCT5023 .* X-Forwarded-For; <header name="X-Forwarded-For" trust="client"\/> would let it through, as the client's own word \[request/],
    ['an odd name', qr/FCT5023 .* X-\$\|odd; /],
);
is($log->count($_->[1]), 1, "$_->[0]: told once, with the line that would let it through") for @rows;
is($log->count(qr/FCT5023.*(?:Keep-Alive|Host|Accept)/), 0, 'what no rule could let through, or what passes, is not told');
$gateway->finish;
done_testing;
