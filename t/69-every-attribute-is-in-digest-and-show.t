# Every attribute of every element is in the digest and in every format of show: two texts of it that mean something else have two digests and
# are shown differently, two that mean the same have one digest.
use v5.26;
use warnings;
use Test::More;
use FCT::Cert;
use FCT::Proc qw(scratch read_file write_file);
use FCT::Tool;

my $dir = scratch() . '/attributes';
my $cert = FCT::Cert->new($dir);
$cert->authority($_, "/O=Example/CN=$_") for qw(one two);

# Where an element stands: ATTRIBUTES is what one row below says of it.
my %around = (
    POLICY        => '<policy xmlns="urn:mod-fcgi-trust:policy:1" ATTRIBUTES/>',
    TRUST_ANCHOR  => '<trust-anchor ATTRIBUTES/>',
    INTERMEDIATES => '<trust-anchor file="one.pem"><intermediates ATTRIBUTES/></trust-anchor>',
    FIELD         => '<upstream name="u" peers="::1" assert="x"><field ATTRIBUTES/><field name="X-B"/><field name="X-C"/></upstream>',
    MAP           => '<map name="n"><entry from="x" to="y"/></map><map ATTRIBUTES><entry from="x" to="z"/></map><param name="APP_M" from="config.M" map="n"/>',
    ENTRY         => '<map name="m"><entry ATTRIBUTES/></map>',
    UPSTREAM      => '<upstream ATTRIBUTES><field name="X-A"/><field name="X-B"/></upstream>',
    EXTENDS       => '<extends ATTRIBUTES/>',
    WITHOUT       => '<extends href="parent.xml"/><without ATTRIBUTES/>',
    PARAM         => '<map name="m"><entry from="x" to="y"/></map><map name="n"><entry from="x" to="z"/></map><param ATTRIBUTES/>',
    SERVER_HEADER => '<map name="m"><entry from="x" to="y"/></map><map name="n"><entry from="x" to="z"/></map><server-header ATTRIBUTES/>',
    RESPONSE      => '<response ATTRIBUTES/>',
    AUDIT         => '<param name="APP_A" value="1"/><param name="APP_B" value="1"/><audit ATTRIBUTES/>',
);

# What <param> and <server-header> share: what stands beside the attribute, its texts ('-': it does not stand), and texts that mean what the
# first one means.
my %value = (
    VALUE        => ['',                                              ['x', 'y']],
    FROM         => ['',                                              ['config.A', 'config.B', 'config.A config.B', 'config.B config.A']],
    WHEN         => ['value="x"',                                     ['-', 'tls', '!tls', 'tls method:GET', 'method:GET,PUT']],
    REQUIRED     => ['from="config.A"',                               ['-', 'yes'], ['no']],
    ON_MISSING   => ['from="config.A"',                               ['-', 'refuse', 'refuse:404'], ['omit']],
    ON_INVALID   => ['from="config.A"',                               ['-', 'omit', 'refuse:404'], ['refuse']],
    SPLIT        => ['from="config.A" pick="0"',                      ['-bare', ',', ';', ', ']],
    PICK         => ['from="config.A" split="," pattern="x"',         ['only', '0', '1', 'matching']],
    STRIP_SUFFIX => ['from="config.A"',                               ['-', '@A', '@a']],
    EXTRACT      => ['from="config.A"',                               ['-', '(a)@x', '(b)@x']],
    CASE         => ['from="config.A"',                               ['-', 'lower', 'upper']],
    MAP          => ['from="config.A"',                               ['-', 'm', 'n']],
    JOIN         => ['from="config.A" split=","',                     [',', ' ', '&#10;']],
    MAX_ITEMS    => ['from="config.A" split="," join=","',            ['-', '1', '2']],
    TYPE         => ['from="config.A"',                               ['-', qw(token integer hostname ip email dn uri base64 hex text)]],
    PATTERN      => ['from="config.A"',                               ['-', 'a', 'b']],
    MAX_LENGTH   => ['from="config.A"',                               ['-', '1', '2']],
    ENCODE       => ['from="config.A"',                               ['-', qw(base64 base64url percent)], ['none']],
    AUTH_TYPE    => ['from="auth.user"',                              ['-', 'Basic', 'Digest']],
    ASSERT       => ['from="env.A"',                                  ['x', 'y']],
    SENSITIVE    => ['value="x"',                                     ['-', 'yes'], ['no']],
);
my %param = map { $_ => [qq{name="APP_A" $value{$_}[0]}, @{ $value{$_} }[1, 2]] } keys %value;
my %server_header = map { $_ => [qq{name="X-S" $value{$_}[0]} . ($value{$_}[0] =~ /value|^$/ && $_ ne 'FROM' ? ' assert="x"' : ''), @{ $value{$_} }[1, 2]] } keys %value;

