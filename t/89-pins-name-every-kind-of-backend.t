# <backend workers> names backends of every kind, IPv6 addresses and Unix sockets too; what it does not name is never asked, however the
# route was made. SPEC 4 (pinned addresses).
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::IP;
use Test::More;
use FCT::Gateway;
use FCT::Peer;
use FCT::Proc qw(fork_child stop_child);
use FCT::Record qw(:all);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

my $unix = FCT::Peer->start(unix => 1, serve => sub ($conn) { while (my $request = $conn->read_request) { $conn->send(answer($request->{id}, 'by Unix socket')) } });
my $six = IO::Socket::IP->new(LocalHost => '::1', LocalPort => 0, Listen => 16, ReuseAddr => 1);
my $pid = $six && fork_child('IPv6 peer', sub {
    while (my $client = $six->accept) {
        my $in = '';
        while ($in !~ /\x01\x05(..)\x00\x00..\z/s) { sysread($client, $in, 65_536, length $in) or last }
        syswrite $client, answer(unpack('n', $1), 'by IPv6') if $in =~ /\x01\x05(..)\x00\x00..\z/s;
        close $client;
    }
});
my $port = $six ? $six->sockport : 1;

sub pins (@workers) { return '<backend script="none" workers="' . join(' ', @workers) . '"/>' }

my $gateway = FCT::Gateway->new(modules => ['rewrite'], set => { SIX => $port, UNIX => $unix->path },
    places => { six => pins("fcgi://[::1]:$port"), unix => pins('fcgi://[::1]:1', 'unix:' . $unix->path), name => pins('fcgi://LOCALHOST:' . $port), none => pins('fcgi://127.0.0.1:1'),
        near => pins("fcgi://[::1]:" . int $port / 10, 'unix:' . $unix->path . 'x', 'unix:' . uc $unix->path) }, config => join "\n", 'Listen 127.0.0.1:@PORT@',
        'RewriteEngine on', 'FcgiTrustMode enforce',
        (map { ("RewriteRule ^/$_/six\$ \"fcgi://[::1]:\@SIX\@/\" [P]", "RewriteRule ^/$_/unix\$ \"unix:\@UNIX\@|fcgi://localhost/\" [P]",
                "<Location /$_/handler/six>", 'SetHandler "proxy:fcgi://[::1]:@SIX@"', '</Location>',
                "<Location /$_/handler/unix>", 'SetHandler "proxy:unix:@UNIX@|fcgi://[::1]:@SIX@"', '</Location>',
                "ProxyPass /$_/pass/six fcgi://[::1]:\@SIX\@/", "ProxyPass /$_/pass/unix unix:\@UNIX\@|fcgi://other/",
                "<Location /$_/>", "FcgiTrustPolicy \@DIR\@/$_.xml", '</Location>') } qw(six unix none near)), 'ProxyPass /name/ fcgi://localhost:@SIX@/',
        '<Location /name/>', 'FcgiTrustPolicy @DIR@/name.xml', '</Location>', '');

for my $route ('', 'handler/', 'pass/') {
    for my $policy (qw(six unix none near)) {
        for my $backend ($six ? 'six' : (), 'unix') {
            my $answer = $gateway->ask("/$policy/$route$backend");
            if ($policy eq $backend) { is($answer->body, $backend eq 'six' ? 'by IPv6' : 'by Unix socket', "/$policy/$route$backend is served") }
            else { is($answer->status, 500, "/$policy/$route$backend is refused") }
        }
    }
}
isnt($gateway->ask('/name/page')->status, 500, 'the case of a host name does not matter');
my @named = grep {/FCT5005/} $gateway->httpd->log->lines;
my @want = ($six ? "backend fcgi://[::1]:$port " : (), 'backend unix:' . $unix->path . ' ');
for my $want (@want) { ok((grep { index($_, $want) >= 0 } @named), "the refusal names the backend as a pin would: $want") }
stop_child($pid) if $pid;
$unix->stop;
$gateway->finish(findings => ['FCT5005'], allow => [qr/FCT4008|FCT5001|AH0/]);
done_testing;
