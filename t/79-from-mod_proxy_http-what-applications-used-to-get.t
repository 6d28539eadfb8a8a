# An application that moved here from mod_proxy_http is told what it used to be told, as far as it is safe: the same request to both, field by
# field; what differs is on purpose and stands here. policies/from-mod_proxy_http.xml; EVIDENCE T5, T6.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use Test::More;
use FCT::Backend;
use FCT::Client qw(request);
use FCT::Httpd;
use FCT::Proc qw(read_file repo_root fork_child stop_child free_port);

# The application as it was: an HTTP server that shows its header fields as a CGI program sees them.
my $http = free_port();
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $http, Listen => 8, ReuseAddr => 1) or die "port $http: $!\n";
my $server = fork_child('http server', sub {
    while (my $client = $listener->accept) {
        my %field;
        my $line = <$client>;
        while (defined($line = <$client>) && $line =~ /\A([^:\r\n]+):[ \t]*(.*?)\r?\n\z/) {
            my $name = 'HTTP_' . uc $1 =~ tr/-/_/r;
            $field{$name} = defined $field{$name} ? "$field{$name}, $2" : $2;
        }
        my $body = join '', map {"$_=$field{$_}\n"} sort keys %field;
        print {$client} "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: @{[length $body]}\r\n\r\n$body";
        close $client;
    }
});
close $listener;

# And as it is now.
my $php = FCT::Backend->php_fpm(unix => 1);
my $httpd = FCT::Httpd->new(
    modules => [qw(proxy_http headers auth_basic authn_core authn_file authz_user unique_id remoteip)],
    set => { PHP => $php->url, OLD => "http://127.0.0.1:$http" },
    files => {
        (map { ("htdocs/$_" => read_file(repo_root() . '/t/lib/apps/app.php')) } qw(app.php staff/app.php)),
        users => "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n",
        'moved.xml' => '<policy xmlns="urn:mod-fcgi-trust:policy:1" name="t-moved" version="1" language="1.0"><extends shipped="php-fpm"/><extends shipped="from-mod_proxy_http"/></policy>',
    },
    config => <<'CONF')->start;
Listen 127.0.0.1:@PORT@
Listen 127.0.0.1:@OLDPORT@
Listen 127.0.0.1:@BALANCEDPORT@
ProxyPreserveHost On
<LocationMatch "^/staff/">
    AuthType Basic
    AuthName here
    AuthUserFile @DIR@/users
    Require valid-user
</LocationMatch>
<VirtualHost *:@PORT@>
    FcgiTrustPolicy @DIR@/moved.xml
    ProxyPass / @PHP@@DOCROOT@/
</VirtualHost>
<VirtualHost *:@BALANCEDPORT@>
    RemoteIPHeader X-Forwarded-For
    RemoteIPInternalProxy 127.0.0.2
    FcgiTrustPolicy @DIR@/moved.xml
    ProxyPass / @PHP@@DOCROOT@/
</VirtualHost>
<VirtualHost *:@OLDPORT@>
    RequestHeader set X-Forwarded-Proto http
    RequestHeader set X-Remote-User "expr=%{REMOTE_USER}"
    ProxyPass / @OLD@/
</VirtualHost>
CONF

# What the application is told of the header: { HTTP_NAME => value }.
sub fields ($answer) { return { map { /^(HTTP_\w+)=(.*)$/ ? ($1 => $2) : () } split /\n/, $answer->body } }

