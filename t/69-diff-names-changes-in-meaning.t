# diff names each change in meaning from one policy to another, with the places of both rules; layout is none. Exit codes 0, 1 and 2.
use v5.26;
use warnings;
use Test::More;
use JSON::PP ();
use FCT::Cert;
use FCT::Proc qw(scratch write_file repo_root);
use FCT::Tool;

my $dir = scratch() . '/diff';

# A policy file with these lines between <policy> (line 1) and </policy>.
sub policy {
    my ($name, @lines) = @_;
    return write_file("$dir/$name.xml", join "\n", '<policy xmlns="urn:mod-fcgi-trust:policy:1" name="t" version="1" language="1.0">', @lines, '</policy>', '');
}

my $old = policy('old', '<param name="APP_TOKEN" value="hunter2" sensitive="yes"/>', '<param name="REMOTE_USER" from="auth.user" required="yes"/>',
    '<header name="X-App-*" max-length="64"/>', '<refuse-header name="X-Debug"/>', '<request when="path:/upload" max-body="10M"/>');
my $layout = policy('layout', '<!-- note -->', '<request  max-body="10240K"', '  when="path:/upload/"/>', '<refuse-header name="x-debug"/>',
    '<param name="REMOTE_USER" on-missing="refuse" from=" auth.user "/>', '<header name="x-app-*" max-length="64" max-count="100"/>', '<param name="APP_TOKEN" sensitive="yes" value="hunter2"/>');
my $new = policy('new', '<param name="APP_TOKEN" value="hunter3" sensitive="yes"/>', '<param name="REMOTE_USER" from="auth.user"/>',
    '<header name="X-App-*" max-length="64" why="ours"/>', '<request when="path:/upload" max-body="5M"/>');

# --- nothing ---
is_deeply(FCT::Tool::run('diff', $old, $layout), { exit => 0, out => '', err => '' }, 'another layout: nothing, exit code 0');
my @digests = FCT::Tool::run('digest', $old, $layout)->{out} =~ /^sha256:(\w+)/mg;
is($digests[0], $digests[1], 'and the digest is the same');
my $json = JSON::PP->new->utf8;
is_deeply($json->decode(FCT::Tool::run('diff', '--format', 'json', $old, $layout)->{out})->{changes}, [], 'json: a list without changes');

# --- text ---
my $ran = FCT::Tool::run('diff', $old, $new);
is($ran->{exit}, 1, 'a change: exit code 1');
is($ran->{err}, '', 'and nothing on stderr');
is($ran->{out}, <<"TEXT", 'every change has its kinds, what it was and is, what that means, and both places');
widened: param REMOTE_USER: on-missing 'refuse:403' -> 'omit'; requests pass without it that were refused
    old $old:3 new $new:3
widened: refuse-header X-Debug is gone; requests with the field are not refused any more
    old $old:5
re-sourced: param APP_TOKEN: source 'a secret literal' -> 'another secret literal'; the value is another
    old $old:2 new $new:2
narrowed: request when="path:/upload": max-body '10485760' -> '5242880'; only smaller bodies pass
    old $old:6 new $new:5
metadata: header X-App-*: why none -> 'ours'
    old $old:4 new $new:4
TEXT

# --- json ---
my $said = $json->decode(FCT::Tool::run('diff', '--format', 'json', $old, $new)->{out});
is_deeply([map { $_->{name} . $_->{version} . ' ' . length $_->{sha256} } $said->@{qw(old new)}], ['t1 64', 't1 64'], 'json: both policies with their digests');
is_deeply($said->{changes}[0], { kinds => ['widened'], subject => 'param REMOTE_USER', attribute => 'on-missing', effect => 'requests pass without it that were refused',
    old => { value => 'refuse:403', file => $old, line => 3 }, new => { value => 'omit', file => $new, line => 3 } }, 'json: a change has the same particulars');
is_deeply($said->{changes}[1]{new}, { value => undef, file => undef, line => 0 }, 'json: what is gone has no new place');
unlike($json->encode($said), qr/hunter/, 'no secret is told');

