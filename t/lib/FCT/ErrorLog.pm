# FCT::ErrorLog: alone responsible for what an error log proves: the findings a test names, and that nothing else went wrong.
package FCT::ErrorLog;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Test::More ();
use FCT::Proc qw(read_file wait_until);

# Lines httpd itself writes at warn or above that say nothing about the module.
my @ORDINARY = (
    qr/AH00558: .*Could not reliably determine the server's fully qualified domain name/,
    qr/AH00098: pid file .* overwritten/,
    qr/AH0048[89]: /,
    qr/AH01909: .* server certificate does NOT include an ID which matches the server name/,
    qr/AH01906: .* server certificate is a CA certificate/,
    qr/AH01882: .* compiled against a newer library/,      # the distribution's mod_ssl beside the distribution's OpenSSL
);

# What no test can expect.
my $CRASH = qr/exit signal|AddressSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer|: runtime error: |seg(?:mentation )?fault|Assertion .* failed/i;

sub new ($class, $file) { return bless { file => $file }, $class }

sub text ($self) { return -e $self->{file} ? read_file($self->{file}) : '' }

sub lines ($self) { return split /\n/, $self->text }

sub count ($self, $pattern) { return scalar grep { $_ =~ $pattern } $self->lines }

# Lines that match, once there is one, waiting a little for it.
sub wait_for ($self, $pattern, $seconds = 5) {
    wait_until($seconds, sub { $self->count($pattern) });
    return grep { $_ =~ $pattern } $self->lines;
}

# (module, level) of a line, or the empty list when it is not in httpd's format.
sub level_of ($line) { return $line =~ /^\[[^\]]*\] \[(\w*):(\w+)\]/ }

# Is this a line that must be accounted for? Lines without httpd's format (sanitizers, libraries, scripts) count too.
sub is_serious ($line) {
    my ($module, $level) = level_of($line);
    return $line =~ /\S/ if !defined $level;
    return $level =~ /^(?:warn|error|crit|alert|emerg)$/;
}

# The serious lines, without the ordinary ones.
sub serious ($self) {
    return grep {
        my $line = $_;
        is_serious($line) && !grep { $line =~ $_ } @ORDINARY;
    } $self->lines;
}

# One assertion that every expected finding and line is there, and that no other warning, error or crash is. killed: pids that the test killed.
sub judge ($self, %expected) {
    my %killed  = map { $_ => 1 } ($expected{killed} // [])->@*;
    my @crashes = grep { $_ =~ $CRASH && !(/child pid (\d+) exit signal/ && $killed{$1}) } $self->lines;
    if (($ENV{T_MODULE} // '') eq 'stock') {
        @crashes = grep { $_ =~ $CRASH } split /\n/, $self->text =~ s/^.*caught SIGTERM.*\z//msr;    # stock: not what is tested
        return Test::More::is(join("\n", @crashes), '', 'no process crashed (stock module: findings are not looked at)');
    }
    my @wanted  = ((map {qr/\b$_\b/} ($expected{findings} // [])->@*), ($expected{log} // [])->@*);
    my @accept  = (@wanted, ($expected{allow} // [])->@*);
    my @serious = grep { my $line = $_; !grep { $line =~ $_ } @accept } $self->serious;
    my @missing = map { my $want = $_; $self->count($want) ? () : "missing: $want" } @wanted;
    my $problem = join "\n", @crashes, @serious, @missing;
    my $ok = Test::More::is($problem, '', 'the error log holds the findings this test provokes, and no other warning or error');
    return $ok;
}

1;
