# FCT::Sso: what the tests of single sign-on share: an application that says what it was told, and what forgers try to be told instead.
#
#     my $app = FCT::Sso->application;                       # url, stop
#     my $told = FCT::Sso::told($answer);                    # { NAME => value }, or undef where the application was not asked
#     FCT::Sso::is_forgery_proof($name, 'told', \&ask, @names);   # every name in every channel
#     FCT::Sso::is_told_inside($docroot, \&ask, \%told);     # where httpd leads from page to page: with files() and lines()
package FCT::Sso;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Test::More ();
use FCT::Backend;
use FCT::Proc qw(scratch find_program);
use FCT::Tool;

# The mirror, as the application behind the gateway.
sub application ($class) { return bless { mirror => FCT::Tool::Mirror->start }, $class }

sub url ($self) { return 'fcgi://' . ($self->{mirror}->addresses)[0] }

sub stop ($self) { return $self->{mirror}->stop }

# A file with an SQLite database made by this SQL, for mod_dbd's driver sqlite3.
sub database ($class, $sql) {
    my $program = find_program('sqlite3') // FCT::Backend::missing('sqlite3', 'sqlite3');
    my @drivers = map { glob "$_/apr-util-1/apr_dbd_sqlite3*.so" } qw(/usr/lib /usr/lib64 /usr/lib/*);
    FCT::Backend::missing("APR's driver for SQLite", 'libaprutil1-dbd-sqlite3') if !@drivers;
    my $file = scratch() . '/database.sqlite';
    system($program, $file, $sql) == 0 or die "$file cannot be made\n";
    chmod 0644, $file or die "$file: $!\n";
    return $file;
}

# What the application was told, in an answer or a text of its own; two values of one name are joined with " and ".
sub told ($answer) {
    my $text = ref $answer ? $answer->body : $answer;
    return undef if $text !~ /^# request id=/m;
    my %told;
    for (split /\n/, $text) { push $told{$1}->@*, $2 if /^([^#=]*)=(.*)$/ }
    return { map { $_ => join ' and ', $told{$_}->@* } keys %told };
}

# One assertion: the application was asked, and told exactly this under these names (undef: nothing).
sub is_told ($answer, $wanted, $name) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $told = told($answer) // { 'not asked' => ref $answer ? $answer->status : $answer };
    my %got  = map { $_ => $told->{$_} } keys %$wanted;
    return Test::More::is_deeply({ %got, exists $told->{'not asked'} ? %$told : () }, $wanted, $name);
}

# One assertion: the application was not asked; the server answered this itself.
sub is_refused ($answer, $status, $name) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return Test::More::is($answer->status . (told($answer) ? ', the application was asked' : ''), $status, $name);
}

# --- requests that httpd leads elsewhere, or makes itself ---

# What the places below need of FCT::Httpd's files, modules and configuration. /front/ runs one script for everything, under FRONT.xml, which
# must extend php-fpm; /pages/ has a page with a part, and the server's document of missing pages is the application's /app/missing.
sub files ($class) {
    my $page = qq{told:\n<!--#set var="MAIL" value="mallory" --><!--#set var="OIDC_CLAIM_roles" value="mallory" --><!--#include virtual="/app/part" -->\n};
    return ('htdocs/front/index.php' => "<?php\n", 'htdocs/pages/page.shtml' => $page, 'htdocs/pages/page.html' => "page\n");
}

sub modules ($class) { return qw(alias authn_core authz_user dir env filter headers include mime rewrite setenvif) }

sub lines ($class) {
    return <<'CONF';
TypesConfig /dev/null
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
ErrorDocument 404 /app/missing
<Directory @DOCROOT@/pages>
    Options +Includes
</Directory>
<Directory @DOCROOT@/front>
    FcgiTrustPolicy @DIR@/front.xml
    DirectoryIndex index.php
    FallbackResource /front/index.php
    RewriteEngine on
    RewriteRule ^nice/ /front/index.php [L]
    <FilesMatch \.php$>
        SetHandler proxy:@APP@
    </FilesMatch>
</Directory>
CONF
}

my %INSIDE = (
    '/pages/missing' => 'the document of an error', '/pages/page.shtml' => 'a part of a page', '/front/' => 'DirectoryIndex',
    '/front/some/where?a=b' => 'FallbackResource', '/front/nice/page?a=b' => 'a rewritten URL',
);

# One assertion a place: who asks is told there as well, and what they forge is not. ask: takes (path, header name, value, …).
sub is_told_inside ($httpd, $ask, $wanted) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    for my $path (sort keys %INSIDE) {
        my $body = $ask->($path, mail => 'mallory', OIDC_CLAIM_email => 'mallory', MELLON_mail => 'mallory', GSS_NAME => 'mallory')->body;
        my %more = $path =~ m{^/front} ? (SCRIPT_FILENAME => $httpd->docroot . '/front/index.php') : ();
        $more{REQUEST_URI} = $path if $path !~ /shtml/;
        is_told($body, { %$wanted, %more }, "$INSIDE{$path} is told who asked for the page");
    }
    return;
}

# One assertion a place: a stranger does not get there.
sub is_refused_inside ($ask, $status) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is_refused($ask->($_), $status, "$INSIDE{$_} is not for strangers") for sort keys %INSIDE;
    return;
}

# --- forgeries ---

# A policy of a test: what stands inside.
sub policy ($name, $inside) {
    return qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="t-$name" version="1" language="1.0">$inside</policy>\n};
}

# The ways in which a client can write a name: [what it is, query, header lines as name, value, …].
sub forgeries ($name) {
    my $dashed = $name =~ tr/_/-/r;
    my $mixed  = join '-', map { ucfirst lc } split /[-_]/, $name;
    my %spelt  = map { $_ => 1 } $name, $dashed, uc $name, lc $name, $mixed, "HTTP_$name", "REDIRECT_$name", "X-$dashed", $name =~ tr/_-/../r;
    return (
        (map { ["the header $_", '', $_ => 'mallory'] } sort keys %spelt),
        ["$dashed, and nominated in Connection", '', Connection => "close, $dashed", $dashed => 'mallory'],
        ["the cookie $name", '', Cookie => "$name=mallory"],
        ["the query $name", "$name=mallory&HTTP_$name=mallory"],
    );
}

# What of a request is its own: these names differ between two that are otherwise the same.
my %OWN = map { $_ => 1 } qw(REMOTE_PORT UNIQUE_ID HTTP_COOKIE QUERY_STRING REQUEST_URI);

# How this FCT::Browser asks for this path, for is_forgery_proof. A forged cookie goes beside its own, in one field as a browser's do.
sub asked ($browser, $path) {
    return sub ($query, @headers) {
        my $cookies = { $browser->{jar}->%* };
        local $browser->{jar} = $cookies;
        if (@headers && $headers[0] eq 'Cookie') {
            my ($name, $value) = split /=/, $headers[1], 2;
            $cookies->{$name} = $value;
            @headers = ();
        }
        return $browser->get($path . ($query ? "?$query" : ''), @headers);
    };
}

# One assertion: the application was asked, and nothing it was told holds what forgers write.
sub is_not_mallory ($answer, $name) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $told = told($answer) // { 'not asked' => 'mallory' };
    return Test::More::is(join(' ', grep { $told->{$_} =~ /mallory/ } sort keys %$told), '', $name);
}

# One assertion a name: whatever a client writes under it, the application is told exactly what it is told without that, or nothing at all where
# the server refuses the request with 400, or anyway. ask: takes (query, header name, value, …) and returns the answer; wanted: "told" or "refused".
sub is_forgery_proof ($name, $wanted, $ask, @names) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $honest = identity(told($ask->('')));
    Test::More::ok(!$honest == ($wanted eq 'refused'), "$name: without forgery the request is $wanted");
    for my $forged (@names) {
        my @wrong = grep {
            my (undef, $query, @headers) = @$_;
            my $answer = $ask->($query, @headers);
            my $told   = identity(told($answer)) // ($answer->status == 400 ? 'refused' : 'lost');
            $wanted eq 'refused' ? $told !~ /^(?:refused|lost)\z/ : $told ne 'refused' && $told ne $honest;
        } forgeries($forged);
        Test::More::is(join('; ', map { $_->[0] } @wrong), '', "$name: a client that writes $forged changes nothing");
    }
    return;
}

# What the application was told, less what is each request's own, as text.
sub identity ($told) {
    return undef if !$told;
    return join "\n", map {"$_=$told->{$_}"} sort grep { !$OWN{$_} } keys %$told;
}

1;
