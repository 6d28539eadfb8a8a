/* Documents being written: which part is open, and what ends when another begins. */
#include <stdarg.h>

#include <apr_strings.h>

#include "sheet.h"

void fct_sheet_init(fct_sheet_t *sheet, const fct_sheet_format_t *format, apr_pool_t *p)
{
    memset(sheet, 0, sizeof(*sheet));
    sheet->format = format;
    sheet->pool = p;
    sheet->headings = apr_array_make(p, 16, sizeof(fct_sheet_heading_t));
    fct_out_init(&sheet->body, p);
}

/* --- parts --- */

/* What a part stands in. */
static const fct_sheet_part_t holders[FCT_SHEET_PARTS] = {
    [FCT_SHEET_PARAGRAPH] = FCT_SHEET_SECTION, [FCT_SHEET_TABLE] = FCT_SHEET_SECTION, [FCT_SHEET_ROW] = FCT_SHEET_TABLE,
    [FCT_SHEET_CELL] = FCT_SHEET_ROW,          [FCT_SHEET_LINE] = FCT_SHEET_CELL,
};

static int is_open(const fct_sheet_t *sheet, fct_sheet_part_t part)
{
    return sheet->depth && sheet->open[sheet->depth - 1] == part;
}

/* Ends parts until this one is the innermost. */
static void end_up_to(fct_sheet_t *sheet, fct_sheet_part_t part)
{
    while (sheet->depth && !is_open(sheet, part)) {
        sheet->format->end(sheet, sheet->open[--sheet->depth]);
    }
}

static void end_all(fct_sheet_t *sheet)
{
    end_up_to(sheet, FCT_SHEET_PARTS);
}

static void begin(fct_sheet_t *sheet, fct_sheet_part_t part)
{
    sheet->format->begin(sheet, part);
    sheet->open[sheet->depth++] = part;
}

void fct_sheet_section(fct_sheet_t *sheet, const char *id, const char *title)
{
    fct_sheet_heading_t *heading;

    end_all(sheet);
    heading = apr_array_push(sheet->headings);
    heading->id = id;
    heading->title = title;
    begin(sheet, FCT_SHEET_SECTION);
}

void fct_sheet_paragraph(fct_sheet_t *sheet)
{
    end_up_to(sheet, holders[FCT_SHEET_PARAGRAPH]);
    begin(sheet, FCT_SHEET_PARAGRAPH);
}

void fct_sheet_table(fct_sheet_t *sheet, const fct_sheet_table_t *table)
{
    end_up_to(sheet, holders[FCT_SHEET_TABLE]);
    sheet->table = table;
    sheet->rows = 0;
    begin(sheet, FCT_SHEET_TABLE);
}

void fct_sheet_row(fct_sheet_t *sheet)
{
    end_up_to(sheet, holders[FCT_SHEET_ROW]);
    sheet->rows++;
    sheet->column = -1;
    begin(sheet, FCT_SHEET_ROW);
}

void fct_sheet_cell(fct_sheet_t *sheet)
{
    end_up_to(sheet, holders[FCT_SHEET_CELL]);
    sheet->column++;
    sheet->lines = 0;
    begin(sheet, FCT_SHEET_CELL);
}

void fct_sheet_line(fct_sheet_t *sheet, const char *label)
{
    end_up_to(sheet, holders[FCT_SHEET_LINE]);
    sheet->lines++;
    sheet->label = label;
    begin(sheet, FCT_SHEET_LINE);
}

/* --- text --- */

static void open_line(fct_sheet_t *sheet)
{
    if (is_open(sheet, FCT_SHEET_CELL)) {
        fct_sheet_line(sheet, NULL);
    }
}

void fct_sheet_bytes(fct_sheet_t *sheet, fct_sheet_style_t style, fct_bytes_t text)
{
    if (!fct_bytes_is_absent(text)) {
        open_line(sheet);
        sheet->format->text(sheet, style, text);
    }
}

void fct_sheet_text(fct_sheet_t *sheet, fct_sheet_style_t style, const char *text)
{
    fct_sheet_bytes(sheet, style, fct_bytes_of(text));
}

void fct_sheet_textf(fct_sheet_t *sheet, fct_sheet_style_t style, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fct_sheet_text(sheet, style, apr_pvsprintf(sheet->pool, fmt, ap));
    va_end(ap);
}

void fct_sheet_class(fct_sheet_t *sheet, fct_class_t class_)
{
    open_line(sheet);
    sheet->format->class_(sheet, class_);
}

void fct_sheet_labelled(fct_sheet_t *sheet, const char *label, fct_sheet_style_t style, const char *text)
{
    if (text) {
        fct_sheet_line(sheet, label);
        fct_sheet_text(sheet, style, text);
    }
}

void fct_sheet_text_cell(fct_sheet_t *sheet, fct_sheet_style_t style, const char *text)
{
    fct_sheet_cell(sheet);
    fct_sheet_text(sheet, style, text);
}

void fct_sheet_place_cell(fct_sheet_t *sheet, const fct_place_t *place)
{
    const char *slash = place->file ? strrchr(place->file, '/') : NULL;

    fct_sheet_cell(sheet);
    if (place->file) {
        fct_sheet_textf(sheet, FCT_SHEET_CODE, "%s:%d", slash ? slash + 1 : place->file, place->line);
    } else {
        fct_sheet_text(sheet, FCT_SHEET_PLAIN, "built in");
    }
}

void fct_sheet_finish(fct_sheet_t *sheet, fct_out_t *out)
{
    end_all(sheet);
    sheet->format->finish(sheet, out);
}
