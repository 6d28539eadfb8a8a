# <trust-anchor>: the policy's digest covers the certificates and not their files; every fault of a file is told at its line. POLICY 1 and 6.
use v5.26;
use warnings;
use Test::More;
use Digest::SHA ();
use JSON::PP ();
use FCT::Cert;
use FCT::Httpd;
use FCT::Proc qw(scratch read_file write_file);
use FCT::Tool;

my $dir = scratch() . '/anchor';
my $cert = FCT::Cert->new($dir);
$cert->authority($_, "/O=Example/CN=$_") for qw(root other middle);
write_file("$dir/openssl.cnf", read_file("$dir/openssl.cnf") . "[ca]\ndefault_ca=own\n[own]\ndatabase=$dir/index\nnew_certs_dir=$dir\ndefault_md=sha256\n"
    . "policy=any\nx509_extensions=authority\nserial=$dir/serial\nunique_subject=no\n[any]\ncommonName=supplied\n[authority]\nbasicConstraints=critical,CA:TRUE\n");
write_file("$dir/index", '');
for my $row (['old', '20200101000000Z', '20210101000000Z'], ['young', '20980101000000Z', '20990101000000Z']) {
    my ($name, $begin, $end) = @$row;
    $cert->openssl('req', '-new', $cert->new_key($name), '-out', "$dir/$name.csr", '-subj', "/CN=$name");
    $cert->openssl('ca', '-batch', '-selfsign', '-create_serial', '-in', "$dir/$name.csr", '-keyfile', "$dir/$name.key", '-out', "$dir/$name.pem",
        '-startdate', $begin, '-enddate', $end);
}
$cert->openssl('req', '-x509', $cert->new_key('nosign'), '-out', "$dir/nosign.pem", '-subj', '/CN=nosign', '-days', '9', '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,cRLSign');
$cert->openssl('req', '-x509', $cert->new_key('bare'), '-out', "$dir/bare.pem", '-subj', '/CN=bare', '-days', '9', '-addext', 'keyUsage=critical,keyCertSign');
my %pem = map { $_ => read_file("$dir/$_.pem") } qw(root other middle client);

# What stands in a policy → (digest or undef, findings as "line:number …", JSON of show).
my $made = 0;
sub load {
    my ($inside, $name) = @_;
    my $file = write_file(sprintf('%s/%s.xml', $dir, $name // 'p' . ++$made),
        qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="t" version="1" language="1.0">\n$inside\n</policy>\n});
    my $ran = FCT::Tool::run('show', '--format', 'json', $file);
    my $said = $ran->{out} ? JSON::PP->new->utf8->decode($ran->{out}) : {};
    my @findings = map { /:(\d+): FCT(\d+) / ? "$1:FCT$2" : () } split /\n/, $ran->{err};
    return ($said->{sha256}, "@findings", $said, $ran->{err});
}

# --- what changes the digest ---

my ($digest, $findings, $said) = load('<trust-anchor file="root.pem"/>');
is($findings, '', 'a policy with a trust anchor loads');
my ($der) = FCT::Tool::run('show', '--format', 'canonical', "$dir/p1.xml")->{out} =~ /^trust-anchor certificate-sha256="([0-9a-f]{64})"$/m;
$cert->openssl('req', '-x509', '-key', "$dir/root.key", '-subj', '/O=Example/CN=root', '-days', '30', '-out', "$dir/again.pem", '-addext', 'basicConstraints=critical,CA:TRUE');
system('openssl', 'x509', '-in', "$dir/root.pem", '-outform', 'DER', '-out', "$dir/root.der") == 0 or BAIL_OUT('openssl x509');
is($der, Digest::SHA->new(256)->addfile("$dir/root.der", 'b')->hexdigest, 'its canonical text has the SHA-256 of the DER');
is_deeply([@{ $said->{trust_anchor} }{qw(subject sha256 line)}], ['CN=root,O=Example', $der, 2], 'show names subject, SHA-256 and line');
like(FCT::Tool::run('show', "$dir/p1.xml")->{out}, qr/^Trust anchor\. [^\n]*\n  CN=root,O=Example  p1\.xml:2\n      sha256:$der\n/m, 'as text, too');

