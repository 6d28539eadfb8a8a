# A hundred thousand requests through several processes leave exactly as many whole lines in the decision log, and as many in the counters;
# a graceful restart loses none. SPEC 7, 8.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;
use FCT::Decisions;
use FCT::Gateway;
use FCT::Proc qw(find_program free_port out_dir spawn_command stop_child wait_until);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();
plan skip_all => 'h2load (nghttp2) is not installed' if !find_program('h2load');

use constant REQUESTS => $ENV{T_OUT} && $ENV{T_OUT} =~ /asan/ ? 20_000 : 100_000;

my $port = free_port();
my $pid = spawn_command('backend', [out_dir() . '/t/aux/backend', "fcgi:127.0.0.1:$port"]);
my $httpd = FCT::Httpd->new(processes => 4, threads => 32, modules => ['unique_id'], set => { BACKEND => "fcgi://127.0.0.1:$port" }, config => join "\n",
    'Listen 127.0.0.1:@PORT@', FCT::Decisions::directive(), 'FcgiTrustPolicy @POLICIES@/open.xml', '<Location /status>', 'SetHandler fcgi-trust-status',
    '</Location>', 'ProxyPass /status !', 'ProxyPass / @BACKEND@/ enablereuse=on', '')->start;
my $log = FCT::Decisions->new($httpd);

sub load ($requests) {
    my $said = qx{h2load --h1 -n $requests -c 16 -t 1 'http://127.0.0.1:@{[ $httpd->port ]}/small' 2>&1};
    return $said =~ /(\d+) succeeded/ ? $1 : "h2load said: $said";
}

sub counters () {
    my $answer = FCT::Client::request($httpd->port, '/status?format=json');
    return JSON::PP::decode_json($answer->body)->{policies}[0]{counters};
}

sub lines () { my $text = $log->text; return $text =~ tr/\n// }

is(load(REQUESTS - 1000), REQUESTS - 1000, 'every request is answered');
ok(wait_until(20, sub { lines() >= REQUESTS - 1000 }), 'the decision log has a line for each');
is(counters()->{passed}, REQUESTS - 1000, 'so have the counters');
$httpd->graceful;
is(load(1000), 1000, 'after a graceful restart it goes on');
ok(wait_until(20, sub { lines() >= REQUESTS }), 'with lines');
is(counters()->{passed}, REQUESTS, 'and with the counters of before');

my (%seen, @torn);
for my $line (split /\n/, $log->text) {
    if ($line =~ /^\{"time":"[^"]+","request":"([^"]+)",.*\}$/ && $line !~ /\}\{/) { $seen{$1}++ }
    else { push @torn, $line }
}
is(scalar(@torn), 0, 'no line is torn, none is mixed with another');
is(scalar(keys %seen), REQUESTS, 'each request has one line');
is(lines(), REQUESTS, 'and there is no other');

stop_child($pid);
$httpd->finish;
done_testing;
