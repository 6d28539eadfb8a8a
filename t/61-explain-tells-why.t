# explain answers for one request: what the application would get, by which rule, and why not; what httpd itself would refuse; and nothing else:
# wrong facts and texts that are no request are refused with a sentence. SPEC 9.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use JSON::PP ();
use Test::More;
use FCT::Cert;
use FCT::Proc qw(scratch write_file read_file);
use FCT::Tool;

my $dir = scratch();
write_file("$dir/p.xml", <<'POLICY');
<policy xmlns="urn:mod-fcgi-trust:policy:1" name="p" version="3" language="1.0">
<extends shipped="generic"/>
<trust-anchor file="ca.pem"/>
<param name="APP_MAIL" from="tls.client.san.email[0]"/>
<param name="APP_KEY" value="s3cret-key" sensitive="yes"/>
<param name="APP_ROLE" from="header.X-Role" trust="client" type="token" on-invalid="omit" max-length="8"/>
<param name="APP_TLS" value="yes" when="tls"/>
<param name="APP_USER" from="auth.user" required="yes" when="path:/need/"/>
<param name="APP_KERBEROS" from="auth.user" auth-type="Negotiate"/>
<header name="X-Local" when="peer:10.0.0.0/8"/>
<header name="X-App-*"/>
<refuse-header name="X-Evil"/>
<drop-header name="Depth" assert="flat"/>
<server-header name="X-Remote-User" from="auth.user"/>
<header name="Cookie" cookies="sid" override="yes"/>
<header name="Max-Forwards"/>
<upstream name="front" peers="10.1.1.1" assert="our own"><field name="X-Up"/></upstream>
<param name="APP_UP" from="upstream.front.X-Up" assert="our own"/>
<request methods="GET POST"/>
<request when="path:/small/" methods="POST" max-body="5"/>
</policy>
POLICY
my $certs = FCT::Cert->new("$dir/certs");
write_file("$dir/ca.pem", read_file($certs->file('client-ca.pem')));

my $count = 0;
sub answer_to ($request, @options) {
    my $file = "$dir/request" . ++$count;
    write_file($file, $request);
    return FCT::Tool::run('explain', "$dir/p.xml", '--request', $file, @options);
}
sub get (@lines) { return join "\n", 'GET /page HTTP/1.1', 'Host: www.example.com', @lines, '', '' }