# The same request to both; what differs, as "NAME: old → new".
sub differences ($path, @headers) {
    my ($old, $new) = map { fields(request($httpd->port($_), "$path/app.php/env", headers => \@headers, close => 1)) } qw(OLDPORT PORT);
    my %all = (%$old, %$new);
    return join "\n", map { ($old->{$_} // '') eq ($new->{$_} // '') ? () : "$_: " . ($old->{$_} // '(absent)') . ' → ' . ($new->{$_} // '(absent)') } sort keys %all;
}

my @browser = (
    'User-Agent' => 'Mozilla/5.0 (X11; Linux x86_64)', Accept => 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8', 'Accept-Language' => 'de,en;q=0.5',
    'Accept-Encoding' => 'gzip, deflate, br', Cookie => 'session=1; theme="dark mode"', Referer => 'https://test.example/?a=b', 'Upgrade-Insecure-Requests' => '1',
    'Sec-Fetch-Site' => 'same-origin', 'Sec-Fetch-Mode' => 'navigate', Origin => 'https://test.example', 'Cache-Control' => 'no-cache', DNT => '1',
    'If-Modified-Since' => 'Fri, 20 Nov 2026 00:00:00 GMT', 'X-Requested-With' => 'XMLHttpRequest', 'X-Tenant' => 'seven', 'X-CSRF-Token' => 'abc',
    traceparent => '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'X-Request-ID' => 'r-1', 'X-Api-Key' => 'k',
);

# What no FastCGI application needs: the connection's own fields.
my $same = "HTTP_CONNECTION: Keep-Alive → (absent)";
is(differences('', @browser), $same, 'a browser\'s request tells the application what it used to');
is(differences('', @browser, Authorization => 'Bearer of-the-application'), $same, 'with the application\'s own credentials too');
my $basic = 'Basic YWxpY2U6c2VjcmV0';
is(differences('/staff', @browser, Authorization => $basic), "HTTP_AUTHORIZATION: $basic → (absent)\n$same", 'of a user whom httpd authenticated the name arrives as it did; the password no more');

# What used to get through, and is refused now.
my @refused = (['X-Forwarded-For' => '10.6.6.6'], ['X-Forwarded-Host' => 'evil.example'], ['X-Forwarded-Proto' => 'https'], ['X-Forwarded-Server' => 'evil'], ['X-Remote-User' => 'admin'],
    ['X_Remote_User' => 'admin'], ['X_Forwarded_For' => '10.6.6.6'], ['x-REMOTE_user' => 'admin']);
for my $forged (@refused) {
    my $old = request($httpd->port('OLDPORT'), '/app.php/env', headers => $forged, close => 1);
    my $new = request($httpd->port, '/app.php/env', headers => $forged, close => 1);
    is($old->status . ' ' . $new->status, '200 400', "@$forged in a request is refused");
}
my $nominated = request($httpd->port, '/staff/app.php/env', headers => [Authorization => $basic, Connection => 'X-Remote-User, X-Forwarded-For'], close => 1);
is(join(' ', @{ fields($nominated) }{qw(HTTP_X_REMOTE_USER HTTP_X_FORWARDED_FOR)}), 'alice 127.0.0.1', 'naming the server\'s own fields in Connection takes none of them away');

# What used to get through, and is left out now.
my %dropped = ('X-HTTP-Method-Override' => 'DELETE', 'X-Original-URL' => '/admin', 'X-Real-IP' => '10.6.6.6', 'X-Auth-User' => 'admin', 'Remote-User' => 'admin', From => 'a@b', Via => '1.1 x',
    'X-SSL-Client-Verify' => 'SUCCESS', 'SSL-Client-Verify' => 'SUCCESS', 'X-Accel-Internal' => '1', 'X-User-Id' => '0', 'Max-Forwards' => '5');
my $told = fields(request($httpd->port, '/app.php/env', headers => [%dropped], close => 1));
is(join(' ', grep { exists $told->{ 'HTTP_' . uc tr/-/_/r } } sort keys %dropped), '', 'fields that only the server or a proxy may write, and what overrides a method, do not arrive');
is($told->{HTTP_X_FORWARDED_HOST}, 'test.example', 'X-Forwarded-Host is the configured name');
is(fields(request($httpd->port, '/app.php/env', host => 'evil.example', close => 1))->{HTTP_X_FORWARDED_HOST}, 'test.example', 'whatever the client calls it');

# Behind a balancer mod_remoteip takes the balancer's field, and the server makes its own of it; anybody else's is refused as ever.
my @balanced = map { request($httpd->port('BALANCEDPORT'), '/app.php/env', local => $_, headers => ['X-Forwarded-For' => '192.0.2.7'], close => 1) } qw(127.0.0.2 127.0.0.1);
is(fields($balanced[0])->{HTTP_X_FORWARDED_FOR}, '192.0.2.7', 'the client whom a balancer named is the one that is forwarded');
is($balanced[1]->status, 400, 'whom anybody else named is not');
$httpd->finish(findings => ['FCT2019']);
$php->stop;
stop_child($server);
done_testing;
