# FCT::Record: alone responsible for FastCGI bytes in tests: builds records, also wrong ones, and takes received bytes apart.
package FCT::Record;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Exporter qw(import);

use constant {
    FCGI_BEGIN_REQUEST => 1, FCGI_ABORT_REQUEST => 2, FCGI_END_REQUEST => 3, FCGI_PARAMS => 4, FCGI_STDIN => 5, FCGI_STDOUT => 6, FCGI_STDERR => 7, FCGI_DATA => 8,
    FCGI_GET_VALUES => 9, FCGI_GET_VALUES_RESULT => 10, FCGI_UNKNOWN_TYPE => 11,
    FCGI_REQUEST_COMPLETE => 0, FCGI_CANT_MPX_CONN => 1, FCGI_OVERLOADED => 2, FCGI_UNKNOWN_ROLE => 3,
    FCGI_KEEP_CONN => 1,
};

our @EXPORT_OK = qw(record stdout stderr stdout_end end_request answer split_records one_byte_records
    parse_records parse_pairs parse_begin encode_pair
    FCGI_BEGIN_REQUEST FCGI_ABORT_REQUEST FCGI_END_REQUEST FCGI_PARAMS FCGI_STDIN FCGI_STDOUT FCGI_STDERR FCGI_DATA FCGI_GET_VALUES FCGI_GET_VALUES_RESULT FCGI_UNKNOWN_TYPE
    FCGI_REQUEST_COMPLETE FCGI_CANT_MPX_CONN FCGI_OVERLOADED FCGI_UNKNOWN_ROLE FCGI_KEEP_CONN);
our %EXPORT_TAGS = (all => \@EXPORT_OK);

# One record. opt: version (1), reserved (0), pad (bytes of padding; the padding itself), length (lies about the content).
sub record ($type, $id, $content = '', %opt) {
    my $padding = $opt{padding} // ("\0" x ($opt{pad} // 0));
    my $length  = $opt{length} // length $content;
    die "record content is longer than 65535\n" if $length > 65535;
    return pack('CCnnCC', $opt{version} // 1, $type, $id, $length, length $padding, $opt{reserved} // 0) . $content . $padding;
}

# Content of any length as STDOUT records of at most `size` bytes; no end marker.
sub stdout ($id, $content, $size = 65535, %opt) {
    return join '', map { record(FCGI_STDOUT, $id, $_, %opt) } split_records($content, $size);
}

sub stderr ($id, $content, $size = 65535) {
    return join '', map { record(FCGI_STDERR, $id, $_) } split_records($content, $size);
}

sub stdout_end ($id) { return record(FCGI_STDOUT, $id, '') }

sub end_request ($id, $app = 0, $protocol = FCGI_REQUEST_COMPLETE) {
    return record(FCGI_END_REQUEST, $id, pack('NCxxx', $app, $protocol));
}

# A whole, correct answer: header block and body in one STDOUT record each, end of STDOUT, END_REQUEST.
sub answer ($id, $body, @header_lines) {
    @header_lines = ('Content-Type: text/plain') if !@header_lines;
    return stdout($id, join('', map {"$_\r\n"} @header_lines) . "\r\n") . stdout($id, $body) . stdout_end($id) . end_request($id);
}

# The pieces of a string, each at most `size` bytes; none for the empty string.
sub split_records ($content, $size) {
    return unpack "(a$size)*", $content;
}

# The same bytes with the content of every STDOUT and STDERR record cut to one byte a record; all other bytes stay as they are.
sub one_byte_records ($bytes) {
    my @records = parse_records($bytes);
    my $cut = '';
    for my $i (0 .. $#records) {
        my $r = $records[$i];
        my $end = $i < $#records ? $records[ $i + 1 ]{offset} : length $bytes;
        my $is_stream = $r->{type} == FCGI_STDOUT || $r->{type} == FCGI_STDERR;
        $cut .= $is_stream && $r->{version} == 1 && $r->{content} ne ''
            ? join('', map { record($r->{type}, $r->{id}, $_) } split //, $r->{content})
            : substr $bytes, $r->{offset}, $end - $r->{offset};
    }
    return $cut;
}

# Every whole record of the bytes, in order: { offset, version, type, id, content, padding, reserved }.
# What is left over at the end comes as a last entry { offset, rest }.
sub parse_records ($bytes) {
    my @records;
    my $at = 0;
    while ($at < length $bytes) {
        my $left = length($bytes) - $at;
        my ($version, $type, $id, $length, $pad, $reserved) = $left >= 8 ? unpack('CCnnCC', substr $bytes, $at, 8) : ();
        if (!defined $reserved || $left < 8 + $length + $pad) {
            push @records, { offset => $at, type => -1, id => -1, content => '', rest => substr $bytes, $at };
            last;
        }
        push @records, {
            offset => $at, version => $version, type => $type, id => $id, reserved => $reserved,
            content => substr($bytes, $at + 8, $length), padding => substr($bytes, $at + 8 + $length, $pad),
        };
        $at += 8 + $length + $pad;
    }
    return @records;
}

sub read_length ($bytes, $at) {
    my $first = ord substr $$bytes, $$at, 1;
    if ($first < 128) { $$at += 1; return $first }
    my $length = unpack('N', substr $$bytes, $$at, 4) & 0x7fff_ffff;
    $$at += 4;
    return $length;
}

# Name-value pairs in the order sent, as [name, value]. Dies where the bytes end in the middle of a pair.
sub parse_pairs ($bytes) {
    my @pairs;
    my $at = 0;
    while ($at < length $bytes) {
        my $name_length  = read_length(\$bytes, \$at);
        my $value_length = read_length(\$bytes, \$at);
        die "a pair runs over the end of the parameters\n" if $at + $name_length + $value_length > length $bytes;
        push @pairs, [substr($bytes, $at, $name_length), substr($bytes, $at + $name_length, $value_length)];
        $at += $name_length + $value_length;
    }
    return @pairs;
}

sub encode_pair ($name, $value) {
    return join '', (map { length($_) < 128 ? pack('C', length) : pack('N', length($_) | 0x8000_0000) } $name, $value), $name, $value;
}

# The content of a BEGIN_REQUEST: { role, flags, reserved }.
sub parse_begin ($content) {
    my ($role, $flags, $reserved) = unpack 'nCa5', $content;
    return { role => $role, flags => $flags, reserved => $reserved, length => length $content };
}

1;
