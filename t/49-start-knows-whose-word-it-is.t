# What other modules' directives make of a source's class is known at the start: an identity whose value a client could write, copied into
# the environment or a request field by SetEnvIf, a rewrite flag, RequestHeader, a .htaccess or an authentication that lets in anybody, stops the
# server, and the message names the line that does it. What the configuration alone decides does not. POLICY 1.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Httpd;
use FCT::Proc qw(out_dir);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

my %policy = map { ("$_->[0].xml" => FCT::Gateway::policy_text($_->[0], $_->[1])) } (
    ['env', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_GROUPS" from="env.ROLE" assert="A test"/>'],
    ['script', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_GROUPS" from="env.SCRIPT_URL" assert="A test"/>'],
    ['match', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_GROUPS" from="env.MATCH_SITE" assert="A test"/>'],
    ['name', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_GROUPS" from="env.SSL_CLIENT_S_DN_CN" assert="A test"/>'],
    ['sni', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_GROUPS" from="env.SSL_TLS_SNI" assert="A test"/>'],
    ['session-id', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_GROUPS" from="env.SSL_SESSION_ID" assert="A test"/>'],
    ['credentials', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_GROUPS" from="set-header.Authorization" assert="A test"/>'],
    ['route', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_GROUPS" from="env.BALANCER_SESSION_ROUTE" assert="A test"/>'],
    ['made', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><server-header name="X-Remote-Role" from="env.ROLE" assert="A test"/>'],
    ['session', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_GROUPS" from="env.HTTP_SESSION" assert="A test"/>'],
    ['redirected', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_GROUPS" from="env.REDIRECT_REDIRECT_ROLE" assert="A test"/>'],
    ['country', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_GROUPS" from="env.GEOIP_COUNTRY_CODE" assert="A test"/>'],
    ['looked', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_GROUPS" from="env.MM_COUNTRY" assert="A test"/>'],
    ['info', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_GROUPS" from="env.MMDB_INFO" assert="A test"/>'],
    ['address', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_ADDR" from="connection.client.address" override="yes"/>'],
    ['believed', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_ADDR" from="connection.client.address" assert="A test" override="yes"/>'],
    ['field', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_GROUPS" from="set-header.X-Role" assert="A test"/>'],
    ['role', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="APP_ROLE" from="env.ROLE" assert="A test"/>'],
    ['told', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="APP_ROLE" from="env.ROLE" assert="A test" trust="client"/>'],
    ['user', ''],
    ['accepts', '<accept htaccess-auth="The authors of these files are the administrators"/>'],
    ['claims', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_GROUPS" from="auth.env.GROUPS"/>'],
    ['condition', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><header name="X-A" when="authenticated"/>'],
    ['realm', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/><param name="REMOTE_REALM" from="auth.realm"/>'],
    ['nobody', '<without param="REMOTE_USER" why="A test"/><without param="AUTH_TYPE" why="A test"/>'],
);

sub vhost ($name, $lines) { return "<VirtualHost 127.0.0.1:\@PORT\@>\nServerName $name.example\n$lines</VirtualHost>\n" }
sub location ($lines) { return "<Location /x>\n$lines\n</Location>" }
sub directory ($path, $lines) { return "<Directory $path>\n$lines\n</Directory>" }

my $basic = "AuthType Basic\nAuthName x\nRequire valid-user\n";

# mod_authnz_fcgi: an authorizer that may leave the name to an expression
use constant AUTHORIZER => "AuthnzFcgiDefineProvider authn ASKED fcgi://127.0.0.1:1/\n";
my $authorizer = 'AuthnzFcgiCheckAuthnProvider ASKED Authoritative On RequireBasicAuth Off';

# The policy, the directives, the finding and the directive that it names (none: it loads).
my @rows = (
    # the environment
    ['env', '', undef],
    ['env', 'SetEnv ROLE reader', undef],
    ['env', 'PassEnv ROLE', undef],
    ['env', 'SetEnvIf X-Role (.*) ROLE=$1', 'FCT3104', 'SetEnvIf'],
    ['env', 'SetEnvIf X-Role (.*) OTHER=$1', undef],
    ['env', 'SetEnvIf X-Role (.*) !ROLE OTHER=$1', undef],
    ['env', 'SetEnvIf X-Role ^admin$ OTHER ROLE=admin', 'FCT3104', 'SetEnvIf'],
    ['env', 'SetEnvIfNoCase User-Agent bot role=reader', 'FCT3104', 'SetEnvIfNoCase'],
    ['env', 'BrowserMatch bot ROLE=reader', 'FCT3104', 'BrowserMatch'],
    ['env', 'SetEnvIf Remote_Addr ^10\. ROLE=reader', undef],
    ['env', 'SetEnvIf Server_Addr ^10\. ROLE=reader', undef],
    ['env', 'SetEnvIf Request_URI ^/admin/ ROLE=admin', undef],
    ['env', 'SetEnvIf Request_URI ^/([^/]+)/ ROLE=$1', 'FCT3104', 'SetEnvIf'],
    ['env', 'SetEnvIf Request_Method POST ROLE=admin', 'FCT3104', 'SetEnvIf'],
    ['env', 'SetEnvIfExpr "req(\'X-Role\') == \'admin\'" ROLE=admin', 'FCT3104', 'SetEnvIfExpr'],
    ['env', 'SetEnvIfExpr "%{QUERY_STRING} =~ /admin/" ROLE=admin', 'FCT3104', 'SetEnvIfExpr'],
    ['env', 'SetEnvIfExpr "%{REMOTE_ADDR} -ipmatch \'10.0.0.0/8\'" ROLE=reader', undef],
    ['env', "RewriteEngine on\nRewriteRule ^ - [E=ROLE:%{HTTP:X-Role}]", 'FCT3104', 'RewriteRule'],
    ['env', "RewriteEngine on\nRewriteRule ^/([^/]+)/ - [L,E=OTHER:x,E=ROLE:\$1]", 'FCT3104', 'RewriteRule'],
    ['env', "RewriteEngine on\nRewriteRule ^/([^/]+)/ - [E=OTHER:\$1]", undef],
    ['env', "RewriteEngine on\nRewriteRule ^/(.*) - [E=\$1:x]", 'FCT3104', 'RewriteRule'],
    ['env', "RewriteEngine on\nRewriteRule ^/admin/ - [env=ROLE:admin]", undef],
    ['env', "RewriteEngine on\nRewriteCond %{HTTP_COOKIE} role=(admin)\nRewriteRule ^ - [E=ROLE:admin]", 'FCT3104', 'RewriteRule'],
    ['env', "RewriteEngine on\nRewriteCond %{REMOTE_ADDR} ^10\\.\nRewriteRule ^ - [E=ROLE:admin]", undef],
    ['env', "RewriteEngine on\nRewriteCond %{HTTP_COOKIE} x\nRewriteRule ^ - [E=OTHER:x]\nRewriteRule ^ - [E=ROLE:reader]", undef],
    ['env', "RewriteEngine on\nRewriteCond %{HTTP_COOKIE} !admin\nRewriteRule ^ - [S=1]\nRewriteRule ^ - [E=ROLE:admin]", 'FCT3104', 'RewriteRule'],
    ['env', "RewriteEngine on\nRewriteCond %{HTTP_COOKIE} admin\nRewriteRule ^ - [chain]\nRewriteRule ^ - [E=ROLE:admin]", 'FCT3104', 'RewriteRule'],
    ['env', "RewriteEngine on\nRewriteCond %{HTTP_COOKIE} !admin\nRewriteRule ^ - [NC,L]\nRewriteRule ^ -\nRewriteRule ^ - [E=ROLE:admin]", 'FCT3104', 'RewriteRule'],
    ['env', "RewriteEngine on\nRewriteCond %{HTTP_COOKIE} !admin\nRewriteRule ^ - [END]\nSetEnv WHO admin\nRewriteRule ^ - [E=ROLE:%{ENV:WHO}]", 'FCT3104', 'RewriteRule'],
    ['env', "RewriteEngine on\nRewriteCond %{HTTP_USER_AGENT} bot\nRewriteRule ^ - [F]\nRewriteRule ^ - [E=ROLE:reader]", undef],
    ['env', "RewriteEngine on\nRewriteCond %{REMOTE_ADDR} ^10\\.\nRewriteRule ^ - [S=1]\nRewriteRule ^ - [E=ROLE:admin]", undef],
    ['env', location("RewriteEngine on\nRewriteCond %{HTTP_COOKIE} x\nRewriteRule ^ - [L]") . "\nRewriteEngine on\nRewriteRule ^ - [E=ROLE:reader]", undef],
    ['env', "RewriteEngine on\nRewriteRule ^ - [E=ROLE:%{REMOTE_USER}]", 'FCT3104', 'RewriteRule'],
    ['env', "RewriteEngine on\nRewriteRule ^ - [E=ROLE:%{SERVER_PORT}]", 'FCT3104', 'RewriteRule'],
    ['env', "RewriteEngine on\nSetEnv WHO reader\nRewriteRule ^ - [E=ROLE:%{ENV:WHO}]", undef],
    ['env', "RewriteEngine on\nRewriteRule ^ - [E=ROLE:%{ENV:UNKNOWN}]", 'FCT3104', 'RewriteRule'],
    ['env', "RewriteEngine on\nSetEnvIf X-Who (.*) WHO=\$1\nRewriteRule ^ - [E=ROLE:%{ENV:WHO}]", 'FCT3104', 'RewriteRule'],
    ['env', location('SetEnvIf X-Role (.*) ROLE=$1'), 'FCT3104', 'SetEnvIf'],
    ['env', "<If \"%{REMOTE_ADDR} == '127.0.0.1'\">\nSetEnvIf X-Role (.*) ROLE=\$1\n</If>", 'FCT3104', 'SetEnvIf; which requests meet its <If> is not known here'],
    ['env', "<If \"%{QUERY_STRING} =~ /reader/\">\nSetEnv ROLE reader\n</If>\n<Else>\nSetEnv ROLE admin\n</Else>", 'FCT3104', 'SetEnv'],
    ['env', "<If \"%{QUERY_STRING} =~ /reader/\">\nSetEnv OTHER reader\n</If>\n<ElseIf \"%{REMOTE_ADDR} == '127.0.0.1'\">\nSetEnv OTHER x\n</ElseIf>\n<Else>\nSetEnv ROLE admin\n</Else>", 'FCT3104', 'SetEnv'],
    ['env', "<If \"%{QUERY_STRING} =~ /reader/\">\nSetEnv OTHER x\n</If>\n<ElseIf \"%{REMOTE_ADDR} == '127.0.0.1'\">\nSetEnv ROLE admin\n</ElseIf>", 'FCT3104', 'SetEnv'],
    ['env', vhost('b', "SetEnvIf X-Role (.*) ROLE=\$1\n"), 'FCT3104', 'SetEnvIf'],                   # the policy is the server's: that vhost has it too
    ['env', "<If \"%{REMOTE_ADDR} == '127.0.0.1'\">\nSetEnv ROLE reader\n</If>", undef],
    ['env', "<If \"%{HTTP_COOKIE} =~ /admin/\">\nSetEnv ROLE admin\n</If>", 'FCT3104', 'SetEnv; which requests meet its <If> is not known here'],
    ['env', "<If \"%{REMOTE_ADDR} == '127.0.0.1'\">\n</If>\n<ElseIf \"%{QUERY_STRING} == 'x'\">\nSetEnv ROLE x\n</ElseIf>", 'FCT3104', 'SetEnv; which requests meet its <ElseIf> is not known here'],
    ['match', "<LocationMatch \"^/(?<site>[^/]+)/\">\nSetEnv X 1\n</LocationMatch>", 'FCT3104', '<LocationMatch'],
    ['match', "<Directory ~ \"/(?<SITE>[^/]+)/\">\nSetEnv X 1\n</Directory>", 'FCT3104', '<Directory'],
    ['match', "<LocationMatch \"^/(?P<site>[^/]+)/\">\nSetEnv X 1\n</LocationMatch>", 'FCT3104', '<LocationMatch'],
    ['match', "<FilesMatch \"^(?'site'[^/]+)\.php\">\nSetEnv X 1\n</FilesMatch>", 'FCT3104', '<FilesMatch'],
    ['match', "<LocationMatch \"^/(?<other>[^/]+)/\">\nSetEnv X 1\n</LocationMatch>", undef],
    ['made', 'SetEnv ROLE reader', undef],
    ['made', 'SetEnvIf X-Role (.*) ROLE=$1', 'FCT3104', 'SetEnvIf'],
    ['script', "RewriteEngine on\nRewriteRule ^ -", 'FCT3104', 'RewriteEngine'],
    ['script', 'RewriteEngine off', undef],
    ['session', 'SessionEnv On', 'FCT3104', 'SessionEnv'],
    ['session', 'SessionEnv Off', undef],
    ['redirected', 'SetEnvIf X-Role (.*) ROLE=$1', 'FCT3104', 'SetEnvIf'],
    ['role', 'SetEnvIf X-Role (.*) ROLE=$1', 'FCT3102', 'SetEnvIf'],
    ['told', 'SetEnvIf X-Role (.*) ROLE=$1', undef],
    ['name', location("SSLOptions +StdEnvVars\nSSLVerifyClient optional"), undef],
    ['name', location("SSLOptions +StdEnvVars\nSSLVerifyClient optional_no_ca"), 'FCT3104', 'SSLVerifyClient'],
    ['name', vhost('b', "SSLVerifyClient optional_no_ca\n"), 'FCT3104', 'SSLVerifyClient'],
    ['sni', location('SSLOptions -StdEnvVars'), undef],
    ['sni', location('SSLOptions +StdEnvVars'), 'FCT3104', 'SSLOptions'],
    ['sni', location('SSLOptions StrictRequire StdEnvVars'), 'FCT3104', 'SSLOptions'],
    ['session-id', location('SSLOptions +StdEnvVars'), 'FCT3104', 'SSLOptions'],
    ['session-id', location('SSLOptions +ExportCertData'), undef],
    ['name', directory('@DIR@/htdocs', "AllowOverride None\nAllowOverrideList SSLVerifyClient"), 'FCT3104', 'AllowOverrideList'],
    # what is looked up for an address that the client may say
    ['country', 'GeoIPScanProxyHeaders Off', undef],
    ['country', 'GeoIPScanProxyHeaders On', 'FCT3104', 'GeoIPScanProxyHeaders'],
    ['country', vhost('b', "GeoIPScanProxyHeaders On\n"), 'FCT3104', 'GeoIPScanProxyHeaders'],
    ['looked', 'MaxMindDBEnv MM_COUNTRY DB/country', undef],
    ['looked', "SetEnv MMDB_ADDR 192.0.2.1\nMaxMindDBEnv MM_COUNTRY DB/country", undef],
    ['looked', "SetEnvIf X-Forwarded-For (.*) MMDB_ADDR=\$1\nMaxMindDBEnv MM_COUNTRY DB/country", 'FCT3104', 'MaxMindDBEnv'],
    ['looked', "SetEnvIf X-Forwarded-For (.*) MMDB_ADDR=\$1\nMaxMindDBEnv MM_CITY DB/city", undef],
    ['looked', "MaxMindDBEnv MM_COUNTRY DB/country\nRewriteEngine on\nRewriteRule ^ - [E=MMDB_ADDR:%{HTTP:X-Forwarded-For}]", 'FCT3104', 'MaxMindDBEnv'],
    ['info', 'MaxMindDBEnable On', undef],
    ['info', "SetEnvIf X-Forwarded-For (.*) MMDB_ADDR=\$1\nMaxMindDBEnable On", 'FCT3104', 'MaxMindDBEnable'],
    # the client's address, by modules that are not part of httpd
    ['address', '', undef],
    ['address', 'RPAFenable Off', undef],
    (map { (['address', $_, 'FCT3101', s/ .*//r], ['believed', $_, undef]) } 'RPAFenable On', 'RPAF_Enable On', 'CloudFlareRemoteIPHeader X-IP', 'RewriteIPAllow 192.0.2.1', 'MEFaccept all', 'RealIP On', 'ProxyProtocol On'),
    ['address', vhost('b', "RPAFenable On\n"), 'FCT3101', 'RPAFenable'],
    # request fields
    ['field', 'RequestHeader set X-Role reader', undef],
    ['field', 'RequestHeader set X-Role reader early', undef],
    ['field', 'RequestHeader set X-Role "%{X-Who}e"', 'FCT3104', 'RequestHeader'],
    ['field', "SetEnv WHO reader\nRequestHeader set X-Role %{WHO}e", undef],
    ['field', "SetEnvIf X-Who (.*) WHO=\$1\nRequestHeader append X-Role: %{WHO}e", 'FCT3104', 'RequestHeader'],
    ['field', 'RequestHeader set X-Role "%{SSL_CLIENT_S_DN_CN}s"', 'FCT3104', 'RequestHeader'],
    ['field', 'RequestHeader set X-Role "expr=%{REQUEST_URI}"', 'FCT3104', 'RequestHeader'],
    ['field', 'RequestHeader set X-Role "expr=%{REMOTE_ADDR}"', undef],
    ['field', 'RequestHeader set X-Role "expr=%{REMOTE_USER}"', 'FCT3104', 'RequestHeader'],
    ['field', 'RequestHeader set X-Role "expr=%{SERVER_PORT}"', 'FCT3104', 'RequestHeader'],
    ['credentials', location('SSLOptions +FakeBasicAuth'), 'FCT3104', 'SSLOptions'],
    ['credentials', location('AuthBasicFake demo secret'), undef],
    ['credentials', location('AuthBasicFake "%{req:X-Who}" secret'), 'FCT3104', 'AuthBasicFake'],
    ['route', "<Proxy balancer://app>\nProxySet nofailover=On\n</Proxy>", undef],
    ['route', "<Proxy balancer://app>\nProxySet stickysession=SID\n</Proxy>", 'FCT3104', 'ProxySet'],
    ['route', "ProxyPass /app/ balancer://app/ stickysession=SID", 'FCT3104', 'ProxyPass'],
    ['field', 'RequestHeader set X-Role reader "expr=%{QUERY_STRING} =~ /x/"', 'FCT3104', 'RequestHeader'],
    ['field', 'RequestHeader set X-Role reader env=UNKNOWN', 'FCT3104', 'RequestHeader'],
    ['field', "SetEnv KNOWN 1\nRequestHeader set X-Role reader env=KNOWN", undef],
    ['field', "SetEnvIf X-A . KNOWN\nRequestHeader set X-Role reader env=!KNOWN", 'FCT3104', 'RequestHeader'],
    ['field', 'RequestHeader unset X-Role', undef],
    ['field', "RequestHeader set X-Role reader\nRequestHeader edit X-Role reader %{WHO}e", 'FCT3104', 'RequestHeader'],
    ['field', "RequestHeader set X-Role reader\nRequestHeader edit* X-Role reader admin \"expr=%{QUERY_STRING} =~ /x/\"", 'FCT3104', 'RequestHeader'],
    ['field', "RequestHeader set X-Role reader\nRequestHeader edit X-Role ^read admin", undef],
    ['field', "<If \"%{HTTP_COOKIE} =~ /admin/\">\nRequestHeader set X-Role admin\n</If>", 'FCT3104', 'RequestHeader'],
    ['field', "SetEnv WHO reader\n<If \"%{HTTP_COOKIE} =~ /admin/\">\nSetEnv WHO admin\n</If>\nRequestHeader set X-Role %{WHO}e", 'FCT3104', 'RequestHeader'],
    ['field', 'RequestHeader set X-Other "%{X-Who}e"', undef],
    # .htaccess
    ['env', directory('@DIR@/htdocs', 'AllowOverride FileInfo'), 'FCT3104', 'AllowOverride'],
    ['field', directory('@DIR@/htdocs', 'AllowOverride AuthConfig FileInfo'), 'FCT3104', 'AllowOverride'],
    ['env', directory('@DIR@/htdocs', 'AllowOverride AuthConfig Indexes'), undef],
    ['env', directory('@DIR@/htdocs', "AllowOverride None\nAllowOverrideList Redirect"), undef],
    ['env', directory('@DIR@/htdocs', "AllowOverride None\nAllowOverrideList Redirect SetEnvIf"), 'FCT3104', 'AllowOverrideList'],
    ['env', directory('@DIR@/htdocs', 'AllowOverride Nonfatal=All'), undef],
    ['user', directory('@DIR@/htdocs', 'AllowOverride AuthConfig'), 'FCT4013', 'AllowOverride'],
    ['user', directory('@DIR@/htdocs', 'AllowOverride All'), 'FCT4013', 'AllowOverride'],
    ['user', directory('@DIR@/htdocs', "AllowOverride None\nAllowOverrideList AuthUserFile"), 'FCT4013', 'AllowOverrideList'],
    ['user', directory('@DIR@/htdocs', 'AllowOverride FileInfo Indexes'), undef],
    ['user', vhost('b', directory('@DIR@/htdocs', 'AllowOverride All') . "\n"), 'FCT4013', 'AllowOverride'],
    ['claims', directory('@DIR@/htdocs', 'AllowOverride All'), 'FCT4013', 'AllowOverride'],
    ['condition', directory('@DIR@/htdocs', 'AllowOverride AuthConfig'), 'FCT4013', 'AllowOverride'],
    ['nobody', directory('@DIR@/htdocs', 'AllowOverride All'), undef],
    ['accepts', directory('@DIR@/htdocs', 'AllowOverride All'), undef],
    # whoever may write any one directive in a .htaccess may write a program of mod_lua's there
    ['user', "LUA\n" . directory('@DIR@/htdocs', 'AllowOverride Indexes'), 'FCT4013', 'AllowOverride'],
    ['user', "LUA\n" . directory('@DIR@/htdocs', "AllowOverride Nonfatal=Override Options=Indexes"), 'FCT4013', 'AllowOverride'],
    ['user', "LUA\n" . directory('@DIR@/htdocs', 'AllowOverride None'), undef],
    ['user', "LUA\n" . directory('@DIR@/htdocs', "AllowOverride None\nAllowOverrideList Redirect"), undef],
    ['env', "LUA\n" . directory('@DIR@/htdocs', 'AllowOverride Limit'), 'FCT3104', 'AllowOverride'],
    # who logs in
    ['user', location('SSLUserName SSL_CLIENT_S_DN_CN'), undef],
    ['user', location('SSLUserName "SSL_CLIENT_SAN_Email_0"'), undef],
    ['user', location('SSLUserName HTTP:X-User'), 'FCT3104', 'SSLUserName'],
    ['user', location('SSLUserName SSL_TLS_SNI'), 'FCT3104', 'SSLUserName'],
    ['claims', location('SSLUserName HTTP_USER_AGENT'), 'FCT3104', 'SSLUserName'],
    ['nobody', location('SSLUserName HTTP:X-User'), undef],
    ['user', location("${basic}AuthBasicProvider file"), undef],
    ['user', location("${basic}AuthBasicProvider file anon"), 'FCT3104', 'AuthBasicProvider'],
    ['user', "<AuthnProviderAlias anon guests>\n</AuthnProviderAlias>\n" . location("${basic}AuthBasicProvider guests"), 'FCT3104', 'AuthBasicProvider'],
    ['user', "<AuthnProviderAlias file guests>\n</AuthnProviderAlias>\n" . location("${basic}AuthBasicProvider guests"), undef],
    ['claims', location("${basic}AuthBasicProvider anon"), 'FCT3104', 'AuthBasicProvider'],
    ['nobody', location("${basic}AuthBasicProvider anon"), undef],
    ['user', AUTHORIZER . location("${basic}$authorizer UserExpr \"%{HTTP:X-User}\""), 'FCT3104', 'AuthnzFcgiCheckAuthnProvider'],
    ['user', AUTHORIZER . location("${basic}$authorizer UserExpr \"%{reqenv:MEMBER}@%{QUERY_STRING}\""), 'FCT3104', 'AuthnzFcgiCheckAuthnProvider'],
    ['user', AUTHORIZER . location("${basic}$authorizer UserExpr \"%{reqenv:MEMBER}\""), undef],
    ['user', AUTHORIZER . location("${basic}$authorizer"), undef],
    ['realm', location($basic), undef],
    ['realm', location("${basic}AuthName \"%{QUERY_STRING}\""), 'FCT3104', 'AuthName'],
);

# Stand-ins for modules that not every system has: directives of theirs, and nothing behind them.
sub stand_in ($name) { return "LoadModule ${name}_module @{[out_dir()]}/t/aux/mod_$name.so\n" }

sub said ($config) {
    $config = stand_in('elsewhere') . $config if $config =~ /^(?:GeoIP|MaxMind|RPAF|CloudFlare|RewriteIP|MEF|RealIP|ProxyProtocol)/m;
    my $httpd = FCT::Httpd->new(modules => [qw(rewrite env setenvif headers session auth_basic authn_core authn_anon authn_file authz_user ssl socache_shmcb), $config =~ s/^LUA\n//m ? 'lua' : (), $config =~ /^AuthnzFcgi/m ? 'authnz_fcgi' : ()], files => \%policy, config => $config);
    return $httpd->check_config;
}
for (@rows) {
    my ($name, $lines, $finding, $directive) = @$_;
    if ($lines =~ /^LUA$/m && !FCT::Httpd->has_module('lua')) { pass("# SKIP $name: mod_lua is not there"); next }
    if ($lines =~ /^AuthnzFcgi/m && !FCT::Httpd->has_module('authnz_fcgi')) { pass("# SKIP $name: mod_authnz_fcgi is not there"); next }
    my ($exit, $said) = said("Listen 127.0.0.1:\@PORT\@\nFcgiTrustPolicy \@DIR\@/$name.xml\nProxyPass / fcgi://127.0.0.1:1/\n$lines\n");
    my $shown = "$name: " . ($lines =~ s/\n/, /gr || 'nothing');
    my %tags = map { $_ => 1 } $said =~ /\b(FCT\d{4})\b/g;
    is_deeply([!$exit, sort keys %tags], [!$finding, $finding // ()], "$shown: " . ($finding ? "does not load, $finding" : 'loads')) or diag($said);
    like($said, $finding eq 'FCT4013' ? qr/httpd\.conf:\d+: FCT4013 .*: \Q$directive\E .*\.xml:\d+\)/ : qr/\Q$name\E\.xml:\d+: $finding |rfc3875\.xml:\d+: $finding /, "$shown: where it stands") if $finding;
    like($said, qr/, by \S+httpd\.conf:\d+ \(\Q$directive\E[;)]/, "$shown: and which line does it") if $finding && $finding ne 'FCT4013';
}

# Elsewhere: what no request of the policy can meet.
my $writer = 'SetEnvIf X-Role (.*) ROLE=$1' . "\n";
my $policy = "FcgiTrustPolicy \@DIR\@/env.xml\nProxyPass / fcgi://127.0.0.1:1/\n";
for (
    ['in another virtual host', vhost('a', $policy) . vhost('b', $writer), 0],
    ['in the same virtual host', vhost('a', $policy . $writer) . vhost('b', ''), 1],
    ['in the server, for a virtual host', $writer . vhost('a', $policy), 1],
    # a DirectoryIndex carries what is written there
    ['in a directory beside', directory('@DIR@/htdocs/a', 'FcgiTrustPolicy @DIR@/env.xml') . "\n" . directory('@DIR@/htdocs/b', 'AllowOverride All')
        . "\n<FilesMatch \\.php\$>\nSetHandler \"proxy:fcgi://127.0.0.1:1\"\n</FilesMatch>\n", 1],
) {
    my ($where, $lines, $refused) = @$_;
    my ($exit, $said) = said("Listen 127.0.0.1:\@PORT\@\n$lines");
    is($exit ? 1 : 0, $refused, "$where: " . ($refused ? 'does not load' : 'loads')) or diag($said);
}

# One of them needs no directive.
for (['address', 1], ['believed', 0]) {
    my ($name, $refused) = @$_;
    my ($exit, $said) = said(stand_in('cloudflare') . "Listen 127.0.0.1:\@PORT\@\nFcgiTrustPolicy \@DIR\@/$name.xml\nProxyPass / fcgi://127.0.0.1:1/\n");
    is($exit ? 1 : 0, $refused, "$name, mod_cloudflare is loaded: " . ($refused ? 'does not load' : 'loads')) or diag($said);
    like($said, qr/\Q$name\E\.xml:\d+: FCT3101 .*, by mod_cloudflare, which is loaded/, 'and the module is named') if $refused;
}
done_testing;
