# Location without Status redirects: absolute, 302; a path, a local redirect where the policy follows them, else 502. SPEC 5; EVIDENCE F12.
use v5.26;
use warnings;
use feature "signatures";
no warnings "experimental::signatures";
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Rows;
use FCT::Record qw(:all);

use FCT::Client qw(request);

my %moved = (want => 302, reused => 1, seen => sub ($answer) { ($answer->header('Location') // '') =~ m{^(?:https?|ftp)://} ? undef : 'no Location' });
my @table = (
    { %moved, name => 'an absolute Location alone', play => sub ($id, @) { stdout($id, "Location: https://other.example/a?b=c\r\n\r\n") . stdout_end($id) . end_request($id) } },
    { %moved, name => 'an absolute Location with a body', whole => MARK, own_error => 1,
        play => sub ($id, @) { answer($id, MARK, 'Location: http://other.example/', 'Content-Type: text/plain') } },
    { %moved, name => 'an absolute Location of another scheme', play => sub ($id, @) { stdout($id, "Location: ftp://other.example/\r\n\r\n") . end_request($id) } },
    { name => 'Location with Status 201', want => 201, whole => MARK, play => sub ($id, @) { answer($id, MARK, 'Status: 201 Created', 'Location: /new', 'Content-Type: text/plain') },
        seen => sub ($answer) { ($answer->header('Location') // '') eq '/new' ? undef : 'Location is not passed' } },
    { name => 'a path in Location with Status 302', want => 302, play => sub ($id, @) { answer($id, MARK, 'Status: 302 Found', 'Location: /new', 'Content-Type: text/plain') },
        seen => sub ($answer) { ($answer->header('Location') // '') =~ m{/new$} ? undef : 'Location is not passed' } },
    { name => 'a path in Location without Status', want => 502, finding => 'FCT5013',
        play => sub ($id, @) { stdout($id, "Location: /held/other\r\n\r\n") . stdout_end($id) . end_request($id) } },
    { name => 'a relative Location without Status', want => 502, finding => 'FCT1319',
        play => sub ($id, @) { stdout($id, "Location: other\r\n\r\n") . stdout_end($id) . end_request($id) } },
    { name => 'an empty Location', want => 502, play => sub ($id, @) { stdout($id, "Location: \r\n\r\n") . stdout_end($id) . end_request($id) }, finding => 'FCT1319' },
    { name => 'two different Locations', want => 502, finding => 'FCT1318',
        play => sub ($id, @) { answer($id, MARK, 'Location: http://a.example/', 'Location: http://b.example/') } },
    { name => 'a local redirect that the policy follows', want => 200, at => '/follow', whole => "static\n", method => 'POST', body => 'x=1',
        play => sub ($id, @) { stdout($id, "Location: /static.txt\r\n\r\n") . stdout_end($id) . end_request($id) } },
);

my $rows = FCT::Rows->new(table => \@table, files => { 'htdocs/static.txt' => "static\n" }, config => <<'CONF');
Listen 127.0.0.1:@PORT@
ProxyPass /static.txt !
ProxyPass / @BACKEND@/ enablereuse=on
<Location /held/>
    FcgiTrustPolicy @POLICIES@/hold.xml
</Location>
<Location /open/>
    FcgiTrustPolicy @POLICIES@/open.xml
</Location>
<Location /follow/>
    FcgiTrustPolicy @POLICIES@/follow.xml
</Location>
CONF
$rows->play(modes => [qw(whole records)]);
$rows->finish;
done_testing;
