# policies/policy.rng and the loader accept the same documents: every element and attribute of the language, right and wrong.
use v5.26;
use warnings;
use Test::More;
use FCT::Proc qw(scratch write_file read_file);
use FCT::Tool;

plan skip_all => 'xmllint is not installed' if system('command -v xmllint >/dev/null 2>&1') != 0;

my $dir = scratch() . '/schema';
my $ns  = 'xmlns="urn:mod-fcgi-trust:policy:1"';
my (%documents, %expected, %about);

sub document {
    my ($accepted, $about, $text) = @_;
    my $file = sprintf '%s/%04d.xml', $dir, scalar(keys %documents) + 1;
    ($documents{$file}, $expected{$file}, $about{$file}) = ($text, $accepted, $about);
}

sub policy { return qq{<policy $ns name="t" version="1" language="1.0">@_</policy>} }

# --- the language, as the loader has it ---

my $language = read_file('mod_fcgi_trust/core/language.def');
my %kind = $language =~ /^FCT_ELEMENT\((\w+), "[^"]+", \w+, (\w+)\)/mg;
my %parent = $language =~ /^FCT_ELEMENT\((\w+), "[^"]+", (\w+), \w+\)/mg;
my %element = $language =~ /^FCT_ELEMENT\((\w+), "([^"]+)"/mg;
my %attribute = $language =~ /^FCT_ATTRIBUTE\((\w+), "([^"]+)"/mg;
my @rows = map { [/(\w+), (\w+), (\w+), (\w+), (?:NULL|"([^"]*)")/] } $language =~ /^FCT_ROW\((.*)\)$/mg;
ok @rows > 60 && keys %element > 15, 'the table of the language is read';

# For each form: texts that have it, and texts that do not.
my %forms = (
    TEXT     => [['x', 'a b', ' ', '&#228;', '&lt;&amp;', '&#10;'], ['', '&#127;']],
    REASON   => [['x', 'a b', ' x ', '&#228;', '&#10;x'], ['', ' ', '&#10; &#9;', '&#127;', 'a&#127;']],
    TOKEN    => [['x', '1.0-b_2', 'x' x 64], ['', 'a b', '-x', '.x', 'x' x 65, 'x/y', ' x']],
    NUMBER   => [['1', '999999999'], ['', '0', '01', '1000000000', '-1', '1K', ' 1', '1 ', 'one']],
    SIZE     => [['0', '1', '64K', '2M', '1G'], ['', '01', '1k', '1KB', '-1', 'unlimited', '1 K']],
    SIZE_OR_UNLIMITED => [['0', '1', '64K', 'unlimited'], ['', '01', '1k', 'Unlimited', ' unlimited']],
    DURATION => [['0ms', '20ms', '2s'], ['', '20', '20 ms', '2m', 's']],
    PICK     => [['only', 'matching', '0', '7', '999'], ['', 'first', '-1', '01', '1000', ' 0']],
    OUTCOME  => [['omit', 'refuse', 'refuse:400', 'refuse:599'], ['', 'refuse:', 'refuse:200', 'refuse:4000', 'refuse:40', 'Omit', 'omit:404']],
);

sub texts_of {
    my ($element, $attribute, $form, $words) = @_;
    return [['1.0'], ['1', '1.1', '2.0', '']] if $attribute eq 'LANGUAGE';
    return $forms{$form} if $form ne 'WORD';
    my @words = split /\|/, $words;
    return [\@words, ['', uc $words[0], "$words[0] ", 'neither', @words > 1 ? $words : ()]];
}

# One text of each attribute that must stand, without $but.
sub needed {
    my ($element, $but) = @_;
    my @mine = grep { $_->[0] eq $element } @rows;
    my %set = map { $_->[1] => texts_of(@$_[0, 1, 3, 4])->[0][0] } grep { $_->[2] eq 'REQUIRED' } @mine;
    my ($either) = grep { $_->[2] eq 'EITHER' } @mine;
    my $is_either = grep { $_->[1] eq $but && $_->[2] eq 'EITHER' } @mine;
    $set{$either->[1]} = texts_of(@$either[0, 1, 3, 4])->[0][0] if $either && !$is_either;
    delete $set{$but};
    return map { qq{$attribute{$_}="$set{$_}"} } sort keys %set;
}

# What stands around an element: <policy>, and the element that holds it.
sub around {
    my ($element, $text) = @_;
    my $parent = $parent{$element};
    return policy($text) if $parent eq 'POLICY';
    return policy("<$element{$parent} @{[needed($parent, '')]}>$text</$element{$parent}>");
}

sub tag {
    my ($element, $attributes, $content) = @_;
    return qq{<policy $ns @$attributes>} . ($content // '') . '</policy>' if $element eq 'POLICY';
    return around($element, qq{<$element{$element} @$attributes>} . ($content // '') . "</$element{$element}>");
}

for my $row (@rows) {
    my ($e, $a, $need, $form, $words) = @$row;
    my @others = needed($e, $a);
    my ($right, $wrong) = @{ texts_of($e, $a, $form, $words) };
    document(1, qq{<$element{$e} $attribute{$a}="$_">}, tag($e, [@others, qq{$attribute{$a}="$_"}])) for @$right;
    document(0, qq{<$element{$e} $attribute{$a}="$_">}, tag($e, [@others, qq{$attribute{$a}="$_"}])) for @$wrong;
    document($need eq 'OPTIONAL', "<$element{$e}> without $attribute{$a}", tag($e, \@others)) if $need ne 'EITHER';
}

for my $e (sort keys %element) {
    my @set = needed($e, '');
    my @either = map { $attribute{$_->[1]} } grep { $_->[0] eq $e && $_->[2] eq 'EITHER' } @rows;
    document(1, "<$element{$e}> with what it needs", tag($e, \@set));
    document(1, "<$element{$e}> with blanks, a comment and an instruction", tag($e, \@set, " <!-- x -->\n<?x y?>\t"));
    document(0, "<$element{$e}> with an unknown attribute", tag($e, [@set, 'colour="red"']));
    document(0, "<$element{$e}> with an attribute in capitals", tag($e, [@set, 'WHY="x"']));
    document(0, "<$element{$e}> with an attribute of another namespace", tag($e, [@set, 'xml:lang="en"']));
    document(0, "<$element{$e}> with an unknown element", tag($e, \@set, '<unknown/>'));
    document(0, "<$element{$e}> with <policy>", tag($e, \@set, '<policy name="t" version="1" language="1.0"/>'));
    document($kind{$e} eq 'TEXT', "<$element{$e}> with text", tag($e, \@set, 'text'));
    document($kind{$e} eq 'TEXT', "<$element{$e}> with CDATA", tag($e, \@set, '<![CDATA[text]]>'));
    document(0, "<$element{$e}> with both @either", tag($e, [map { qq{$_="x"} } @either])) if @either;
    document(0, "<$element{$e}> without @either", tag($e, [grep { my $s = $_; !grep { $s =~ /^$_=/ } @either } @set])) if @either;
    next if $e eq 'POLICY';
    my $once = "<$element{$e} @set/>";
    document($kind{$e} ne 'ONCE', "<$element{$e}> twice", around($e, "$once$once"));
    document(0, "<$element{$e}> without a namespace", around($e, qq{<$element{$e} xmlns="" @set/>}));
    document(0, "<$element{$e}> as the root", qq{<$element{$e} $ns @set/>});
    document(0, "<$element{$e}> in itself", around($e, "<$element{$e} @set>$once</$element{$e}>"));
    document($parent{$e} eq 'POLICY', "<$element{$e}> in <policy>", policy($once));
    next if $parent{$e} ne 'POLICY';
    document($kind{$e} ne 'ONCE', "<$element{$e}> twice, apart", policy("$once<description/>$once"));
    document(1, "<$element{$e}> with a prefix", qq{<p:policy xmlns:p="urn:mod-fcgi-trust:policy:1" name="t" version="1" language="1.0"><p:$element{$e} @set/></p:policy>});
}
document(0, 'another namespace', '<policy xmlns="urn:mod-fcgi-trust:policy:2" name="t" version="1" language="1.0"/>');
document(0, 'no namespace', '<policy name="t" version="1" language="1.0"/>');
document(0, 'an XInclude', policy('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="other.xml"/>'));
document(1, read_file($_) =~ /name="([^"]+)"/ ? "shipped $1" : $_, read_file($_)) for grep { !/\.test\.xml$/ } glob 'policies/*[a-z0-9].xml';

# --- both ---

my @files = sort keys %documents;
write_file($_, $documents{$_}) for @files;
my $said = `xmllint --noout --nonet --relaxng policies/policy.rng @files 2>&1`;
my %by_schema = map { $_ => $said =~ /^\Q$_\E validates$/m ? 1 : 0 } @files;
my $ran = FCT::Tool::run('lint', @files);
isnt $ran->{exit}, 2, 'the loader read all documents' or diag $ran->{err};
my (%structure, %xml);
push @{ $structure{$1} }, $2 while $ran->{out} =~ /^(\S+?\.xml):(?:\d+:)? (FCT302\d .*)$/mg;
$xml{$1} = $2 while $ran->{out} =~ /^(\S+?\.xml):(?:\d+:)? (FCT300\d .*)$/mg;
is_deeply \%xml, {}, 'all documents are well-formed';

for my $file (@files) {
    my $by_loader = $structure{$file} ? 0 : 1;
    my $says = $expected{$file} ? 'accept' : 'refuse';
    ok $by_loader == !!$expected{$file} && $by_schema{$file} == !!$expected{$file}, "both $says: $about{$file}"
        or diag "loader: " . ($by_loader ? 'accepts' : "@{$structure{$file}}") . "; schema: "
            . ($by_schema{$file} ? 'accepts' : 'refuses') . "\n$documents{$file}";
}
cmp_ok scalar(grep { $_ } values %expected), '>', 100, 'many good documents were tried';
cmp_ok scalar(grep { !$_ } values %expected), '>', 100, 'many bad documents were tried';
done_testing;
