# Each fuzz target over its stored inputs, t/fuzz/corpus/TARGET/, and every prefix of them.
use strict;
use warnings;
use Test::More;

my $out = $ENV{T_OUT} || 'build/out';
my @targets = map { m{([^/]+)\.c$} } grep { !m{/replay\.c$} } sort glob 't/fuzz/*.c';
plan skip_all => 'no fuzz target yet' unless @targets;
plan tests => scalar @targets;

for my $target (@targets) {
    my $said = `timeout 300 $out/fuzz/$target t/fuzz/corpus/$target 2>&1`;
    ok $? == 0 && $said =~ /^[1-9]\d* inputs$/m, "$target takes every stored input and every prefix of it"
        or diag $said;
}
