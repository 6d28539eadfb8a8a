# What an application writes to its standard error stands in the error log, line by line, with the request's id, and harms no answer. SPEC 5.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Apps;

# Go and uWSGI have no FCGI_STDERR: what their applications write stays in their own logs.
my $apps = FCT::Apps->start(worker => 'enablereuse=on', modules => ['headers'], before => 'Header always set X-Id "expr=%{reqenv:UNIQUE_ID}"');

for my $app (grep { $_->{kind} !~ /^(?:go|uwsgi)$/ } $apps->each) {
    my ($kind, $path) = @$app{qw(kind path)};
    my @ids;
    for my $n (1, 2) {
        my $answer = $apps->ask("${path}stderr?complaint-$kind-$n");
        is($answer->is_success && $answer->body, "told\n", "$kind: the answer stands, whatever was written to standard error");
        push @ids, $answer->header('X-Id');
    }
    for my $n (1, 2) {
        my ($line) = $apps->httpd->log->wait_for(qr/complaint-$kind-$n/);
        like($line // 'no such line', qr/\[fcgi_trust:error\].* FCT5011 .*complaint-$kind-$n/, "$kind: it stands in the error log");
        my $id = $ids[$n - 1];
        like($line // 'no such line', qr/\Q$id\E/, "$kind: with the id of the request that caused it");
    }
}
for my $app (grep { $_->{kind} =~ /^(?:go|uwsgi)$/ } $apps->each) {
    my $answer = $apps->ask("$app->{path}stderr?complaint-$app->{kind}");
    is($answer->is_success && $answer->body, "told\n", "$app->{kind}: the answer stands");
}
$apps->finish(findings => ['FCT5011']);
done_testing;
