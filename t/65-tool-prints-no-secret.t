# A literal with sensitive="yes" is never printed: not by a test that fails, not by request, not among its records. POLICY 3, SPEC 9.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Peer;
use FCT::Proc qw(scratch write_file);
use FCT::Record qw(answer);
use FCT::Tool;

my $dir = scratch();
write_file("$dir/p.xml", <<'POLICY');
<policy xmlns="urn:mod-fcgi-trust:policy:1" name="p" version="1" language="1.0">
<extends shipped="generic"/>
<param name="APP_KEY" value="s3cret-key" sensitive="yes"/>
<param name="APP_TIER" value="shown"/>
</policy>
POLICY
my $request = "<request>\nGET / HTTP/1.1\nHost: www.example.com\n</request>";
write_file("$dir/p.test.xml", <<"TESTS");
<tests xmlns="urn:mod-fcgi-trust:test:1" policy="p.xml">
<case name="absent">$request<absent name="APP_KEY"/></case>
<case name="another">$request<param name="APP_KEY" value="guess"/></case>
<case name="exactly" params="exactly">$request</case>
<case name="right">$request<param name="APP_KEY" value="s3cret-key"/><param name="APP_TIER" value="shown"/></case>
</tests>
TESTS

my $ran = FCT::Tool::run('test', "$dir/p.test.xml");
is($ran->{exit}, 1, 'cases about it fail');
unlike($ran->{out} . $ran->{err}, qr/s3cret-key/, 'without printing what it is');
is(scalar(() = $ran->{out} =~ /APP_KEY.*\(a secret literal\)$/mg), 3, 'and say that it is a secret');
like($ran->{out}, qr/: 3 of 4 cases failed/, 'one that knows it passes');
like($ran->{out}, qr/APP_TIER +not sent +"shown"$/m, 'other literals are shown');

my $peer = FCT::Peer->start(serve => sub ($conn) {
    while (my $got = $conn->read_request) { $conn->send(answer($got->{id}, "told $got->{param}{APP_KEY}" =~ s/-key/!/r, 'Content-Type: text/plain')) }
});
my $address = $peer->url =~ s{^fcgi://}{}r;
for my $options ([], ['--wire']) {
    my $asked = FCT::Tool::run('request', @$options, '--policy', "$dir/p.xml", $address, 'http://www.example.com/');
    is($asked->{exit}, 0, "request @$options sends it");
    like($asked->{out}, qr/^told s3cret!$/m, 'as it is');
    unlike($asked->{out} . $asked->{err}, qr/s3cret-key/, 'without showing it');
    like($asked->{out}, qr/^> APP_KEY=\(a secret literal\)\n> APP_TIER=shown$/m, 'and says so');
}
$peer->stop;
done_testing;
