# No path of a client, however encoded, bends SCRIPT_NAME, SCRIPT_FILENAME or PATH_TRANSLATED, or takes one away: through ProxyPass and
# through SetHandler. What is refused reaches no backend; REQUEST_URI is always what was sent. EVIDENCE R4; POLICY 5.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;

sub policy ($shipped, $inside) {
    return FCT::Gateway::policy_text('path', $inside) =~ s/shipped="generic"/shipped="$shipped"/r;
}

my $gateway = FCT::Gateway->new(modules => ['dir'], files => {
    'htdocs/files/script.php' => 'x', 'htdocs/files/dir/script.php' => 'x', 'htdocs/files/odd?name.php' => 'x', "htdocs/files/line\nfeed.php" => 'x',
    'htdocs/files/back\\slash.php' => 'x', 'htdocs/files/hash#name.php' => 'x', 'secret.php' => 'x',
    'mount.xml' => policy('generic', ''), 'php.xml' => policy('php-fpm', '<backend docroot="@DIR@/htdocs" override="yes"/>'),
    'raw.xml' => policy('generic', '<request encoded-slash="raw" override="yes"/>'), 'file.xml' => policy('php-fpm', ''),
}, config => <<'CONF');
Listen 127.0.0.1:@PORT@
Listen 127.0.0.1:@PORTSLASH@
FcgiTrustPolicy @DIR@/file.xml
<Directory @DIR@>
    Require all granted
</Directory>
<FilesMatch "\.php$">
    SetHandler "proxy:@BACKEND@"
</FilesMatch>
ProxyPass /mount/ @BACKEND@/ enablereuse=on
ProxyPass /php/ @BACKEND@/php/ enablereuse=on
ProxyPass /raw/ @BACKEND@/raw/ enablereuse=on
<Location /mount/>
    FcgiTrustPolicy @DIR@/mount.xml
</Location>
<Location /php/>
    FcgiTrustPolicy @DIR@/php.xml
</Location>
<Location /raw/>
    FcgiTrustPolicy @DIR@/raw.xml
</Location>
<Directory @DIR@/htdocs/files>
    FcgiTrustPolicy @DIR@/file.xml
</Directory>
<VirtualHost 127.0.0.1:@PORTSLASH@>
    AllowEncodedSlashes NoDecode
    ProxyPass /mount/ @BACKEND@/ enablereuse=on
    ProxyPass /php/ @BACKEND@/php/ enablereuse=on
    ProxyPass /raw/ @BACKEND@/raw/ nocanon enablereuse=on
</VirtualHost>
CONF
my $docroot = $gateway->httpd->docroot;

