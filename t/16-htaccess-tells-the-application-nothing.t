# Whoever may write a .htaccess, with everything that AllowOverride can give, writes no parameter: not with ProxyFCGISetEnvIf, SetEnv, SetEnvIf,
# PassEnv, a rewrite flag, or RequestHeader; and sets no directive of this module. EVIDENCE T1; SPEC 1.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Told;

# What stands in the .htaccess, the names that are not told.
my @rows = (
    ['ProxyFCGISetEnvIf-user', 'ProxyFCGISetEnvIf true REMOTE_USER admin', ['REMOTE_USER']],
    ['ProxyFCGISetEnvIf-certificate', 'ProxyFCGISetEnvIf true SSL_CLIENT_VERIFY SUCCESS', ['SSL_CLIENT_VERIFY']],
    ['ProxyFCGISetEnvIf-php', 'ProxyFCGISetEnvIf true PHP_ADMIN_VALUE "auto_prepend_file=/tmp/x"', ['PHP_ADMIN_VALUE']],
    ['ProxyFCGISetEnvIf-copy', 'ProxyFCGISetEnvIf true REMOTE_USER "%{HTTP:X-Wanted}"', ['REMOTE_USER']],
    ['SetEnv', "SetEnv REMOTE_USER admin\nSetEnv SSL_CLIENT_VERIFY SUCCESS\nSetEnv PHP_VALUE x=1\nSetEnv AUTH_TYPE Basic\nSetEnv OWN_NAME x", [qw(REMOTE_USER SSL_CLIENT_VERIFY PHP_VALUE AUTH_TYPE OWN_NAME)]],
    ['SetEnv-header', "SetEnv HTTP_X_ROLE admin\nSetEnv HTTP_AUTHORIZATION x\nSetEnv HTTP_PROXY http://evil.example", [qw(HTTP_X_ROLE HTTP_AUTHORIZATION HTTP_PROXY)]],
    ['SetEnvIf', "SetEnvIf X-Wanted (.*) REMOTE_USER=\$1 HTTPS=\$1 HTTP_X_ROLE=\$1", [qw(REMOTE_USER HTTPS HTTP_X_ROLE)]],
    ['PassEnv', "PassEnv PATH", ['PATH']],
    ['rewrite-flag', "RewriteEngine On\nRewriteRule ^ - [E=REMOTE_USER:admin,E=HTTP_X_ROLE:%{HTTP:X-Wanted},E=SSL_CLIENT_S_DN:CN=admin]", [qw(REMOTE_USER HTTP_X_ROLE SSL_CLIENT_S_DN)]],
    ['RequestHeader', "RequestHeader set X-Role admin\nRequestHeader set X-Remote-User admin\nRequestHeader set X-Other admin", [qw(HTTP_X_ROLE HTTP_X_REMOTE_USER HTTP_X_OTHER)]],
);
my %file = ('htdocs/plain/page.php' => '');
for my $row (@rows) {
    $file{"htdocs/$row->[0]/page.php"} = '';
    $file{"htdocs/$row->[0]/.htaccess"} = "$row->[1]\n";
}
$file{'policy.xml'} = FCT::Gateway::policy_text('htaccess', '<accept htaccess-auth="A test of what a .htaccess writes"/><header name="X-Role"/><header name="X-O*"/>') =~ s/"generic"/"php-fpm"/r;

# What belongs to the administrator, tried in a .htaccess.
my %own = ('off' => 'FcgiTrustMode off', 'policy' => 'FcgiTrustPolicy open.xml', 'value' => 'FcgiTrustSet role admin');
if (!FCT::Httpd::is_stock()) {
    for (keys %own) { @file{"htdocs/$_/page.php", "htdocs/$_/.htaccess"} = ('', "$own{$_}\n") }
}
my $gateway = FCT::Gateway->new(each => \&FCT::Told::keep, modules => [qw(proxy_fcgi headers env setenvif rewrite unique_id)], files => \%file, config => <<'CONF');
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @DIR@/policy.xml
<Directory @DIR@/htdocs>
    AllowOverride All
    Options FollowSymLinks
    Require all granted
</Directory>
<FilesMatch "\.php$">
    SetHandler "proxy:@BACKEND@"
</FilesMatch>
CONF

my $plain = told($gateway, ['X-Wanted: admin'], path => '/plain/page.php');
is($plain->{status}, 200, 'without a .htaccess the request is served');
my @ordinary = sort map { $_->[0] } $plain->{params}->@*;
for my $row (@rows) {
    my ($name, $text, $names) = @$row;
    my $told = told($gateway, ['X-Wanted: admin'], path => "/$name/page.php");
    is_told($told, "$name: nothing of it is told", { map { $_ => undef } @$names });
    is_deeply([sort map { $_->[0] } @{ $told->{params} // [] }], \@ordinary, "$name: the parameters are those of a request without it");
}

# A field that the client sent and the .htaccess changed is nobody's word.
is_told(told($gateway, ['X-Role: reader'], path => '/RequestHeader/page.php'), 'a field that a .htaccess changes does not pass', { HTTP_X_ROLE => undef });
is_told(told($gateway, ['X-Role: reader'], path => '/SetEnv-header/page.php'), 'a field passes as the client sent it, whatever the environment says', { HTTP_X_ROLE => 'reader' });

for my $name (FCT::Httpd::is_stock() ? () : sort keys %own) {
    my $told = told($gateway, [], path => "/$name/page.php");
    ok($told->{status} == 500 && !$told->{params}, "$own{$name} in a .htaccess: the request ends with 500, and the application is not asked")
        or diag($told->{status});
}
$gateway->finish(log => [map { qr/\.htaccess: \Q@{[$own{$_} =~ s{ .*}{}r]}\E not allowed here/ } FCT::Httpd::is_stock() ? () : keys %own]);
done_testing;
