# Beside each shipped policy stands a test file; all of them pass, and exercise every rule. A rule that nobody exercises, and an expectation that
# does not hold, are told. SPEC 9, POLICY 8.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use Test::More;
use FCT::Proc qw(repo_root out_dir read_file scratch write_file);
use FCT::Tool;

my $root    = repo_root();
my @shipped = map { s{.*/|\.xml$}{}gr } grep { !/\.test\.xml$/ } glob "$root/policies/*.xml";
my @tests   = glob "$root/policies/*.test.xml";
cmp_ok(scalar @shipped, '>=', 15, 'the policies are there');
ok(-e "$root/policies/$_.test.xml", "$_ has its tests beside it") for @shipped;

my $ran = FCT::Tool::run('test', '--coverage', '--fail-under', '100', @tests);
is($ran->{exit}, 0, 'all policy tests pass, and exercise every rule') or diag "$ran->{out}$ran->{err}";
is($ran->{err}, '', 'without a finding');
for my $name (@shipped) {
    ok($ran->{out} =~ /^\Q$name\E: (\d+) of \1 rules exercised, 100 %$/m, "$name: 100 percent of its rules");
    ok($ran->{out} =~ m{policies/\Q$name\E\.test\.xml: [1-9]\d* cases? passed$}m, "$name: its cases pass");
}
ok(!-e out_dir() . "/policies/$_.test.xml", "$_: its tests are not where policies are looked up") for @shipped;

# Each expectation can fail, and each rule can be missed.
my $dir = scratch();
sub rows ($text) { return [map { [split / {2,}/] } grep { s/^  +(?=\d)// } split /\n/, $text] }

# The output for a case with this inside, under a policy of its own.
sub failing ($inside, $policy = '<header name="Accept"/>', @options) {
    write_file("$dir/p.xml", qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="p" version="1" language="1.0"><extends shipped="rfc3875"/>\n$policy\n</policy>\n});
    write_file("$dir/p.test.xml", qq{<tests xmlns="urn:mod-fcgi-trust:test:1" policy="p.xml">\n<case name="a case">\n$inside\n</case>\n</tests>\n});
    return FCT::Tool::run('test', @options, "$dir/p.test.xml");
}

my $get = "<request>\nGET /a?b HTTP/1.1\nHost: www.example.com\nAccept: x\nX-No: y\n</request>";
my @differences = (
    ['another value', '<param name="QUERY_STRING" value="c"/>', ['QUERY_STRING', '"c"', '"b"']],
    ['no value', '<param name="REMOTE_USER" value="alice"/>', ['REMOTE_USER', '"alice"', 'not sent: rfc3875.xml:28: auth.user has no value']],
    ['no rule', '<param name="APP_X"/>', ['APP_X', 'sent', 'not sent: no rule yields it; <param name="APP_X" from="..."/> would']],
    ['another source', '<param name="QUERY_STRING" value="b" source="request.path"/>', ['QUERY_STRING', 'from request.path', 'from request.query']],
    ['another class', '<param name="QUERY_STRING" class="server"/>', ['QUERY_STRING', 'class server', 'class client']],
    ['a value where none should be', '<absent name="HTTP_ACCEPT"/>', ['HTTP_ACCEPT', 'not sent', '"x"']],
    ['a field that passes', '<dropped header="Accept"/>', ['Accept', 'dropped', 'it passes']],
    ['a field that did not come', '<dropped header="Range"/>', ['Range', 'dropped', 'the request has no such field']],
    ['no refusal', '<refuse status="403"/>', ['verdict', 'refused with 403', 'served']],
    ['a refusal by somebody else', '<refuse status="400" by="httpd"/>', ['verdict', 'refused with 400 by httpd', 'served']],
);
for my $row (@differences) {
    my ($name, $expected, $shown) = @$row;
    my $failed = failing("$get\n$expected");
    is($failed->{exit}, 1, "$name: the case fails");
    is_deeply(rows($failed->{out}), [[8 + ($get =~ tr/\n//) - 4, @$shown]], "$name: expected and actual stand side by side, with the line") or diag $failed->{out};
}
my $other = failing("$get\n<param name=\"HTTP_ACCEPT\"/>" =~ s/Accept: x/Depth: 1/r);
is($other->{exit}, 1, 'a request that is refused is no pass');
like($other->{out}, qr/^  +2  verdict +served +refused with 400, FCT2012: .*Depth/m, 'and the refusal is told');
my $exact = failing("$get\n<param name=\"HTTP_ACCEPT\"/>") and FCT::Tool::run('lint', "$dir/p.xml");
write_file("$dir/p.test.xml", read_file("$dir/p.test.xml") =~ s/<case /<case params="exactly" /r);
$exact = FCT::Tool::run('test', "$dir/p.test.xml");
is($exact->{exit}, 1, 'exactly these parameters: any other fails');
like($exact->{out}, qr/^  +2  QUERY_STRING +not sent +"b"$/m, 'and is told');

# Coverage.
my $policy = "<header name=\"Accept\"/>\n<header name=\"Range\" when=\"method:POST\"/>\n<param name=\"APP_X\" value=\"1\" when=\"tls\"/><request when=\"path:/b\" methods=\"GET\"/>";
my $missed = failing("$get\n<param name=\"HTTP_ACCEPT\"/>", $policy, '--coverage');
is($missed->{exit}, 0, 'a rule that nobody exercises is no failure by itself') or diag explain $missed;
for (qr/p\.xml:3: <header name="Range"> when method:POST was never exercised/, qr/p\.xml:4: <param name="APP_X"> when tls was never exercised/,
    qr/p\.xml:4: <request when="path:\/b"> when path:\/b was never exercised/, qr/rfc3875\.xml:28: <param name="REMOTE_USER"> was never exercised/) {
    like($missed->{out}, $_, 'it is named with file and line');
}
unlike($missed->{out}, qr/"Accept"> was never/, 'one that is exercised is not named');
is(failing("$get\n<param name=\"HTTP_ACCEPT\"/>", $policy, '--fail-under', '99')->{exit}, 1, '--fail-under makes it one');
is(failing("$get\n<param name=\"HTTP_ACCEPT\"/>", $policy, '--fail-under', '10')->{exit}, 0, 'where it is more than asked for');
done_testing;
