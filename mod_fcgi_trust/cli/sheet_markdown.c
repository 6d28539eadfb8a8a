/* Documents as Markdown with GitHub's tables; nothing that a text holds becomes markup. */
#include "sheet.h"

/* A byte of text that could begin or end something in Markdown, or in the HTML that it lets through. */
static int is_markup(const char *text, apr_size_t at, apr_size_t len)
{
    char c = text[at];
    char next = at + 1 < len ? text[at + 1] : '\0';

    return strchr("\\`*_[]<>&|~#@!", c) || (c == ':' && next == '/') || (c == '.' && at >= 3 && strncasecmp(text + at - 3, "www", 3) == 0);
}

static void add_text(fct_out_t *out, fct_bytes_t text)
{
    apr_size_t i;

    for (i = 0; i < text.len; i++) {
        fct_out_add(out, "\\", is_markup(text.at, i, text.len) || (i == 0 && strchr("-+=", text.at[0])));
        fct_out_add(out, text.at + i, 1);
    }
}

/* The longest run of backticks in the text. */
static int longest_fence(fct_bytes_t text)
{
    int longest = 0, run = 0;
    apr_size_t i;

    for (i = 0; i < text.len; i++) {
        run = text.at[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static int is_all_blank(fct_bytes_t text)
{
    apr_size_t i;

    for (i = 0; i < text.len && text.at[i] == ' '; i++) {
        continue;
    }
    return i == text.len;
}

/* A code span takes one blank from each end where both have one, and ends at as many backticks as it began with. */
static int wants_padding(fct_bytes_t text)
{
    char first = text.at[0], last = text.at[text.len - 1];

    return first == '`' || last == '`' || (first == ' ' && last == ' ' && !is_all_blank(text));
}

static void add_fence(fct_out_t *out, int n)
{
    while (n--) {
        fct_out_add(out, "`", 1);
    }
}

/* A code span. In a table a bar ends the cell, also in code. */
static void add_span(fct_out_t *out, fct_bytes_t text, int is_in_table)
{
    int fence = longest_fence(text) + 1;
    apr_size_t i;

    add_fence(out, fence);
    fct_out_add(out, " ", wants_padding(text));
    for (i = 0; i < text.len; i++) {
        fct_out_add(out, "\\", is_in_table && text.at[i] == '|');
        fct_out_add(out, text.at + i, 1);
    }
    fct_out_add(out, " ", wants_padding(text));
    add_fence(out, fence);
}

/* A code span in a table cannot have a backslash before a bar: then it is text in the place of code. */
static void add_code(fct_out_t *out, fct_bytes_t text, int is_in_table)
{
    if (is_in_table && memmem(text.at, text.len, "\\|", 2)) {
        fct_out_add_string(out, "<code>");
        add_text(out, text);
        fct_out_add_string(out, "</code>");
    } else if (text.len) {
        add_span(out, text, is_in_table);
    }
}

static void text_(fct_sheet_t *sheet, fct_sheet_style_t style, fct_bytes_t text)
{
    const char *mark = style == FCT_SHEET_STRONG ? "**" : "";
    fct_out_t shown;

    fct_out_init(&shown, sheet->pool);
    fct_out_add_shown(&shown, text);
    if (style == FCT_SHEET_CODE) {
        add_code(&sheet->body, fct_out_bytes(&shown), sheet->depth && sheet->open[sheet->depth - 1] == FCT_SHEET_LINE);
        return;
    }
    fct_out_add_string(&sheet->body, mark);
    add_text(&sheet->body, fct_out_bytes(&shown));
    fct_out_add_string(&sheet->body, mark);
}

static void class_(fct_sheet_t *sheet, fct_class_t class_of)
{
    text_(sheet, FCT_SHEET_STRONG, fct_bytes_of(fct_class_name(class_of)));
}

static void begin_table(fct_sheet_t *sheet)
{
    const char *const *head;

    fct_out_add_string(&sheet->body, "\n|");
    for (head = sheet->table->heads; *head; head++) {
        fct_out_addf(&sheet->body, " %s |", *head);
    }
    fct_out_add_string(&sheet->body, "\n|");
    for (head = sheet->table->heads; *head; head++) {
        fct_out_add_string(&sheet->body, "---|");
    }
    fct_out_add_string(&sheet->body, "\n");
}

static void begin(fct_sheet_t *sheet, fct_sheet_part_t part)
{
    fct_out_t *out = &sheet->body;

    switch (part) {
    case FCT_SHEET_SECTION:
        fct_out_addf(out, "\n## %s\n", APR_ARRAY_IDX(sheet->headings, sheet->headings->nelts - 1, fct_sheet_heading_t).title);
        break;
    case FCT_SHEET_PARAGRAPH:
        fct_out_add_string(out, "\n");
        break;
    case FCT_SHEET_TABLE:
        begin_table(sheet);
        break;
    case FCT_SHEET_ROW:
        fct_out_add_string(out, "|");
        break;
    case FCT_SHEET_CELL:
        fct_out_add_string(out, " ");
        break;
    case FCT_SHEET_LINE:
        fct_out_add_string(out, sheet->lines > 1 ? "<br>" : "");
        if (sheet->label) {
            fct_out_addf(out, "*%s:* ", sheet->label);
        }
        break;
    case FCT_SHEET_PARTS:
        break;
    }
}

static void end(fct_sheet_t *sheet, fct_sheet_part_t part)
{
    if (part == FCT_SHEET_ROW || part == FCT_SHEET_PARAGRAPH) {
        fct_out_add_string(&sheet->body, "\n");
    } else if (part == FCT_SHEET_CELL) {
        fct_out_add_string(&sheet->body, " |");
    }
}

static void finish(const fct_sheet_t *sheet, fct_out_t *out)
{
    fct_out_t shown;

    fct_out_addf(out, "# %s: %s, %s\n", sheet->kind, sheet->title, sheet->subtitle);
    if (sheet->lead) {
        fct_out_init(&shown, sheet->pool);
        fct_out_add_shown(&shown, fct_bytes_of(sheet->lead));
        fct_out_add_string(out, "\n");
        add_text(out, fct_out_bytes(&shown));
        fct_out_add_string(out, "\n");
    }
    fct_out_add(out, fct_out_bytes(&sheet->body).at, sheet->body.len);
}

const fct_sheet_format_t fct_sheet_markdown = { begin, end, text_, class_, finish };
