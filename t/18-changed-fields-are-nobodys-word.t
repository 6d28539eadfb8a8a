# A field that a module changed is not what the client sent: it passes only where its rule says changed="yes". What RequestHeader does twice, since an
# ErrorDocument, DirectoryIndex or FallbackResource runs the request again, is told to no application
# that did not ask for it. EVIDENCE T9; POLICY 4, SPEC 6.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Told;

my $gateway = FCT::Gateway->new(each => \&FCT::Told::keep, h2 => 1, modules => [qw(headers dir)],
    files => { 'htdocs/dir/index.txt' => '', 'policy.xml' => FCT::Gateway::policy_text('changed', <<'XML') },
<header name="X-Plain"/><header name="X-Trail"/><header name="X-Changed" changed="yes"/><header name="X-Pre-*"/><header name="X-Edited"/>
<server-header name="X-Made" from="config.made" why="The application reads headers only"/>
<drop-header name="If-Match" assert="A test"/><header name="If-Unmodified-Since"/>
XML
    config => <<'CONF');
Listen 127.0.0.1:@PORT@
Protocols h2c http/1.1
FcgiTrustPolicy @DIR@/policy.xml
FcgiTrustSet made once
ProxyPass /app/ @BACKEND@/app/
<Directory @DIR@/htdocs>
    Require all granted
</Directory>
ErrorDocument 404 /app/error
ErrorDocument 403 /app/denied
<Location /denied>
    Require all denied
</Location>
DirectoryIndex /app/index
<Directory @DIR@/htdocs/fallback>
    DirectoryIndex disabled
    FallbackResource /app/fallback
</Directory>
RequestHeader append X-Trail gateway
RequestHeader append X-Changed gateway
RequestHeader append X-Pre-Trail gateway
RequestHeader add X-Made gateway
RequestHeader edit X-Edited ^ gateway
<Location /app/early>
    RequestHeader set X-Plain server
</Location>
<Location /app/date>
    RequestHeader set If-Unmodified-Since "Fri, 20 Nov 2026 00:00:00 GMT"
</Location>
CONF
mkdir $gateway->httpd->docroot . '/fallback';


# A path, its status.
my @paths = (['/app/page', 200], ['/missing', 404], ['/denied', 403], ['/dir/', 200], ['/fallback/x', 200]);
my @sent  = ('X-Plain: client', 'X-Trail: client', 'X-Pre-Trail: client', 'X-Edited: client');
my %told  = (HTTP_X_PLAIN => 'client', HTTP_X_TRAIL => undef, HTTP_X_PRE_TRAIL => undef, HTTP_X_EDITED => undef, HTTP_X_MADE => 'once');
my %none  = map { $_ => undef } qw(HTTP_X_PLAIN HTTP_X_TRAIL HTTP_X_PRE_TRAIL HTTP_X_CHANGED HTTP_X_EDITED);
for my $h2 ($gateway->speaks_h2 ? (0, 1) : 0) {
    for my $row (@paths) {
        my ($path, $status) = @$row;
        my $how = $path . ($h2 ? ', HTTP/2' : '');
        is_told(told($gateway, \@sent, path => $path, h2 => $h2), "$how: what RequestHeader appended to is nobody's word; what the server makes is there once", \%told, $status);
        is_told(told($gateway, [], path => $path, h2 => $h2), "$how: what RequestHeader made alone is not the client's", { %none, HTTP_X_MADE => 'once' }, $status);
        is_refused(told($gateway, ['X-Made: once'], path => $path, h2 => $h2), "$how: nor may the client send what the server makes", $status == 200 ? 400 : $status, 'FCT2019');
    }
}
is_told(told($gateway, ['X-Changed: client'], path => '/app/page'), 'with changed="yes" the server\'s version passes', { HTTP_X_CHANGED => 'client, gateway' });
is_told(told($gateway, [], path => '/app/page'), 'but not what it made alone', { HTTP_X_CHANGED => undef });
is_told(told($gateway, ['X-Plain: client'], path => '/app/early'), 'a field that the server sets to something else does not pass', { HTTP_X_PLAIN => undef });
is_told(told($gateway, ['X-Plain: server'], path => '/app/early'), 'one that it sets to what it was is as the client sent it', { HTTP_X_PLAIN => 'server' });
is_refused(told($gateway, ['If-Unmodified-Since: Thu, 19 Nov 2026 00:00:00 GMT'], path => '/app/date'), 'one that narrows the request is not lost by a change', 500, 'FCT2014');
$gateway->finish(findings => ['FCT2014', 'FCT2019'], allow => [qr/AH01630/]);
done_testing;
