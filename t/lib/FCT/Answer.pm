# FCT::Answer: one HTTP/1.x answer taken apart, with a verdict: whole, truncated, or none.
package FCT::Answer;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

# The states a body goes through; 'head' first, 'done' last.
sub new ($class, %opt) {
    return bless { method => $opt{method}, state => 'head', body => '', headers => [], interim => [], trailers => [], raw => '' }, $class;
}

# Takes from the buffer what belongs to this answer; true when the answer is whole.
sub take ($self, $in) {
    my $before = '';
    while ($self->{state} ne 'done') {
        my $now = $self->{state} . length $$in;
        last if $now eq $before;
        $before = $now;
        $self->can("take_$self->{state}")->($self, $in);
    }
    return $self->{state} eq 'done';
}

sub take_head ($self, $in) {
    $$in =~ s/\A((?:[^\n]*\n)*?)\r?\n// or return;
    my $head = $1;
    my ($line, @fields) = split /\r?\n/, $head;
    if (($line // '') !~ m{\AHTTP/(\d\.\d) (\d{3})(?: (.*))?\z}s) {
        $self->{malformed} = 'the status line is ' . ($line // 'empty');
        return $self->{state} = 'done';
    }
    my %answer = (version => $1, status => $2, reason => $3 // '');
    $answer{headers} = [map { /\A([^:]+):[ \t]*(.*?)[ \t]*\z/s ? [$1, $2] : ['', $_] } @fields];
    if ($answer{status} =~ /^1/ && $answer{status} != 101) {
        push $self->{interim}->@*, \%answer;
        return;
    }
    %$self = (%$self, %answer, raw => $head);
    $self->choose_framing;
    return;
}

sub choose_framing ($self) {
    my ($length) = $self->all('Content-Length');
    my $te = join ',', $self->all('Transfer-Encoding');
    if ($self->{method} eq 'HEAD' || $self->{status} =~ /^(?:1..|204|304)$/) { @$self{qw(framing state)} = ('none', 'done') }
    elsif ($te =~ /chunked\s*$/i) { @$self{qw(framing state)} = ('chunked', 'chunk') }
    elsif (defined $length) { @$self{qw(framing state left)} = ('length', 'length', $length) }
    else { @$self{qw(framing state)} = ('close', 'close') }
    return;
}

sub take_length ($self, $in) {
    my $piece = substr $$in, 0, $self->{left}, '';
    $self->{body} .= $piece;
    $self->{left} -= length $piece;
    $self->{state} = 'done' if !$self->{left};
    return;
}

sub take_close ($self, $in) {
    $self->{body} .= $$in;
    $$in = '';
    return;
}

sub take_chunk ($self, $in) {
    return if $$in !~ /\A([^\n]*)\n/;
    my $line = $1;
    if ($line !~ /\A([0-9a-fA-F]+)[^\r]*\r\z/) {
        $self->{malformed} = "the chunk size line is $line";
        return $self->{state} = 'done';
    }
    my $size = hex $1;
    my $skip = length($line) + 1;
    if (!$size) { substr $$in, 0, $skip, ''; return $self->{state} = 'trailer' }
    return if length $$in < $skip + $size + 2;
    substr $$in, 0, $skip, '';
    $self->{body} .= substr $$in, 0, $size, '';
    my $end = substr $$in, 0, 2, '';
    $self->{malformed} = 'a chunk does not end with CR LF' if $end ne "\r\n";
    return;
}

sub take_trailer ($self, $in) {
    $$in =~ s/\A([^\n]*)\r\n// or return;
    return $self->{state} = 'done' if $1 eq '';
    push $self->{trailers}->@*, $1;
    return;
}

# The connection ended (with an error text where there was one).
sub ended ($self, $error = undef) {
    $self->{eof} = 1;
    $self->{error} = $error;
    $self->{state} = 'done' if $self->{state} eq 'close' && !$error;
    return;
}

sub stalled ($self) { $self->{stalled} = 1; return }

# 'complete', 'truncated' (began and did not end as its framing demands), 'none' (no answer), 'malformed'.
sub verdict ($self) {
    return 'malformed' if $self->{malformed};
    return 'complete' if $self->{state} eq 'done';
    return $self->{state} eq 'head' ? 'none' : 'truncated';
}

# Would a client take this as a success: a whole message that is no error?
sub is_success ($self) { return $self->verdict eq 'complete' && $self->{status} < 400 }

sub is_complete ($self) { return $self->verdict eq 'complete' }

sub status ($self) { return $self->{status} // 0 }

sub body ($self) { return $self->{body} }

# 'length', 'chunked', 'close', 'none' (an answer that has no body).
sub framing ($self) { return $self->{framing} // '' }

# Every value of a header field, in order.
sub all ($self, $name) { return map { lc $_->[0] eq lc $name ? $_->[1] : () } $self->{headers}->@* }

# The values of a header field joined with ", ", or undef.
sub header ($self, $name) {
    my @values = $self->all($name);
    return @values ? join ', ', @values : undef;
}

# Will the server take another request on this connection, by what it said?
sub keeps_alive ($self) { return $self->is_complete && $self->framing ne 'close' && ($self->header('Connection') // '') !~ /close/i }

# One line for diagnostics.
sub summary ($self) {
    return sprintf '%s %s, %d bytes of body (%s)%s%s', $self->status, $self->verdict, length $self->{body}, $self->framing,
        $self->{stalled} ? ', then silence' : $self->{eof} ? ', then the connection ended' : '',
        ($self->{malformed} // $self->{error} // '') =~ s/^(?=.)/: /r;
}

1;
