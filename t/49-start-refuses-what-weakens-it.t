# The server does not start, and httpd -t says why, where something would weaken what a policy promises: every fault at once, each with
# its file and line. What is only pointless is a warning. SPEC 1.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Httpd;
use FCT::Proc qw(unprivileged);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

my $route = "ProxyPass / fcgi://127.0.0.1:1/\n";
my $policy = "FcgiTrustPolicy \@POLICIES\@/open.xml\n";

# httpd -t: (0 or 1: it loads, what it said, the server).
sub checked ($config, %opt) {
    my $before = delete $opt{before};
    my $httpd = FCT::Httpd->new(modules => [qw(rewrite alias remoteip proxy_balancer slotmem_shm lbmethod_byrequests), @{ delete $opt{modules} // [] }], config => "Listen 127.0.0.1:\@PORT\@\n$config", %opt);
    $before->($httpd) if $before;
    my ($exit, $said) = $httpd->check_config;
    return ($exit == 0, $said, $httpd);
}

# name, configuration, loads?, findings
sub vhost ($lines, $name = 'a.example', $port = '@PORT@') { return "<VirtualHost 127.0.0.1:$port>\nServerName $name\n$lines</VirtualHost>\n" }

my @rows = (
    ['a policy and a route', "$policy$route", 1],
    # how requests are parsed
    ['Unsafe beside a policy', "HttpProtocolOptions Unsafe\n$policy$route", 0, 'FCT4002'],
    ['Strict beside a policy', "HttpProtocolOptions Strict\n$policy$route", 1],
    ['MergeTrailers on beside a policy', "MergeTrailers on\n$policy$route", 0, 'FCT4003'],
    ['MergeTrailers off beside a policy', "MergeTrailers off\n$policy$route", 1],
    ['both', "MergeTrailers on\nHttpProtocolOptions Unsafe\n$policy$route", 0, 'FCT4002', 'FCT4003'],
    ['Unsafe in the vhost', vhost("HttpProtocolOptions Unsafe\n$policy$route"), 0, 'FCT4002'],
    ['Unsafe inherited from the server', "HttpProtocolOptions Unsafe\n" . vhost("$policy$route"), 0, 'FCT4002'],
    ['MergeTrailers inherited from the server', "MergeTrailers on\n" . vhost("$policy$route"), 0, 'FCT4003'],
    ['Unsafe in the default vhost of the address', vhost("HttpProtocolOptions Unsafe\n", 'first.example') . vhost("$policy$route"), 0, 'FCT4002'],
    ['MergeTrailers in the default vhost of the address', vhost("MergeTrailers on\n", 'first.example') . vhost("$policy$route"), 0, 'FCT4003'],
    ['Unsafe in a later vhost without a policy', vhost("$policy$route", 'first.example') . vhost("HttpProtocolOptions Unsafe\n"), 1],
    ['Unsafe in the default vhost of another address', "Listen 127.0.0.1:\@PORTOTHER\@\n" . vhost("HttpProtocolOptions Unsafe\n", 'first.example', '@PORTOTHER@') . vhost("$policy$route"), 1],
    ['Unsafe in the default vhost of one of two addresses', "Listen 127.0.0.1:\@PORTOTHER\@\n" . vhost("HttpProtocolOptions Unsafe\n", 'first.example', '@PORTOTHER@')
        . vhost("$policy$route", 'a.example', '@PORT@ 127.0.0.1:@PORTOTHER@'), 0, 'FCT4002'],
    ['Unsafe in a vhost that catches every address', vhost("HttpProtocolOptions Unsafe\n", 'first.example') =~ s/127\.0\.0\.1:/*:/r . vhost("$policy$route") =~ s/127\.0\.0\.1:/*:/r, 0, 'FCT4002'],
    ['Unsafe where there is no policy', "HttpProtocolOptions Unsafe\nMergeTrailers on\n" . "FcgiTrustMode off\n$route", 1],
    ['Unsafe, the policy in a Location', "HttpProtocolOptions Unsafe\n<Location /a>\n$policy</Location>\n$route", 0, 'FCT4002'],
    # what mod_proxy_fcgi would have done
    ['ProxyFCGISetEnvIf in scope', "$policy$route" . "ProxyFCGISetEnvIf \"true\" X 1\n", 1, 'FCT4005'],
    ['ProxyFCGIBackendType in scope', "$policy$route" . "ProxyFCGIBackendType FPM\n", 1, 'FCT4005'],
    ['ProxyFCGISetEnvIf in a Location', "$policy$route<Location /a>\nProxyFCGISetEnvIf \"true\" X 1\n</Location>\n", 1, 'FCT4005'],
    ['ProxyFCGISetEnvIf without a policy', "FcgiTrustMode off\n$route" . "ProxyFCGISetEnvIf \"true\" X 1\n", 1],
    # where a policy can apply
    ['a policy in <Directory>, a ProxyPass route', "<Directory \@DIR\@/htdocs>\n$policy</Directory>\n$route", 1, 'FCT4006', 'FCT4009'],
    ['a policy in <Files>, a ProxyPass route', "<Files \"*.php\">\n$policy</Files>\n$route", 1, 'FCT4006', 'FCT4009'],
    ['a policy in <FilesMatch>, a ProxyPassMatch route', "<FilesMatch x>\n$policy</FilesMatch>\nProxyPassMatch ^/(.*) fcgi://127.0.0.1:1/\$1\n", 1, 'FCT4006', 'FCT4009'],
    ['a policy in <Proxy>, a SetHandler route', "<Proxy fcgi://127.0.0.1:1>\n$policy</Proxy>\n<FilesMatch \"\\.php\$\">\nSetHandler \"proxy:fcgi://127.0.0.1:1\"\n</FilesMatch>\n", 1, 'FCT4006', 'FCT4009'],
    ['a policy in <Proxy>, a ProxyPass route', "<Proxy fcgi://127.0.0.1:1>\n$policy</Proxy>\n$route", 1],
    ['a policy in <Location>, a ProxyPass route', "<Location />\n$policy</Location>\n$route", 1],
    ['a policy in <Directory>, a SetHandler route', "<Directory \@DIR\@>\n$policy</Directory>\n<FilesMatch \"\\.php\$\">\nSetHandler \"proxy:fcgi://127.0.0.1:1\"\n</FilesMatch>\n", 1, 'FCT4008?'],
    # routes without one
    ['a route without a policy', $route, 1, 'FCT4009'],
    ['a route of a Unix socket without a policy', "ProxyPass / unix:/run/x|fcgi://x/\n", 1, 'FCT4009'],
    ['a ProxyPass in a Location without a policy', "<Location /a>\nProxyPass fcgi://127.0.0.1:1/\n</Location>\n", 1, 'FCT4009'],
    ['SetHandler without a policy', "<FilesMatch \"\\.php\$\">\nSetHandler \"proxy:fcgi://127.0.0.1:1\"\n</FilesMatch>\n", 1, 'FCT4009'],
    ['SetHandler with a Unix socket without a policy', "<FilesMatch \"\\.php\$\">\nSetHandler \"proxy:unix:/run/x|fcgi://x\"\n</FilesMatch>\n", 1, 'FCT4009'],
    ['a rewrite rule without a policy', "RewriteEngine on\nRewriteRule ^/(.*) fcgi://127.0.0.1:1/\$1 [P]\n", 1, 'FCT4009'],
    ['a balancer of fcgi members without a policy', "<Proxy balancer://b>\nBalancerMember fcgi://127.0.0.1:1\n</Proxy>\nProxyPass / balancer://b/\n", 1, 'FCT4009'],
    ['a balancer of fcgi members with one', "$policy<Proxy balancer://b>\nBalancerMember fcgi://127.0.0.1:1\n</Proxy>\nProxyPass / balancer://b/\n", 1],
    ['a balancer in quotes without a policy', "<Proxy \"balancer://b\">\nBalancerMember fcgi://127.0.0.1:1\n</Proxy>\nProxyPass / balancer://b/\n", 1, 'FCT4009'],
    ['a balancer in quotes with one', "<Proxy \"balancer://b\">\n${policy}BalancerMember fcgi://127.0.0.1:1\n</Proxy>\nProxyPass / balancer://b/\n", 1],
    ['a <Proxy> for what follows the socket', "<Proxy fcgi://x>\n$policy</Proxy>\nProxyPass / unix:/run/x|fcgi://x/\n", 1],
    ['a <Proxy> with the socket', "<Proxy unix:/run/x|fcgi://x>\n$policy</Proxy>\nProxyPass / unix:/run/x|fcgi://x/\n", 1, 'FCT4006', 'FCT4009'],
    ['off for the server, enforce in a vhost without a policy', "FcgiTrustMode off\n" . vhost("FcgiTrustMode enforce\n$route"), 1, 'FCT4009'],
    ['enforce for the server, off in a vhost', "FcgiTrustMode enforce\n" . vhost("FcgiTrustMode off\n$route"), 1],
    ['two vhosts, one with a policy', vhost("$policy$route", 'a.example') . vhost($route, 'b.example'), 1, 'FCT4009'],
    ['an http route without a policy', "LoadModule proxy_http_module " . FCT::Httpd->module_dir . "/mod_proxy_http.so\nProxyPass / http://127.0.0.1:1/\n", 1],
    # whose word the client's address is
    ['RemoteIPHeader with proxies, a policy that says so', "RemoteIPHeader X-Forwarded-For\nRemoteIPInternalProxy 127.0.0.1\nFcgiTrustPolicy \@SHIPPED\@/behind-balancer.xml\n$route", 1],
    ['RemoteIPHeader with proxies, a policy that takes the address for the server\'s own', "RemoteIPHeader X-Forwarded-For\nRemoteIPInternalProxy 127.0.0.1\nFcgiTrustPolicy \@POLICIES\@/unasserted.xml\n$route", 0, 'FCT3101'],
    ['RemoteIPProxyProtocol', "RemoteIPProxyProtocol On\nFcgiTrustPolicy \@POLICIES\@/unasserted.xml\n$route", 0, 'FCT3101'],
    ['RemoteIPProxyProtocol Off', "RemoteIPProxyProtocol Off\nFcgiTrustPolicy \@POLICIES\@/unasserted.xml\n$route", 1],
    ['RemoteIPHeader in another vhost', vhost("RemoteIPHeader X-Forwarded-For\nRemoteIPInternalProxy 127.0.0.1\n", 'b.example') . vhost("FcgiTrustPolicy \@POLICIES\@/unasserted.xml\n$route"), 1],
    ['RemoteIPHeader without proxies', "RemoteIPHeader X-Forwarded-For\nFcgiTrustPolicy \@SHIPPED\@/behind-balancer.xml\n$route", 0, 'FCT4010'],
    # the mount
    ['a mount policy over ProxyPassMatch', "${policy}ProxyPassMatch ^/(.*) fcgi://127.0.0.1:1/\$1\n", 1, 'FCT4008'],
    ['a mount policy over a rewrite rule', "${policy}RewriteEngine on\nRewriteRule ^/(.*) fcgi://127.0.0.1:1/\$1 [P]\n", 1, 'FCT4008'],
);
for (@rows) {
    my ($name, $config, $loads, @findings) = @$_;
    my ($ok, $said) = checked($config, modules => ['proxy_fcgi']);
    is($ok ? 1 : 0, $loads, "$name: " . ($loads ? 'loads' : 'does not load')) or diag($said);
    my %wanted = map { s/\?//r => 1 } @findings;
    my @optional = map { /(.*)\?/ ? $1 : () } @findings;
    my %seen = map { $_ => 1 } $said =~ /\b(FCT\d{4})\b/g;
    delete $seen{$_}, delete $wanted{$_} for @optional;
    is(join(' ', sort keys %seen), join(' ', sort keys %wanted), "$name: " . (@findings ? "says @findings" : 'says nothing')) or diag($said);
    my @lines = grep {/FCT\d{4}/} split /\n/, $said;
    is(scalar(grep { !m{\S+:\d+: FCT\d{4} \w+: \S} } @lines), 0, "$name: each with file, line, tag and a sentence") or diag(@lines) if @lines;
}

# Who may write a policy.
my (undef, $uid, $gid) = unprivileged();
my $text = FCT::Gateway::policy_text('own', '');
for my $row (
    ['0644', 0644, undef, 1], ['0600', 0600, undef, 1], ['0444', 0444, undef, 1], ['writable by the group', 0664, undef, 0], ['writable by all', 0666, undef, 0], ['writable by others', 0646, undef, 0],
    ($> == 0 ? ['owned by another', 0644, $uid, 0] : ()),
) {
    my ($name, $mode, $owner, $loads) = @$row;
    my ($ok, $said) = checked("FcgiTrustPolicy \@DIR\@/own.xml\n$route", files => { 'own.xml' => $text }, before => sub ($httpd) {
        my $file = $httpd->dir . '/own.xml';
        chmod $mode, $file;
        chown $owner, -1, $file if defined $owner;
    });
    is($ok ? 1 : 0, $loads, "a policy file $name: " . ($loads ? 'loads' : 'does not load')) or diag($said);
    like($said, qr{own\.xml(?::\d+)?: FCT4004 }, "a policy file $name: the finding names it") if !$loads;
}
my ($loads_parent, $said_parent) = checked("FcgiTrustPolicy \@DIR\@/own.xml\n$route", files => {
    'own.xml' => FCT::Gateway::policy_text('own', '') =~ s/shipped="generic"/href="parent.xml"/r, 'parent.xml' => FCT::Gateway::policy_text('parent', ''),
}, before => sub ($httpd) { chmod 0666, $httpd->dir . '/parent.xml' });
ok(!$loads_parent, 'a policy that extends one that others may write does not load') or diag($said_parent);

# Every fault of every policy at once, sorted, and nothing is in force if there is one.
my %broken = (
    'one.xml' => FCT::Gateway::policy_text('one', qq{<param name="REMOTE_USER" from="header.X-User"/>\n  <nonsense/>\n  <param name="A" from="nowhere.B"/>}),
    'two.xml' => FCT::Gateway::policy_text('two', qq{<request methods="GET" max-body="many" override="yes"/>\n  <header name="Host Name"/>}),
    'three.xml' => "<policy", 'good.xml' => FCT::Gateway::policy_text('good', ''),
);
my ($ok, $said) = checked(join('', map {"<Location /$_>\nFcgiTrustPolicy \@DIR\@/$_.xml\n</Location>\n"} qw(two good one three four)) . "HttpProtocolOptions Unsafe\n$route", files => \%broken);
ok(!$ok, 'a configuration with three broken policies and a missing one does not load');
like($said, qr{/one\.xml:$_: FCT\d{4} }, "one.xml: line $_ is named") for 4, 5, 6;
like($said, qr{/one\.xml:5: FCT3023 policy: <policy> has no element <nonsense> in language 1\.0$}m, 'and where no word is near, none is suggested');
like($said, qr{/two\.xml:$_: FCT\d{4} }, "two.xml: line $_ is named") for 4, 5;
like($said, qr{/three\.xml:\d+: FCT3005 }, 'three.xml: is no XML');
like($said, qr{\.conf:\d+: FCT3001 policy: FcgiTrustPolicy: the policy \S+/four\.xml cannot be read}, 'four.xml: is not there, and the directive is named');
like($said, qr{FCT4002 }, 'and what is wrong with the server, in the same run');
unlike($said, qr{/good\.xml}, 'good.xml: nothing');

my %misspelt = (
    '<parm name="X" value="1"/>'                => 'did you mean <param>?',
    '<field name="X"/>'                         => 'it stands in <upstream>',
    '<param name="X" vale="1"/>'                => 'did you mean value?',
    '<param name="X" from="auth.usr"/>'         => 'did you mean auth.user?',
    '<param name="X" from="auth.evn.MAIL"/>'    => 'did you mean auth.env.MAIL?',
    '<param name="X" from="conf.tier"/>'        => 'did you mean config.tier?',
    '<param name="X" from="config"/>'           => 'did you mean config.NAME?',
    '<param name="X" from="tls.client.subjct"/>' => 'did you mean subject?',
    '<param name="X" value="1"/><param name="X" value="2"/>' => 'take one away',
);
for my $rule (sort keys %misspelt) {
    my (undef, $hint) = checked("<Location />\nFcgiTrustPolicy \@DIR\@/misspelt.xml\n</Location>\n$route",
        files => { 'misspelt.xml' => FCT::Gateway::policy_text('misspelt', $rule) });
    like($hint, qr/misspelt\.xml:\d+: FCT3.*\Q$misspelt{$rule}\E/, "$rule: $misspelt{$rule}");
}

my @places = $said =~ m{/(\w+\.xml:\d+): FCT}g;
is_deeply(\@places, [sort @places], 'the findings stand in the order of files and lines');

# A finding at start does not stop a server that was told to start, and is in its log.
my $httpd = FCT::Httpd->new(config => "Listen 127.0.0.1:\@PORT\@\n$route")->start;
$httpd->finish(findings => ['FCT4009']);
done_testing;
