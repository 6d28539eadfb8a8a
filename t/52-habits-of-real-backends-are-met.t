# What real backends are known for costs nobody an answer: long parameters, buffers that are too small, bodies that come late or are never
# read, PHP-FPM's dislike of split pairs. EVIDENCE: real backends differ; R3.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Apps;
use FCT::Client;
use FCT::Httpd;
use FCT::Proc qw(find_program free_port scratch spawn_command stop_child unprivileged wait_until write_file);

# --- long parameters ---

my $apps = FCT::Apps->start(worker => 'enablereuse=on max=4', before => 'LimitRequestLine 65000', backend => { buffer => 65_535 });
for my $app ($apps->each) {
    my ($kind, $path) = @$app{qw(kind path)};
    my @wrong;
    for my $length (4_000, 16_300, 16_384, 20_000, 30_000) {
        my $query = 'q' x $length;
        my $body = $apps->ask("${path}env?$query")->body;
        push @wrong, $length if $body !~ /^QUERY_STRING=$query$/m;
    }
    is("@wrong", '', "$kind: a query of 4,000 to 30,000 bytes arrives whole");
    my $cookies = join '; ', map { "c$_=" . 'v' x 100 } 1 .. 70;
    my $body = $apps->ask("${path}env", headers => [Cookie => $cookies])->body;
    ok($kind eq 'libfcgi' || $body =~ /^HTTP_COOKIE=\Q$cookies\E$/m, "$kind: seven kilobytes of cookies arrive whole");
}

# --- bodies that come in pieces: the end of STDIN is there with the last of them, so that a kept connection stays in step ---

sub in_pieces ($path, @pieces) {
    my $client = FCT::Client->connect(port => $apps->port);
    my $length = length join '', @pieces;
    $client->send_pieces(["POST $path HTTP/1.1\r\nHost: test.example\r\nContent-Length: $length\r\n\r\n", @pieces], 0.02);
    return $client->response;
}
for my $app ($apps->each) {
    my ($kind, $path) = @$app{qw(kind path)};
    my @wrong = grep { in_pieces("${path}echo", 'one ', 'two ', "three $_")->body ne "one two three $_" } 1 .. 5;
    is("@wrong", '', "$kind: bodies that come in pieces arrive whole, one after the other");
}
$apps->finish;

# --- a buffer that is too small for the parameters ---

my $small = FCT::Apps->start(kinds => ['uwsgi'], backend => { buffer => 4096 });
my $wsgi = $small->app('uwsgi');
my $answer = $small->ask("$wsgi->{path}env", headers => [Cookie => 'c=' . 'x' x 6000]);
is($answer->status, 502, 'uWSGI with parameters larger than its buffer: 502, since it closes without a word');
$small->answers($wsgi, 'uWSGI: a request with smaller ones is answered');
$small->finish(findings => ['FCT1210']);

# --- fcgiwrap, and a CGI script that does not read its body ---

my $fcgiwrap = find_program('fcgiwrap');
SKIP: {
    skip 'fcgiwrap is not installed', 1 if !$fcgiwrap;
    my $socket = scratch() . '/fcgiwrap/socket';
    File::Path::make_path(scratch() . '/fcgiwrap');
    my (undef, $uid, $gid) = unprivileged();
    chown $uid, $gid, scratch() . '/fcgiwrap' if defined $uid;
    my $pid = spawn_command('fcgiwrap', [$fcgiwrap, '-c', 2, '-s', "unix:$socket"], uid => $uid, gid => $gid, out => scratch() . '/fcgiwrap.out');
    wait_until(5, sub { -S $socket }) or die "fcgiwrap did not start\n";
    chmod 0777, $socket;
    my $httpd = FCT::Httpd->new(set => { WRAP => $socket }, files => {
        'htdocs/deaf.cgi' => "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\ndeaf %s' \"\$PATH_INFO\"\n",
        'htdocs/count.cgi' => "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n%s' \$(wc -c)\n",
    }, config => <<'CONF');
Listen 127.0.0.1:@PORT@
<FilesMatch "\.cgi$">
    SetHandler "proxy:unix:@WRAP@|fcgi://localhost"
    FcgiTrustPolicy @SHIPPED@/php-fpm.xml
</FilesMatch>
CONF
    chmod 0755, $httpd->docroot . "/$_.cgi" or die "chmod: $!\n" for qw(deaf count);
    $httpd->start;
    is(FCT::Client::request($httpd->port, '/deaf.cgi/info')->body, 'deaf /info', 'a CGI script behind fcgiwrap is answered');
    for my $size (1_000, 70_000, 900_000) {
        is(FCT::Client::request($httpd->port, '/count.cgi', body => 'x' x $size)->body, $size, "a body of $size bytes arrives");
        # fcgiwrap itself answers 502 where a script leaves more than a pipe holds.
        $answer = FCT::Client::request($httpd->port, '/deaf.cgi', body => 'x' x $size, timeout => 5);
        is(join(' ', $answer->verdict, $size < 65_000 ? $answer->body : ''), join(' ', 'complete', $size < 65_000 ? 'deaf ' : ''),
            "a script that does not read a body of $size bytes keeps nobody waiting") or diag($answer->summary);
        is(FCT::Client::request($httpd->port, '/deaf.cgi/next')->body, 'deaf /next', 'and the next request is answered');
    }
    $httpd->finish;
    stop_child($pid, 'TERM', 1);
}
done_testing;