# The status and, where the backend was asked, its parameters.
sub told ($path, $port = 'PORT') {
    state $n = 0;
    my $mark = 'n' . ++$n;
    my $client = FCT::Client->connect(port => $gateway->httpd->port($port), timeout => 5);
    $client->send("GET $path?$mark HTTP/1.1\r\nHost: test.example\r\n\r\n");
    my $answer = $client->response;
    my ($request) = grep { ($_->{param}{QUERY_STRING} // '') eq $mark } $gateway->peer->requests;
    return ($answer->status, $request ? $request->{param} : undef, "$path?$mark");
}

# What is asked for as it should be: [path, SCRIPT_NAME, PATH_INFO, SCRIPT_FILENAME].
for my $row (
    ['/mount/a', '/mount', '/a'], ['/mount/a%20b', '/mount', '/a b'], ['/mount/%C3%A4', '/mount', "/\xc3\xa4"], ["/mount/\xc3\xa4", '/mount', "/\xc3\xa4"],
    ['/mount/%ff', '/mount', "/\xff"], ['/mount/a%3fb', '/mount', '/a?b'], ['/mount/a%23b', '/mount', '/a#b'], ['/mount/a%5cb', '/mount', '/a\\b'],
    ['/mount/a%25b', '/mount', '/a%b'], ['/mount/a%252fb', '/mount', '/a%2fb'], ['/mount/...', '/mount', '/...'], ['/mount/a..b', '/mount', '/a..b'],
    ['/php/s.php', '/php/s.php', '', "$docroot/php/s.php"], ['/php/s.php/info', '/php/s.php', '/info', "$docroot/php/s.php"],
    ["/php/s.php/\xff", '/php/s.php', "/\xff", "$docroot/php/s.php"],
    ['/php/%73.php', '/php/s.php', '', "$docroot/php/s.php"], ["/php/\xe4.php", "/php/\xe4.php", '', "$docroot/php/\xe4.php"],
    ['/files/script.php', '/files/script.php', '', "$docroot/files/script.php"], ['/files/script.php/info', '/files/script.php', '/info', "$docroot/files/script.php"],
    ["/files/script.php/\xff%80", '/files/script.php', "/\xff\x80", "$docroot/files/script.php"],
    ['/files/dir/script.php/x.php', '/files/dir/script.php', '/x.php', "$docroot/files/dir/script.php"],
) {
    my ($path, $name, $info, $file) = @$row;
    my ($status, $param, $uri) = told($path);
    my $shown = $path =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger;
    is($status, 200, "$shown: served");
    is($param->{SCRIPT_NAME}, $name, "$shown: SCRIPT_NAME");
    is($param->{PATH_INFO} // '', $info, "$shown: PATH_INFO, decoded once");
    is($param->{SCRIPT_FILENAME}, $file, "$shown: SCRIPT_FILENAME") if $file;
    is($param->{REQUEST_URI}, $uri, "$shown: REQUEST_URI is what was sent");
}

# What must not arrive: at each place of the path, for each way a script is named.
my @bytes = (
    ['CR LF', '%0d%0a'], ['CR LF and a field', '%0d%0aX-A:%201'], ['LF', '%0a'], ['NUL', '%00'], ['NUL and .php', '%00.php'], ['DEL', '%7f'], ['ESC', '%1b'], ['a tab', '%09'], ['byte 1', '%01'],
    ['a parent segment', '/../'], ['an encoded parent segment', '/%2e%2e/'], ['half encoded', '/.%2e/'], ['a dot segment', '/%2e/'], ['a parent behind an encoded slash', '..%2f'],
    ['encoded slashes around a parent', '%2f..%2f'], ['an encoded slash', 'a%2fb'], ['an encoded slash, large letter', 'a%2Fb'], ['a backslash parent', '..%5c..%5c'], ['a double encoding of dots', '%252e%252e/'],
    ['overlong dots', '%c0%ae%c0%ae/'], ['a broken escape', '%zz'], ['a lone percent', '%'], ['half an escape', '%4'], ['a %u escape', '%u002e'],
);
my $unsafe = qr/[\x00-\x1f\x7f?#\\]|(?:^|\/)\.\.?(?:\/|$)/;
for my $port ('PORT', 'PORTSLASH') {
    for my $place (['/mount/', 'x'], ['/mount/a', 'b/c'], ['/php/', 's.php'], ['/php/s.php/', 'x'], ['/php/s', '.php'], ['/php/s.php', ''], ['/files/script.php/', 'x'], ['/files/', 'script.php'], ['/files/dir', 'script.php'], ['/files/script', '.php'], ['/files/script.php', '']) {
        my @wrong;
        for my $case (@bytes) {
            my ($name, $bytes) = @$case;
            my $path = "$place->[0]$bytes$place->[1]";
            my ($status, $param, $uri) = told($path, $port);
            my $is_control = $bytes =~ /%(?:0|1|7f)/i;
            if (!$param) { push @wrong, "$path ($name): $status" if $status !~ /^40[034]$/; next }
            push @wrong, "$path ($name): a control byte arrives" if $is_control;
            push @wrong, map { ($param->{$_} // '') =~ ($_ eq 'PATH_INFO' ? qr/[\x00-\x1f\x7f]|\/\.\.(?:\/|$)/ : $unsafe) ? "$path ($name): $_ is $param->{$_}" : () }
                qw(SCRIPT_NAME SCRIPT_FILENAME PATH_TRANSLATED PATH_INFO);
            push @wrong, "$path ($name): SCRIPT_NAME is missing" if !defined $param->{SCRIPT_NAME};
            push @wrong, "$path ($name): REQUEST_URI is $param->{REQUEST_URI}" if $param->{REQUEST_URI} ne $uri;
            push @wrong, "$path ($name): SCRIPT_FILENAME is " . ($param->{SCRIPT_FILENAME} // 'missing') if $path !~ m{^/mount} && ($param->{SCRIPT_FILENAME} // '') !~ m{^\Q$docroot\E/\w};
        }
        is(join("\n", @wrong), '', 'of ' . @bytes . " odd paths at $place->[0]|$place->[1] none bends a name" . ($port eq 'PORT' ? '' : ', AllowEncodedSlashes NoDecode'));
    }
}

# What names the script is refused whole, not repaired.
for my $row (['/php/a%3fb.php', 400], ['/php/a%23b.php', 400], ['/php/a%5cb.php', 400], ['/files/odd%3fname.php', 400], ['/files/hash%23name.php', 400], ['/files/back%5cslash.php', 400], ['/files/line%0afeed.php', 400],
    ['/mount/a%0d%0ab', 400], ['/mount/a%0ab', 400], ['/mount/%01', 400],
    ['/php/s.php/a%3fb', 400], ['/files/script.php/a%23b', 400]) {    # PATH_TRANSLATED would have it
    my ($path, $wanted) = @$row;
    my ($status, $param) = told($path);
    is($status, $wanted, "$path: $wanted");
    ok(!$param, "$path: the backend sees nothing of it");
}

# encoded-slash="raw": PATH_INFO has it as it came; the default refuses.
my ($status, $param) = told('/mount/a%2fb', 'PORTSLASH');
ok($status == 400 && !$param, 'an encoded slash that httpd lets through: 400') or diag($status);
($status, $param) = told('/raw/a%2fb', 'PORTSLASH');
is($status, 200, 'encoded-slash="raw": served');
is($param->{PATH_INFO}, '/a%2fb', 'encoded-slash="raw": the slash is still encoded');
($status, $param) = told('/raw/..%2f..%2fx', 'PORTSLASH');
ok($status == 400 && !$param, 'encoded-slash="raw": a parent segment behind it is refused') or diag($status);
$gateway->finish(findings => [qw(FCT2201 FCT2203 FCT2204)], allow => [qr/AH\d+/, qr/FCT4008/, qr/FCT22\d\d/]);
done_testing;
