# FCT::Play: what a scripted peer does in one exchange, as data: bytes and steps, and the places of an answer where a fault can happen.
package FCT::Play;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Carp qw(croak);
use Exporter qw(import);
use FCT::Record qw(:all);

our @EXPORT = qw(RELEASED LATER CLOSE RESET STALL HALF_CLOSE PAUSE READ_BODY HEAD_LINES MARK at_every_stage);

# Steps of a play, beside bytes. RELEASED: go on when the client has the header block of this answer; LATER: when it has
# all of the answer, and lets the test go on when what follows is done.
sub RELEASED   { return ['released'] }
sub LATER      { return ['later'] }
sub CLOSE      { return ['close'] }
sub RESET      { return ['reset'] }
sub STALL      { return ['stall'] }
sub HALF_CLOSE { return ['half_close'] }
sub READ_BODY  { return ['read_body'] }
sub PAUSE      { my ($seconds) = @_; return ['pause', $seconds] }

# What every body that a peer sends contains, so that its bytes are known wherever they turn up.
sub MARK { return 'BACKEND-BYTES' }

sub HEAD_LINES { return "Content-Type: text/plain\r\nX-From: backend\r\n" }

# Takes the steps; false when the connection was ended.
sub perform ($conn, $request, $mode, $token, @steps) {
    my $later = 0;
    for my $step (@steps) {
        if (!ref $step) { send_in_mode($conn, $mode, $step); $mode = 'whole' if $mode =~ /^split/; next }
        my ($do, $argument) = @$step;
        if    ($do eq 'released')   { $conn->wait_for("head-$token", 5) }
        elsif ($do eq 'later')      { $conn->wait_for("whole-$token", 5); $later = 1 }
        elsif ($do eq 'close')      { $conn->close; $conn->tell("later-$token") if $later; return 0 }
        elsif ($do eq 'reset')      { $conn->reset; return 0 }
        elsif ($do eq 'stall')      { $conn->drain(30); return 0 }
        elsif ($do eq 'half_close') { $conn->half_close }
        elsif ($do eq 'pause')      { $conn->pause($argument) }
        elsif ($do eq 'read_body')  { $conn->read_rest($request) or return 0 }
        else                        { die "unknown step $do\n" }
    }
    $conn->tell("later-$token") if $later;
    return 1;
}

sub send_in_mode ($conn, $mode, $bytes) {
    return $conn->drip($bytes) if $mode eq 'drip';
    return $conn->send(one_byte_records($bytes)) if $mode eq 'records';
    return $conn->send_split($bytes, $1) if $mode =~ /^split(\d+)$/;
    return $conn->send($bytes);
}

# A row for every place of an answer at which `fault` can happen. fault: the id → what is sent or done there; the peer then goes on
# as if nothing was wrong (unless the fault ends the connection). The row's own fields are taken over; want: status while nothing went out.
sub at_every_stage (%row) {
    my $fault = delete $row{fault} // croak 'fault is missing';
    my $name  = delete $row{name};
    my $skip  = delete $row{skip} // '';
    my $part  = MARK . ' one,';
    my $other = ' two';
    my $size  = 'Content-Length: ' . length("$part$other") . "\r\n";
    my $rest  = sub ($id) { (stdout($id, $other), stdout_end($id), end_request($id)) };
    my %stage = (
        'before anything'               => sub ($id) { ($fault->($id), stdout($id, HEAD_LINES . "\r\n$part"), $rest->($id)) },
        'in the header block'           => sub ($id) { (stdout($id, 'Content-Ty'), $fault->($id), stdout($id, "pe: text/plain\r\n\r\n$part"), $rest->($id)) },
        'after the header block'        => sub ($id) { (stdout($id, HEAD_LINES . "\r\n"), $fault->($id), stdout($id, $part), $rest->($id)) },
        'in the body'                   => sub ($id) { (stdout($id, HEAD_LINES . "\r\n$part"), $fault->($id), $rest->($id)) },
        'in a body of known length'     => sub ($id) { (stdout($id, HEAD_LINES . "$size\r\n$part"), $fault->($id), $rest->($id)) },
        'after the body'                => sub ($id) { (stdout($id, HEAD_LINES . "\r\n$part$other"), $fault->($id), stdout_end($id), end_request($id)) },
        'after the end of STDOUT'       => sub ($id) { (stdout($id, HEAD_LINES . "\r\n$part$other"), stdout_end($id), $fault->($id), end_request($id)) },
        'when the body has begun to go out' => sub ($id) { (stdout($id, HEAD_LINES . "\r\n$part"), RELEASED, $fault->($id), $rest->($id)) },
        'when a body of known length has begun to go out' => sub ($id) { (stdout($id, HEAD_LINES . "$size\r\n$part"), RELEASED, $fault->($id), $rest->($id)) },
        'when all of the body went out' => sub ($id) { (stdout($id, HEAD_LINES . "\r\n$part$other"), RELEASED, $fault->($id), stdout_end($id), end_request($id)) },
    );
    my @stages = grep { !$skip || $_ !~ $skip } sort keys %stage;
    return map {
        my $late = /go out|went out/;
        +{ %row, name => "$name $_", play => joined($stage{$_}), want => $late ? 'abort' : $row{want}, reused => 0,
            delivered => $late ? "$part$other" : undef };
    } @stages;
}

# The play with neighbouring byte strings made one, so that a mode like split sees them as they would be sent.
sub joined ($play) {
    return sub ($id, @) {
        my @steps;
        for my $step ($play->($id)) {
            if (!ref $step && @steps && !ref $steps[-1]) { $steps[-1] .= $step }
            else { push @steps, $step }
        }
        return @steps;
    };
}

1;
