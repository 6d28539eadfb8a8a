# A child that is killed while it writes lines of the decision log together leaves each of them there once and whole. SPEC 7.
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Decisions;
use FCT::Gateway;
use FCT::Proc qw(asan_preload out_dir read_file scratch unprivileged wait_until write_file);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();
plan skip_all => 'prefork writes every line on its own' if FCT::Httpd->mpm eq 'prefork';
plan skip_all => 'a sanitizer is preloaded itself' if asan_preload(FCT::Httpd->module_file);

my $dir = scratch() . '/turns';
mkdir $dir or die "$dir: $!";
chmod 0777, $dir or die "$dir: $!";
my $turn = "$dir/turn";
my $gateway = FCT::Gateway->new(front => FCT::Decisions::directive(), worker => 'enablereuse=on',
    env => { LD_PRELOAD => out_dir() . '/t/aux/preload_dying_writer.so', DYING_WRITER => $turn });
my $log = FCT::Decisions->new($gateway->httpd);

sub kill_one ($part) {
    my @before = $gateway->httpd->child_pids;
    write_file("$turn.new", $part);
    my (undef, $uid, $gid) = unprivileged();
    chown $uid, $gid, "$turn.new" if defined $uid;
    rename "$turn.new", $turn or die "$turn: $!";
    wait_until(20, sub {
        eval { my $client = $gateway->client; $client->ask('/many') for 1 .. 50 };
        return !-e $turn;
    });
    wait_until(10, sub { grep { !-d "/proc/$_" } @before });
    return split /^/, read_file("$turn.lines");
}

sub seen () { my %seen; $seen{$_}++ for split /^/, $log->text; return %seen }

my @all;
for my $case ([0, 'before a byte is written'], [3, 'in the first few'], [500, 'in the middle'], [999, 'before the last'], [1000, 'after the last']) {
    my ($part, $when) = @$case;
    my @lines = kill_one($part);
    cmp_ok(scalar(@lines), '>', 1, "several lines are written together when the child dies $when");
    ok(wait_until(10, sub { my %seen = seen(); !grep { !$seen{$_} } @lines }), 'each of them is there');
    push @all, @lines;
}
is($gateway->ask('/last')->status, 200, 'another child goes on');
$log->for('/last');
my %seen = seen();
is(scalar(grep { ($seen{$_} // 0) > 1 } @all), 0, 'no line is there twice');
$log->judge('every line is whole');
$gateway->finish(allow => [qr/AH00052/, qr/the parent writes them/, qr/AH10392/]);
done_testing;
