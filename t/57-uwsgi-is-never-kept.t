# uWSGI closes after every answer, also when it is asked to keep the connection. Profile wsgi knows: with enablereuse=on no POST meets a
# connection that is about to close. SPEC 4 (Replay: a POST is never sent twice); EVIDENCE, Real backends differ.
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

plan skip_all => 'stock mod_proxy_fcgi loses some of them' if FCT::Httpd::is_stock();

my $apps   = FCT::Apps->start(kinds => ['uwsgi'], worker_of => { uwsgi => 'enablereuse=on' });
my $path   = $apps->app('uwsgi')->{path} . 'echo';
my $large  = 'x' x 1_048_576;
my $client = FCT::Client->connect(port => $apps->port);
my %seen;
for my $n (1 .. 30) {
    for my $body ($large, "small $n") {
        $client->send(FCT::Client::request_bytes($path, body => $body));
        my $answer = $client->response(timeout => 20);
        $seen{ $answer->is_success && $answer->body eq $body ? 'its own answer' : $answer->summary }++;
    }
}
is_deeply(\%seen, { 'its own answer' => 60 }, '60 POSTs, large and small in turn: each has its own answer');
$apps->finish;
done_testing;
