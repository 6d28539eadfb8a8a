# A path that reaches the gateway by a rewrite rule, ProxyPassMatch or a balancer bends no name of the script either: the parameters say what the client
# asked for, decoded once, or the request is refused. EVIDENCE R4; SPEC 1; POLICY 5.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Told;

# How a path gets to the gateway; the mount is its first segment.
my %route = (
    rewrite  => 'RewriteRule "^/rewrite/(.*)" "@BACKEND@/rewrite/$1" [P]',
    escaped  => 'RewriteRule "^/escaped/(.*)" "@BACKEND@/escaped/$1" [P,B]',
    raw      => 'RewriteRule "^/raw/" "@BACKEND@%{REQUEST_URI}" [P,NE]',
    moved    => "RewriteRule \"^/moved/(.*)\" \"/target/\$1\" [PT]\nProxyPass /target/ \@BACKEND\@/target/",
    match    => 'ProxyPassMatch "^/match/(.*)" "@BACKEND@/match/$1"',
    nocanon  => 'ProxyPass /nocanon/ @BACKEND@/nocanon/ nocanon',
    balancer => 'ProxyPass /balancer/ balancer://two/balancer/',
    interpolate => 'ProxyPass /interpolate/ @BACKEND@/interpolate/ interpolate',
);
# Where a rule leads to another mount; where mod_rewrite itself refuses an encoded question mark.
my %mount   = (moved => 'target');
my %refuses = (rewrite => qr/%3f/i, raw => qr/%3f/i, moved => qr/%3f/i);
# Before 2.4.60 (CVE-2024-38474) it took one for the beginning of a query string, and the gateway gets a shorter path.
my ($release) = qx('@{[ FCT::Httpd->program ]}' -v) =~ m{Apache/2\.4\.(\d+)};
my %splits = $release < 60 ? (moved => qr/%3f/i) : ();

my %place = map { ($_ => "<backend mount=\"/$_\" override=\"yes\"/>") } keys %route;
my $routes = join "\n", map { $route{$_} } sort keys %route;
my $gateway = FCT::Gateway->new(each => \&FCT::Told::keep, modules => [qw(rewrite proxy_balancer lbmethod_byrequests slotmem_shm)],
    files => { map { ("$_.xml" => FCT::Gateway::policy_text($_, $place{$_})) } keys %place }, config => <<"CONF" . join '', map {"<Location /$_/>\nFcgiTrustPolicy \@DIR\@/$_.xml\n</Location>\n"} sort keys %place);
Listen 127.0.0.1:\@PORT\@
FcgiTrustPolicy \@POLICIES\@/open.xml
AllowEncodedSlashes NoDecode
ProxyPassInterpolateEnv On
<Proxy balancer://two>
    BalancerMember \@BACKEND\@
</Proxy>
RewriteEngine On
$routes
CONF

# What is asked for as it should be, behind the mount: as sent, decoded.
my @good = (['/a', '/a'], ['/a%20b', '/a b'], ['/%41', '/A'], ['/a%25b', '/a%b'], ['/a%2541', '/a%41'], ['/a;p=1', '/a;p=1'], ['/a%3Fb', '/a?b'], ['/a%23b', '/a#b'], ["/\xe4", "/\xe4"],
    ['/%C3%A4', "/\xc3\xa4"], ['/a+b', '/a+b'], ['/a..b/...', '/a..b/...'], ['/$1', '/$1'], ['/${HOME}', '/${HOME}'], ['/%24%7BREMOTE_ADDR%7D', '/${REMOTE_ADDR}'], ['/%25%7BHTTP_HOST%7D', '/%{HTTP_HOST}'], ['/', '/']);

# What must not arrive as it is.
my @bad = qw(%0d%0a %0a %0d%0aX-A:%20b %00 %00.php %01 %7f ..%2f..%2f %2e%2e%2f a%2fb a%2F..%2Fb %2f..%2f %2e%2e/%2e%2e/ /../ /./ .%2e/ %5c..%5c %zz % %4 %u002e a%5cb a%23b a%3fb %252e%252e/ %c0%ae%c0%ae/ ..;/ %2e%2e;/);

sub decoded ($path) { return $path =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger }

for my $name (sort keys %route) {
    my $mount = '/' . ($mount{$name} // $name);
    my @wrong;
    for my $case (@good) {
        my ($sent, $info) = @$case;
        next if $refuses{$name} && $sent =~ $refuses{$name};
        my $told = told($gateway, [], path => "/$name$sent");
        my %got = map { @$_ } @{ $told->{params} // [] };
        my $said = join ' ', $told->{status}, map { "$_=" . ($got{$_} // 'absent') } qw(SCRIPT_NAME PATH_INFO);
        push @wrong, "$sent: $said" if $said ne "200 SCRIPT_NAME=$mount PATH_INFO=$info" || $got{REQUEST_URI} !~ m{^/\Q$name$sent\E\?told} || $got{QUERY_STRING} !~ /^told\d+\z/;
    }
    is(join("\n", @wrong), '', "$name: what was asked for is told as it was, decoded once");
    @wrong = ();
    for my $bytes (@bad) {
        next if $splits{$name} && $bytes =~ $splits{$name};
        for my $path ("/$name/$bytes", "/$name/${bytes}x", "/$name/a${bytes}b/c") {
            my $told = told($gateway, [], path => $path);
            if (!$told->{params}) { push @wrong, "$path: status $told->{status}" if $told->{status} !~ /^40[034]$/; next }
            my %got = map { @$_ } $told->{params}->@*;
            push @wrong, map { ($got{$_} // '') =~ /[\x00-\x1f\x7f]/ ? "$path: a control byte in $_" : () } sort keys %got;
            push @wrong, "$path: SCRIPT_NAME is $got{SCRIPT_NAME}" if ($got{SCRIPT_NAME} // '') ne $mount;
            push @wrong, "$path: PATH_INFO is $got{PATH_INFO}" if ($got{PATH_INFO} // '') =~ m{(?:^|/)\.\.?(?:/|$)};
            push @wrong, "$path: PATH_INFO is not what was asked for: $got{PATH_INFO}" if ($got{PATH_INFO} // '') ne decoded(substr $path, 1 + length $name) && $path !~ m{/\.\.?/|\.%2e/|%2e%2e/|//}i;
            push @wrong, "$path: REQUEST_URI is $got{REQUEST_URI}" if index($got{REQUEST_URI}, "$path?told") != 0;
            push @wrong, map { defined $got{$_} ? "$path: $_ is told" : () } qw(SCRIPT_FILENAME PATH_TRANSLATED);
        }
    }
    is(join("\n", @wrong), '', "$name: nothing else arrives in the script's names");
}
$gateway->finish(allow => [qr/FCT22\d\d/, qr/FCT4008/, qr/AH0\d+/, qr/AH1\d+/]);
done_testing;
