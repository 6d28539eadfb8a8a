# A text that another module writes beside the connection's address is not the peer, neither for the application nor in the decision log. SPEC 6, 7.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Decisions;
use FCT::Gateway;
use FCT::Proc qw(out_dir);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

my $gateway = FCT::Gateway->new(policy => '<param name="APP_PEER" from="connection.peer.address"/>', front => join("\n",
    'LoadModule writer_module ' . out_dir() . '/t/aux/mod_writer.so', FCT::Decisions::directive(), '<Location />', 'NamesAddress 192.0.2.66', '</Location>'));
my $log = FCT::Decisions->new($gateway->httpd);
my $client = $gateway->client;
for my $path ('/first', '/second') {
    $client->ask($path);
    my ($request) = $gateway->requests_for($path, 10);
    is($request->{param}{APP_PEER}, '127.0.0.1', "$path: the application is told the socket's peer");
    my ($decision) = $log->for($path);
    is($decision->{peer}, '127.0.0.1', '… and so is the decision log');
}
$client->close;
$log->judge;
$gateway->finish;
done_testing;
