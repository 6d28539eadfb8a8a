# What the README lists is what exists, and all of it: directives, elements, attributes, sources, names, limits, findings, options, files.
use v5.26;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use FCT::Proc qw(repo_root out_dir read_file);
use FCT::Readme;
use FCT::Tool;

my ($root, $out) = (repo_root(), out_dir());
my $readme = FCT::Readme::text();

sub source { my ($file) = @_; return read_file("$root/mod_fcgi_trust/$file") }

# The arguments of every MACRO(…) of a .def file.
sub rows {
    my ($file, $macro) = @_;
    return map { [map { s/^\s*"?|"?\s*$//gr } /,?\s*("(?:[^"\\]|\\.)*"|[^,]+)/g] } source($file) =~ /^\Q$macro\E\((.*)\)$/mg;
}

sub same { my ($got, $expected, $name) = @_; return is_deeply([sort @$got], [sort @$expected], $name) }

sub code_of { return map { FCT::Readme::code($_) } @_ }

subtest 'directives' => sub {
    my %place = source('httpd/directives.c') =~ /^    AP_INIT_\w+\("(\w+)", \w+, NULL, (RSRC_CONF(?: \| ACCESS_CONF)?),$/mg;
    my %known = map { $_ => 1 } keys %place;
    cmp_ok(scalar keys %known, '>=', 3, 'the command table has directives');
    is(scalar(() = source('httpd/directives.c') =~ /AP_INIT_/g), scalar keys %known, 'and says of each where it may stand');
    same([grep { $place{$_} eq 'RSRC_CONF' } keys %place], [qw(FcgiTrustAuditKey FcgiTrustAuditLog FcgiTrustReload)], 'three of them stand in no section of a path');
    my @rows = FCT::Readme::table('Directives')->{rows}->@*;
    same([map { $_->[0] =~ /^`(\w+)/ } @rows], [keys %known], 'the table has each of them and no other');
    my %named = map { $_ => 1 } $readme =~ /\b(FcgiTrust\w+)\b/g;
    same([keys %named], [keys %known], 'no other directive is named');
    my @modes = source('httpd/directives.c') =~ /ap_cstr_casecmp\(mode, "(\w+)"\)/g;
    is((grep {/FcgiTrustMode/} map { $_->[0] } @rows)[0], '`FcgiTrustMode ' . join('|', @modes) . '`', 'the modes are those there are');
};

subtest 'counters' => sub {
    my @have = source('httpd/counters.h') =~ /X\(\w+, "(\w+)",\s*"([^"]+)"\)/g;
    is_deeply([map { (FCT::Readme::code($_->[0]), $_->[1]) } FCT::Readme::table('The status page')->{rows}->@*], \@have, 'the table has every counter and what it counts');
    my @notes = source('httpd/decision_end.c') =~ /setn\(final->notes, "([\w-]+)"/g;
    same([map { $_->[0] =~ /%\{([\w-]+)\}n/ } FCT::Readme::table('The decision log')->{rows}->@*], \@notes, 'and every note');
};

my %element   = map { $_->[0] => $_->[1] } rows('core/language.def', 'FCT_ELEMENT');
my %parent    = map { $_->[0] => $_->[2] } rows('core/language.def', 'FCT_ELEMENT');
my %kind      = map { $_->[0] => $_->[3] } rows('core/language.def', 'FCT_ELEMENT');
my %attribute = map { $_->[0] => $_->[1] } rows('core/language.def', 'FCT_ATTRIBUTE');
my @language  = rows('core/language.def', 'FCT_ROW');

subtest 'elements and attributes' => sub {
    my %row = map { $_->[0] =~ /^`<([\w-]+)>`$/ ? ($1 => $_) : () } FCT::Readme::table('Elements')->{rows}->@*;
    same([keys %row], [map { $element{$_} } keys %element], 'the table has every element that there is');
    for my $e (sort keys %element) {
        my @now = map { $attribute{$_->[1]} } grep { $_->[0] eq $e } @language;
        same([code_of($row{$element{$e}}[2])], \@now, "<$element{$e}> has the attributes that the table says");
        my $often = ($e eq 'POLICY' ? 'root' : $kind{$e} eq 'ONCE' ? 'once' : 'any') . ($parent{$e} eq 'POLICY' ? '' : ", in `<$element{$parent{$e}}>`");
        is($row{$element{$e}}[1], $often, "<$element{$e}> stands as often as the table says");
        my @either = map { "`$attribute{$_->[1]}`" } grep { $_->[0] eq $e && $_->[2] eq 'EITHER' } @language;
        like($row{$element{$e}}[2], qr/\Q@{[join ' or ', @either]}\E/, "<$element{$e}> has one of @either") if @either;
    }
};

subtest 'sources' => sub {
    my @rows = FCT::Readme::table('Sources and classes')->{rows}->@*;
    my %argument = (NONE => '', NAME => 'NAME', FIELD => 'FIELD', UPSTREAM => 'NAME.FIELD');
    my @have = map { my ($name, $class, $argument) = @$_[1, 2, 3]; "`$name$argument{$argument}` " . lc $class } rows('core/source.def', 'FCT_SOURCE');
    is_deeply([map {"$_->[0] $_->[1]"} @rows], \@have, 'the table has every source with its class, in order');
    ok(!(grep { $_->[2] !~ /\w/ } @rows), 'and says of each what it is');
    same([FCT::Readme::section('Sources and classes') =~ /^\* \*\*(\w+)\*\*:/mg], [qw(server verified asserted client)], 'the classes');
    my %values = (ONE => 'one', LIST => 'several', ATTRIBUTE => 'several');
    my @fields = map { my ($name, $form) = @$_[1, 2]; "`$name" . ($form eq 'ATTRIBUTE' ? 'ATTRIBUTE' : '') . "` $values{$form}" } rows('core/certificate.def', 'FCT_CERTIFICATE_FIELD');
    is_deeply([map {"$_->[0] $_->[1]"} FCT::Readme::table('Sources and classes', 1)->{rows}->@*], \@fields, 'and every field of a certificate');
    my ($attributes) = FCT::Readme::section('Sources and classes') =~ /^Attributes: (.*?)\.$/ms;
    is_deeply([code_of($attributes)], [map { $_->[0] } rows('core/certificate_attribute.def', 'FCT_CERTIFICATE_ATTRIBUTE')], 'and every attribute of a name');
};

subtest 'names' => sub {
    my %label = (IDENTITY => 'identity', ENGINE => 'engine', HTTP => 'HTTP_', RUNTIME => 'runtime', NEVER => 'never', OTHER => 'other');
    my %have;
    push $have{ $label{$_->[0]} }->@*, $_->[1] for rows('core/name_group.def', 'FCT_NAME_GROUP');
    $have{'own source'} = [map { $_->[0] } rows('core/name_group.def', 'FCT_NAME_OWN_SOURCE')];
    my @rows = FCT::Readme::table('Names and what they demand')->{rows}->@*;
    same([map { $_->[0] } @rows], [keys %have], 'the table has every group');
    same([grep {!/^</} code_of($_->[1])], $have{$_->[0]}, "the names of group $_->[0]") for @rows;
};

sub folded { return map { uc =~ s/[^A-Z0-9*]/_/gr } @_ }

subtest 'header fields' => sub {
    my (%trait, %point);
    for my $row (rows('core/field_name.def', 'FCT_FIELD_NAME')) {
        push $trait{ s/FCT_FIELD_//r }->@*, $row->[0] for split /\s*\|\s*/, $row->[1];
    }
    my $section = FCT::Readme::section('Header fields');
    $point{$1} = $2 while $section =~ /^\* \*\*`?([\w ]+)`?\*\*(.*?)(?=^\* |^$)/msg;
    my @of = sub { return folded(grep { !/^[a-z]+=|<|^\d/ } code_of($point{ $_[0] })) };
    my $of = $of[0];
    same([$of->('Never')], [$trait{HOP_BY_HOP}->@*, $trait{NEVER}->@*, 'CONNECTION'], 'what never becomes a parameter (Connection stands there twice)');
    same([$of->('Sent under their own names')], $trait{ENGINE}, 'what the engine sends');
    same([grep { $_ ne 'HTTP_HOST' } 'HOST', $of->('Host')], $trait{AUTHORITY}, 'what is the authority');
    same([$of->('Restricting')], [$trait{RESTRICTING}->@*, $trait{RESTRICTING_UNSAFE}->@*], 'what restricts');
    same([$of->('Reserved')], [map { $_->[0] } rows('core/field_name.def', 'FCT_FIELD_RESERVED')], 'what is reserved');
    my %single = map { $_ => 1 } $trait{SINGLETON}->@*;
    my %restricting = map { $_ => 1 } $trait{RESTRICTING}->@*, $trait{RESTRICTING_UNSAFE}->@*;
    my @not = grep { !$single{$_} } keys %restricting;
    same([$of->('Singletons')], [@not, grep { !$restricting{$_} } keys %single], 'what has one value: the rest, but for the restricting ones named');
    same([FCT::Readme::code($section =~ /joined with `, ` \((`Cookie`)/ ? $1 : '')], ['Cookie'], 'what is joined otherwise');
    is_deeply([folded('Cookie')], $trait{COOKIE}, 'and that is the only one');
};

subtest 'values, conditions, settings' => sub {
    my @values = (FCT::Readme::table('Values')->{rows}->@*, FCT::Readme::table('Values', 1)->{rows}->@*);
    my %value = map { my $row = $_; map { /^([\w-]+)/ ? ($1 => $row->[1]) : () } FCT::Readme::code($row->[0]) } @values;
    my %about = map { $_ => 1 } qw(name value from when assert trust exact-name override why control);
    same([keys %value], [grep { !$about{$_} } map { $attribute{$_->[1]} } grep { $_->[0] eq 'PARAM' } @language], 'every attribute about a value');
    my ($list) = $value{type} =~ /^(.*?)\. Built in/;
    same([FCT::Readme::code($list)], [grep { $_ ne 'NULL' } map { $_->[1] } rows('core/value.def', 'FCT_VALUE')], 'the types of values');
    my %words = map { $attribute{$_->[1]} => $_->[4] } grep { $_->[0] eq 'PARAM' && $_->[3] eq 'WORD' } @language;
    same([FCT::Readme::code($value{$_})], [split /\|/, $words{$_}], "the words of $_") for qw(case encode);
    my @tests = source('core/condition_parse.c') =~ /\{ "([\w:.-]+)", FCT_TEST_/g;
    same([map { /^`([\w.-]+:?)/ } map { $_->[0] } FCT::Readme::table('Conditions')->{rows}->@*], \@tests, 'the tests of a condition');

    my ($stands) = FCT::Readme::section('Conditions') =~ /stands on (.*?)\./;
    same([FCT::Readme::code($stands)], [map { "<$element{$_->[0]}>" } grep { $_->[1] eq 'WHEN' } @language], 'the elements that have a condition');

    my %setting = map { $_->[0] =~ /`([\w-]+)`/ ? ($1 => $_) : () } FCT::Readme::table('`<request>`, `<response>`, `<backend>`')->{rows}->@*;
    my %common = map { $_ => 1 } qw(override why control when);
    my @have = grep { !$common{ $attribute{$_->[1]} } && $_->[0] =~ /^(?:REQUEST|RESPONSE|BACKEND)$/ } @language;
    same([keys %setting], [map { $attribute{$_->[1]} } @have], 'every setting');
    my %default = map { $attribute{$_->[0]} => $_->[1] } map { [/(\w+), "([^"]*)"/] } source('core/settings.c') =~ /^    \{ FCT_ATTRIBUTE_(\w+, "[^"]*") \},$/mg;
    for my $row (@have) {
        my $name = $attribute{$row->[1]};
        my (undef, $values, $is) = $setting{$name}->@*;
        is($is =~ /^`(.*)`$/ && $is !~ /DocumentRoot/ ? $1 : '', $default{$name} // '', "$name: the default");
        my $form = $row->[3];
        my $expected = $form eq 'WORD' ? join ', ', map {"`$_`"} split /\|/, $row->[4] : $form eq 'SIZE' ? 'a size' : $form eq 'SIZE_OR_UNLIMITED' ? 'a size, `unlimited`'
            : $form eq 'NUMBER' ? 'a number' : $form eq 'DURATION' ? 'a duration' : undef;
        defined $expected ? is($values, $expected, "$name: the values") : like($values, qr/^a (?:list|path|file's name)$/, "$name: a text");
    }
    same([map { /`(\w+)`/ } map { $_->[0] } FCT::Readme::table('`<request>`, `<response>`, `<backend>`', 1)->{rows}->@*],
        [map { split /\|/, $_->[4] } grep { $_->[0] eq 'BACKEND' && $_->[1] eq 'SCRIPT' } @language], 'the ways to name a script');
};

subtest 'limits' => sub {
    my $number = sub { my ($file, $name) = @_; return source($file) =~ /#define \Q$name\E (.+?)(?:\s*\/\*|$)/m ? eval $1 : die "$file has no $name" };
    my @claims = (
        [qr/`from` may list up to (\d+) sources/, 'core/draft.h', 'FCT_DRAFT_MAX_SOURCES'],
        [qr/(\d+) rules/, 'core/draft.h', 'FCT_DRAFT_MAX_RULES'],
        [qr/has at most (\d+) bytes/, 'core/draft_param.c', 'NAME_MAX_LEN'],
        [qr/(\d+) elements/, 'xml/reader.c', 'ELEMENTS_MAX'],
        [qr/(\d+) files deep/, 'xml/reader.c', 'PARENTS_MAX'],
        [qr/(\d+) files in all/, 'xml/reader.c', 'FILES_MAX'],
        [qr/`max-length` is (\d+) bytes unless/, 'core/draft_field.h', 'FCT_DRAFT_FIELD_MAX_LENGTH'],
        [qr/`max-count` (\d+)\./, 'core/draft_field.h', 'FCT_DRAFT_FIELD_MAX_COUNT'],
        [qr/one line for every (\d+) bytes/, 'httpd/stderr_log.c', 'LINE_COST'],
    );
    for my $claim (@claims) {
        my ($pattern, $file, $name) = @$claim;
        is($readme =~ $pattern ? $1 : undef, $number->($file, $name), "$name of $file");
    }
    my @kib = ([qr/in memory up to (\d+) KiB/, 'httpd/body.c', 'MEMORY_MAX'], [qr/at most (\d+) KiB\. If there is more, the connection closes/, 'httpd/body.c', 'DRAIN_MAX'],
        [qr/up to (\d+) KiB are read at once/, 'httpd/exchange.c', 'READ_SIZE'], [qr/policy: (\d+) MiB and/, 'xml/document.h', 'FCT_DOCUMENT_MAX_BYTES', 1 << 20]);
    for my $claim (@kib) {
        my ($pattern, $file, $name, $unit) = @$claim;
        is($readme =~ $pattern ? $1 * ($unit // 1024) : undef, $number->($file, $name), "$name of $file");
    }
    is(($readme =~ /and ([\d,]+) lines a file/ ? $1 : '') =~ s/,//r, $number->('xml/document.h', 'FCT_DOCUMENT_MAX_LINES'), 'lines of a policy file');
};

subtest 'findings' => sub {
    ok($readme eq FCT::Readme::filled(), 'the tables written from other files are up to date') or diag 'run t/lib/readme_tables';
    my @rows = map { [@$_] } FCT::Readme::table('Messages')->{rows}->@*;
    is_deeply(\@rows, [map { ["FCT$_->{number}", @$_{qw(area severity sentence)}] } FCT::Readme::findings()], 'the table of messages is finding.def');
    my %known = map { $_->[0] => 1 } @rows;
    my %named = map { $_ => 1 } $readme =~ /\b(FCT\d{4})\b/g;
    is_deeply([grep { !$known{$_} && !/^FCT3299$/ } sort keys %named], [], 'no finding is named that does not exist');
    my %table = map { $_ => 1 } map { $_->[2] =~ /FCT\d{4}/g } FCT::Readme::table('Requests that are refused')->{rows}->@*;
    my @refusals = grep { /^FCT2/ || /^FCT(?:4001|5005|5010|5016|5017|5018|5019|5021|2301|2302)$/ } sort keys %known;
    same([keys %table], \@refusals, 'the table of refused requests has every finding about them');
    my %start = map { $_->[1] => $_->[2] } FCT::Readme::table('Checks at the start')->{rows}->@*;
    my %severity = map { $_->[0] => $_->[2] } @rows;
    is_deeply({ map { $_ => $start{$_} } grep {/^FCT4/} keys %start }, { map { $_ => $severity{$_} } grep { /^FCT4/ && $_ ne 'FCT4001' } keys %severity },
        'the table of checks at the start has every finding about the configuration, with its severity');
};

subtest 'shipped policies' => sub {
    my @files = map { s{.*/|\.xml$}{}gr } grep { !/\.test\.xml$/ } glob "$root/policies/*.xml";
    same([map { FCT::Readme::code($_->[0]) } FCT::Readme::table('Shipped policies')->{rows}->@*], \@files, 'each is listed');
    my ($absent) = FCT::Readme::section('Shipped policies') =~ /Not in `generic`, because a policy should say so by name:(.*?)\./s;
    my $generic = join '', map { read_file("$root/policies/$_.xml") } qw(rfc3875 generic);
    for my $name (FCT::Readme::code($absent)) {
        unlike($generic, qr/<(?:header|param) name="\Q$name\E"/, "$name is not in generic");
    }
};

subtest 'the tool' => sub {
    my $section = FCT::Readme::section('The tool fcgi-trust');
    my ($commands) = FCT::Tool::run('--help')->{out} =~ /\n\n((?:  \S.*\n)+)/;
    my @commands = $commands =~ /^  (\w+) /mg;
    my %told = map { $_ => 1 } $section =~ /\*\*`(\w+)`\*\*/g;
    same([keys %told], \@commands, 'every command is described');
    my %option;
    for my $command (@commands) {
        my ($options) = FCT::Tool::run($command, '--help')->{out} =~ /^Options\n(.*)/ms;
        $option{$_}++ for $options =~ /^  (--[\w-]+)/mg;
    }
    my ($list) = FCT::Readme::text() =~ /^Options:\n\n(.*?)\n\n/ms;
    my %listed = map { $_ => 1 } $list =~ /`(--[\w-]+)/g;
    same([keys %listed], [keys %option], 'every option is named');
    my ($later) = FCT::Readme::section('Limits and requirements') =~ /the tool's (.*?)\.\n/s;
    for my $command (FCT::Readme::code($later)) {
        is(FCT::Tool::run($command)->{exit}, 2, "$command is for a later version");
    }
};

subtest 'files and commands' => sub {
    my %path = map { $_ => 1 } $readme =~ /`((?:build|t|policies|mod_fcgi_trust)\/[\w.\/-]+)/g;
    delete $path{'build/out/bench.json'};          # written by build/bench
    delete @path{qw(build/out/package t/NN-name.t)};
    cmp_ok(scalar keys %path, '>', 15, 'files are named');
    ok(-e "$root/$_", "$_ exists") for sort keys %path;
    ok(-e "$root/$_", "$_ exists") for $readme =~ /`(LICENSE|CHANGES)`/g;
    for my $row (['build/check', qw(--asan T_MODULE T_ALLOW_SKIP)], ['build/demo', qw(--stay --stock)], ['build/bench', qw(--syscalls --soak bench.json)], ['build/package', qw(deb rpm build/out/package)]) {
        my ($file, @words) = @$row;
        like(read_file("$root/$file"), qr/\Q$_\E/, "$file knows $_") for @words;
    }
    like(read_file("$root/t/lib/FCT/Httpd.pm"), qr/^# .*$_/m, "the tests know $_") for qw(T_MPM T_HTTPD T_MODULE);
    my %anchor = map { lc(s/[^\w -]//gr) =~ s/ /-/gr => 1 } $readme =~ /^#+ (.*)$/mg;
    ok($anchor{$_}, "the link to #$_ leads somewhere") for $readme =~ /\]\(#([\w-]+)\)/g;
    my $apxs = read_file("$root/apxs.mk");
    like($apxs, qr/^\Q$_\E/m, "apxs.mk has $_") for qw(POLICYDIR install:);
    my @make = FCT::Readme::section('Load it') =~ /^(make .*)$/mg;
    for my $command (@make) {
        my $said = qx(cd '$root' && $command -n OUT='$out' DESTDIR=/nowhere 2>&1);
        is($?, 0, "$command would run") or diag $said;
    }
    is(scalar @make, 2, 'there are the two commands');
    like(read_file("$root/build/packaging/debian/control"), qr/^Package: \Q$_\E$/m, "the Debian package $_ exists") for qw(libapache2-mod-fcgi-trust fcgi-trust);
    like(read_file("$root/build/packaging/mod_fcgi_trust.spec"), qr/^Name: +mod_fcgi_trust$/m, 'the rpm exists');
    like(read_file($_), qr/^ *FcgiTrustMode off$/m, s{.*/build/}{build/}r . ': the packages ship FcgiTrustMode off') for glob "$root/build/conf/*/*.conf";
};

done_testing;
