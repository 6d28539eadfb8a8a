# The parameters of a plain request are the policy's, each once, and no others: nothing of the server's environment, of BrowserMatch, of SSL, of
# mod_unique_id's or mod_proxy's notes. EVIDENCE T8; POLICY 8.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Told;

my $browser = <<'CONF';
BrowserMatch "Mozilla/2" nokeepalive
BrowserMatch "MSIE" redirect-carefully ssl-unclean-shutdown
BrowserMatch "^gvfs" no-gzip dont-vary
SetEnv proxy-nokeepalive 1
SetEnv proxy-sendcl 1
SetEnv APP_ENV production
<Location /rewritten>
    RewriteEngine On
    RewriteRule rewritten/(.*) /other/$1 [PT]
</Location>
CONF
my $gateway = FCT::Gateway->new(each => \&FCT::Told::keep, modules => [qw(env setenvif rewrite unique_id)], front => $browser, env => { PATH => "$ENV{PATH}:/of/the/server", LD_LIBRARY_PATH => '/nowhere', HOME => '/root' },
    places => { small => '<without param="UNIQUE_ID" why="not needed"/><without param="REMOTE_PORT" why="not needed"/><without header="User-Agent" why="not needed"/>', more => '<param name="APP_TIER" value="production"/><param name="APP_PATH" from="request.path" trust="client"/>' });

my @generic = qw(GATEWAY_INTERFACE SERVER_SOFTWARE SERVER_NAME SERVER_PORT SERVER_ADDR SERVER_PROTOCOL REQUEST_METHOD REQUEST_URI QUERY_STRING SCRIPT_NAME PATH_INFO
    REMOTE_ADDR REMOTE_PORT REQUEST_SCHEME UNIQUE_ID HTTP_HOST);

# A name, the header lines, the path, what is told beside (+) or in difference (-) to the parameters of the generic policy.
my @rows = (
    ['a bare request', [], '/page'],
    ['an old browser', ['User-Agent: Mozilla/2.0'], '/page', '+HTTP_USER_AGENT'],
    ['another old browser', ['User-Agent: MSIE'], '/page', '+HTTP_USER_AGENT'],
    ['a program', ['User-Agent: gvfs/1', 'Accept: */*'], '/page', '+HTTP_USER_AGENT', '+HTTP_ACCEPT'],
    ['a modern browser', ['User-Agent: Mozilla/5.0', 'Accept: text/html', 'Accept-Language: de', 'Accept-Encoding: gzip', 'Cookie: a=b', 'Referer: http://a/', 'DNT: 1', 'Upgrade-Insecure-Requests: 1',
        'Sec-Fetch-Site: none', 'Connection: keep-alive', 'Keep-Alive: 5', 'X-Unknown: 1', 'X-Forwarded-For: 10.0.0.1'], '/page',
        map {"+HTTP_$_"} qw(USER_AGENT ACCEPT ACCEPT_LANGUAGE ACCEPT_ENCODING COOKIE REFERER DNT UPGRADE_INSECURE_REQUESTS SEC_FETCH_SITE)],
    ['Authorization', ['Authorization: Basic YTpi'], '/page'],
    ['an expectation', ['Expect: 100-continue'], '/page'],
    ['an upgrade', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA'], '/page'],
    ['a rewritten path', [], '/rewritten/page'],
    ['less', ['User-Agent: x'], '/small/page', '-UNIQUE_ID', '-REMOTE_PORT'],
    ['more', [], '/more/page', '+APP_TIER', '+APP_PATH'],
);
for my $row (@rows) {
    my ($name, $lines, $path, @changes) = @$row;
    my %wanted = map { $_ => 1 } @generic;
    for (@changes) { /^\+(.*)/ ? $wanted{$1} = 1 : delete $wanted{ substr $_, 1 } }
    my $told = told($gateway, $lines, path => $path);
    is($told->{status}, 200, "$name: served");
    is(join(' ', sort map { $_->[0] } @{ $told->{params} // [] }), join(' ', sort keys %wanted), "$name: exactly the policy's parameters, each once");
}

my %value = map {@$_} told($gateway, ['User-Agent: x'], method => 'HEAD', query => '&a=%20b')->{params}->@*;
my $mark = ($value{QUERY_STRING} // '') =~ s/&.*//r;
is_deeply({ map { $_ => $value{$_} } grep { !/^(?:SERVER_SOFTWARE|UNIQUE_ID|REMOTE_PORT)$/ } @generic }, {
    GATEWAY_INTERFACE => 'CGI/1.1', SERVER_NAME => 'test.example', SERVER_PORT => $gateway->port, SERVER_ADDR => '127.0.0.1', SERVER_PROTOCOL => 'HTTP/1.1', REQUEST_METHOD => 'HEAD',
    REQUEST_URI => "/page?$mark&a=%20b", QUERY_STRING => "$mark&a=%20b", SCRIPT_NAME => '', PATH_INFO => '/page', REMOTE_ADDR => '127.0.0.1', REQUEST_SCHEME => 'http', HTTP_HOST => 'test.example',
}, 'and with the values that they are defined to have');
$gateway->finish;
done_testing;
