# What the tool prints goes to its streams and to nowhere else, and steers no terminal: closed streams, names of files, fields of an application.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Peer;
use FCT::Proc qw(read_file scratch write_file);
use FCT::Record qw(:all record);
use FCT::Tool;

my $dir = scratch();
my $tool = FCT::Tool::program();

# --- closed streams ---

# An application that looks whether anything follows the request, and answers with fields that a terminal would act on.
my $head = "Content-Type: text/plain\r\nX-Note: a\xc2\x9b31mred\x9b\xe2\x80\xaeend\r\n\r\n";
my $peer = FCT::Peer->start(serve => sub ($conn) {
    my $request = $conn->read_request or return $conn->tell('more');
    my $id = $request->{id};
    $conn->send(record(FCGI_STDOUT, $id, "${head}body") . record(FCGI_STDOUT, $id, '') . record(FCGI_END_REQUEST, $id, "\0" x 8));
    $conn->tell('more') if !$conn->read_end;
});
my $address = $peer->url =~ s{^fcgi://}{}r;
for my $case (['>&-', 'stdout'], ['>&- <&-', 'stdin and stdout']) {
    my $long = 'x' x 8000;               # more than a stream keeps until the end
    system "'$tool' request --wire --header 'X-Long: $long' '$address' /page 2>'$dir/err' $case->[0]";
    is($? >> 8, 2, "with $case->[1] closed request fails");
}
my $traced = qx{sh -c "exec '$tool' request '$address' /page >&- 2>'$dir/err'"; echo \$?};
is($traced, "2\n", 'the exit code says that nothing could be printed');
like(read_file("$dir/err"), qr/^fcgi-trust request: standard output: .+\n\z/, 'and a sentence, once');
for my $option ('--help', '--version') {
    is(qx{'$tool' $option 2>&1 >/dev/full}, "fcgi-trust: standard output: No space left on device\n", "$option says where nothing could be printed");
}

is(qx{'$tool' mirror --listen 127.0.0.1:0 2>&1 >/dev/full}, "fcgi-trust mirror: standard output: No space left on device\n", 'mirror says so, once, and ends');
like(qx{'$tool' mirror --listen 127.0.0.1:0 2>&1 >&-}, qr/^fcgi-trust mirror: standard output: [^\n]+\n\z/, 'also where there is no such stream');

# --- bytes for a terminal ---

my $answer = FCT::Tool::run('request', $address, '/page');
like($answer->{out}, qr/^< X-Note: a\\xc2\\x9b31mred\\x9b\\xe2\\x80\\xaeend$/m, 'a field is shown with what does not show as \xNN');
my $odd = "$dir/odd\e[31m\nname";
mkdir $odd or die "$odd: $!";
write_file("$odd/p.xml", qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="p" version="1" language="1.0">\n<extends shipped="generic"/>\n</policy>\n});
write_file("$odd/p.test.xml", <<"TESTS");
<tests xmlns="urn:mod-fcgi-trust:test:1" policy="p.xml">
<case name="fails"><request>\nGET / HTTP/1.1\nHost: x\n</request><param name="HTTPS"/><dropped header="X-\xc2\x9bA"/></case>
</tests>
TESTS
for my $case (['lint', "$odd/none.xml"], ['show', "$odd/p.xml"], ['digest', "$odd/p.xml"], ['test', '--coverage', "$odd/p.test.xml"],
    ['show', '--format', "\e[31m", "$odd/p.xml"], ['explain', "$odd/p.xml", '--request', "$odd/none"])
{
    my $ran = FCT::Tool::run(@$case);
    my $text = $ran->{out} . $ran->{err};
    unlike($text, qr/\e|\xc2\x9b/, "$case->[0] prints no byte that steers a terminal");
    like($text, qr/\\x1b\[31m/, 'but tells which one is there');
}

# --- times ---

write_file("$dir/request", "GET / HTTP/1.1\nHost: x\n\n");
for my $case (['2026-01-31', 1], ['2028-02-29', 1], ['2026-01-31T23:59:59Z', 1], ['2026-02-31', 0], ['2026-1-1', 0], [' 2026-01-01', 0], ['2026-01-01T24:00:00Z', 0],
    ['2026-01-01T-1:-1:-1Z', 0], ['2026-01-01T12:00:00', 0], ['2026-01-01x', 0])
{
    my $ran = FCT::Tool::run('explain', "$odd/p.xml", '--request', "$dir/request", '--at', $case->[0]);
    is($ran->{exit}, $case->[1] ? 0 : 2, "'$case->[0]' is " . ($case->[1] ? 'a time' : 'no time'));
}
is(FCT::Tool::run('test', "$odd/p.xml")->{err} =~ s/^.*FCT/FCT/sr, "FCT3301 test: this is a policy; its tests stand in a file of their own, which names it: "
    . "<tests xmlns=\"urn:mod-fcgi-trust:test:1\" policy=\"...\">\n", 'test says of a policy that it is one');
$peer->stop;
ok(!defined $peer->told('more'), 'nothing that the tool prints is ever sent to the application');
is(join('', $peer->script_errors), '', 'which gets whole requests');
done_testing;
