# FCT::Page: a page of fcgi-trust as a reader sees it, out of HTML or Markdown: sections, their paragraphs, their tables' cells.
#
#     my $page = FCT::Page::of_html($bytes);        # dies where it is not well-formed
#     my $page = FCT::Page::of_markdown($bytes);
#     $page->{title}, $page->{lead}
#     $page->{sections}[0] = { title, paragraphs => [text, …], tables => [{ head => [text, …], rows => [[text, …], …] }, …] }
# The lines of a cell are joined with "\n".
package FCT::Page;
use v5.26;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

my %ENTITY = (amp => '&', lt => '<', gt => '>', quot => '"', '#39' => "'");

sub section_of ($page, $title) { return (grep { $_->{title} eq $title } $page->{sections}->@*)[0] }

# The row of the section's n-th table whose first cell begins with this line.
sub row_of ($page, $title, $first, $n = 0) {
    my $section = section_of($page, $title) or return;
    return (grep { $_->[0] =~ /\A\Q$first\E(?:\n|\z)/ } map { $_->{rows}->@* } $section->{tables}[$n] // ())[0];
}

# --- HTML that is XML too ---

sub decoded ($text) { return $text =~ s/&([^;]*);/$ENTITY{$1} \/\/ die "entity &$1;\n"/ger }

# [tag, {attribute => value}, text or undef] for each piece; every tag closed by its own.
sub pieces ($html) {
    my (@pieces, @open);
    $html =~ s/\A<!DOCTYPE html>\n// or die "no doctype\n";
    while ($html =~ /\G(?:<(\/?)([a-z0-9]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+))/gc) {
        my ($ends, $tag, $attributes, $empty, $text) = ($1, $2, $3, $4, $5);
        if (defined $text) { push @pieces, ['', {}, @open && $open[-1] eq 'style' ? $text : decoded($text)]; next }
        if ($ends) { my $last = pop @open; die "</$tag> ends <$last>\n" if $last ne $tag; push @pieces, ["/$tag", {}]; next }
        push @pieces, [$tag, { map { decoded($_) } $attributes =~ /([\w:-]+)="([^"]*)"/g }];
        push @open, $tag if !$empty;
    }
    die 'not well-formed: ' . substr($html, pos($html) // 0, 60) . "\n" if (pos($html) // 0) < length $html;
    die "open at the end: @open\n" if @open;
    return @pieces;
}

sub of_html ($bytes) {
    my $page = { sections => [], title => '', lead => '' };
    my ($into, $section, $table, $row);
    for my $piece (pieces($bytes)) {
        my ($tag, $attributes, $text) = @$piece;
        if    (defined $text)      { $$into .= $text if $into }
        elsif ($tag eq 'h1')       { $into = \$page->{title} }
        elsif ($tag eq 'p' && !$section) { $into = ($attributes->{class} // '') eq 'lead' ? \$page->{lead} : undef }
        elsif ($tag eq 'section')  { push $page->{sections}->@*, $section = { id => $attributes->{id}, title => '', paragraphs => [], tables => [] } }
        elsif ($tag eq 'h2')       { $into = \$section->{title} }
        elsif ($tag eq 'p')        { push $section->{paragraphs}->@*, ''; $into = \$section->{paragraphs}[-1] }
        elsif ($tag eq 'table')    { push $section->{tables}->@*, $table = { head => [], rows => [] } }
        elsif ($tag eq 'tr')       { $row = undef }
        elsif ($tag eq 'th' && $attributes->{scope} eq 'col') { push $table->{head}->@*, ''; $into = \$table->{head}[-1] }
        elsif ($tag =~ /^t[hd]$/)  { push $table->{rows}->@*, $row = [] if !$row; push @$row, ''; $into = \$row->[-1] }
        elsif ($tag eq 'div')      { $$into .= "\n" if length $$into }
        elsif ($tag =~ /^\/(?:h1|h2|p|td|th)$/) { $into = undef }
    }
    return $page;
}

# --- Markdown, as far as fcgi-trust writes it ---

# One run of inlines as text; <br> becomes a line end.
sub inline ($text) {
    my $out = '';
    while ($text =~ /\G(?:(`+)(?!`)(.*?)(?<!`)\1(?!`)|\\([!-\/:-@\[-`{-~])|(<br>)|(<\/?code>)|(\*\*?)|([^\\]))/gcs) {
        my ($fence, $code, $escaped, $break, $tag, $mark, $plain) = ($1, $2, $3, $4, $5, $6, $7);
        if (defined $fence) { $out .= $code =~ /[^ ]/ && $code =~ /\A (.*) \z/s ? $1 : $code }
        else                { $out .= $escaped // ($break ? "\n" : $tag || $mark ? '' : $plain) }
    }
    die 'not understood: ' . substr($text, pos $text) . "\n" if (pos($text) // 0) < length $text;
    return $out;
}

# A bar behind a backslash is part of the cell, whatever it stands in.
sub cells ($line) {
    $line =~ s/\A\| ?//;
    $line =~ s/ \|\z//;
    my @cells = ('');
    while ($line =~ /\G(?:\\\||(\\.)|( ?\| ?)|([^\\|]))/gc) {
        if (defined $2) { push @cells, '' }
        else            { $cells[-1] .= defined $1 ? $1 : defined $3 ? $3 : '|' }
    }
    return map { inline($_) } @cells;
}

sub of_markdown ($bytes) {
    my $page = { sections => [], title => '', lead => '' };
    my ($section, $table);
    for my $line (split /\n/, $bytes) {
        if    ($line =~ /\A# (?:.*?): (.*)/)  { $page->{title} = $1 =~ s/, / /r }
        elsif ($line =~ /\A## (.*)/)          { push $page->{sections}->@*, $section = { title => $1, paragraphs => [], tables => [] } }
        elsif ($line =~ /\A\|(?:---\|)+\z/)   { next }
        elsif ($line =~ /\A\|/ && !$table)    { push $section->{tables}->@*, $table = { head => [cells($line)], rows => [] } }
        elsif ($line =~ /\A\|/)               { push $table->{rows}->@*, [cells($line)] }
        elsif ($line eq '')                   { $table = undef }
        elsif ($section)                      { push $section->{paragraphs}->@*, inline($line) }
        else                                  { $page->{lead} = inline($line) }
    }
    return $page;
}

1;
