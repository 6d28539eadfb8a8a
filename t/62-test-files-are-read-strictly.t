# A test file is read as strictly as a policy: what has no place in it is a finding with file and line, every fault of every file at once, and no
# case of such a file runs. SPEC 9.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use Test::More;
use FCT::Proc qw(repo_root read_file scratch write_file);
use FCT::Tool;

my $dir = scratch();
my $ns  = 'xmlns="urn:mod-fcgi-trust:test:1"';
my $get = "<request>\nGET / HTTP/1.1\nHost: a\n</request>";
my $ok  = "<case name=\"c\">$get<absent name=\"REMOTE_USER\"/></case>";
write_file("$dir/raw.txt", "GET /raw HTTP/1.1\r\nHost: a\r\nX-A: \xff\r\n\r\n");
write_file("$dir/parts.test.xml", "<tests $ns shipped=\"rfc3875\">\n<case name=\"part\">$get<param name=\"REMOTE_USER\" value=\"alice\"/></case></tests>");
write_file("$dir/round.test.xml", "<tests $ns shipped=\"rfc3875\">\n<include file=\"t.test.xml\"/>$ok</tests>");
write_file("$dir/bad.test.xml", "<tests $ns shipped=\"rfc3875\">\n<nothing/></tests>");

sub test_of ($text) {
    write_file("$dir/t.test.xml", $text);
    return FCT::Tool::run('test', "$dir/t.test.xml");
}

sub file ($inside, $policy = 'shipped="rfc3875"') { return "<tests $ns $policy>\n$inside\n</tests>\n" }

sub in_case ($inside, $attributes = 'name="c"') { return file("<case $attributes>\n$inside\n</case>") }

# What passes.
my @good = (
    ['a case', file($ok)],
    ['two cases, comments, a description', file("<description>It says <!-- why --> this</description><!-- a -->$ok\n$ok")],
    ['a prefix', "<t:tests xmlns:t=\"urn:mod-fcgi-trust:test:1\" shipped=\"rfc3875\"><t:case name=\"c\"><t:request>GET / HTTP/1.0</t:request><t:absent name=\"X\"/></t:case></t:tests>"],
    ['CDATA', in_case("<request><![CDATA[GET /?a&b HTTP/1.1\nHost: a\n]]></request><param name=\"QUERY_STRING\" value=\"a&amp;b\"/>")],
    ['indentation, also behind the tag', in_case("<request>GET /?x HTTP/1.1\n      Host: a\n      </request><param name=\"QUERY_STRING\" value=\"x\"/>")],
    ['a folded field keeps its own', in_case("<request>\n   GET / HTTP/1.1\n   Host: a\n   If-Match: \"a\",\n     \"b\"\n</request><param name=\"HTTP_IF_MATCH\" value=\"&quot;a&quot;, &quot;b&quot;\"/>")],
    ['a request in a file', in_case('<request file="raw.txt"/><dropped header="X-A"/>')],
    ['a policy by its path', do { write_file("$dir/p.xml", '<policy xmlns="urn:mod-fcgi-trust:policy:1" name="p" version="1" language="1.0"><extends shipped="rfc3875"/></policy>'); file($ok, 'policy="p.xml"') }],
    ['facts of the file, of the case', file("<facts user=\"bob\"/><case name=\"c\">$get<facts user=\"alice\"><env name=\"REMOTE_USER\" value=\"eve\"/></facts><param name=\"REMOTE_USER\" value=\"alice\"/></case>")],
    ['an included file has the facts before it', file('<facts user="alice"/><include file="parts.test.xml"/>')],
    ['by the module, as that is', in_case("$get<refuse status=\"405\" finding=\"FCT2001\" by=\"module\"/>" =~ s/GET/BREW/r)],
);
for my $row (@good) {
    my ($name, $text) = @$row;
    my $ran = test_of($text);
    ok($ran->{exit} == 0 && $ran->{err} eq '', "$name: passes") or diag explain $ran;
}
is(test_of(file('<include file="parts.test.xml"/><facts user="alice"/>'))->{exit}, 1, 'but not those behind it');

