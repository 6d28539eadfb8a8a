# Every example in the manual pages runs and does what it is there for.
use v5.26;
use warnings;
use Test::More;
use FCT::Backend;
use FCT::Manual;
use FCT::Proc qw(scratch write_file read_file spawn_command stop_child alive wait_until);
use FCT::Readme;
use FCT::Tool;

my $dir = scratch() . '/examples';
mkdir "$dir/run" if mkdir $dir;

# What the examples name: files where they run, and sockets and directories of the system, which are below that here.
my $policy = sub {
    my ($version, $more) = @_;
    return qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="app" version="$version" language="1.0">\n  <extends shipped="generic"/>\n$more</policy>\n};
};
write_file("$dir/app.xml", $policy->(1, ''));
write_file("$dir/old.xml", $policy->(1, ''));
write_file("$dir/new.xml", $policy->(2, qq{  <header name="X-App-Id" why="sent by the application's own scripts"/>\n}));
write_file("$dir/request.txt", "GET /hello HTTP/1.1\nHost: app.example\n\n");
write_file("$dir/app.test.xml", <<'XML');
<tests xmlns="urn:mod-fcgi-trust:test:1" policy="app.xml">
  <case name="a visitor">
    <request>
      GET /hello HTTP/1.1
      Host: app.example
    </request>
    <param name="REQUEST_METHOD" value="GET"/>
  </case>
</tests>
XML
my $php = FCT::Backend->php_fpm(unix => 1);
mkdir "$dir/run/php";
symlink $php->{path}, "$dir/run/php/php-fpm.sock";
my $app = FCT::Tool::Mirror->start('--listen', "$dir/run/app.sock");

sub here {
    my ($line) = @_;
    my $apps = FCT::Backend::apps();
    $line =~ s{/run/}{$dir/run/}g;
    $line =~ s{/var/www\b}{$apps}g;
    return $line =~ s/\bfcgi-trust\b/FCT::Tool::program()/er;
}

# (exit code, stdout, stderr)
sub run {
    my ($command) = @_;
    unlink "$dir/out";
    my $pid = spawn_command('example', ['/bin/sh', '-c', here($command) . ' 2>err'], out => "$dir/out", dir => $dir);
    my $done = wait_until(30, sub { !alive($pid) });
    my $exit = $done ? $? >> 8 : -1;
    stop_child($pid);
    return ($exit, read_file("$dir/out"), read_file("$dir/err"));
}

# What each example must show: a part of it, its exit code, a pattern for what it prints.
my @expected = (
    [qr/^fcgi-trust lint app\.xml$/,                        0, qr/\A\z/],
    [qr/--format html app\.xml > app\.html$/,               0, qr/\A\z/],
    [qr/^fcgi-trust diff old\.xml new\.xml$/,               1, qr/widened.*X-App-Id/s],
    [qr/^fcgi-trust diff --fail-on widened/,                1, qr/widened/],
    [qr/^fcgi-trust explain app\.xml .*--user alice/,       0, qr/alice/],
    [qr/^fcgi-trust explain app\.xml --request request\.txt --name REMOTE_USER$/, 1, qr/REMOTE_USER/],
    [qr/^fcgi-trust test /,                                 1, qr/never exercised$/m],
    [qr/^fcgi-trust digest /,                               0, qr/[0-9a-f]{64}/],
    [qr/^fcgi-trust request \/run\/mirror\.sock 'http/,     0, qr/^> QUERY_STRING=who=alice\n.*^QUERY_STRING=who=alice\n/ms],
    [qr/^fcgi-trust request --wire \/run\/mirror\.sock/,    0, qr/^=> record 1: BEGIN_REQUEST /m],
    [qr/^fcgi-trust request --wire --docroot/,              0, qr/^<= record \d+: END_REQUEST .*complete/m],
    [qr/^fcgi-trust request --policy .*\/run\/app\.sock/,   0, qr/^REMOTE_USER=alice$/m],
    [qr/^fcgi-trust request --docroot .*status\?200$/,      0, qr/^< Status: 200/m],
);

my (%met, $n);
for my $line (map { split /\n/ } FCT::Manual::examples('fcgi-trust.1')) {
    next if $line !~ /^fcgi-trust /;
    $n++;
    if ($line =~ /^fcgi-trust mirror /) {
        unlink "$dir/mirror";
        my ($socket) = here($line) =~ /--listen (\S+)/;
        my $pid = spawn_command('mirror', ['/bin/sh', '-c', 'exec ' . here($line =~ s/ &$//r)], out => "$dir/mirror", dir => $dir);
        ok(wait_until(10, sub { -S $socket && -s "$dir/mirror" }), "$line: it listens");
        is(read_file("$dir/mirror"), "unix:$socket\n", 'and says where');
        stop_child($pid) if $line !~ / &$/;
        next;
    }
    my @rows = grep { $line =~ $expected[$_][0] } 0 .. $#expected;
    is(scalar @rows, 1, "$line: the test knows what it is for") or next;
    $met{ $rows[0] }++;
    my (undef, $code, $pattern) = $expected[ $rows[0] ]->@*;
    my ($exit, $out, $err) = run($line);
    is($exit, $code, "and its exit code is $code") or diag $out, $err if defined $code;
    like($out, $pattern, 'and it prints what it is there for') or diag $err;
}
cmp_ok($n, '>=', 10, 'there are examples');
like(read_file("$dir/app.html"), qr/<title>What the application is told to trust: app, version 1<\/title>/, 'the page for the auditor was written');

# Those of the language are README's, where other tests load, start and serve each of them.
my %block = map { $_->{text} => 1 } FCT::Readme::blocks();
my @examples = FCT::Manual::examples('mod_fcgi_trust-policy.5');
cmp_ok(scalar @examples, '>', 5, 'the language has examples');
is_deeply([grep { !$block{$_} } @examples], [], 'every one of them is one of the README');
$php->stop;
is($app->stop, 0, 'the application ends with 0');
done_testing;