write_file("$dir/sub/elsewhere.pem", $pem{root});
write_file("$dir/comment.pem", "# our CA\r\nsubject=/CN=somebody\r\n" . $pem{root} =~ s/\n/\r\n/gr . "# end\n");
write_file("$dir/narrow.pem", $pem{root} =~ s/^([A-Za-z0-9+\/=]{2,})$/join "\n", unpack '(A16)*', $1/gmer);
write_file("$dir/with-key.pem", read_file("$dir/root.key") . $pem{root});
write_file("$dir/twice.pem", $pem{root} x 2);
my $under = '<trust-anchor file="root.pem">%s</trust-anchor>';
for my $file (qw(sub/elsewhere.pem ./root.pem comment.pem narrow.pem with-key.pem twice.pem)) {
    is((load(qq{<trust-anchor file="$file"/>}))[0], $digest, "the digest is the same with $file");
}
is((load('<description>words</description><!-- note --><trust-anchor override="no" file="root.pem"></trust-anchor>'))[0], $digest, 'the digest is the same with another layout');
my %digests = ($digest => 'the anchor');
for my $row (['another certificate', '<trust-anchor file="other.pem"/>'], ['another of the same key and name', '<trust-anchor file="again.pem"/>'], ['none', ''],
    ['a why', '<trust-anchor file="root.pem" why="x"/>'], ['a control', '<trust-anchor file="root.pem" control="x"/>'],
    ['an intermediate', sprintf $under, '<intermediates file="middle.pem"/>'], ['another intermediate', sprintf $under, '<intermediates file="other.pem"/>']) {
    my ($now, $why) = load($row->[1]);
    ok($now && !$digests{$now} && $why eq '', "the digest is another with $row->[0]") or diag "$now $why";
    $digests{$now} = $row->[0];
}
write_file("$dir/both.pem", "$pem{middle}$pem{other}");
write_file("$dir/both-turned.pem", "$pem{other}\n$pem{middle}$pem{other}");
my ($both, undef, $shown) = load(sprintf $under, '<intermediates file="both.pem"/>');
is((load(sprintf $under, '<intermediates file="both-turned.pem"/>'))[0], $both, 'the order of intermediates does not matter');
is_deeply([sort map { $_->{subject} } @{ $shown->{trust_anchor}{intermediates} }], ['CN=middle,O=Example', 'CN=other,O=Example'], 'show names the intermediates');

# --- faults ---