sub reasons { my ($beside) = @_; return map { $_ => [$beside, ['-', 'x', 'y']] } qw(WHY CONTROL) }
sub overrides { my ($beside) = @_; return (OVERRIDE => [$beside, ['-'], ['yes', 'no']]) }

my %texts = (
    POLICY        => { NAME => ['version="1" language="1.0"', ['a', 'b', 'A']], VERSION => ['name="a" language="1.0"', ['1', '2', '1.0']],
                       LANGUAGE => ['name="a" version="1"', ['1.0']] },
    EXTENDS       => { SHIPPED => ['', ['rfc3875', 'generic']], HREF => ['', ['parent.xml', 'other.xml'], ['sub/parent.xml']] },
    TRUST_ANCHOR  => { FILE => ['', ['one.pem', 'two.pem'], ['copy.pem']], overrides('file="one.pem"'), reasons('file="one.pem"') },
    INTERMEDIATES => { FILE => ['', ['two.pem', 'both.pem']] },
    IDENTITY      => { NAMES => ['', ['APP_A', 'APP_B', 'APP_A APP_B', 'APP_*'], ['  APP_A APP_A ']], reasons('names="APP_A"') },
    PARAM         => { %param, overrides('name="APP_A" value="1"'), reasons('name="APP_A" value="1"'),
                       NAME => ['value="x" exact-name="yes"', ['APP_A', 'APP_B', 'App-A']], TRUST => ['name="APP_A" from="env.A" assert="x"', ['-', 'client']],
                       EXACT_NAME => ['name="APP_A" value="x"', ['-'], ['yes', 'no']] },
    SERVER_HEADER => { %server_header, overrides('name="X-S" value="1" assert="x"'), reasons('name="X-S" value="1" assert="x"'), NAME => ['from="config.A"', ['X-S', 'X-T']] },
    UPSTREAM      => { NAME => ['peers="::1" assert="x"', ['u', 'v']], PEERS => ['name="u" assert="x"', ['::1', '::2', '::1 ::2', '10.0.0.0/8', '10.0.0.0/9'], ['::1/128']],
                       ASSERT => ['name="u" peers="::1"', ['x', 'y']], CERTIFICATE => ['name="u" peers="::1" assert="x" format="rfc9440"', ['X-A', 'X-B']],
                       FORMAT => ['name="u" peers="::1" assert="x" certificate="X-A"', [qw(pem-percent der-base64 rfc9440)]],
                       overrides('name="u" peers="::1" assert="x"'), reasons('name="u" peers="::1" assert="x"') },
    FIELD         => { NAME => ['', ['X-A', 'X-D']], EQUALS => ['name="X-A"', ['-', 'x', 'X', ' ']], NEEDS => ['name="X-A"', ['-', 'X-B', 'X-C', 'X-B X-C']] },
    MAP           => { NAME => ['', ['m', 'o']], overrides('name="m"'), reasons('name="m"') },
    ENTRY         => { FROM => ['to="1"', ['x', 'y']], TO => ['from="x"', ['1', '2']], OMIT => ['from="x"', ['yes']] },
    HEADER        => { NAME => ['', ['X-A', 'X-B', 'X-A*', 'X_A'], ['x-a']], WHEN => ['name="X-A"', ['-', 'tls', '!tls']], MAX_LENGTH => ['name="X-A"', ['-', '1', '2'], ['8190']],
                       MAX_COUNT => ['name="X-A"', ['-', '1', '2'], ['100']], CHANGED => ['name="X-A"', ['-', 'yes'], ['no']], TRUST => ['name="Forwarded"', ['client']],
                       COOKIES => ['name="Cookie"', ['-', 'a', 'a b', 'a b*', 'a !b']], overrides('name="X-A"'), reasons('name="X-A"') },
    DROP_HEADER   => { NAME => ['assert="x"', ['Depth', 'If']], ASSERT => ['name="If"', ['x', 'y']], overrides('name="If" assert="x"'), reasons('name="If" assert="x"') },
    REFUSE_HEADER => { NAME => ['', ['X-A', 'X-B', 'X-A*']], WHEN => ['name="X-A"', ['-', 'tls', '!tls']], overrides('name="X-A"'), reasons('name="X-A"') },
    WITHOUT       => { PARAM => ['why="x" override="yes"', ['APP_A', 'APP_B']], HEADER => ['why="x" override="yes"', ['X-A', 'X-B']], WHY => ['param="APP_A"', ['x']],
                       CONTROL => ['param="APP_A" why="x"', ['-']], OVERRIDE => ['param="APP_A" why="x"', ['-'], ['yes', 'no']] },
    REQUEST       => { METHODS => ['', ['-', 'GET', 'GET PUT', 'get'], ['POST HEAD GET']], MAX_BODY => ['', ['-', '0', '1', '1K'], ['1M', '1048576', '1024K']],
                       CHUNKED => ['', ['-', 'stream', 'refuse'], ['spool']], UPGRADE => ['', ['-', 'refuse'], ['ignore']], ENCODED_SLASH => ['', ['-', 'raw'], ['refuse']],
                       WHEN => ['max-body="7"', ['-', 'tls', '!tls', 'path:/x']], overrides('max-body="7"'), reasons('max-body="7"') },
    RESPONSE      => { MAX_HEADER_BYTES => ['', ['-', '0', '1K'], ['64K', '65536']], MAX_HEADER_COUNT => ['', ['-', '1', '2'], ['200']], MAX_INTERIM => ['', ['-', '1', '2'], ['16']],
                       HIDE => ['', ['-', 'A', 'B', 'A B']], MISSING_CONTENT_TYPE => ['', ['-', 'refuse'], ['octet-stream']], LOCAL_REDIRECT => ['', ['-', 'follow'], ['refuse']],
                       INTERIM => ['', ['-', 'forward'], ['drop']], HOLD => ['', ['-', '0', '1K'], ['64K']], HOLD_TIME => ['', ['-', '0ms', '1ms', '1s'], ['20ms']],
                       MAX_STDERR => ['', ['-', '0', '1'], ['64K']], SENDFILE => ['', ['-', '/a', '/b']], overrides('hide="A"'), reasons('hide="A"') },
    BACKEND       => { PROFILE => ['', ['-', 'php-fpm', 'go', 'wsgi'], ['generic']], SCRIPT => ['', ['-', 'file', 'split', 'none'], ['mount']], DOCROOT => ['', ['-', '/a', '/b']],
                       INDEX => ['script="split"', ['-', 'a.php', 'b.php']], FRONT_CONTROLLER => ['script="split"', ['-', '/a.php', '/b.php']], MOUNT => ['', ['-', '/a', '/b']],
                       WORKERS => ['', ['-', 'fcgi://127.0.0.1:9000', 'unix:/a', 'unix:/a unix:/b']], overrides('docroot="/a"'), reasons('docroot="/a"') },
    ACCEPT        => { HTACCESS_AUTH => ['', ['x', 'y']], OVERRIDE => ['htaccess-auth="x"', ['-'], ['yes', 'no']], CONTROL => ['htaccess-auth="x"', ['-', 'x', 'y']] },
    AUDIT         => { VALUES => ['', ['APP_A', 'APP_B', 'APP_A APP_B']], overrides('values="APP_A"'), reasons('values="APP_A"') },
);

