# Git over HTTP through git http-backend: push, chunked push, clone, a gzip request body, protocol 2; only whom the server
# authenticated may push, whatever the client claims. policies/git.xml.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Client qw(request);
use FCT::Httpd;
use FCT::Proc qw(scratch spawn_command stop_child alive wait_until unprivileged read_file write_file find_program);
use FCT::Service;

my $git = find_program('git') // FCT::Backend::missing('Git', 'git');
my ($core) = split /\n/, qx('$git' --exec-path);
my $program = "$core/git-http-backend";
my $cgi = FCT::Service->fcgiwrap($program);
my $dir = $cgi->dir;
my (undef, $uid, $gid) = unprivileged();

# Runs Git as the unprivileged account in a directory; (what it printed, its exit status).
sub git ($in, @arguments) {
    state $count = 0;
    my $out = "$dir/git" . ++$count;
    my @as = defined $uid ? (uid => $uid, gid => $gid) : ();
    my $pid = spawn_command('git', [$git, @arguments], out => $out, dir => $in, @as, env => {
        HOME => "$dir/home", GIT_CONFIG_NOSYSTEM => 1, GIT_TERMINAL_PROMPT => 0, LC_ALL => 'C', GIT_AUTHOR_NAME => 'a', GIT_AUTHOR_EMAIL => 'a@a.example',
        GIT_COMMITTER_NAME => 'a', GIT_COMMITTER_EMAIL => 'a@a.example', GIT_AUTHOR_DATE => '1700000000 +0000', GIT_COMMITTER_DATE => '1700000000 +0000',
        GIT_TRACE_CURL => 1, GIT_TRACE_CURL_NO_DATA => 1, GIT_TRACE_PACKET => (grep { $_ eq 'ls-remote' } @arguments) ? 1 : undef });
    wait_until(60, sub { !alive($pid) });
    my $status = $?;
    stop_child($pid);
    return (read_file($out), $status >> 8);
}

sub git_ok ($name, $in, @arguments) {
    my ($said, $status) = git($in, @arguments);
    return is($status, 0, $name) || diag($said);
}

# A bare repository whose hook shows what Git was told, and a working tree of some megabytes.
mkdir "$dir/$_" for qw(home root checkout);
defined $uid and chown $uid, $gid, map {"$dir/$_"} qw(home root checkout);
my @set_up = ([$dir, qw(init -q -b main --bare root/app.git)], ["$dir/root/app.git", qw(config gc.auto 0)], ["$dir/checkout", qw(init -q -b main .)]);
git(@$_) for @set_up;
write_file("$dir/root/app.git/hooks/pre-receive", "#!/bin/sh\nenv > '$dir/root/told'\n");
chmod 0755, "$dir/root/app.git/hooks/pre-receive";
my $noise = '';
my $seed  = 12345;
for (1 .. 800_000) { $seed = ($seed * 1103515245 + 12345) & 0x7fffffff; $noise .= pack 'N', $seed * 2 + ($_ & 1) }
write_file("$dir/checkout/large.bin", $noise);
write_file("$dir/checkout/read.me", "hello\n");

