# STDERR goes to the error log line by line, escaped, capped, with the id of the request; the response stands. SPEC 5; EVIDENCE F13.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Rows;
use FCT::Record qw(:all);

my $body = MARK . ' fine';

sub with_stderr ($id, @pieces) { return join('', map { record(FCGI_STDERR, $id, $_) } @pieces) . answer($id, $body) }

my %fine  = (want => 200, whole => $body, reused => 1, modes => ['whole']);
my @lines = (
    ['one line', ["first message\n"], [qr/: .*first message/]],
    ['two lines in one record', ["second a\nsecond b\n"], [qr/second a/, qr/second b/]],
    ['one line in two records', ['third is ', "cut\n"], [qr/third is cut/]],
    ['a line without its end', ['fourth'], [qr/fourth/]],
    ['control bytes', ["fifth\x1b[31m\x07 red\n"], [qr/fifth<1B>\[31m<07> red/]],
    ['a line that looks like a log line', ["sixth\r\n[core:emerg] forged\n"], [qr/FCT5011.*\[core:emerg\] forged/]],
    ['NUL', ["sev\0enth\n"], [qr/sev<00>enth/]],
);

my @table = (
    (map { my ($name, $pieces) = @$_; +{ %fine, name => "STDERR: $name", finding => 'FCT5011', modes => [qw(whole drip)],
        play => sub ($id, @) { with_stderr($id, @$pieces) } } } @lines),
    { %fine, name => 'STDERR after the body', play => sub ($id, @) { stdout($id, HEAD_LINES . "\r\n$body") . stderr($id, "after the body\n") . stdout_end($id) . end_request($id) } },
    { %fine, name => 'STDERR after the end of STDOUT', play => sub ($id, @) { stdout($id, HEAD_LINES . "\r\n$body") . stdout_end($id) . stderr($id, "after the end\n") . end_request($id) } },
    { %fine, name => '4 MB of STDERR in one line', finding => 'FCT5012', play => sub ($id, @) { stderr($id, 'y' x 4_194_304) . answer($id, $body) } },
    { %fine, name => '4 MB of STDERR in short lines', finding => 'FCT5012', play => sub ($id, @) { stderr($id, "z\n" x 2_097_152) . answer($id, $body) } },
    { %fine, name => 'STDERR without end, then nothing', want => 502, finding => 'FCT5012', reused => 0,
        play => sub ($id, @) { stderr($id, "w\n" x 1_000_000), CLOSE } },
);
delete $table[-1]{whole};

my $rows = FCT::Rows->new(table => \@table, modules => ['unique_id'], config => <<'CONF');
Listen 127.0.0.1:@PORT@
ProxyPass / @BACKEND@/ enablereuse=on
<Location /held/>
    FcgiTrustPolicy @POLICIES@/hold.xml
</Location>
<Location /open/>
    FcgiTrustPolicy @POLICIES@/open.xml
</Location>
CONF
$rows->play;

if (!FCT::Httpd::is_stock()) {
    my $log = $rows->httpd->log;
    for (@lines) {
        my ($name, undef, $patterns) = @$_;
        ok($log->count(qr/$_(?: \[request [^ \]]+\])?$/), "STDERR, $name: the log has a line that ends as it should") for @$patterns;
    }
    is(scalar(grep { !FCT::ErrorLog::level_of($_) } $log->lines), 0, 'no line of the log is the backend\'s own');
    my ($id) = map { $_->{param}{UNIQUE_ID} // () } grep { $_->{param}{REQUEST_URI} =~ /row=0&mode=whole/ } $rows->peer->requests;
    ok(defined $id && $log->count(qr/\Q$id\E.*first message|first message.*\Q$id\E/), 'a line of STDERR stands with the id of its request');
    cmp_ok(length $log->text, '<', 2_000_000, 'what is logged of 12 MB is capped');
}
$rows->finish(findings => ['FCT5011', 'FCT1210']);
done_testing;
