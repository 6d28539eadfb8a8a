# FCT::Hpack: header blocks of HTTP/2 (RFC 7541): writes literals, reads what a server sends.
package FCT::Hpack;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

# RFC 7541 appendix A; entries without a value are names only.
my @STATIC = map { [split /=/, $_, 2] } qw(
    :authority :method=GET :method=POST :path=/ :path=/index.html :scheme=http :scheme=https :status=200 :status=204 :status=206
    :status=304 :status=400 :status=404 :status=500 accept-charset accept-encoding accept-language accept-ranges accept
    access-control-allow-origin age allow authorization cache-control content-disposition content-encoding content-language
    content-length content-location content-range content-type cookie date etag expect expires from host if-match
    if-modified-since if-none-match if-range if-unmodified-since last-modified link location max-forwards proxy-authenticate
    proxy-authorization range referer refresh retry-after server set-cookie strict-transport-security transfer-encoding user-agent
    vary via www-authenticate);

# RFC 7541 appendix B is a canonical code: lengths and symbols, in order, say all. Header fields have none but these.
my @CODE_LENGTHS = (
    [5, 48 .. 50, 97, 99, 101, 105, 111, 115, 116],
    [6, 32, 37, 45 .. 47, 51 .. 57, 61, 65, 95, 98, 100, 102 .. 104, 108 .. 110, 112, 114, 117],
    [7, 58, 66 .. 87, 89, 106, 107, 113, 118 .. 122], [8, 38, 42, 44, 59, 88, 90], [10, 33, 34, 40, 41, 63], [11, 39, 43, 124],
    [12, 35, 62], [13, 0, 36, 64, 91, 93, 126], [14, 94, 125], [15, 60, 96, 123],
);

my %SYMBOL = do {
    my ($code, $before, %symbol) = (0, 0);
    for (@CODE_LENGTHS) {
        my ($length, @symbols) = @$_;
        $code <<= $length - $before;
        $before = $length;
        $symbol{ sprintf "%0${length}b", $code++ } = chr for @symbols;
    }
    %symbol;
};

sub new ($class) { return bless { dynamic => [], room => 4096 }, $class }

# A block of literal fields without indexing: encode(name => value, …).
sub encode (@fields) {
    my $block = '';
    while (my ($name, $value) = splice @fields, 0, 2) { $block .= "\0" . plain(lc $name) . plain($value) }
    return $block;
}

sub plain ($text) { return integer(length $text, 7) . $text }

sub integer ($value, $bits) {
    my $most = (1 << $bits) - 1;
    return chr $value if $value < $most;
    my $bytes = chr $most;
    for ($value -= $most; $value >= 128; $value >>= 7) { $bytes .= chr(128 | $value & 127) }
    return $bytes . chr $value;
}

# The fields of a block, as [name, value].
sub decode ($self, $block) {
    my $in = { bytes => $block, at => 0 };
    my @fields;
    while ($in->{at} < length $block) {
        my $first = ord substr $block, $in->{at}, 1;
        if ($first & 0x80) { push @fields, $self->entry(take_integer($in, 7)) }
        elsif (($first & 0xe0) == 0x20) { take_integer($in, 5); $self->{dynamic} = [] }
        else {
            my $keep = $first & 0x40;
            my $index = take_integer($in, $keep ? 6 : 4);
            my $name  = $index ? $self->entry($index)->[0] : take_string($in);
            push @fields, [$name, take_string($in)];
            $self->remember($fields[-1]) if $keep;
        }
    }
    return @fields;
}

sub entry ($self, $index) {
    my $field = $index <= @STATIC ? $STATIC[$index - 1] : $self->{dynamic}[$index - @STATIC - 1];
    die "HPACK index $index is unknown\n" if !$field;
    return [$field->[0], $field->[1] // ''];
}

sub remember ($self, $field) {
    unshift $self->{dynamic}->@*, $field;
    my $size = 0;
    $size += 32 + length($_->[0]) + length $_->[1] for $self->{dynamic}->@*;
    while ($size > $self->{room}) {
        my $old = pop $self->{dynamic}->@*;
        $size -= 32 + length($old->[0]) + length $old->[1];
    }
    return;
}

sub take_integer ($in, $bits) {
    my $most  = (1 << $bits) - 1;
    my $value = $most & ord substr $in->{bytes}, $in->{at}++, 1;
    return $value if $value < $most;
    for (my $shift = 0; ; $shift += 7) {
        my $byte = ord substr $in->{bytes}, $in->{at}++, 1;
        $value += ($byte & 127) << $shift;
        return $value if $byte < 128;
    }
}

sub take_string ($in) {
    my $is_huffman = 128 & ord substr $in->{bytes}, $in->{at}, 1;
    my $length = take_integer($in, 7);
    my $bytes  = substr $in->{bytes}, $in->{at}, $length;
    $in->{at} += $length;
    return $is_huffman ? huffman($bytes) : $bytes;
}

sub huffman ($bytes) {
    my ($text, $code) = ('', '');
    for my $bit (split //, unpack 'B*', $bytes) {
        $code .= $bit;
        my $symbol = $SYMBOL{$code} // next;
        $text .= $symbol;
        $code = '';
    }
    die "HPACK: the symbol $code is not known\n" if $code =~ /0/;
    return $text;
}

1;
