# The directives stand in the server's configuration only: never in a .htaccess, not even through AllowOverrideList, and never where a client
# decides whether they apply. What is wrong is said with the directive and the value. SPEC 1.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Client qw(request);
use FCT::Gateway;
use FCT::Httpd;
use FCT::Peer;
use FCT::Record qw(:all);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

# httpd -t with these lines: (does it load, what it said).
sub checked ($lines, @modules) {
    my $httpd = FCT::Httpd->new(modules => [qw(rewrite alias), @modules], config => "Listen 127.0.0.1:\@PORT\@\n$lines\n");
    my ($exit, $said) = $httpd->check_config;
    return ($exit == 0, $said =~ s/\Q@{[$httpd->dir]}\E//gr);
}

my $policy = 'FcgiTrustPolicy @POLICIES@/open.xml';
my @directives = ([FcgiTrustPolicy => '@POLICIES@/open.xml'], [FcgiTrustMode => 'off'], [FcgiTrustSet => 'NAME value']);

for (@directives) {
    my ($name, $value) = @$_;
    my $line = "$name $value";
    for my $place ('', '<VirtualHost 127.0.0.1:@PORT@>', '<Location /a>', '<LocationMatch ^/a>', '<Directory @DIR@>', '<DirectoryMatch ^/srv>', '<Files "*.php">', '<FilesMatch "\.php$">',
        '<Proxy fcgi://127.0.0.1>', '<ProxyMatch ^fcgi:>') {
        my ($end) = $place =~ /^<(\w+)/;
        my ($loads, $said) = checked($place ? "$place\n$line\n</$end>" : $line);
        ok($loads, "$name stands in " . ($place || 'the server')) or diag($said);
    }
    for my $place ('<If "true">', '<Location /a>' . "\n" . '<If "%{QUERY_STRING} == \'x\'">', '<Limit POST>', '<LimitExcept GET>', '<Location /a>' . "\n" . '<Limit POST>') {
        my $ends = join "\n", map {"</$_>"} reverse $place =~ /<(\w+)/g;
        my ($loads, $said) = checked("$place\n$line\n$ends");
        my $shown = $place =~ s/\n/ /r;
        ok(!$loads, "$name does not stand in $shown");
        like($said, $place =~ /^<Limit/ ? qr/<Limit\w* not allowed/ : qr/\b$name\b.*(?:not allowed|cannot occur)/, "$name in $shown: the message says so");
    }
    my ($loads, $said) = checked("<If \"false\">\n</If>\n<ElseIf \"true\">\n$line\n</ElseIf>");
    ok(!$loads, "$name does not stand in <ElseIf>");
    ($loads, $said) = checked("<If \"false\">\n</If>\n<Else>\n$line\n</Else>");
    ok(!$loads, "$name does not stand in <Else>");
}

# What is wrong with a value, with the directive and the value in the message.
for my $row (
    ['FcgiTrustMode', qr/FcgiTrustMode/], ['FcgiTrustMode on', qr/FcgiTrustMode: 'on' is not one of/], ['FcgiTrustMode offf', qr/FcgiTrustMode: 'offf' is not one of/],
    ['FcgiTrustMode enforce off', qr/FcgiTrustMode/], ['FcgiTrustMode ""', qr/FcgiTrustMode/], ['FcgiTrustPolicy', qr/FcgiTrustPolicy/],
    ['FcgiTrustPolicy /no/such/policy.xml', qr{/no/such/policy\.xml}], ['FcgiTrustPolicy @DIR@', qr/FCT\d{4}/], ['FcgiTrustPolicy ""', qr/FcgiTrustPolicy|FCT\d{4}/],
    ['FcgiTrustSet', qr/FcgiTrustSet/], ['FcgiTrustSet NAME', qr/FcgiTrustSet/], ['FcgiTrustSet NAME a b', qr/FcgiTrustSet/], ['FcgiTrustSet 1NAME value', qr/FcgiTrustSet: '1NAME' is not a name/],
    ['FcgiTrustSet NA.ME value', qr/FcgiTrustSet: 'NA\.ME' is not a name/], ['FcgiTrustSet "" value', qr/FcgiTrustSet/], ["FcgiTrustSet N\xc3\x84 value", qr/is not a name/],
    ['FcgiTrustNothing x', qr/FcgiTrustNothing/],
) {
    my ($line, $message) = @$row;
    my ($loads, $said) = checked($line);
    ok(!$loads, "'$line' does not load");
    like($said, $message, "'$line': the message names it");
}
for my $line ('FcgiTrustMode Off', 'FcgiTrustMode ENFORCE', 'FcgiTrustMode off', 'FcgiTrustSet a-b_c1 "two words"') {
    my ($loads, $said) = checked($line);
    ok($loads, "'$line' loads") or diag($said);
}

# .htaccess: the request is refused, whatever the override, and the log says why.
my $peer = FCT::Peer->start(serve => sub ($conn) {
    while (my $r = $conn->read_request) { $conn->send(answer($r->{id}, "own $r->{param}{SCRIPT_NAME}")) }
});
for my $override ('AllowOverride All', "AllowOverride None\nAllowOverrideList FcgiTrustPolicy FcgiTrustMode FcgiTrustSet", 'AllowOverride FileInfo AuthConfig Options=All',
    "AllowOverride Nonfatal=All\nAllowOverrideList FcgiTrustPolicy FcgiTrustMode FcgiTrustSet") {
    my %files = ('policy.xml' => FCT::Gateway::policy_text('place', '<accept htaccess-auth="No .htaccess of this test configures any"/>') =~ s/"generic"/"php-fpm"/r,
        map { ("htdocs/$_->[0]/.htaccess" => "$_->[0] $_->[1]\n", "htdocs/$_->[0]/x.php" => '') } @directives);
    my $httpd = FCT::Httpd->new(set => { BACKEND => $peer->url }, files => { %files, 'htdocs/plain/x.php' => '' }, config => <<"CONF")->start;
Listen 127.0.0.1:\@PORT\@
FcgiTrustPolicy \@DIR\@/policy.xml
<Directory \@DIR\@/htdocs>
    Require all granted
    $override
</Directory>
<FilesMatch "\\.php\$">
    SetHandler "proxy:\@BACKEND\@"
</FilesMatch>
CONF
    my $shown = $override =~ s/\n/, /r;
    is(request($httpd->port, '/plain/x.php')->body, 'own /plain/x.php', "$shown: a directory without .htaccess is served");
    for (@directives) {
        my $answer = request($httpd->port, "/$_->[0]/x.php");
        is($answer->status, 500, "$shown: $_->[0] in a .htaccess: 500");
    }
    is(scalar(grep { $_->{param}{SCRIPT_NAME} !~ /plain/ } $peer->requests), 0, "$shown: the backend sees nothing of it");
    $httpd->finish(log => [map {qr/\Q$_->[0]\E (?:.*not allowed|cannot occur)/} @directives]);
}
$peer->stop;
done_testing;
