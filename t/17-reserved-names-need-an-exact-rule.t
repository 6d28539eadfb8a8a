# The names that proxies and other software trust, and what belongs to the connection, pass through no prefix rule, however they are written: each reserved
# name needs a rule of its own that says trust="client", and then passes by that name alone. POLICY 4.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Proc qw(read_file repo_root);
use FCT::Told;

# POLICY 4's list, as it stands there.
my @reserved = qw(Forwarded X-Forwarded-* X-Real-IP X-Client-* X-Cluster-Client-IP True-Client-IP CF-* Fastly-* X-Original-* X-Rewrite-* X-HTTP-Method*
    X-Method-Override X-Remote-* Remote-* X-User* X-Auth* X-WebAuth* X-SSL-* SSL-* Client-Cert* X-Client-Cert* X-ARR-ClientCert X-MS-Client-Principal* X-Goog-Authenticated-*
    X-Amzn-OIDC-* OIDC* Shib* Mellon* Front-End-Https X-Url-Scheme X-Accel-* X-Sendfile* X-Middleware-* Proxy*);

# What is the connection's, the engine's, or nobody's: no rule lets it through. (Proxy has a test of its own.)
my @nobodys = qw(Connection Keep-Alive TE Trailer Upgrade HTTP2-Settings Proxy-Connection Proxy-Authenticate Proxy-Authentication-Info Proxy-Authorization
    Content-Type Content-Length);

# The list in the code has nothing beside it, and lacks nothing.
my $def = read_file(repo_root() . '/mod_fcgi_trust/core/field_name.def');
my @known = $def =~ /^FCT_FIELD_RESERVED\("([^"]+)"\)/mg;
is(join(' ', sort @known), join(' ', sort grep { $_ ne 'X_CLIENT_CERT*' } map { uc tr/-/_/r } @reserved), 'the code reserves the names of the policy language, no more and no fewer');
is(join(' ', sort $def =~ /^FCT_FIELD_NAME\("([^"]+)", HOP_BY_HOP\)/mg), join(' ', sort 'TRANSFER_ENCODING', map { uc tr/-/_/r } grep { !/^Content/ } @nobodys), 'the hop-by-hop fields are known');

# A whole name for each pattern, or several.
sub examples ($pattern) {
    my $name = $pattern =~ s/\*\z//r;
    return $name if $name eq $pattern;
    return ($name =~ /-\z/ ? () : $name, "${name}For", "${name}a-b-c");
}

sub spellings ($name) {
    my %all = map { $_ => 1 } map { ($_, lc, uc, tr/-/_/r, uc tr/-/_/r, tr/-/./r, s/-/_/r, s/(.*)-/$1_/r, tr/-/~/r) } $name;
    return sort keys %all;
}

my @names = grep { !/^Proxy\z/ } map { examples($_) } @reserved;
my @shipped = qw(Cookie User-Agent Referer Accept Accept-Charset Accept-Encoding Accept-Language Cache-Control Pragma Prefer Range Priority);
my $prefixes = join '', map {qq(<header name="$_*"/>)} 'A' .. 'Z';
my $exact    = join '', map {qq(<header name="$_" trust="client"/>)} grep { !/^Proxy/ } @names;

my $gateway = FCT::Gateway->new(each => \&FCT::Told::keep, h2 => 1, worker => 'enablereuse=on', policy => $prefixes, places => { exact => $exact });
is_told(told($gateway, ['Anything: a', 'x-own: b', 'Zebra_1: c']), 'the rules let everything through that is not reserved', { HTTP_ANYTHING => 'a', HTTP_X_OWN => 'b', HTTP_ZEBRA_1 => 'c' });

# The names under which a field is told. served: the request must be, too.
sub arrives ($spelling, %opt) {
    my $told = told($gateway, ["$spelling: forged"], %opt);
    my %said = map { folded($_->[0]) => $_->[1] } @{ $told->{params} // [] };
    return "not served: $told->{status}" if $opt{served} && $told->{status} ne 200;
    return grep { defined $said{$_} && $said{$_} =~ /forged/ } map { ("HTTP_$_", $_) } folded($spelling);
}

for my $name (@names) {
    my @all = spellings($name);
    is_deeply([map { my $s = $_; map {"$s: $_"} arrives($s, served => 1) } @all], [], "$name reaches no application in any of " . @all . ' spellings');
}
for my $name (@nobodys) {
    my @all = grep { !/^Content[-]Length\z/i } spellings($name);
    my @arrived = map { my $s = $_; map {"$s: $_"} arrives($s) } @all;
    is_deeply([grep { !/^Content-Type: CONTENT_TYPE\z/i } @arrived], [], "$name becomes no header parameter in any of " . @all . ' spellings');
}
if ($gateway->speaks_h2) {
    my @all = map { lc } map { spellings($_) } @names;
    is_deeply([map { my $s = $_; map {"$s: $_"} arrives($s, h2 => 1, served => 1) } @all], [], 'over HTTP/2 as little, in ' . @all . ' spellings');
}

# With a rule of its own a reserved name passes, by the rule's name only.
for my $name (grep { !/^Proxy/ } @names) {
    my ($right, @wrong) = (folded($name), grep { lc ne lc $name } spellings($name));
    is_deeply([arrives($name, path => '/exact/page'), arrives(lc $name, path => '/exact/page')], ["HTTP_$right", "HTTP_$right"], "$name with a rule of its own is told");
    is_deeply([map { arrives($_, path => '/exact/page') } @wrong], [], "$name with a rule of its own, in another spelling, is not") if @wrong;
}
$gateway->finish(allow => [qr/FCT2019|FCT2013|FCT2012/]);
done_testing;