my $language = read_file('mod_fcgi_trust/core/language.def');
my %name = $language =~ /^FCT_(?:ELEMENT|ATTRIBUTE)\((\w+), "([^"]+)"/mg;
my @rows = map { [/^(\w+), (\w+)/] } $language =~ /^FCT_ROW\((.*)\)$/mg;

sub policy { return qq{<policy xmlns="urn:mod-fcgi-trust:policy:1" name="t" version="1" language="1.0">@_</policy>\n} }

my $parent = '<param name="APP_A" value="1"/><param name="APP_B" value="1"/><header name="X-A"/><header name="X-B"/>';
write_file("$dir/parent.xml", policy($parent));
write_file("$dir/sub/parent.xml", policy($parent =~ s/></>\n<!-- --></gr));
write_file("$dir/other.xml", policy('<param name="APP_A" value="2"/>'));
write_file("$dir/copy.pem", "a comment\n" . read_file("$dir/one.pem"));
write_file("$dir/both.pem", read_file("$dir/one.pem") . read_file("$dir/two.pem"));

# The policy's digest where the attribute has the text ('-': it does not stand), and what show makes of it in some formats,
# without the digest and the file's name.
my @formats = qw(text json markdown html);
my $made = 0;
sub look {
    my ($element, $attribute, $beside, $text, @shown) = @_;
    my $attributes = $text =~ /^-(bare)?$/ ? $1 ? $beside =~ s/ pick="0"//r : $beside : qq{$beside $name{$attribute}="$text"};
    my $inside = ($around{$element} // "<$name{$element} ATTRIBUTES/>") =~ s/ATTRIBUTES/$attributes/r;
    my $file = write_file(sprintf('%s/p%d.xml', $dir, ++$made), $element eq 'POLICY' ? $inside : policy($inside));
    my $digest = printed('digest', $file) =~ /^sha256:(\w+)/ ? $1 : "none $made";
    diag "$inside\n" . FCT::Tool::run('lint', $file)->{out} if $digest =~ /^none/;
    return { digest => $digest, text => $text, shown => { map { $_ => shown($_, $file, $digest) } @shown } };
}

# What the tool prints; a thousand times, so that nothing waits.
sub printed {
    open my $out, '-|', FCT::Tool::program(), @_ or die 'fcgi-trust: ' . $! . "\n";
    local $/;
    return <$out> // '';
}

sub shown {
    my ($format, $file, $digest) = @_;
    return printed('show', '--format', $format, $file) =~ s/\Q$digest\E/DIGEST/gr =~ s{\bp\d+\.xml}{FILE}gr;
}

# The texts that are alike in what the code takes of them, in groups.
sub alike {
    my ($take, @looks) = @_;
    my %seen;
    push @{ $seen{ $take->($_) } }, $_->{text} for @looks;
    return map { "(@$_)" } grep { @$_ > 1 } values %seen;
}

for my $row (@rows) {
    my ($element, $attribute) = @$row;
    my $what = "<$name{$element} $name{$attribute}>";
    my $texts = delete $texts{$element}{$attribute};
    ok $texts, "$what is tried" or next;
    my ($beside, $other, $same) = @$texts;
    my @looks = map { look($element, $attribute, $beside, $_, @$other > 1 ? @formats : ()) } @$other;
    my @equal = (alike(sub { $_[0]{digest} }, @looks), grep { /^none/ } map { $_->{digest} } @looks);
    ok !@equal, "$what: each of '@$other' has a digest of its own" or diag "@equal";
    my @told = @$other < 2 ? () : map { my $format = $_; map { "$format: $_" } alike(sub { $_[0]{shown}{$format} }, @looks) } @formats;
    ok !@told, "$what: and is shown as itself" or diag join "\n", @told;
    my @wrong = map { $_->{text} } grep { $_->{digest} ne $looks[0]{digest} } map { look($element, $attribute, $beside, $_) } @{ $same // [] };
    ok !@wrong, "$what: what means the same as '$other->[0]' has its digest" or diag "@wrong";
}
is_deeply([map { my $e = $_; map { "$e $_" } keys %{ $texts{$e} } } keys %texts], [], 'nothing is tried that the language does not have');
done_testing;
