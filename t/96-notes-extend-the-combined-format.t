# The LogFormat that the README shows is the combined format with the notes behind it: what reads a combined log reads this one too. SPEC 7.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Proc qw(read_file wait_until);
use FCT::Readme;

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

my ($shown) = grep {/%\{fcgi-trust-/} map { $_->{text} } FCT::Readme::blocks('apache');
my $lines = $shown =~ s{/var/log/apache2/access\.log}{\@DIR\@/run/trust.log}r;
my $gateway = FCT::Gateway->new(files => { 'htdocs/plain.txt' => 'x' }, front => join "\n", 'LogFormat "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"" combined',
    'CustomLog @DIR@/run/combined.log combined', $lines, 'ProxyPass /plain.txt !');

$gateway->ask('/fine', headers => [Referer => 'http://a.example/"x"', 'User-Agent' => 'a "b" \\ passed']);
$gateway->ask('/fine', method => 'BREW');
$gateway->ask('/plain.txt');

sub lines ($name) {
    my $file = $gateway->httpd->dir . "/run/$name.log";
    wait_until(10, sub { -e $file && 3 == (() = read_file($file) =~ /\n/g) });
    return split /\n/, read_file($file);
}
my @combined = lines('combined');
my @trust    = lines('trust');
is(scalar(@trust), 3, 'each request has a line');
is_deeply([map { substr $trust[$_], 0, length $combined[$_] } 0 .. 2], \@combined, 'which begins with what the combined format says');
is_deeply([map { substr $trust[$_], length $combined[$_] } 0 .. 2], [' passed t-open/1 -', ' refused t-open/1 FCT2001', ' - - -'], 'and ends with verdict, policy and first finding');
$gateway->finish(findings => ['FCT2001']);
done_testing;