# --- --fail-on ---
my $wider    = policy('wider',  '<header name="X-A"/>', '<header name="X-B"/>');
my $narrower = policy('narrow', '<header name="X-A"/>');
my $reasons  = policy('why',    '<header name="X-A" why="w"/>');
my $one      = policy('one',    '<header name="X-A"/>', '<param name="APP" value="1"/>');
my $two      = policy('two',    '<header name="X-A"/>', '<param name="APP" value="2"/>');
for my $row ([$narrower, $wider, 'widened'], [$wider, $narrower, 'narrowed'], [$one, $two, 're-sourced'], [$narrower, $reasons, 'metadata']) {
    my ($was, $is, $kind) = @$row;
    is(FCT::Tool::run('diff', $was, $is)->{exit}, 1, "$kind: exit code 1 without --fail-on");
    for my $on (qw(widened narrowed re-sourced any)) {
        is(FCT::Tool::run('diff', '--fail-on', $on, $was, $is)->{exit}, $on eq $kind || $on eq 'any' ? 1 : 0, "$kind: exit code with --fail-on $on");
    }
}
is(FCT::Tool::run('diff', '--fail-on=narrowed', '--fail-on=widened', $narrower, $wider)->{exit}, 1, '--fail-on may be given several times');
like(FCT::Tool::run('diff', '--fail-on', 'narrowed', $narrower, $wider)->{out}, qr/^widened: header X-B is new; /, 'all changes are printed, whatever it is that fails');

# --- what stands in several files ---
write_file("$dir/base.xml", qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="base" version="1" language="1.0">\n<header name="X-A"/>\n</policy>\n});
my $child = policy('child', '<extends href="base.xml"/>');
is(FCT::Tool::run('diff', $narrower, $child)->{out}, '', 'the division into files is no change');
like(FCT::Tool::run('diff', policy('none', '<header name="X-C"/>'), $child)->{out}, qr/^widened: header X-A is new;.*\n    new \Q$dir\E\/base\.xml:2$/m, 'an inherited rule has its own place');
for my $name (map { s{.*/|\.xml$}{}gr } glob repo_root() . '/policies/*.xml') {
    next if $name =~ /\.test$/;
    my $file = repo_root() . "/policies/$name.xml";
    is_deeply(FCT::Tool::run('diff', $file, $file), { exit => 0, out => '', err => '' }, "$name.xml does not differ from itself");
}

# --- certificates ---
my $cert = FCT::Cert->new($dir);
$cert->authority($_, "/O=Example/CN=$_") for qw(root other);
my %anchor = map { $_ => policy("by-$_", qq{<trust-anchor file="$_.pem"/>}) } qw(root other);
my $with = policy('middle', '<trust-anchor file="root.pem"><intermediates file="other.pem"/></trust-anchor>');
my $why  = policy('anchor-why', '<trust-anchor file="root.pem" why="ours"/>');
my $bare = policy('bare', '<request max-body="1M"/>');
for my $row ([$bare, $anchor{root}, 'narrowed', 'trust-anchor'], [$anchor{root}, $bare, 'widened', 'trust-anchor'], [$anchor{root}, $anchor{other}, 'widened, narrowed', 'trust-anchor'],
    [$anchor{root}, $with, 'widened', 'intermediate'], [$with, $anchor{root}, 'narrowed', 'intermediate'], [$anchor{root}, $why, 'metadata', 'trust-anchor']) {
    my ($was, $is, $kinds, $subject) = @$row;
    like(FCT::Tool::run('diff', $was, $is)->{out}, qr/\A$kinds: $subject.*\n.*\n\z/, "$subject: $kinds");
}

# --- wrong ---
my $bad = policy('bad', '<param name="REMOTE_USER" from="header.X-User"/>');
$ran = FCT::Tool::run('diff', $old, $bad);
is($ran->{exit}, 2, 'a policy with errors cannot be compared: exit code 2');
is($ran->{out}, '', 'and nothing is said of changes');
like($ran->{err}, qr/\A\Q$bad\E:2: FCT3104 flow: .*\nfcgi-trust diff: \Q$bad\E does not load; /, 'its findings and that sentence are on stderr');
like(FCT::Tool::run('diff', $bad, $old)->{err}, qr/^fcgi-trust diff: \Q$bad\E does not load; /m, 'also where it is the old one');
for my $row ([], [$old], [$old, $new, $new], ["$dir/missing.xml", $old], [$old, $dir], ['--fail-on', 'metadata', $old, $new], ['--format', 'html', $old, $new]) {
    $ran = FCT::Tool::run('diff', @$row);
    ok($ran->{exit} == 2 && $ran->{out} eq '' && $ran->{err} =~ /\Afcgi-trust diff: [^\n]+\n\z/, 'diff ' . join(' ', map { s{.*/}{}r } @$row) . ': exit code 2 and a sentence') or diag explain $ran;
}

done_testing;
