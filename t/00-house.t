# What the compiler cannot hold of the house's rules.
use strict;
use warnings;
use Test::More tests => 1;

my $out = $ENV{T_OUT} || 'build/out';
my $said = `build/house '$out' 2>&1`;
ok $? == 0, 'the source keeps the rules of the house' or diag $said;
