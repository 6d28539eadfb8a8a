# FCT::Phases: what mod_phases saw of the requests of one httpd: which hook made or changed what.
#
#     my $httpd = FCT::Httpd->new(config => FCT::Phases::lines() . $config)->start;
#     FCT::Phases::seen($httpd, '/page')    # ("check_user_id initial user=alice", "fixups initial env+A=b", …), those of this path so far
package FCT::Phases;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Test::More ();
use FCT::Proc qw(out_dir);

# The directives that load it; t/lib/mod_phases.c says what it logs.
sub lines () {
    my $file = out_dir() . '/t/aux/mod_phases.so';
    die "$file is not there: make -f apxs.mk aux builds it\n" if !-e $file;
    return "LoadModule phases_module $file\nLogLevel phases:notice\n";
}

sub seen ($httpd, $path) {
    return map { /\bphases: (.*?) (initial|redirect|part) \Q$path\E (\S.*)\z/ ? "$1 $2 $3" : () } $httpd->log->lines;
}

# One assertion: of what was seen under this path, the lines that match one of the names are exactly these, in any order.
sub is_seen ($httpd, $path, $names, $wanted, $name) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @got = grep { my $line = $_; grep { $line =~ / (?:\w+\+)?\Q$_\E=/ } @$names } seen($httpd, $path);
    return Test::More::is(join("\n", sort @got), join("\n", sort @$wanted), $name);
}

1;
