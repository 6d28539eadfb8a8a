# An output filter that puts an error page in a response's place (mod_security does so) is obeyed: the client has that page, whole, it is no
# failure of a filter, and the client's connection goes on. SPEC 3; as mod_proxy_fcgi has it.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Proc qw(out_dir);
use FCT::Record qw(:all);

plan skip_all => 'mod_feeder is not built: make -f apxs.mk aux' if !-e out_dir() . '/t/aux/mod_feeder.so';

# The body is the query's text; /…/late goes on when some of it must have been passed on.
sub serve ($conn) {
    while (my $request = $conn->read_request) {
        my ($id, $late, $text) = ($request->{id}, $request->{param}{REQUEST_URI} =~ m{(/late)?\?(\w+)\z});
        $conn->send(stdout($id, "Content-Type: text/plain\r\n\r\n$text"));
        if ($late) { $conn->pause(0.2); $conn->send(stdout($id, ' and more')) }
        $conn->send(stdout_end($id) . end_request($id));
    }
}

my $gateway = FCT::Gateway->new(serve => \&serve, worker => 'enablereuse=on', h2 => 1, front => <<'CONF');
LoadModule feeder_module @OUT@/t/aux/mod_feeder.so
SetOutputFilter FORBIDS
ErrorDocument 403 "not that"
CONF

for my $path ('/held', '/late') {
    my $client = $gateway->client(timeout => 5);
    my $answer = $client->ask("$path?forbidden");
    is(join(' ', map { $answer->$_ } qw(status verdict body)), '403 complete not that', "$path: the filter's page takes the response's place");
    ok(!$answer->keeps_alive || $client->ask('/held?own')->body eq 'own', "$path: the client's connection serves the next request");
    like($gateway->ask("$path?allowed")->body, qr/\Aallowed/, "$path: what the filter lets through comes");
    next if !$gateway->speaks_h2;
    my $h2 = $gateway->h2;
    my $seen = $h2->ask("$path?forbidden");
    is("$seen->{status} $seen->{verdict} $seen->{body}", '403 complete not that', "$path: over HTTP/2 too");
    is($h2->ask('/held?own')->{body}, 'own', "$path: the next stream gets its own answer");
}
$gateway->finish;
done_testing;
