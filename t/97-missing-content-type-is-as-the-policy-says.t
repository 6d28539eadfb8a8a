# A body whose type nobody named is application/octet-stream that no browser guesses about, or it is refused. POLICY 5.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Httpd;
use FCT::Record qw(:all);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

sub serve ($conn, $request) {
    my ($kind) = $request->{param}{REQUEST_URI} =~ m{([^/]+)$};
    $conn->send(answer($request->{id}, $kind eq 'empty' ? '' : 'body', 'Status: ' . ($kind =~ /^\d+$/ ? $kind : 200), $kind eq 'typed' ? 'Content-Type: text/plain' : 'X-A: b'));
    return 1;
}

my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', each => \&serve, places => { strict => '<response missing-content-type="refuse"/>' });
my @rows = (
    # path, method, status and Content-Type where it is octet-stream, status where it is refused
    ['plain', 'GET', 200, 'application/octet-stream', 502], ['404', 'GET', 404, 'application/octet-stream', 502], ['typed', 'GET', 200, 'text/plain', 200],
    ['empty', 'GET', 200, undef, 200], ['304', 'GET', 304, undef, 304], ['204', 'GET', 204, undef, 204], ['plain', 'HEAD', 200, undef, 200],
);
for my $row (@rows) {
    my ($path, $method, $status, $type, $strict) = @$row;
    my $answer = $gateway->ask("/$path", method => $method);
    is($answer->status, $status, "$method $path: $status");
    is($answer->header('Content-Type'), $type, "$method $path: " . ($type // 'no Content-Type'));
    is($answer->header('X-Content-Type-Options'), ($type // '') =~ /octet/ ? 'nosniff' : undef, "$method $path: nosniff goes with a type that was made up, and with no other");
    is($gateway->ask("/strict/$path", method => $method)->status, $strict, "$method $path where it is refused: $strict");
}
my ($line) = $gateway->httpd->log->wait_for(qr/FCT5014/);
like($line, qr/FCT5014 gateway: .*Content-Type.*; backend fcgi:/, 'the finding says what is missing, and from which backend');
$gateway->finish(findings => ['FCT5014']);
done_testing;