# --name: the request, options, the exit code, and the lines behind the verdict.
my @names = (
    ['a rule that yields it', get(), [qw(--name REMOTE_USER --user alice)], 0,
        qr/^  REMOTE_USER +verified +auth\.user +rfc3875\.xml:28 +alice\n  rfc3875\.xml:28 <param name="REMOTE_USER">: it yields the parameter$/m],
    ['nobody logged in', get(), [qw(--name REMOTE_USER)], 1, qr/^REMOTE_USER is not sent\n  rfc3875\.xml:28 <param name="REMOTE_USER">: auth\.user has no value$/m],
    ['another mechanism', get(), [qw(--name APP_KERBEROS --user alice --auth-type Basic)], 1, qr/^  p\.xml:9 <param name="APP_KERBEROS">: auth\.user has no value/m],
    ['a condition', get(), [qw(--name APP_TLS)], 1, qr/^  p\.xml:7 <param name="APP_TLS">: its condition does not hold: tls$/m],
    ['the condition holds', get(), [qw(--name APP_TLS --tls TLSv1.2)], 0, qr/^  APP_TLS +server +value +p\.xml:7 +yes$/m],
    ['a value that cannot be sent', get('X-Role: a b'), [qw(--name APP_ROLE)], 1, qr/^  p\.xml:6 <param name="APP_ROLE">: the value of header\.X-Role cannot be sent: /m],
    ['a secret', get(), [qw(--name APP_KEY)], 0, qr/^  APP_KEY +server +value +p\.xml:5 +\(a secret literal\)$/m],
    ['no certificate', get(), [qw(--name APP_MAIL)], 1, qr/p\.xml:4 <param name="APP_MAIL">: tls\.client\.san\.email\[0\] has no value; there is no client certificate$/m],
    ['a certificate', get(), ['--name', 'APP_MAIL', '--cert', $certs->file('client.pem')], 0, qr/^  APP_MAIL +verified +tls\.client\.san\.email\[0\] +p\.xml:4 +alice\@corp\.example$/m],
    ['one that httpd did not verify', get(), ['--name', 'APP_MAIL', '--cert', $certs->file('client.pem'), '--cert-verified', 'no'], 1, qr/the certificate: httpd did not verify it$/m],
    ['one that the anchor does not verify', get(), ['--name', 'APP_MAIL', '--cert', $certs->file('server.pem')], 1, qr/the certificate: the policy's trust anchor does not verify it: \w/m],
    ['one that was valid once', get(), ['--name', 'APP_MAIL', '--cert', $certs->file('client.pem'), '--at', '2001-01-01'], 1, qr/trust anchor does not verify it: .*not yet valid/m],
    ['a field that passes', get('X-App-One: 1'), [qw(--name HTTP_X_APP_ONE)], 0, qr/^  HTTP_X_APP_ONE +client +header +p\.xml:11 +1\n  p\.xml:11 <header name="X-App-\*">: it yields the parameter$/m],
    ['a field, by its own name', get('X-App-One: 1'), [qw(--name X-App-One)], 0, qr/^  HTTP_X_APP_ONE /m],
    ['a field that did not come', get(), [qw(--name HTTP_RANGE)], 1, qr/generic\.xml:32 <header name="Range">: the client sent no such field$/m],
    ['a field that no rule names', get('X-Foo: 1'), [qw(--name HTTP_X_FOO)], 1, qr/^  no rule yields it; <header name="X-Foo"\/> would let the client's field through, <server-header> would make one$/m],
    ['a reserved one', get('X-Forwarded-For: 1'), [qw(--name HTTP_X_FORWARDED_FOR)], 1, qr/<header name="X-Forwarded-For" trust="client"\/> would/m],
    ['one that only folds to the name', get('X_App_One: 1'), [qw(--name HTTP_X_APP_ONE)], 1, qr/<header name="X-App-\*">: the client sent X_App_One, which is another name$/m],
    ['another name than that of a rule', get('Accept_Language: de'), [qw(--name HTTP_ACCEPT_LANGUAGE)], 1, qr/it is not the name of <header name="Accept-Language">, though an application may take it for that$/m],
    ['a condition on a field', get('X-Local: 1'), [qw(--name HTTP_X_LOCAL)], 1, qr/p\.xml:10 <header name="X-Local">: the condition of its rule does not hold: peer:10\.0\.0\.0\/8$/m],
    ['the condition on a field holds', get('X-Local: 1'), [qw(--name HTTP_X_LOCAL --peer 10.1.2.3)], 0, qr/^  HTTP_X_LOCAL /m],
    ['a nominated field', get('Connection: X-App-One', 'X-App-One: 1'), [qw(--name HTTP_X_APP_ONE)], 1, qr/the client named it in Connection, so that it goes no further$/m],
    ['a changed field', get('Max-Forwards: 3'), [qw(--name HTTP_MAX_FORWARDS)], 1, qr/the server changed it; changed="yes" in its <header> would let it through$/m],
    ['cookies', get('Cookie: a=b'), [qw(--name HTTP_COOKIE)], 1, qr/none of its cookies is among cookies="sid"$/m],
    ['a field that is dropped', get('Depth: 1'), [qw(--name HTTP_DEPTH)], 1, qr/it is left out by <drop-header name="Depth">$/m],
    ['an upstream\'s word', get('X-Up: bob'), [qw(--name APP_UP --peer 10.1.1.1)], 0, qr/^  APP_UP +asserted +upstream\.front\.X-Up +p\.xml:18 +bob$/m],
    ['hop by hop', get(), [qw(--name HTTP_CONNECTION)], 1, qr/no policy can let this field through under this name$/m],
    ['a length', get(), [qw(--name CONTENT_LENGTH)], 1, qr/it is the engine's own/m],
    ['a name that no rule has', get(), [qw(--name APP_NOTHING)], 1, qr/no rule yields it; <param name="APP_NOTHING" from="\.\.\."\/> would$/m],
    ['no name', get(), ['--name', 'A B'], 1, qr/'A B' is no name of a parameter$/m],
    ['refused before', get('X-Evil: 1'), [qw(--name REMOTE_USER --user alice)], 1, qr/FCT2011 by p\.xml:12: .*\nREMOTE_USER is not sent\n  rfc3875\.xml:28 <param name="REMOTE_USER">: the request was ended before the rule was asked$/m],
    ['the rule that refuses', get('X-Evil: 1'), [qw(--name HTTP_X_EVIL)], 1, qr/p\.xml:12 <refuse-header name="X-Evil">: it ended the request: /m],
    ['what the server alone makes', get('X-Remote-User: eve'), [qw(--name HTTP_X_REMOTE_USER)], 1, qr/p\.xml:14 <server-header name="X-Remote-User">: it ended the request: .*which only the server makes$/m],
    ['a required one', get() =~ s{/page}{/need/x}r, [qw(--name APP_USER)], 1, qr/refused with 500, FCT2015 by p\.xml:8: APP_USER is required and auth\.user has no value: nobody counts as logged in\nAPP_USER is not sent\n  p\.xml:8 <param name="APP_USER">: it ended the request/m],
    ['the environment', get(), [qw(--env REMOTE_USER=eve --set-header X-Remote-User=eve --name REMOTE_USER)], 1, qr/auth\.user has no value$/m],
);
for my $row (@names) {
    my ($name, $request, $options, $exit, $answer) = @$row;
    my $ran = answer_to($request, @$options);
    is($ran->{exit}, $exit, "$name: exit code $exit") or diag $ran->{err};
    like($ran->{out}, $answer, "$name: the answer");
    unlike($ran->{out}, qr/s3cret|\e/, "$name: no secret and no colour") if $name =~ /secret|certificate$/;
}

# The whole: parameters in their order, then what does not pass, then what yields nothing.
my $whole = answer_to("POST /small/x?q HTTP/1.1\r\nHost: www.example.com\r\nX-Foo: 1\r\nX-App-B: \xff\\\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\na=b", '--request-id', 'id7');
is($whole->{exit}, 0, 'a request that is served: exit code 0') or diag $whole->{err};
like($whole->{out}, qr/\APOST \/small\/x\?q, from 127\.0\.0\.1 port 49152, without TLS\nThe request goes to the backend\n\nParameters: /, 'it says what came and how it ends');
like($whole->{out}, qr/^  UNIQUE_ID +server +request\.id +generic\.xml:18 +id7$/m, 'each parameter with class, source, rule and value');
like($whole->{out}, qr/^  HTTP_X_APP_B +client +header +p\.xml:11 +\\xff\\x5c$/m, 'bytes that do not show by number');
like($whole->{out}, qr/^  CONTENT_LENGTH +server +the body +built in +3$/m, 'the length of the body');
like($whole->{out}, qr/^Header fields that do not pass\n  X-Foo +no rule names it; <header name="X-Foo"\/> would let it through$/m, 'which fields do not pass, and the line that would admit them');
like($whole->{out}, qr/^Rules that yield nothing\n(?:  .*\n)*  APP_TLS +p\.xml:7: its condition does not hold: tls$/m, 'which rules yield nothing, and why');

my $json = JSON::PP->new->utf8->decode(answer_to(get("X-App-B: \xff", 'X-Foo: 1'), '--format', 'json', '--name', 'REMOTE_USER')->{out});
is_deeply($json->{verdict}, { 'ended-by' => undef, status => 0, why => undef }, 'as JSON: the verdict');
my ($bytes) = grep { $_->{name} eq 'HTTP_X_APP_B' } $json->{parameters}->@*;
is($bytes->{value_hex}, 'ff', 'bytes that are no text are there exactly');
ok((grep { ($_->{field} // '') eq 'X-Foo' && $_->{why} =~ /no rule names it/ } $json->{'not-sent'}->@*), 'what is not sent');
is($json->{rules}[0]{what}, 'auth.user has no value', 'and the answer about the name');
like($json->{digest}, qr/^[0-9a-f]{64}$/, 'under which digest');

# What httpd refuses, with the line of the text.
my @httpd = (
    ['no Host', "GET / HTTP/1.1\n\n", 400, qr/an HTTP\/1\.1 request has a Host field$/],
    ['a field without a colon', get('X-A'), 400, qr/\(line 3\): 'X-A' is no field/],
    ['a blank before the colon', get('X-A : b'), 400, qr/\(line 3\)/],
    ['mixed line ends', "GET / HTTP/1.1\r\nHost: a\n\r\n", 400, qr/\(line 2\): this line ends without CR$/],
    ['mixed line ends, the other way', "GET / HTTP/1.1\nHost: a\r\n\n", 400, qr/\(line 2\): this line ends with CR LF/],
    ['a control byte', get("X-A: \x01"), 400, qr/\(line 3\): a control byte stands in the value of X-A$/],
    ['a bad method', "G\@T / HTTP/1.1\nHost: a\n\n", 400, qr/\(line 1\): 'G\@T' is no method/],
    ['a bad version', "GET / HTTP/2\nHost: a\n\n", 400, qr/'HTTP\/2' is no version/],
    ['POST without a version', "POST /\n", 400, qr/HTTP\/0\.9/],
    ['an encoded slash', get() =~ s{/page}{/a%2Fb}r, 404, qr/%2F where AllowEncodedSlashes is off$/],
    ['an expectation', get('Expect: x'), 417, qr/Expect knows 100-continue alone$/],
    ['too long a line', 'GET /' . 'a' x 9000 . " HTTP/1.1\nHost: a\n\n", 414, qr/LimitRequestLine/],
);
for my $row (@httpd) {
    my ($name, $request, $status, $why) = @$row;
    my $ran = answer_to($request);
    ok($ran->{exit} == 1 && $ran->{out} =~ /^httpd refuses it: $status, before the module/m && $ran->{out} =~ /$why/m, "$name: httpd refuses it with $status") or diag explain $ran;
    unlike($ran->{out}, qr/^Parameters/m, "$name: nothing is evaluated");
}
like(answer_to("OPTIONS * HTTP/1.1\nHost: a\n\n")->{out}, qr/^httpd answers it: 200, before the module/m, 'what httpd answers itself is told as that');

# What is no question.
my @wrong = (
    ['an empty text', '', [], qr/there is no request line$/],
    ['a body that nobody announces', "POST / HTTP/1.1\nHost: a\n\na=b", [], qr/:\d+: a body follows that neither Content-Length nor Transfer-Encoding announces/],
    ['half a body', "POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\na=b", [], qr/the body has 3 bytes, Content-Length says 5$/],
    ['more than the body', "POST / HTTP/1.1\nHost: a\nContent-Length: 2\n\na=b", [], qr/more follows than the 2 bytes that Content-Length says$/],
    ['half a chunk', "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n5\nab", [], qr/the text ends in the middle of a chunk$/],
    ['a peer that is none', get(), [qw(--peer nobody)], qr/peer: 'nobody' is no address/],
    ['a port that is none', get(), [qw(--peer 127.0.0.1:70000)], qr/peer: /],
    ['a version of TLS that is none', get(), [qw(--tls yes)], qr/tls: 'yes' is no version as httpd writes it/],
    ['SNI without TLS', get(), [qw(--sni a)], qr/tls: 'a' belongs to TLS/],
    ['a certificate that is none', get(), ['--cert', "$dir/p.xml"], qr/cert: '.*p\.xml' has no certificate in PEM/],
    ['a certificate that is not there', get(), ['--cert', "$dir/none.pem"], qr/cert: '.*' cannot be read$/],
    ['a time that is none', get(), [qw(--at tomorrow)], qr/at: 'tomorrow' is no time/],
    ['verified perhaps', get(), [qw(--cert-verified perhaps)], qr/cert-verified: 'perhaps' is not one of yes, no$/],
    ['slashes somehow', get(), [qw(--encoded-slashes some)], qr/encoded-slashes: 'some' is not one of off, on, nodecode$/],
    ['a mount and a file', get(), [qw(--mount /a --file /b)], qr/file and mount exclude each other/],
    ['a pair that is none', get(), [qw(--env A)], qr/--env: 'A' is not NAME=VALUE$/],
    ['a pair without a name', get(), [qw(--env =A)], qr/--env: it needs a name/],
    ['another format', get(), [qw(--format xml)], qr/--format: 'xml' is not one of text, json$/],
);
for my $row (@wrong) {
    my ($name, $request, $options, $why) = @$row;
    my $ran = answer_to($request, @$options);
    ok($ran->{exit} == 2 && $ran->{out} eq '' && $ran->{err} =~ /^fcgi-trust explain: [^\n]*$why/m, "$name: refused with a sentence, exit code 2") or diag explain $ran;
}
is(FCT::Tool::run('explain', "$dir/p.xml")->{exit}, 2, 'no request: exit code 2');
is(FCT::Tool::run('explain', '--request', "$dir/request1")->{exit}, 2, 'no policy: exit code 2');
like(FCT::Tool::run('explain', "$dir/p.xml", '--request', "$dir/none")->{err}, qr/none: No such file/, 'a request that is not there');
write_file("$dir/bad.xml", '<policy xmlns="urn:mod-fcgi-trust:policy:1" name="b" version="1" language="1.0"><param name="REMOTE_USER" from="header.X" trust="client"/></policy>');
my $bad = FCT::Tool::run('explain', "$dir/bad.xml", '--request', "$dir/request1");
ok($bad->{exit} == 2 && $bad->{err} =~ /bad\.xml:1: FCT31\d\d/, 'a faulty policy explains nothing, and its findings are told');
done_testing;
