/* Documents as one HTML page, well-formed as XML too: no script, nothing from elsewhere, made to be read, printed and kept. */
#include "sheet.h"
#include "sheet_style.h"

static void add_shown(fct_out_t *out, fct_bytes_t text, apr_pool_t *p)
{
    fct_out_t shown;

    fct_out_init(&shown, p);
    fct_out_add_shown(&shown, text);
    fct_out_add_entities(out, fct_out_bytes(&shown));
}

static void add_string(fct_out_t *out, const char *text, apr_pool_t *p)
{
    add_shown(out, fct_bytes_of(text), p);
}

/* --- text --- */

static void text_(fct_sheet_t *sheet, fct_sheet_style_t style, fct_bytes_t text)
{
    static const char *const before[] = { "<bdi>", "<code>", "<strong>", "<span class=\"faint\">" };
    static const char *const after[] = { "</bdi>", "</code>", "</strong>", "</span>" };

    fct_out_add_string(&sheet->body, before[style]);
    add_shown(&sheet->body, text, sheet->pool);
    fct_out_add_string(&sheet->body, after[style]);
}

static void class_(fct_sheet_t *sheet, fct_class_t class_of)
{
    fct_out_addf(&sheet->body, "<span class=\"class %s\">%s</span>", fct_class_name(class_of), fct_class_name(class_of));
}

/* --- parts --- */

static void begin_section(fct_sheet_t *sheet)
{
    const fct_sheet_heading_t *heading = &APR_ARRAY_IDX(sheet->headings, sheet->headings->nelts - 1, fct_sheet_heading_t);

    fct_out_addf(&sheet->body, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">%s</h2>\n", heading->id, heading->id,
                 heading->id, heading->title);
}

/* Screen readers know no table any more once a style sheet shows it as blocks, as on a phone: the roles say it is one. */
static void begin_table(fct_sheet_t *sheet)
{
    const char *const *head;

    fct_out_addf(&sheet->body, "<table role=\"table\" class=\"%s\">\n<colgroup>", sheet->table->name);
    for (head = sheet->table->heads; *head; head++) {
        fct_out_add_string(&sheet->body, "<col/>");
    }
    fct_out_add_string(&sheet->body, "</colgroup>\n<thead role=\"rowgroup\"><tr role=\"row\">");
    for (head = sheet->table->heads; *head; head++) {
        fct_out_addf(&sheet->body, "<th role=\"columnheader\" scope=\"col\">%s</th>", *head);
    }
    fct_out_add_string(&sheet->body, "</tr></thead>\n<tbody role=\"rowgroup\">\n");
}

static void begin_cell(fct_sheet_t *sheet)
{
    if (sheet->column == 0) {
        fct_out_add_string(&sheet->body, "<th role=\"rowheader\" scope=\"row\">");
    } else {
        fct_out_addf(&sheet->body, "<td role=\"cell\" data-head=\"%s\">", sheet->table->heads[sheet->column]);
    }
}

static void begin(fct_sheet_t *sheet, fct_sheet_part_t part)
{
    switch (part) {
    case FCT_SHEET_SECTION:
        begin_section(sheet);
        break;
    case FCT_SHEET_PARAGRAPH:
        fct_out_add_string(&sheet->body, "<p>");
        break;
    case FCT_SHEET_TABLE:
        begin_table(sheet);
        break;
    case FCT_SHEET_ROW:
        fct_out_add_string(&sheet->body, "<tr role=\"row\">");
        break;
    case FCT_SHEET_CELL:
        begin_cell(sheet);
        break;
    case FCT_SHEET_LINE:
        fct_out_add_string(&sheet->body, "<div>");
        if (sheet->label) {
            fct_out_addf(&sheet->body, "<span class=\"label\">%s:</span> ", sheet->label);
        }
        break;
    case FCT_SHEET_PARTS:
        break;
    }
}

static void end(fct_sheet_t *sheet, fct_sheet_part_t part)
{
    static const char *const ends[FCT_SHEET_PARTS] = {
        [FCT_SHEET_SECTION] = "</section>\n", [FCT_SHEET_PARAGRAPH] = "</p>\n", [FCT_SHEET_TABLE] = "</tbody>\n</table>\n",
        [FCT_SHEET_ROW] = "</tr>\n", [FCT_SHEET_LINE] = "</div>",
    };

    if (part == FCT_SHEET_CELL) {
        fct_out_add_string(&sheet->body, sheet->column == 0 ? "</th>" : "</td>");
    } else {
        fct_out_add_string(&sheet->body, ends[part]);
    }
}

/* --- the page --- */

static void add_head(const fct_sheet_t *sheet, fct_out_t *out)
{
    fct_out_add_string(out,
                       "<!DOCTYPE html>\n"
                       "<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\" xml:lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                       "<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>");
    add_string(out, sheet->kind, sheet->pool);
    fct_out_add_string(out, ": ");
    add_string(out, sheet->title, sheet->pool);
    fct_out_add_string(out, ", ");
    add_string(out, sheet->subtitle, sheet->pool);
    fct_out_addf(out, "</title>\n<style>\n%s%s@page { @bottom-left { content: \"%s\" } }\n</style>\n</head>\n", fct_sheet_style_screen,
                 fct_sheet_style_print, sheet->foot);
}

static void add_contents(const fct_sheet_t *sheet, fct_out_t *out)
{
    int i;

    fct_out_add_string(out, "<nav aria-label=\"Contents\">\n<ul>\n");
    for (i = 0; i < sheet->headings->nelts; i++) {
        const fct_sheet_heading_t *heading = &APR_ARRAY_IDX(sheet->headings, i, fct_sheet_heading_t);

        fct_out_addf(out, "<li><a href=\"#%s\">%s</a></li>\n", heading->id, heading->title);
    }
    fct_out_add_string(out, "</ul>\n</nav>\n");
}

static void finish(const fct_sheet_t *sheet, fct_out_t *out)
{
    add_head(sheet, out);
    fct_out_add_string(out, "<body>\n<header>\n<p class=\"kind\">");
    add_string(out, sheet->kind, sheet->pool);
    fct_out_add_string(out, "</p>\n<h1>");
    add_string(out, sheet->title, sheet->pool);
    fct_out_add_string(out, " <span class=\"version\">");
    add_string(out, sheet->subtitle, sheet->pool);
    fct_out_add_string(out, "</span></h1>\n");
    if (sheet->lead) {
        fct_out_add_string(out, "<p class=\"lead\"><bdi>");
        add_string(out, sheet->lead, sheet->pool);
        fct_out_add_string(out, "</bdi></p>\n");
    }
    fct_out_add_string(out, "</header>\n");
    add_contents(sheet, out);
    fct_out_add_string(out, "<main>\n");
    fct_out_add(out, fct_out_bytes(&sheet->body).at, sheet->body.len);
    fct_out_add_string(out, "</main>\n</body>\n</html>\n");
}

const fct_sheet_format_t fct_sheet_html = { begin, end, text_, class_, finish };
