# Bench::Report: medians, ratios and targets from the rows of all rounds; as data and as a table.
package Bench::Report;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Bench::Contenders;
use List::Util qw(max sum0);

# CPU per request: who, against whom, at most this ratio.
my %TARGET = (
    small  => [[module => fcgi => 0.75], [module => http => 0.85], [log => module => 1.1], [findings => module => 1.02]],
    large  => [map { [module => $_ => 1] } qw(fcgi http nginx haproxy)],
    upload => [map { [module => $_ => 1] } qw(fcgi http nginx haproxy)],
);

sub median (@values) {
    return if !@values;
    my @sorted = sort { $a <=> $b } @values;
    return ($sorted[$#sorted / 2] + $sorted[@sorted / 2]) / 2;
}

# The ratio of two contenders' CPU per request: within each round, then the median; undef where one was not measured.
sub ratio ($rows, $name, $other) {
    my ($mine, $theirs) = @$rows{ $name, $other };
    return if !$mine || !$theirs;
    return median(map { $theirs->[$_]{cpu} ? $mine->[$_]{cpu} / $theirs->[$_]{cpu} : () } 0 .. $#$mine);
}

sub figures ($rows, $name) {
    my @all = $rows->{$name}->@*;
    my %figure = map { my $what = $_; $what => median(map { $_->{$what} } @all) } qw(rate cpu p99);
    my @cpu = sort { $a <=> $b } map { $_->{cpu} } @all;
    return { %figure, cpu_low => $cpu[0], cpu_high => $cpu[-1], peak => max(map { $_->{peak} } @all), failed => sum0(map { $_->{failed} } @all),
        to_fcgi => scalar ratio($rows, $name, 'fcgi'), to_http => scalar ratio($rows, $name, 'http') };
}

sub targets ($workload, $rows) {
    my @targets;
    for my $target ($TARGET{$workload}->@*) {
        my ($who, $other, $at_most) = @$target;
        my $ratio = ratio($rows, $who, $other) // next;
        push @targets, { who => $who, against => $other, at_most => $at_most, ratio => $ratio, met => $ratio <= $at_most ? \1 : \0 };
    }
    return \@targets;
}

sub summary ($rows, $workloads, $names) {
    my %report = (workloads => {}, failed => 0, order => { workloads => $workloads, contenders => $names });
    for my $workload (@$workloads) {
        my $here = $rows->{$workload};
        my %figures = map { $_ => figures($here, $_) } keys %$here;
        $report{workloads}{$workload} = { contenders => \%figures, targets => targets($workload, $here) };
        $report{failed} += sum0(map { $_->{failed} } values %figures);
    }
    return \%report;
}

sub text ($report) {
    my $text = '';
    for my $workload ($report->{order}{workloads}->@*) {
        my $part = $report->{workloads}{$workload};
        $text .= sprintf "\n%-26s %9s %9s %17s %8s %9s %8s %8s\n", $workload, 'req/s', 'CPU µs', '(lowest-highest)', 'p99 ms', 'peak MiB', '× fcgi', '× http';
        for my $name (grep { $part->{contenders}{$_} } $report->{order}{contenders}->@*) {
            $text .= line($name, $part->{contenders}{$name});
        }
        $text .= target_line($_) for $part->{targets}->@*;
    }
    return $text;
}

sub line ($name, $f) {
    my @ratios = map { defined $_ ? sprintf '%.2f', $_ : '-' } @$f{qw(to_fcgi to_http)};
    return sprintf "%-26s %9.0f %8.1f %17s %8.2f %9.1f %7s %7s%s\n", $Bench::Contenders::TITLE{$name}, $f->{rate}, $f->{cpu},
        sprintf('(%.1f-%.1f)', @$f{qw(cpu_low cpu_high)}), $f->{p99}, $f->{peak}, @ratios, $f->{failed} ? "  FAILED: $f->{failed}" : '';
}

sub target_line ($t) {
    return sprintf "  CPU of %s against %-24s %.2f, target %.2f: %s\n", $Bench::Contenders::TITLE{$t->{who}}, "$Bench::Contenders::TITLE{$t->{against}}:", $t->{ratio}, $t->{at_most}, ${ $t->{met} } ? 'met' : 'MISSED';
}

1;
