# SCRIPT_NAME is the ProxyPass path that mod_proxy followed to this backend, as the configuration spells it, and PATH_INFO is what comes after
# it, decoded once: whatever slashes, parameters and encodings the client wrote. SPEC 1; RFC 3875 4.1.5, 4.1.13.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Gateway;
use FCT::Peer;
use FCT::Record qw(answer);

plan skip_all => 'a test of this module alone' if FCT::Httpd::is_stock();

# Every backend says its name, and what it was told.
sub backend ($name) {
    return sub ($conn) {
        while (my $request = $conn->read_request) {
            my $param = $request->{param};
            $conn->send(answer($request->{id}, join '|', $name, map { $param->{$_} // '-' } qw(SCRIPT_NAME PATH_INFO)));
        }
    };
}
my %peer = map { $_ => FCT::Peer->start(serve => backend($_)) } qw(admin app enc servlet spaced);

for my $merge (qw(On Off)) {
    my $gateway = FCT::Gateway->new(serve => backend('root'), modules => ['rewrite'],
        set => { MERGE => $merge, map { uc $_ => $peer{$_}->url } keys %peer }, config => <<'CONF');
Listen 127.0.0.1:@PORT@
FcgiTrustPolicy @POLICIES@/open.xml
MergeSlashes @MERGE@
RewriteEngine on
RewriteRule ^/not/rewritten$ @APP@/ [P]
ProxyPass /not !
ProxyPass /app/admin/ @ADMIN@/
ProxyPass /app @APP@/
ProxyPass /enc @ENC@/ mapping=encoded
ProxyPass /srv @SERVLET@/ mapping=servlet
ProxyPass /sp%20ace/ @SPACED@/ mapping=encoded
ProxyPass / @BACKEND@/
CONF
    my @rows = (
        ['/app/x', 'app|/app|/x'], ['/app', 'app|/app|'], ['/app/admin/x', 'admin|/app/admin|/x'],
        ['/app//admin/x', 'admin|/app/admin|/x'], ['//app/x', 'app|/app|/x'], ['///app///admin///', 'admin|/app/admin|/'],
        ['/app/%61dmin/x', 'admin|/app/admin|/x'], ['/app/admin;x=1/x', 'app|/app|/admin;x=1/x'], ['/application', 'root||/application'],
        ['/App/x', 'root||/App/x'], ['/app./x', 'root||/app./x'], ['/app/a%252fb', 'app|/app|/a%2fb'], ['/app/%e2%82%ac', "app|/app|/\xe2\x82\xac"],
        ['/enc/a%20b', 'enc|/enc|/a b'], ['/enc/%e2%82%ac', "enc|/enc|/\xe2\x82\xac"], ['/enc/a%253fb', 'enc|/enc|/a%3fb'], ['/enc/a%2bb', 'enc|/enc|/a+b'],
        ['//enc/x', 'enc|/enc|/x'], ['/srv/a%20b', 'servlet|/srv|/a b'], ['/srv;p=1/a;q=2/b', 'servlet|/srv|/a/b'],
        ['/sp%20ace/x', 'spaced|/sp ace|/x'],
    );
    for my $row (@rows) {
        my ($target, $told) = @$row;
        is($gateway->ask($target)->body, $told, "MergeSlashes $merge: $target");
    }
    for my $target (qw(/enc/a%2fb /enc/a%00b /enc/a%0ab /enc/..%2fb /enc/a%zzb /enc/%2e%2e%2fb)) {
        my $answer = $gateway->ask($target);
        like($answer->status, qr/^40[04]$/, "MergeSlashes $merge: $target is refused") or diag $answer->body;
    }
    is($gateway->ask('/not/rewritten')->status, 500, "MergeSlashes $merge: where ProxyPass says no, a rewrite rule has no mount");
    $gateway->finish(allow => [qr/FCT2\d\d\d|FCT4008|AH10244/]);
}
$_->stop for values %peer;
done_testing;
