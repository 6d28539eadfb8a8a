# Requests that a client sends one behind the other, bodies of every framing among them, reach the backend one by one, each with its own
# body, and are answered in their order. SPEC 3, 4; EVIDENCE R10.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Record qw(:all);

my $gateway = FCT::Gateway->new(worker => 'enablereuse=on', each => sub ($conn, $request) {
    $conn->send(answer($request->{id}, "$request->{param}{REQUEST_METHOD} $request->{param}{REQUEST_URI} " . ($request->{param}{CONTENT_LENGTH} // 'none') . " $request->{stdin}"));
    return 1;
}, places => { stream => '<request chunked="stream" override="yes"/>' });

# What a body may look like that wants to be a request.
my $smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
my @bodies = (undef, '', 'a=b', $smuggled, "0\r\n\r\n$smuggled", 'x' x 70_000, "\r\n", "\n\n$smuggled");

sub one ($n, $body, $framing) {
    my $path = ($framing eq 'stream' ? '/stream' : '') . "/r$n";
    my $method = defined $body ? 'POST' : 'GET';
    my $head = "$method $path HTTP/1.1\r\nHost: test.example\r\n";
    return "$head\r\n" if !defined $body;
    return "${head}Content-Length: " . length($body) . "\r\n\r\n$body" if $framing eq 'length';
    return "${head}Transfer-Encoding: chunked\r\n\r\n" . ($body eq '' ? '' : sprintf "%x\r\n%s\r\n", length $body, $body) . "0\r\n\r\n";
}

my $n = 0;
for my $size (undef, 1, 7, 1460) {
    my (@sent, $bytes);
    for my $framing (qw(length chunked stream)) {
        for my $body (@bodies) {
            next if defined $size && $size < 1000 && length($body // '') > 1000;
            push @sent, [++$n, $body, $framing];
            $bytes .= one($n, $body, $framing);
        }
    }
    my $how = defined $size ? "in writes of $size bytes" : 'in one write';
    my $client = $gateway->client(timeout => 15);
    $client->send_pieces([defined $size ? unpack "(a$size)*", $bytes : $bytes], 0.0001);
    my @wrong;
    for (@sent) {
        my ($number, $body, $framing) = @$_;
        my $answer = $client->response(timeout => 10);
        my $length = !defined $body ? 'none' : $framing eq 'stream' ? qr/(?:none|\d+)/ : length $body;
        my $wanted = (defined $body ? 'POST' : 'GET') . ' ' . ($framing eq 'stream' ? '/stream' : '') . "/r$number";
        my $rest = $body // '';
        push @wrong, "$number: " . substr $answer->summary . ' ' . $answer->body, 0, 100 if $answer->body !~ /\A\Q$wanted\E $length \Q$rest\E\z/;
    }
    is(join("\n", @wrong), '', scalar(@sent) . " requests $how: each gets its own answer, for its own body");
    is($client->leftover, '', "$how: nothing else is answered");
    $client->close;
}
is(scalar $gateway->requests_for('/smuggled'), 0, 'no body became a request');
is(scalar(() = $gateway->peer->requests), $n, 'every request reached the backend once');

# What stands between two requests.
for my $row (['an empty line', "\r\n", 200], ['LF', "\n", 200], ['nonsense', "nonsense\r\n\r\n", 400], ['a stray byte', 'x', 'other']) {
    my ($name, $bytes, $status) = @$row;
    my $client = $gateway->client(timeout => 5);
    $client->send(one(++$n, 'abc', 'length') . $bytes . one(++$n, undef, 'length'));
    like($client->response->body, qr/ 3 abc\z/, "$name between two requests: the first is served");
    my $second = $client->response(timeout => 3);
    if ($status eq 'other') { unlike($second->body, qr/\AGET /, "$name between two requests: the second is not taken for what it is not") }
    else { is($second->status, $status, "$name between two requests: $status") }
}
$gateway->finish(allow => [qr/FCT2001/, qr/AH\d+/]);
done_testing;
