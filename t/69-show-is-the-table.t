# show prints what an application is told under a policy: every parameter, field and limit with its rule; secrets never.
use v5.26;
use warnings;
use Test::More;
use Digest::SHA qw(sha256_hex);
use JSON::PP ();
use FCT::Proc qw(scratch write_file);
use FCT::Tool;

my $dir = scratch() . '/show';
my $file = write_file("$dir/hr.xml", <<'XML');
<policy xmlns="urn:mod-fcgi-trust:policy:1" name="hr-portal" version="7" language="1.0">
  <param name="REQUEST_METHOD" from="request.method" why="The application &lt;chooses&gt; by it" control="NIST:AC-3"/>
  <param name="REMOTE_USER" from="auth.user" required="yes"/>
  <param name="APP_TIER" value="production" when="tls path:/public/"/>
  <param name="APP_TOKEN" value="hunter2" sensitive="yes"/>
  <header name="Accept"/>
  <header name="X-App-*" max-length="256" why="Own fields"/>
  <refuse-header name="X-Debug-User"/>
  <request methods="GET POST" max-body="10M" chunked="refuse"/>
  <response hide="X-Powered-By" hold="128K"/>
  <backend profile="generic" workers="unix:/run/hr.sock"/>
</policy>
XML

my $text = FCT::Tool::run('show', $file);
is($text->{exit}, 0, 'text: exit code 0') or diag explain $text;
is($text->{err}, '', 'text: nothing on stderr');
my @claims = (
    [qr/\APolicy hr-portal, version 7 .*\nsha256:[0-9a-f]{64}\n/,                      'name, version and digest'],
    [qr/^  REQUEST_METHOD +client +request\.method +hr\.xml:2\n(?:      .*\n)*?      why: The application <chooses> by it\n      control: NIST:AC-3$/m, 'a parameter with class, source, rule, reason and control'],
    [qr/^  REMOTE_USER +verified +auth\.user +hr\.xml:3\n      missing: refused with 403$/m, 'what happens where a required one is missing'],
    [qr/^  APP_TIER +server +"production" +hr\.xml:4\n      when: tls path:\/public\/$/m, 'a literal and its condition'],
    [qr/^  APP_TOKEN +server +a secret literal +hr\.xml:5$/m,                        'that there is a secret'],
    [qr/^Header fields that pass.*\n  Accept +hr\.xml:6\n  X-App-\* +hr\.xml:7\n      at most 256 bytes\n      why: Own fields$/m, 'the fields that pass'],
    [qr/^Header fields for which a request is refused\n  X-Debug-User +hr\.xml:8$/m, 'the fields that are refused'],
    [qr/^  methods: GET, POST\n  body: at most 10 MiB; without a length: refused$/m,    'the limits of a request'],
    [qr/^  held back: 128 KiB, .*(?:\n  .*)*\n  hidden: X-Powered-By$/m,                'the rules for a response'],
    [qr/^  profile: generic\n.*\n  addresses: unix:\/run\/hr\.sock$/m,               'the backend'],
);
like($text->{out}, $_->[0], "text: it shows $_->[1]") for @claims;
unlike($text->{out}, qr/hunter2/, 'text: the secret itself is not printed');
unlike($text->{out}, qr/\e/, 'text: no colours in a file');

my $json = FCT::Tool::run('show', '--format', 'json', $file);
is($json->{exit}, 0, 'json: exit code 0');
my $said = eval { JSON::PP->new->utf8->decode($json->{out}) };
ok($said, 'json: it is valid') or diag $@, $json->{out};
is_deeply([map { "$_->{name} $_->{class} $_->{line}" } $said->{params}->@*], ['REQUEST_METHOD client 2', 'REMOTE_USER verified 3', 'APP_TIER server 4', 'APP_TOKEN server 5'],
    'json: every parameter in its order, with class and line');
is_deeply([map { "$_->{name} $_->{action} $_->{line}" } $said->{headers}->@*], ['Accept pass 6', 'X-App- pass 7', 'X-Debug-User refuse 8'], 'json: every field rule');
is_deeply($said->{request}, { methods => ['GET', 'POST'], max_body => 10 << 20, chunked => 'refuse', upgrade => 'ignore' }, 'json: the limits of a request');
is_deeply([$said->{response}{hide}, $said->{response}{hold}, $said->{backend}{workers}], [['X-Powered-By'], 128 << 10, ['unix:/run/hr.sock']], 'json: response and backend');
unlike($json->{out}, qr/hunter2/, 'json: the secret itself is not printed');

my $canonical = FCT::Tool::run('show', '--format', 'canonical', $file);
is($canonical->{exit}, 0, 'canonical: exit code 0');
is(sha256_hex($canonical->{out}), $said->{sha256}, 'canonical: its SHA-256 is the digest');
like($text->{out}, qr/^sha256:$said->{sha256}$/m, 'text and json name the same digest');
unlike($canonical->{out}, qr/hunter2/, 'canonical: the secret itself is not printed');

my $bad = write_file("$dir/bad.xml", qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="bad" version="1" language="1.0">\n<param name="REMOTE_USER" from="header.X-User"/>\n</policy>\n});
my $ran = FCT::Tool::run('show', $bad);
ok($ran->{exit} == 1 && $ran->{out} eq '' && $ran->{err} =~ /^\Q$bad\E:2: FCT3104 flow: /, 'a policy with an error is not shown; its findings are on stderr, exit code 1') or diag explain $ran;
for my $row ([], [$file, $bad], ["$dir/none.xml"], [$dir], ['--format', 'xml', $file]) {
    $ran = FCT::Tool::run('show', @$row);
    ok($ran->{exit} == 2 && $ran->{out} eq '' && $ran->{err} =~ /\Afcgi-trust show: [^\n]+\n\z/, 'show with ' . scalar(@$row) . ' wrong arguments: exit code 2 and a sentence') or diag explain $ran;
}

done_testing;
