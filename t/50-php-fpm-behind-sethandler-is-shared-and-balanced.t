# SetHandler with a worker that keeps connections, and with a balancer over two pools: each script is the one that was asked for. POLICY 5; SPEC 1.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Backend;
use FCT::Client;
use FCT::Httpd;
use FCT::Proc qw(read_file repo_root wait_until);

my $kept = FCT::Backend->php_fpm(unix => 1, processes => 2);
my @pool = (FCT::Backend->php_fpm(processes => 1), FCT::Backend->php_fpm(unix => 1, processes => 1));
my $app  = read_file(repo_root() . '/t/lib/apps/app.php');
my $vars = read_file(repo_root() . '/t/lib/php/vars.php');
my $httpd = FCT::Httpd->new(
    set => { KEPT => $kept->path, ONE => $pool[0]->url, TWO => $pool[1]->url }, modules => [qw(proxy_balancer lbmethod_byrequests slotmem_shm)],
    files => { map { ("htdocs/$_/app.php" => $app, "htdocs/$_/a.php" => $vars, "htdocs/$_/b.php" => $vars) } qw(kept balanced) },
    config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @SHIPPED@/php-fpm.xml
<Proxy "unix:@KEPT@|fcgi://php-kept" enablereuse=on max=2>
</Proxy>
<Proxy balancer://pools>
    BalancerMember "@ONE@" retry=1
    BalancerMember "@TWO@" retry=1
</Proxy>
<Directory @DOCROOT@>
    Require all granted
</Directory>
<Directory @DOCROOT@/kept>
    <FilesMatch "\.php$">
        SetHandler "proxy:unix:@KEPT@|fcgi://php-kept"
    </FilesMatch>
</Directory>
<Directory @DOCROOT@/balanced>
    <FilesMatch "\.php$">
        SetHandler "proxy:balancer://pools"
    </FilesMatch>
</Directory>
CONF

my $client = FCT::Client->connect(port => $httpd->port);

# Does the answer show the script that was asked for, with its PATH_INFO?
sub fault_of ($dir, $script, $n) {
    my $body = $client->ask("/$dir/$script.php/info$n?n=$n")->body;
    my %env  = map { /^([A-Z_]+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $body;
    my $file = $httpd->docroot . "/$dir/$script.php";
    my %want = (SCRIPT_FILENAME => $file, SCRIPT_NAME => "/$dir/$script.php", PATH_INFO => "/info$n", QUERY_STRING => "n=$n", REQUEST_URI => "/$dir/$script.php/info$n?n=$n");
    return map { ($env{$_} // '(absent)') eq $want{$_} ? () : "$_ is " . ($env{$_} // 'absent') } sort keys %want;
}

for my $dir (qw(kept balanced)) {
    my @wrong = map { fault_of($dir, $_ % 2 ? 'a' : 'b', $_) } 1 .. 20;
    is(join("\n", @wrong), '', "$dir: twenty requests for two scripts by turns run the one they ask for");
    my $body = 'x' x 100_000;
    is($client->ask("/$dir/app.php/echo", body => $body)->body, $body, "$dir: a body goes there and back");
}
my %pid = map { $client->ask('/kept/app.php/pid')->body => 1 } 1 .. 10;
is(scalar keys %pid, 1, 'sequential requests stay on a kept connection');
%pid = map { $client->ask('/balanced/app.php/pid')->body => 1 } 1 .. 10;
is(scalar keys %pid, 2, 'both pools of the balancer are asked');

$pool[0]->stop;
wait_until(5, sub { !$pool[0]->can_connect });
my @wrong = map { fault_of('balanced', 'a', $_) } 1 .. 6;
is(join("\n", @wrong), '', 'with one pool gone the other runs every script');
$httpd->finish(findings => ['FCT5001'], allow => [qr/AH00957|AH00959/]);
$_->stop for $kept, @pool;
done_testing;