write_file("$dir/empty.pem", '');
write_file("$dir/key.pem", read_file("$dir/root.key"));
write_file("$dir/two.pem", "$pem{root}$pem{other}");
write_file("$dir/torn.pem", substr $pem{root}, 0, 200);
write_file("$dir/garbled.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
write_file("$dir/then-garbled.pem", "$pem{root}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
write_file("$dir/locked.pem", $pem{root} =~ s/^(-----BEGIN.*)\n/$1\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n/r);
write_file("$dir/large.pem", $pem{root} . '#' x (1 << 20));
symlink '/etc/passwd', "$dir/link.pem" or BAIL_OUT("symlink: $!");
symlink 'root.pem', "$dir/inner.pem"   or BAIL_OUT("symlink: $!");
write_file(scratch() . '/out.pem', $pem{root});

my @faults = (
    ['a file that is not there', 'none.pem', '2:FCT3223'], ['a directory', 'sub', '2:FCT3223'], ['a file of more than 1 MiB', 'large.pem', '2:FCT3223'],
    ['a file above', '../out.pem', '2:FCT3222'], ['a way out', 'sub/../../out.pem', '2:FCT3222'], ['an absolute path', "$dir/root.pem", '2:FCT3222'],
    ['a link that leads out', 'link.pem', '2:FCT3222'], ['a URL', 'file:root.pem', '2:FCT3222'], ['a link within', 'inner.pem', ''],
    ['an empty file', 'empty.pem', '2:FCT3224'], ['a key', 'key.pem', '2:FCT3224'], ['half a certificate', 'torn.pem', '2:FCT3224'],
    ['no certificate in the armour', 'garbled.pem', '2:FCT3224'], ['something else behind it', 'then-garbled.pem', '2:FCT3224'],
    ['an encrypted one, without asking for a password', 'locked.pem', '2:FCT3224'], ['DER', 'root.der', '2:FCT3224'],
    ['two CAs', 'two.pem', '2:FCT3225'], ['a leaf', 'client.pem', '2:FCT3226'], ['a CA that may not sign', 'nosign.pem', '2:FCT3226'], ['one without basicConstraints', 'bare.pem', '2:FCT3226'],
    ['one that is not valid any more, as a warning', 'old.pem', '2:FCT3227'], ['one that is not yet valid, as a warning', 'young.pem', '2:FCT3227'],
);
for my $row (@faults) {
    my ($about, $file, $want) = @$row;
    my (undef, $got, $shows, $err) = load(qq{<trust-anchor file="$file"/>});
    is($got, $want, "$about: " . ($want || 'it loads')) or diag $err;
    is($shows->{trust_anchor} ? 1 : 0, $want eq '' || $want =~ /3227/ ? 1 : 0, "$about: in force or not");
}
like((load('<trust-anchor file="old.pem"/>'))[3], qr/old\.pem: the certificate of CN=old was valid until Jan  1 00:00:00 2021 GMT$/m, 'the warning says since when');
is((load(sprintf $under, "\n<intermediates file=\"client.pem\"/>"))[1], '3:FCT3226', 'a leaf among the intermediates is told at their line');
is((load(sprintf $under, "\n<intermediates file=\"../out.pem\"/>"))[1], '3:FCT3222', 'so is a file outside');
is((load(qq{<trust-anchor file="none.pem">\n<intermediates file="client.pem"/></trust-anchor>\n<param name="REMOTE_USER" from="header.X"/>}))[1], '2:FCT3223 3:FCT3226 4:FCT3104',
    'every fault is told at once');
my @many = map { my $n = $_; $cert->openssl('req', '-x509', '-key', "$dir/root.key", '-subj', "/CN=$n", '-days', '9', '-out', "$dir/n.pem", '-addext', 'basicConstraints=critical,CA:TRUE'); read_file("$dir/n.pem") } 1 .. 65;
write_file("$dir/many.pem", join '', @many);
write_file("$dir/few.pem", join '', @many[0 .. 63]);
is((load(sprintf $under, '<intermediates file="many.pem"/>'))[1], '2:FCT3225', '65 intermediates are too many');
is((load(sprintf $under, '<intermediates file="few.pem"/>'))[1], '', '64 are not');

# --- composition ---

load('<trust-anchor file="root.pem"/>', 'with-root');
load('<trust-anchor file="comment.pem" why="the same certificate"/>', 'with-root-too');
load('<trust-anchor file="other.pem"/>', 'with-other');
load(sprintf($under, '<intermediates file="middle.pem"/>'), 'with-chain');
load('<param name="A" value="1"/>', 'without');
load('<extends href="with-root.xml"/><trust-anchor file="other.pem" override="yes"/>', 'replaced');
write_file("$dir/sub/below.xml", read_file("$dir/with-root.xml") =~ s/root\.pem/elsewhere.pem/r);
sub parents { return join '', map { qq{<extends href="$_.xml"/>} } @_ }
my @rows = (
    ['a child has its parent\'s anchor', [qw(with-root)], '', '', 'CN=root,O=Example'],
    ['a file is looked up next to the policy that names it', [qw(sub/below)], '', '', 'CN=root,O=Example'],
    ['parents that agree', [qw(with-root with-root-too without)], '', '', 'CN=root,O=Example'],
    ['parents that disagree', [qw(with-root with-other)], '', '1:FCT3211'],
    ['parents with other intermediates', [qw(with-root with-chain)], '', '1:FCT3211'],
    ['a child that names the same', [qw(with-root)], '<trust-anchor file="twice.pem"/>', '', 'CN=root,O=Example'],
    ['a child that names another', [qw(with-root)], '<trust-anchor file="other.pem"/>', '2:FCT3210'],
    ['a child that says override', [qw(with-root)], '<trust-anchor file="other.pem" override="yes"/>', '', 'CN=other,O=Example'],
    ['a child that decides between its parents', [qw(with-root with-other)], '<trust-anchor file="middle.pem" override="yes"/>', '', 'CN=middle,O=Example'],
    ['a child that decides without override', [qw(with-root with-other)], '<trust-anchor file="other.pem"/>', '2:FCT3210'],
    ['a parent that replaced what another has', [qw(with-root replaced)], '', '1:FCT3211'],
    ['a child that decides on what a parent replaced', [qw(with-root replaced)], '<trust-anchor file="other.pem" override="yes"/>', '', 'CN=other,O=Example'],
);
for my $row (@rows) {
    my ($about, $parents, $inside, $want, $subject) = @$row;
    my (undef, $got, $shows, $err) = load(parents(@$parents) . $inside);
    is($got, $want, "$about: " . ($want || 'it loads')) or diag $err;
    is($shows->{trust_anchor}{subject}, $subject, "$about: it is $subject") if $subject;
}
my ($child) = load('<extends href="with-root.xml"/>');
is($child, $digest, 'an inherited anchor counts as one of its own');

# --- httpd ---

SKIP: {
    skip 'stock mod_proxy_fcgi has no policies', 6 if FCT::Httpd::is_stock();
    my $policy = qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="t" version="1" language="1.0"><trust-anchor file="ca.pem"/></policy>\n};
    for my $row (['pinned', 0644, $pem{root}, 1], ['pinned, with another layout', 0644, read_file("$dir/comment.pem"), 1],
        ['pinned, with another certificate', 0644, $pem{other}, 0, 'FCT4011'], ['that others may write', 0666, $pem{root}, 0, 'FCT4004']) {
        my ($about, $mode, $text, $starts, $finding) = @$row;
        my $httpd = FCT::Httpd->new(files => { 'own.xml' => $policy, 'ca.pem' => $text },
            config => "Listen 127.0.0.1:\@PORT\@\nFcgiTrustPolicy \@DIR\@/own.xml sha256:$digest\nProxyPass / fcgi://127.0.0.1:1/\n");
        chmod $mode, $httpd->dir . '/ca.pem';
        my ($exit, $says) = $httpd->check_config;
        is($exit == 0 ? 1 : 0, $starts, "httpd: an anchor $about") or diag $says;
        like($says, $finding eq 'FCT4004' ? qr/\bca\.pem: FCT4004 / : qr/\b$finding /, "httpd: it says $finding") if $finding;
    }
}

done_testing;
