# Bench::Soak: does a contender gain memory over very many requests?
package Bench::Soak;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Bench::Contenders;

use constant { SLICE_SECONDS => 5, CONNECTIONS => 16, SETTLED => 0.25, GAIN_MIB => 1 };

# Prints resident memory as the requests go by; 0, or 1 where a contender gained more than GAIN_MIB after its first quarter,
# or a request failed.
sub report ($contenders, $load, $requests, @names) {
    my $bad = 0;
    for my $name (@names) {
        my $gateway = $contenders->start($name) or next;
        my $title = $Bench::Contenders::TITLE{$name};
        my ($done, $failed, $settled, $now) = (0, 0, undef, 0);
        while ($done < $requests) {
            my $seen = $load->run($gateway->{port}, 'small', SLICE_SECONDS, CONNECTIONS);
            ($done, $failed) = ($done + $seen->{requests}, $failed + $seen->{failed});
            die "bench: $title serves nothing\n" if !$seen->{requests};
            $now = $gateway->resident;
            $settled //= $now if $done >= $requests * SETTLED;
            printf "%-26s %9d requests, %7.2f MiB resident\n", $title, $done, $now;
        }
        my $gain = $now - $settled;
        my $fine = $gain <= GAIN_MIB && !$failed;
        printf "%-26s gained %.2f MiB since the first quarter, %d failed: %s\n", $title, $gain, $failed, $fine ? 'met' : 'MISSED';
        $bad = 1 if !$fine;
    }
    return $bad;
}

1;