# What does not: the text, the line and the finding.
my @faults = (
    ['another namespace', '<tests xmlns="urn:mod-fcgi-trust:test:2"/>', 1, 'FCT3301', qr/is not of the namespace/],
    ['no namespace', '<tests/>', 1, 'FCT3301', qr/is not of the namespace/],
    ['another root', "<case $ns/>", 1, 'FCT3301', qr/what has is <tests>/],
    ['a document type', "<!DOCTYPE tests><tests $ns/>", 1, 'FCT3004', qr/document type/],
    ['an entity', file('&x;'), 2, 'FCT3005', qr/not well-formed/],
    ['no XML', 'GET / HTTP/1.1', 1, 'FCT3005', qr/not well-formed/],
    ['nothing', '', 1, 'FCT3005', qr/empty/],
    ['an element that is none', file("$ok<nothing/>"), 5, 'FCT3301', qr/<nothing> has no place here; what has is <description>, <include>, <facts>, <case>$/],
    ['an element in another\'s place', in_case("$get<case/>"), 6, 'FCT3301', qr/<case> has no place here/],
    ['an element in a request', in_case('<request><a/>GET / HTTP/1.0</request><absent name="X"/>'), 3, 'FCT3301', qr/<request> holds text alone/],
    ['text in a case', in_case("$get<absent name=\"X\"/>text"), 2, 'FCT3301', qr/<case> holds no text/],
    ['text in the file', file("$ok text"), 1, 'FCT3301', qr/<tests> holds no text/],
    ['text in an expectation', in_case("$get<absent name=\"X\">y</absent>"), 6, 'FCT3301', qr/<absent> holds no text/],
    ['a processing instruction', file("<?php x?>$ok"), 1, 'FCT3301', qr/neither element nor text/],
    ['an attribute that is none', in_case("$get<absent name=\"X\" value=\"y\"/>"), 6, 'FCT3301', qr/<absent> has no attribute value/],
    ['an attribute with a namespace', in_case("$get<absent name=\"X\" xml:lang=\"de\"/>"), 6, 'FCT3301', qr/<absent> has no attribute lang/],
    ['no policy', "<tests $ns>$ok</tests>", 1, 'FCT3302', qr/<tests> names its policy/],
    ['two policies', file($ok, 'policy="p.xml" shipped="rfc3875"'), 1, 'FCT3302', qr/<tests> names its policy/],
    ['a shipped policy elsewhere', file($ok, 'shipped="../x"'), 1, 'FCT3302', qr/shipped="\.\.\." is the name of a shipped policy/],
    ['no case', file(''), 1, 'FCT3302', qr/the file has no case/],
    ['a case without a name', in_case("$get<absent name=\"X\"/>", ''), 2, 'FCT3302', qr/<case> needs name/],
    ['a case without a request', in_case('<absent name="X"/>'), 2, 'FCT3302', qr/a case has one <request>/],
    ['two requests', in_case("$get$get<absent name=\"X\"/>"), 6, 'FCT3302', qr/a case has one <request>/],
    ['an empty request', in_case('<request> </request><absent name="X"/>'), 3, 'FCT3302', qr/<request> holds the request's text, or names a file/],
    ['a request twice', in_case('<request file="raw.txt">GET / HTTP/1.0</request><absent name="X"/>'), 3, 'FCT3302', qr/<request> holds the request's text, or names a file/],
    ['no expectation', in_case($get), 2, 'FCT3302', qr/a case expects something/],
    ['an expectation without a name', in_case("$get<param value=\"x\"/>"), 6, 'FCT3302', qr/<param> needs name/],
    ['a class that is none', in_case("$get<param name=\"X\" class=\"high\"/>"), 6, 'FCT3302', qr/class="\.\.\." is one of server, verified, asserted, client/],
    ['a refusal beside others', in_case("$get<absent name=\"X\"/><refuse status=\"400\"/>"), 2, 'FCT3302', qr/<refuse> stands alone/],
    ['a status that is none', in_case("$get<refuse status=\"4000\"/>"), 6, 'FCT3302', qr/<refuse> needs status/],
    ['a finding that is none', in_case("$get<refuse status=\"400\" finding=\"FCT9999\"/>"), 6, 'FCT3302', qr/finding="\.\.\." is a finding's tag/],
    ['a finding in other letters', in_case("$get<refuse status=\"400\" finding=\"2012\"/>"), 6, 'FCT3302', qr/finding="\.\.\." is a finding's tag/],
    ['refused by somebody', in_case("$get<refuse status=\"400\" by=\"me\"/>"), 6, 'FCT3302', qr/by="\.\.\." is httpd or module/],
    ['a finding of httpd', in_case("$get<refuse status=\"400\" by=\"httpd\" finding=\"FCT2012\"/>"), 6, 'FCT3302', qr/what httpd refuses has no finding/],
    ['parameters somehow', in_case("$get<absent name=\"X\"/>", 'name="c" params="some"'), 2, 'FCT3302', qr/params="\.\.\." is exactly/],
    ['a fact that is none', in_case("$get<facts usr=\"alice\"/><absent name=\"X\"/>"), 6, 'FCT3303', qr/'usr' is not one of peer, client, /],
    ['a pair that is none', in_case("$get<facts><envv name=\"a\" value=\"b\"/></facts><absent name=\"X\"/>"), 6, 'FCT3303', qr/'envv' is not one of set, env, /],
    ['a pair without a name', in_case("$get<facts><env value=\"b\"/></facts><absent name=\"X\"/>"), 6, 'FCT3302', qr/<env> needs name/],
    ['a fact with something in it', in_case("$get<facts><env name=\"a\"><b/></env></facts><absent name=\"X\"/>"), 6, 'FCT3302', qr/a name and a value, and nothing in it/],
    ['a fact that makes no sense', in_case("$get<facts peer=\"nobody\"/><absent name=\"X\"/>"), 2, 'FCT3303', qr/peer: 'nobody' is no address/],
    ['a request that is none', in_case("<request>\nPOST / HTTP/1.1\nHost: a\n\nbody</request><absent name=\"X\"/>"), 7, 'FCT3303', qr/a body follows/],
    ['a request in a file that is not there', in_case('<request file="none.txt"/><absent name="X"/>'), 2, 'FCT3303', qr/none\.txt: No such file/],
    ['a file that includes itself', file("<include file=\"t.test.xml\"/>$ok"), 2, 'FCT3304', qr/includes, in the end, this file again/],
    ['files that include each other', file("<include file=\"round.test.xml\"/>$ok"), 2, 'FCT3304', qr/includes, in the end, this file again/],
    ['an include without a name', file("<include/>$ok"), 2, 'FCT3302', qr/<include> needs file/],
    ['an included file that is not there', file("<include file=\"none.xml\"/>$ok"), undef, 'FCT3001', qr/none\.xml: FCT3001 policy: the file cannot be read/],
    ['a fault in an included file', file("<include file=\"bad.test.xml\"/>$ok"), 2, 'FCT3301', qr/bad\.test\.xml:2: FCT3301 test: <nothing>/],
);
for my $row (@faults) {
    my ($name, $text, $line, $tag, $why) = @$row;
    my $ran = test_of($text);
    my $where = defined $line ? qr/\.xml:$line: $tag / : qr/$tag/;
    ok($ran->{exit} == 1 && $ran->{err} =~ /$where/ && $ran->{err} =~ /$why/m, "$name: $tag" . (defined $line ? " at line $line" : '')) or diag explain $ran;
    unlike($ran->{out}, qr/passed/, "$name: nothing of it passes");
}

my $many = test_of(file("<nothing/>\n<case>$get</case>\n<case name=\"c\" x=\"y\">$get<refuse/></case>"));
is(scalar(() = $many->{err} =~ /: FCT33\d\d /g), 4, 'every fault is told at once') or diag $many->{err};

# policies/test.rng, for editors, says the same as far as a schema can.
SKIP: {
    skip 'xmllint is not installed', 1 if system('command -v xmllint >/dev/null 2>&1') != 0;
    my $unseen = qr/^(?:a document type|a processing instruction|an empty request|no expectation|no case|a finding that is none|another namespace)$/;
    my %seen;
    for my $row (@good, grep { $_->[3] =~ /FCT330[12]/ && $_->[0] !~ $unseen } @faults) {
        my ($name, $text, $line) = @$row;
        write_file("$dir/schema.xml", $text);
        my $said = qx(xmllint --noout --nonet --relaxng '@{[repo_root()]}/policies/test.rng' '$dir/schema.xml' 2>&1);
        is($said =~ /^\S+ validates$/m ? 'valid' : 'invalid', defined $line && @$row > 3 && $name !~ /included file$/ ? 'invalid' : 'valid', "the schema: $name") or diag $said;
    }
    for my $file (glob repo_root() . '/policies/*.test.xml') {
        my $said = qx(xmllint --noout --nonet --relaxng '@{[repo_root()]}/policies/test.rng' '$file' 2>&1);
        like($said, qr/validates$/m, "the schema: $file");
    }
    my ($schema) = map { read_file($_) } repo_root() . '/policies/test.rng';
    my @options = grep { !/^(?:request|name|format|shipped|help)$/ } FCT::Tool::run('explain', '--help')->{out} =~ /^  --([\w-]+)/mg;
    my ($facts) = $schema =~ m{<element name="facts">(.*?)</define>}s;
    is_deeply([sort $facts =~ /<(?:attribute|element) name="([\w-]+)"/g], [sort @options], 'the facts that the schema knows are the options of explain');
}

# A faulty policy, and files that are not there.
write_file("$dir/faulty.xml", '<policy xmlns="urn:mod-fcgi-trust:policy:1" name="b" version="1" language="1.0"><param name="HTTP_X" value="x"/></policy>');
my $faulty = test_of(file($ok, 'policy="faulty.xml"'));
ok($faulty->{exit} == 1 && $faulty->{err} =~ /faulty\.xml:1: FCT31\d\d/, 'the findings of a faulty policy are told, and nothing passes');
like(test_of(file($ok, 'policy="none.xml"'))->{err}, qr/none\.xml: FCT3001/, 'a policy that is not there');
is(FCT::Tool::run('test')->{exit}, 2, 'no file: exit code 2');
my $none = FCT::Tool::run('test', "$dir/none.test.xml");
ok($none->{exit} == 2 && $none->{err} =~ /none\.test\.xml: No such file/, 'a file that is not there: exit code 2');
like(FCT::Tool::run('test', '--fail-under', '101', 'x')->{err}, qr/--fail-under: '101' is not a number from 0 to 100$/, 'a percentage that is none');
done_testing;