my $httpd = FCT::Httpd->new(
    modules => [qw(auth_basic authn_core authn_file authz_user unique_id)],
    files => {
        users => "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n",
        'git.xml' => <<"POLICY",
<policy xmlns="urn:mod-fcgi-trust:policy:1" name="t-git" version="1" language="1.0">
  <extends shipped="git"/>
  <param name="SCRIPT_FILENAME" value="$program"/>
  <param name="GIT_PROJECT_ROOT" value="$dir/root"/>
  <param name="GIT_HTTP_EXPORT_ALL" value="1"/>
</policy>
POLICY
    },
    set => { CGI => $cgi->url },
    config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @DIR@/git.xml
ProxyPass /git/ @CGI@/
ProxyPass /write/ @CGI@/
<Location /write/>
    AuthType Basic
    AuthName git
    AuthUserFile @DIR@/users
    Require valid-user
</Location>
CONF
my $port = $httpd->port;
my $url  = "http://127.0.0.1:$port/git/app.git";
my $push = "http://alice:secret\@127.0.0.1:$port/write/app.git";

my $work = "$dir/checkout";
git_ok('a commit', $work, qw(add .)) && git_ok('of three megabytes', $work, qw(commit -q -m first));
my @chunked = ('-c', 'http.postBuffer=65536');
my ($said, $status) = git($work, @chunked, 'push', $url, 'main');
isnt($status, 0, 'a push without a user is refused');
like($said, qr/403/, 'by git http-backend, which was told no REMOTE_USER');
for my $forged ('Remote-User: alice', 'X-Remote-User: alice', 'Remote_User: alice', 'Authorization: Basic YWxpY2U6c2VjcmV0') {
    ($said, $status) = git($work, @chunked, '-c', "http.extraHeader=$forged", 'push', $url, 'main');
    isnt($status, 0, "nor is it with $forged, which makes no user where none is asked for");
}
is(-e "$dir/root/told", undef, 'no hook ran so far');

($said, $status) = git($work, @chunked, 'push', '-q', $push, 'main');
is($status, 0, 'with a user it is taken') || diag($said);
like($said, qr/=> Send header: Transfer-Encoding: chunked/, 'though it has no length');
my %told = map { /^(\w+)=(.*)$/ ? ($1 => $2) : () } split /\n/, read_file("$dir/root/told");
is($told{REMOTE_USER}, 'alice', 'and the hook knows who it was');
is($told{HTTP_AUTHORIZATION}, undef, 'but not the password');
cmp_ok($told{CONTENT_LENGTH} // 0, '>', length $noise, 'a chunked push arrives with its length');
is($told{HTTP_TRANSFER_ENCODING}, undef, 'and without a Transfer-Encoding');

git_ok('a clone works', $dir, 'clone', '-q', $url, 'clone');
is(read_file("$dir/clone/large.bin") eq $noise, 1, 'and brings every byte');

unlink "$dir/root/told";
for my $n (1 .. 40) { git($work, qw(commit -q --allow-empty -m), "number $n"); git($work, 'branch', "b$n") }
git_ok('a push in one piece is taken too', $work, 'push', '-q', $push, 'main', 'refs/heads/b*:refs/heads/b*');
cmp_ok((stat "$dir/root/told")[7] // 0, '>', 100, 'the hook ran for it');

# Who wants many branches at once sends a long list, which Git compresses.
($said) = git("$dir/clone", 'fetch', '-q', $url, 'refs/heads/*:refs/remotes/origin/*');
like($said, qr/=> Send header: Content-Encoding: gzip/, 'a fetch of many branches asks for them in a compressed body');
is((git("$dir/clone", qw(rev-parse origin/b40)))[0], (git($work, qw(rev-parse b40)))[0], 'and gets them');

($said) = git($work, '-c', 'protocol.version=2', 'ls-remote', $url);
like($said, qr/< version 2/, 'Git-Protocol reaches git http-backend as GIT_PROTOCOL: it answers version 2');
($said) = git($work, '-c', 'protocol.version=0', 'ls-remote', $url);
unlike($said, qr/< version 2/, 'and version 0 without it');
is(request($port, '/git/app.git/info/refs?service=git-upload-pack', headers => ['Git-Protocol' => 'v' x 65])->status, 431, 'a Git-Protocol of 65 bytes is refused');

is(request($port, '/git/app.git/HEAD', method => 'PUT', body => 'x')->status, 405, 'PUT is not allowed');
is(request($port, '/git/../../etc/passwd')->status, 400, 'dot segments do not leave the project root');
is(request($port, '/git/%2e%2e/%2e%2e/etc/passwd')->status, 400, 'written with percent signs neither');
$httpd->finish(findings => [qw(FCT2001 FCT2017 FCT5011)], log => [qr/AH10244/]);
$cgi->stop;
done_testing;
