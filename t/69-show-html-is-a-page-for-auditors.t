# show --format html and markdown: the whole policy on one page, the same in both, whatever a policy's author writes into it.
use v5.26;
use warnings;
use utf8;
use Test::More;
use FCT::Cert;
use FCT::Page;
use JSON::PP ();
use FCT::Proc qw(scratch write_file read_file find_program repo_root);
use FCT::Tool;

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);
my $dir = scratch() . '/page';
mkdir $dir;
my $cert = FCT::Cert->new($dir);
$cert->authority('ca', '/CN=Issuing <CA> "1"/O=Example & Sons');

sub bytes { my ($text) = @_; utf8::encode($text); return $text }
sub shown { my ($format, @arguments) = @_; my $ran = FCT::Tool::run('show', '--format', $format, @arguments); utf8::decode($ran->{out}); return $ran }

# Everything a text can have that means something to HTML, Markdown, a terminal, or a reader of bidirectional text.
my $evil = qq{"><script>alert(1)</script><!-- ' & &lt; ]]> | \\| `` ` **b** _i_ [x](y) # \x{202E}gpj.exe\x{202C} \x{200B} é 漢字 שלום } . 'W' x 300;
my $seen = $evil =~ s/\x{202E}/[U+202E]/r =~ s/\x{202C}/[U+202C]/r =~ s/\x{200B}/[U+200B]/r;
my $xml  = $evil =~ s/&/&amp;/gr =~ s/</&lt;/gr =~ s/>/&gt;/gr =~ s/"/&quot;/gr;

my $file = write_file("$dir/hr.xml", bytes(<<"XML"));
<policy xmlns="urn:mod-fcgi-trust:policy:1" name="hr-portal" version="7.1_a" language="1.0">
  <description>The portal:
     $xml</description>
  <trust-anchor file="${\ ($cert->file('ca.pem') =~ s{.*/}{}r)}" why="our own employees" control="NIST:IA-5(2)"/>
  <identity names="APP_UID" why="$xml"/>
  <param name="REQUEST_METHOD" from="request.method" why="$xml" control="NIST:AC-3"/>
  <param name="APP_UID" from="auth.user" required="yes" strip-suffix="\@CORP.EXAMPLE" case="lower" map="roles" pattern="[a-z|\\|`]+" max-length="32"
         when="tls !path:/public/ method:POST,PUT peer:10.0.0.0/8" why="one account per employee"/>
  <param name="APP_LITERAL" value="$xml"/>
  <param name="APP_GROUPS" from="upstream.lb.X-Groups" split=" ; " max-items="7" join=" ` " type="text" encode="base64" assert="$xml"/>
  <param name="APP_FIRST" from="upstream.lb.X-Groups" split=" ; " pick="2" assert="sorted"/>
  <param name="APP_TOKEN" value="hunter2" sensitive="yes"/>
  <param name="APP_EITHER" from="header.X-A cookie.sid" trust="client" on-invalid="omit"/>
  <param name="QUERY_STRING" from="request.query"/>
  <server-header name="X-Remote-User" from="auth.user" why="reads headers only"/>
  <map name="roles"><entry from="a|b" to="$xml"/><entry from="none" omit="yes"/></map>
  <upstream name="lb" peers="10.1.0.0/16 2001:db8::/32" assert="$xml"><field name="X-Groups"/><field name="X-Lb" equals="4|2" needs="X-Groups"/></upstream>
  <header name="Accept" why="$xml"/>
  <header name="X-App-*" max-length="2048" max-count="3"/>
  <header name="Cookie" cookies="session wp-*" changed="yes" when="tls"/>
  <header name="X-Forwarded-Host" trust="client"/>
  <drop-header name="If-Match" assert="$xml"/>
  <refuse-header name="X-Debug-*" when="method:POST" why="$xml"/>
  <request methods="GET POST" max-body="10M" chunked="refuse" why="$xml" control="NIST:SC-5"/>
  <request when="path:/upload" max-body="unlimited" chunked="stream"/>
  <response hide="X-Powered-By" hold="128K" hold-time="2s" interim="forward"/>
  <backend profile="generic" workers="unix:/run/hr.sock"/>
  <param name="APP_MAIL" from="auth.env.MAIL" auth-type="Negotiate" why="from the directory"/>
  <param name="SSL_CLIENT_S_DN" from="tls.client.subject" when="tls.client.verified" why="the certificate's own name"/>
  <upstream name="edge" peers="192.0.2.7" certificate="X-Client-Cert" format="der-base64" assert="closed to others"><field name="X-Client-Cert"/></upstream>
  <accept htaccess-auth="$xml"/>
  <audit values="APP_UID" why="who did it"/>
</policy>
XML

my $html = shown('html', $file);
is($html->{exit}, 0, 'html: exit code 0') or diag explain $html;
is($html->{err}, '', 'html: nothing on stderr');
my $page = eval { FCT::Page::of_html($html->{out}) };
ok($page, 'html: it is well-formed') or diag $@;
my $markdown = shown('markdown', $file);
is($markdown->{exit}, 0, 'markdown: exit code 0');
my $told = eval { FCT::Page::of_markdown($markdown->{out}) };
ok($told, 'markdown: it is understood') or diag $@;

subtest 'both have the same' => sub {
    is($told->{$_}, $page->{$_}, "the $_") for qw(title lead);
    is_deeply([map { $_->{title} } $told->{sections}->@*], [map { $_->{title} } $page->{sections}->@*], 'the same sections');
    for my $section ($page->{sections}->@*) {
        my $other = FCT::Page::section_of($told, $section->{title});
        is_deeply($other->{$_}, $section->{$_}, "$section->{title}: the same $_") for qw(paragraphs tables);
    }
};

# What an auditor asks, and the cell with the answer: section, first cell, column, pattern.
subtest 'what it tells' => sub {
    my ($digest) = FCT::Tool::run('show', $file)->{out} =~ /^sha256:(\w+)$/m;
    my $is = sub {
        my ($section, $first, $column, $expected, $claim, $n) = @_;
        my $row = FCT::Page::row_of($page, $section, $first, $n // 0);
        my $cell = $row ? $row->[$column] : undef;
        ref $expected ? like($cell, $expected, $claim) : is($cell, $expected, $claim);
    };
    is($page->{title}, 'hr-portal version 7.1_a', 'name and version');
    is($page->{lead}, "The portal: $seen", 'the description');
    $is->('The policy', 'Digest (SHA-256)', 1, $digest, 'the digest');
    $is->('The policy', 'Made of these files', 1, qr{\A\S+/page/hr\.xml\n\S+/page/\S+\z}, 'the files it was made of');
    $is->('How far a value can be trusted', $_->[0], 2, $_->[1], "how many parameters are of class $_->[0]") for ['server', 2], ['verified', 4], ['asserted', 2], ['client', 3];
    $is->('How far a value can be trusted', $_, 1, qr/\A[A-Z].*\.\z/, "what $_ means, in a sentence") for qw(server verified asserted client);
    my $p = 'Parameters';
    $is->($p, 'REQUEST_METHOD', 1, 'client', 'a class');
    $is->($p, 'REQUEST_METHOD', 2, 'request.method: the method of the request', 'a source, in words too');
    $is->($p, 'REQUEST_METHOD', 4, "$seen\nControl: NIST:AC-3", 'why, and for which control');
    $is->($p, 'REQUEST_METHOD', 5, 'hr.xml:6', 'by which rule');
    $is->($p, 'APP_UID', 0, "APP_UID\nan identity name", 'which name is an identity');
    $is->($p, 'APP_UID', 2, join("\n", 'auth.user: who logged in and was allowed in, for this request', '→ ends with @CORP.EXAMPLE, which is taken off', '→ letters A-Z become lower case',
        '→ replaced as the map roles says; what it does not have is invalid', '→ must match [a-z|\\|`]+ as a whole', '→ at most 32 bytes'), 'the steps of a value, in their order');
    $is->($p, 'APP_UID', 3, join("\n", 'Only if: tls !path:/public/ method:POST,PUT peer:10.0.0.0/8', 'the connection is encrypted', 'and the path is neither /public/ nor below it',
        'and the method is POST or PUT', 'and the other end of the connection is in 10.0.0.0/8', 'Absent: refused, 403', 'Invalid: refused, 403'), 'under which condition, and what if not');
    $is->($p, 'APP_LITERAL', 2, "always $seen", 'a literal');
    $is->($p, 'APP_GROUPS', 2, join("\n", 'upstream.lb.X-Groups: a field that the proxy in front sent: lb.X-Groups', '→ split into a list at  ; ', '→ at most 7 items are left',
        '→ joined to one text with  ` ; an item that has this inside is invalid', '→ must be UTF-8 text', '→ encoded as base64'), 'the steps of a list');
    $is->($p, 'APP_GROUPS', 4, "Safe because: $seen", 'why an assertion is safe');
    $is->($p, 'APP_FIRST', 2, qr/^→ item number 2 is taken, the first being 0$/m, 'which item is picked');
    $is->($p, 'APP_TOKEN', 2, 'a secret literal, which is not shown', 'that there is a secret');
    $is->($p, 'APP_EITHER', 2, "the first of these that has a value:\nheader.X-A: the request header field X-A\ncookie.sid: the cookie sid", 'alternative sources');
    $is->($p, 'APP_EITHER', 3, qr/\AAbsent: not sent\nInvalid: not sent/, 'what is left out');
    $is->($p, 'APP_EITHER', 4, 'Taken as the client sent it.', 'what is the client\'s word');
    $is->($p, 'APP_MAIL', 2, "auth.env.MAIL: MAIL, which the module that logged the user in published\n→ only of a user who logged in by Negotiate", 'by which mechanism a user must have logged in');
    $is->($p, 'SSL_CLIENT_S_DN', 2, "tls.client.subject: subject of the client's certificate, which was verified for this connection", 'a field of a certificate');
    $is->($p, 'SSL_CLIENT_S_DN', 3, qr/\AOnly if: tls\.client\.verified\nthe client's certificate was verified\n/, 'where there is one');
    $is->('Proxies in front', 'edge', 2, "X-Client-Cert\nThe client's certificate: X-Client-Cert as der-base64", 'a certificate that a proxy passes on');
    $is->('What is accepted', "Files in the served directories may change who logs in; accepted because\nhtaccess-auth", 1, $seen, 'what is accepted, and why');
    $is->('What is logged', "Parameters whose values may stand in the decision log\nvalues", 1, 'APP_UID', 'whose values may be logged');
    $is->($p, 'QUERY_STRING', 3, qr/\AAbsent: sent empty\n/, 'what is always sent');
    $is->($p, 'HTTP_X_REMOTE_USER', 0, "HTTP_X_REMOTE_USER\nAs the field: X-Remote-User\nan identity name", 'a field of the server\'s own');
    $is->($p, 'CONTENT_LENGTH', 5, 'built in', 'what the engine sends');
    my $f = 'Header fields that pass';
    $is->($f, 'Accept', 1, 'HTTP_ACCEPT', 'what a field becomes');
    $is->($f, 'Accept', 2, '', 'nothing where nothing is special');
    $is->($f, 'X-App-*', 2, "At most: 2 KiB\nAt most: 3 fields", 'limits of fields');
    $is->($f, 'Cookie', 2, "Only if: tls\nthe connection is encrypted\nCookies: session wp-*\nalso as the server changed it", 'conditions of fields');
    $is->($f, 'X-Forwarded-Host', 3, 'A name that proxies use, taken as the client sent it.', 'a reserved name');
    $is->('What is refused', 'X-Debug-*', 1, qr/\AOnly if: method:POST\n/, 'the fields that end a request');
    my @refused = FCT::Page::section_of($page, 'What is refused')->{paragraphs}->@*;
    like($refused[1], qr/Only the server makes these fields.*: X-Remote-User\.$/, 'the fields that only the server makes');
    like($refused[2], qr/refused \(400\): If-Unmodified-Since, Content-Range, Content-Encoding, If, Depth, Overwrite, Idempotency-Key, Origin, Sec-Fetch-Site; with a method that changes something also: If-None-Match\.$/,
        'the restricting fields that no rule names');
    $is->('What is dropped', 'If-Match', 2, "Safe because: $seen", 'the restricting field that is dropped');
    like(FCT::Page::section_of($page, 'Identity names')->{paragraphs}[0], qr/: REMOTE_USER REMOTE_IDENT .* MMDB_\*\.$/, 'the built-in identity names');
    $is->('Identity names', 'APP_UID', 1, $seen, 'the identity names of the policy');
    is_deeply([map { "@$_[1, 2, 4]" } FCT::Page::section_of($page, 'Maps')->{tables}[0]{rows}->@*], ["a|b $seen hr.xml:16", 'none left out hr.xml:16'], 'the entries of a map');
    $is->('Proxies in front', 'lb', 1, '10.1.0.0/16 2001:db8::/32', 'the addresses of a proxy');
    $is->('Proxies in front', 'lb', 2, "X-Groups\nX-Lb, where it is 4|2, where there is also X-Groups", 'its fields');
    my ($sha256) = qx(openssl x509 -noout -fingerprint -sha256 -in @{[$cert->file('ca.pem')]}) =~ /=([\w:]+)/;
    my ($anchor) = FCT::Page::section_of($page, 'Trust anchor');
    is($anchor->{tables}[0]{rows}[0][2], lc($sha256 =~ s/://gr), 'the SHA-256 of the trust anchor');
    like($anchor->{tables}[0]{rows}[0][0], qr/O=Example & Sons/, 'its subject');
    like($anchor->{paragraphs}[0], qr/revocation stays mod_ssl's\.$/, 'who asks whether a certificate was revoked');
    my $r = 'What a request may be';
    $is->($r, "Methods; any other is refused (405)\nmethods", 1, 'GET POST', 'the methods');
    $is->($r, "Largest body; a larger one is refused (413)\nmax-body", 1, '10 MiB', 'the size of a body');
    $is->($r, "A body whose length is not told\nchunked", 1, 'refuse: it is refused (411)', 'a word, and what it means');
    $is->($r, "Largest body; a larger one is refused (413)\nmax-body", 1, 'unlimited', 'what is different under a condition', 1);
    is(scalar FCT::Page::section_of($page, $r)->{tables}[1]{rows}->@*, 2, 'and only that');
    $is->('What an answer may be', "How long it waits at most\nhold-time", 1, '2000 ms', 'a duration');
    $is->('What an answer may be', "Most interim answers (1xx)\nmax-interim", 3, 'default', 'what is a default');
    $is->('The application', "The only addresses that the application may have\nworkers", 1, 'unix:/run/hr.sock', 'the backend\'s addresses');
};

subtest 'nothing but a page' => sub {
    for my $out ($html->{out}, $markdown->{out}) {
        unlike($out, qr/hunter2/, 'the secret itself is not there');
        unlike($out, qr/[\x{202A}-\x{202E}\x{2066}-\x{2069}\x{200B}-\x{200F}\x00-\x09\x0B-\x1F\x7F-\x9F]/, 'no character that does not show or turns text around');
    }
    my @tags = FCT::Page::pieces($html->{out});
    is_deeply([grep { /^(?:script|link|img|iframe|object|embed|base|form|svg|a)$/ && !($_ eq 'a') } map { $_->[0] } @tags], [], 'no script, no picture, nothing that is loaded');
    is_deeply([grep { !/^#[a-z-]+$/ } map { $_->[1]{href} // () } @tags], [], 'links lead to its own sections alone');
    is_deeply([grep { /^(?:on|style$|src$)/ } map { keys $_->[1]->%* } @tags], [], 'no attribute that acts or loads');
    my %id = map { $_->[1]{id} ? ($_->[1]{id} => 1) : () } @tags;
    is_deeply([grep { !$id{$_} } map { ($_->[1]{href} // '') =~ /^#(.*)/ ? $1 : () } @tags], [], 'every link leads somewhere');
    unlike($html->{out}, qr/url\(|\@import|http:(?!\/\/www\.w3\.org\/1999\/xhtml")/, 'the style sheet loads nothing');
    like($html->{out}, qr/Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/, 'and a browser is told to load nothing');
    like($html->{out}, qr/\@bottom-left \{ content: "hr-portal, version 7\.1_a, sha256:[0-9a-f]{64}" \}/, 'every printed page says which policy it is of');
    is(shown('html', $file)->{out}, $html->{out}, 'the same policy gives the same page');
};

subtest 'parsers that others wrote' => sub {
    my $saved = write_file("$dir/page.html", bytes($html->{out}));
    my $xmllint = find_program('xmllint');
    is(qx($xmllint --noout '$saved' 2>&1), '', 'libxml2 reads it as XML');
    my $text = qx($xmllint --html --xpath 'string(//table[contains(\@class,"params")]/tbody/tr[1]/td[4])' '$saved' 2>/dev/null);
    utf8::decode($text);
    is($text =~ s/\n\z//r, "${seen}Control: NIST:AC-3", 'libxml2 reads it as HTML, and a reason is still that reason');
    SKIP: {
        my $cmark = find_program('cmark-gfm') or skip 'cmark-gfm is not installed', 2;
        my $written = write_file("$dir/page.md", bytes($markdown->{out}));
        my $rendered = qx($cmark --unsafe -e table -e strikethrough -e autolink -e tagfilter '$written');
        utf8::decode($rendered);
        is_deeply([grep { !/^(?:h[12]|p|table|thead|tbody|tr|th|td|code|strong|em|br)$/ } $rendered =~ /<([a-z0-9]+)/g], [], 'cmark-gfm makes of the Markdown what is meant and nothing else');
        my @cells = map { s/<[^>]*>//gr =~ s/&(amp|lt|gt|quot);/{amp=>'&',lt=>'<',gt=>'>',quot=>'"'}->{$1}/ger } $rendered =~ /<t[dh]>(.*?)<\/t[dh]>/gs;
        is_deeply(\@cells, [map { s/\n//gr } map { ($_->{head}->@*, map {@$_} $_->{rows}->@*) } map { $_->{tables}->@* } $page->{sections}->@*], 'with exactly the cells of the page');
    }
};

subtest 'text has the same' => sub {
    my $ran = FCT::Tool::run('show', $file);
    utf8::decode($ran->{out});
    my $line = $evil =~ s/\\/\\x5c/gr =~ s/\x{202e}/\\xe2\\x80\\xae/gr =~ s/\x{202c}/\\xe2\\x80\\xac/gr =~ s/\x{200b}/\\xe2\\x80\\x8b/gr;
    my @claims = (
        [qr/\nThe portal: \Q$line\E\n/,                                                    'the description'],
        [qr/^  APP_UID .*\n      -> ends with "\@CORP\.EXAMPLE", which is taken off\n      -> letters A-Z become lower case\n      -> replaced as the map "roles" says/m, 'the steps of a value'],
        [qr/^  APP_EITHER .*\n(?:      .*\n)*      taken as the client sent it$/m,           'what is the client\'s word'],
        [qr/^  Cookie .*\n      cookies: session wp-\*$/m,                                   'the cookies that pass'],
        [qr/^Identity names that this policy adds\n  APP_UID +hr\.xml:5\n      why: \Q$line\E$/m, 'identities'],
        [qr/^Maps\n  roles +hr\.xml:16\n      "a\|b" -> "\Q$line\E"\n      "none" is left out$/m, 'maps'],
        [qr/^  lb +hr\.xml:17\n      addresses: 10\.1\.0\.0\/16 2001:db8::\/32\n      field: X-Groups\n      field: X-Lb, where it is "4\|2", where there is also X-Groups$/m, 'proxies'],
        [qr/revocation stays mod_ssl's\.\n/,                                                'who asks for revocation'],
        [qr/^  but when path:\/upload  hr\.xml:25\n      chunked: stream  hr\.xml:25\n      max-body: unlimited  hr\.xml:25$/m, 'what is different under a condition'],
    );
    like($ran->{out}, $_->[0], $_->[1]) for @claims;
    unlike($ran->{out}, qr/hunter2|[\x{202A}-\x{202E}\x{200B}]/, 'no secret, and nothing that turns text around');
};

# WCAG 2: contrast of two colours, #rgb or #rrggbb.
sub luminance {
    my ($colour) = @_;
    my @channels = map { hex($_) / 255 } length $colour == 4 ? map { $_ x 2 } $colour =~ /([0-9a-f])/g : $colour =~ /([0-9a-f]{2})/g;
    my ($r, $g, $b) = map { $_ <= 0.04045 ? $_ / 12.92 : (($_ + 0.055) / 1.055)**2.4 } @channels;
    return 0.2126 * $r + 0.7152 * $g + 0.0722 * $b;
}
sub contrast { my ($dark, $light) = sort { $a <=> $b } map { luminance($_) } @_; return ($light + 0.05) / ($dark + 0.05) }

subtest 'contrast' => sub {
    my @themes = $html->{out} =~ /:root \{(.*?)\}/gs;
    is(scalar @themes, 3, 'there are three themes: light, dark, paper');
    for my $n (0 .. $#themes) {
        my %is = $themes[$n] =~ /--([\w-]+): (#[0-9a-f]+)/g;
        my @pairs = (['text', 'page', 7], ['text', 'band', 7], ['faint', 'page', 4.5], ['faint', 'band', 4.5], ['link', 'page', 4.5], map { [$_, "$_-band", 4.5] } qw(server verified asserted client));
        cmp_ok(contrast($is{ $_->[0] }, $is{ $_->[1] }), '>=', $_->[2], (qw(light dark paper))[$n] . ": $_->[0] on $_->[1]") for @pairs;
    }
};

# The page as a browser lays it out. Its own page may run no script, so that one around it measures it.
sub laid_out {
    my ($chromium, $width, $html) = @_;
    my $inner = write_file("$dir/inner.html", bytes($html));
    my $outer = write_file("$dir/outer.html", <<"HTML");
<!DOCTYPE html><title>?</title><body style="margin:0"><iframe src="inner.html" style="border:0;width:${width}px;height:900px" onload="
  const d = this.contentDocument, s = n => this.contentWindow.getComputedStyle(d.querySelector(n));
  const over = [...d.querySelectorAll('body *')].filter(e => !e.closest('thead') && e.getBoundingClientRect().right > $width + 1).length;
  document.title = [d.documentElement.scrollWidth, over, s('table.params tbody td').display, s('body').color, s('body').backgroundColor].join(' ; ')"></iframe>
HTML
    my $out = qx(timeout 60 $chromium --headless=new --no-sandbox --disable-gpu --allow-file-access-from-files --user-data-dir='$dir/browser' --virtual-time-budget=5000 --window-size=1400,1000 --dump-dom 'file://$outer' 2>/dev/null);
    return split / ; /, $out =~ /<title>(.*?)<\/title>/ ? $1 : '';
}

subtest 'in a browser' => sub {
    my ($chromium) = grep {defined} map { find_program($_) } qw(chromium chromium-browser google-chrome);
    plan skip_all => 'there is no Chromium here' if !$chromium;
    for my $row ([390, 'block'], [1280, 'table-cell']) {
        my ($width, $display) = @$row;
        my ($scroll, $over, $cell) = laid_out($chromium, $width, $html->{out});
        cmp_ok($scroll // 9999, '<=', $width, "nothing has to be scrolled sideways at $width pixels, long words or not");
        is($over, 0, 'and nothing sticks out');
        is($cell, $display, "a row is laid out as $display");
    }
    my $pdf = "$dir/page.pdf";
    qx(timeout 60 $chromium --headless=new --no-sandbox --disable-gpu --user-data-dir='$dir/browser' --no-pdf-header-footer --print-to-pdf='$pdf' 'file://$dir/page.html' 2>/dev/null);
    ok(-s $pdf, 'it can be printed');
    my $pdftotext = find_program('pdftotext') or return;
    my @pages = split /\f/, qx($pdftotext -layout '$pdf' -);
    cmp_ok(scalar @pages, '>', 3, 'on several pages');
    is_deeply([grep { $pages[$_] !~ /hr-portal, version 7\.1_a, sha256:[0-9a-f]{64}\s+Page ${\ ($_ + 1)} of ${\ scalar @pages}/ } 0 .. $#pages], [], 'each of which says which policy it is of, and which page of how many it is');
    is_deeply([grep { $pages[$_] =~ /^ *\S.* (?:hr\.xml:(?:7|9|10)) *$/m && $pages[$_] !~ /Parameter +Class +Value/ } 0 .. $#pages], [], 'and repeats the headings of its table');
};

subtest 'json has the same' => sub {
    my $ran = FCT::Tool::run('show', '--format', 'json', $file);
    my $said = JSON::PP->new->utf8->decode($ran->{out});
    my %param = map { $_->{name} => $_ } $said->{params}->@*;
    is_deeply([@{ $param{APP_UID} }{qw(strip_suffix case map pattern max_length required)}], ['@CORP.EXAMPLE', 'lower', 'roles', '[a-z|\\|`]+', 32, JSON::PP::true], 'the steps of a value');
    is_deeply([@{ $param{APP_GROUPS} }{qw(split join max_items encode assert)}], [' ; ', ' ` ', 7, 'base64', $evil], 'the steps of a list');
    is_deeply([$param{APP_FIRST}{pick}, $param{HTTP_X_REMOTE_USER}{server_header}, $param{APP_EITHER}{trust_client}], [2, 'X-Remote-User', JSON::PP::true], 'an index, a field of the server\'s own, the client\'s word');
    is($said->{description}, "The portal: $evil", 'the description');
    is(scalar $said->{files}->@*, 2, 'the files');
    is_deeply([map { "$_->{name} $_->{line}" } $said->{identities}->@*], ['APP_UID 5'], 'identities');
    is_deeply($said->{maps}[0]{entries}, [{ from => 'a|b', to => $evil }, { from => 'none', omit => JSON::PP::true }], 'maps');
    is_deeply($said->{upstreams}[0]{fields}, [{ name => 'X-Groups' }, { name => 'X-Lb', equals => '4|2', needs => 'X-Groups' }], 'upstreams');
    my %setting = map { ("$_->{element} $_->{attribute}" => $_) } $said->{settings}->@*;
    is_deeply([@{ $setting{'request max-body'} }{qw(value why control line)}], [10 << 20, $evil, 'NIST:SC-5', 24], 'a setting with its reason and rule');
    ok($setting{'response max-interim'}{default}, 'a default');
    is_deeply([map { "$_->{when}: " . join ' ', map {"$_->{attribute}=$_->{value}"} $_->{settings}->@* } $said->{conditional_requests}->@*], ['path:/upload: chunked=stream max-body=-1'], 'what is different under a condition');
};

# Texts at random out of what means something to HTML, Markdown or Unicode; the seed is told, so that a failure can be seen again.
subtest 'any text' => sub {
    my $seed = $ENV{T_SEED} // time;
    srand $seed;
    my @alphabet = ('#', ' ', ' ', qw(a b W - + = . 1 \ | ` * _ ~ ! @ & < > " ' ; :), '[', ']', '(', ')', '{', '}', '/', '$', '<br>', '</td>', '&amp;', '\\|', '``', '](', '-->', ']]>', 'http://', 'www.',
        "\x{e9}", "\x{5d0}", "\x{202e}", "\x{2066}", "\x{200b}", "\x{feff}", "\x{ad}", "\x{85}", "\x{1f600}", "\x{e0041}");
    my $some = sub { my $text = join '', map { $alphabet[rand @alphabet] } 1 .. 1 + rand 12; $text =~ s/\A\s+\z/./; $text };
    my $quoted = sub { $_[0] =~ s/&/&amp;/gr =~ s/</&lt;/gr =~ s/>/&gt;/gr =~ s/"/&quot;/gr };
    my $as_shown = sub { $_[0] =~ s/([\x{202e}\x{2066}\x{200b}\x{feff}\x{ad}\x{85}\x{e0041}])/sprintf '[U+%04X]', ord $1/ger };
    my @why = map { $some->() } 1 .. 150;
    my @value = map { $some->() } 1 .. 150;
    my $random = write_file("$dir/random.xml", bytes(qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="random" version="1" language="1.0">\n}
        . join('', map { sprintf qq{<param name="P%d" value="%s" why="%s"/>\n}, $_, $quoted->($value[$_]), $quoted->($why[$_]) } 0 .. $#why) . "</policy>\n"));
    my ($of_html, $of_markdown) = map { shown($_, $random) } qw(html markdown);
    is("$of_html->{exit} $of_markdown->{exit}", '0 0', "a policy of random texts is shown (T_SEED=$seed)") or diag $of_html->{err};
    my $one = eval { FCT::Page::of_html($of_html->{out}) } or diag $@;
    my $other = eval { FCT::Page::of_markdown($of_markdown->{out}) } or diag $@;
    my @expected = map { ['P' . $_, 'server', 'always ' . $as_shown->($value[$_]), '', $as_shown->($why[$_]), 'random.xml:' . ($_ + 2)] } 0 .. $#why;
    for my $row (['html', $one], ['markdown', $other]) {
        my ($format, $shown) = @$row;
        my @rows = FCT::Page::section_of($shown, 'Parameters')->{tables}[0]{rows}->@*;
        splice @rows, -2;
        is_deeply(\@rows, \@expected, "$format: each text is the one that was written (T_SEED=$seed)");
    }
    my $cmark = find_program('cmark-gfm') or return;
    my $rendered = do { my $file = write_file("$dir/random.md", bytes($of_markdown->{out})); qx($cmark --unsafe -e table -e strikethrough '$file') };
    utf8::decode($rendered);
    my ($params) = $rendered =~ /<h2>Parameters<\/h2>.*?<tbody>(.*?)<\/tbody>/s;
    my @rows = map { [map { s/<br\s*\/?>/\n/gr =~ s/<[^>]*>//gr =~ s/&(amp|lt|gt|quot);/{amp=>'&',lt=>'<',gt=>'>',quot=>'"'}->{$1}/ger } /<td[^>]*>(.*?)<\/td>/gs] } $params =~ /<tr>(.*?)<\/tr>/gs;
    splice @rows, -2;
    is_deeply(\@rows, [map { [@$_[0 .. 3], $_->[4] =~ s/\A +| +\z//gr, $_->[5]] } @expected], "cmark-gfm: each text is the one that was written (T_SEED=$seed)");
};

subtest 'every shipped policy' => sub {
    my %source = map { $_ => 1 } read_file(repo_root() . '/mod_fcgi_trust/core/source.def') =~ /^FCT_SOURCE\(\w+,\s*"([^"]+)"/mg;
    is_deeply([sort grep { !$source{$_} } read_file(repo_root() . '/mod_fcgi_trust/cli/show_source.def') =~ /^FCT_SHOW_SOURCE\("([^"]+)"/mg], [], 'words are for sources that exist');
    delete @source{ read_file(repo_root() . '/mod_fcgi_trust/cli/show_source.def') =~ /^FCT_SHOW_SOURCE\("([^"]+)"/mg };
    is_deeply([sort keys %source], [], 'every source has words');
    for my $policy (grep { !/\.test\.xml$/ } glob repo_root() . '/policies/*.xml') {
        my ($name) = $policy =~ m{([^/]+)\.xml$};
        my ($of_html, $of_markdown) = map { shown($_, $policy)->{out} } qw(html markdown);
        my $one = eval { FCT::Page::of_html($of_html) };
        my $other = eval { FCT::Page::of_markdown($of_markdown) };
        ok($one && $other, "$name is shown") or diag $@;
        is_deeply([map { $_->{tables} } $other->{sections}->@*], [map { $_->{tables} } $one->{sections}->@*], "$name: the same in both formats");
        my $rows = sub { my $section = FCT::Page::section_of($one, $_[0]); map { $_->{rows}->@* } $section->{tables}->@* };
        my @params = FCT::Tool::run('show', '--format', 'json', $policy)->{out} =~ /^    \{"name": "([^"]+)", "class"/mg;
        is_deeply([map { $_->[0] =~ /\A(.*)/ } $rows->('Parameters')], [@params, qw(CONTENT_TYPE CONTENT_LENGTH)], "$name: every parameter has its row");
        is_deeply([map { $_->[0] } grep { $_->[4] eq '' } $rows->('Parameters')], [], "$name: every parameter has its reason");
    }
};

done_testing;
