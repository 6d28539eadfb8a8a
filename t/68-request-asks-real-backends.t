# request gets the right answer from FastCGI applications that nobody here wrote.
use v5.26;
use warnings;
use Test::More;
use FCT::Backend;
use FCT::Proc qw(scratch write_file);
use FCT::Tool;

my $upload = write_file(scratch() . '/upload', join '', map { chr(rand 256) } 1 .. 2_000_000);

# name, how it is started, further arguments, the path's prefix and ending
my @backends = (
    ['PHP-FPM',   sub { FCT::Backend->php_fpm(@_) },   ['--docroot', FCT::Backend::apps(), '--param', 'REDIRECT_STATUS=200', '--param', 'SCRIPT_FILENAME=' . FCT::Backend::apps() . '/app.php'], '.php'],
    ['Go',        sub { FCT::Backend->go(@_) },        [], ''],
    ['Perl FCGI', sub { FCT::Backend->perl_fcgi(@_) }, [], ''],
    ['uWSGI',     sub { FCT::Backend->uwsgi(@_) },     [], ''],
    ['libfcgi',   sub { FCT::Backend->libfcgi(@_) },   [], ''],
);

for my $row (@backends) {
    my ($name, $start, $arguments, $ending) = @$row;
    subtest $name => sub {
        for my $unix (0, 1) {
            my $backend = $start->(unix => $unix);
            my $kind = $unix ? 'over a Unix socket' : 'over TCP';
            my $ask = sub { my ($path, @more) = @_; return FCT::Tool::run('request', @$arguments, @more, $backend->address, $path) };
            my $env = $ask->("/env$ending?a=b", '--header', 'X-Test: yes');
            ok($env->{exit} == 0 && $env->{err} eq '', "$kind a request is answered") or diag explain $env;
            like($env->{out}, qr/^< Status: 200\b/m, "$kind the status is 200");
            like($env->{out}, qr/^HTTP_X_TEST=yes$/m, "$kind the application got the header field");
            like($env->{out}, qr/^QUERY_STRING=a=b$/m, "$kind and the query");
            my $echo = $ask->("/echo$ending", '--body', '--data-file', $upload, '--header', 'Content-Type: application/octet-stream');
            ok($echo->{exit} == 0 && $echo->{out} eq FCT::Proc::read_file($upload), "$kind 2 MB go there and come back unchanged") or diag $echo->{err};
            my $status = $ask->("/status$ending?404", '--wire');
            like($status->{out}, qr/^< Status: 404\b/m, "$kind another status is shown");
            like($status->{out}, qr/^<= record \d+: END_REQUEST .*protocolStatus 0 \(complete\)$/m, "$kind --wire shows the end");
            $backend->stop;
        }
    };
}

done_testing;
