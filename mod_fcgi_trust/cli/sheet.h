/* A document of sections, paragraphs and tables: written once, printed as HTML or as Markdown. Whoever writes it escapes nothing. */
#ifndef FCT_SHEET_H
#define FCT_SHEET_H

#include "out.h"
#include "place.h"
#include "source.h"

/* How a piece of text looks. */
typedef enum fct_sheet_style_t {
    FCT_SHEET_PLAIN,
    FCT_SHEET_CODE,                 /* to be read byte by byte: names, literals, patterns */
    FCT_SHEET_STRONG,
    FCT_SHEET_FAINT                 /* an explanation beside what it explains */
} fct_sheet_style_t;

/* The parts, each inside the one before it; a paragraph stands where a table does. */
typedef enum fct_sheet_part_t {
    FCT_SHEET_SECTION,
    FCT_SHEET_PARAGRAPH,
    FCT_SHEET_TABLE,
    FCT_SHEET_ROW,
    FCT_SHEET_CELL,
    FCT_SHEET_LINE,
    FCT_SHEET_PARTS
} fct_sheet_part_t;

typedef struct fct_sheet_t fct_sheet_t;

/* What a format does with it. begin and end come in pairs, properly nested. */
typedef struct fct_sheet_format_t {
    void (*begin)(fct_sheet_t *sheet, fct_sheet_part_t part);
    void (*end)(fct_sheet_t *sheet, fct_sheet_part_t part);
    void (*text)(fct_sheet_t *sheet, fct_sheet_style_t style, fct_bytes_t text);
    void (*class_)(fct_sheet_t *sheet, fct_class_t class_);
    void (*finish)(const fct_sheet_t *sheet, fct_out_t *out);
} fct_sheet_format_t;

extern const fct_sheet_format_t fct_sheet_html;
extern const fct_sheet_format_t fct_sheet_markdown;

/* What a table is like: the headings of its columns, NULL at the end. */
typedef struct fct_sheet_table_t {
    const char *name;               /* for its looks: [a-z]+ */
    const char *heads[8];
} fct_sheet_table_t;

typedef struct fct_sheet_heading_t {
    const char *id;                 /* [a-z-]+ */
    const char *title;
} fct_sheet_heading_t;

struct fct_sheet_t {
    const fct_sheet_format_t *format;
    apr_pool_t *pool;
    const char *kind;               /* above the title: what sort of document it is */
    const char *title;
    const char *subtitle;
    const char *lead;               /* a paragraph under the title; NULL: none */
    const char *foot;               /* on every printed page: printable ASCII without quotes and backslashes */
    fct_out_t body;                 /* all sections so far, in the format */
    apr_array_header_t *headings;   /* of fct_sheet_heading_t: the sections so far */
    fct_sheet_part_t open[FCT_SHEET_PARTS];
    int depth;
    const fct_sheet_table_t *table;
    int rows;                       /* of the table at hand, this one included */
    int column;                     /* of the cell at hand, from 0 */
    int lines;                      /* of the cell at hand, this one included */
    const char *label;              /* of the line at hand; NULL: none */
};

void fct_sheet_init(fct_sheet_t *sheet, const fct_sheet_format_t *format, apr_pool_t *p);

/* Each begins a part, after ending what cannot hold it. */
void fct_sheet_section(fct_sheet_t *sheet, const char *id, const char *title);
void fct_sheet_paragraph(fct_sheet_t *sheet);
void fct_sheet_table(fct_sheet_t *sheet, const fct_sheet_table_t *table);
void fct_sheet_row(fct_sheet_t *sheet);
void fct_sheet_cell(fct_sheet_t *sheet);
void fct_sheet_line(fct_sheet_t *sheet, const char *label);

/* Text of the paragraph or line at hand; a cell that has no line gets one. Nothing for NULL or absent. */
void fct_sheet_text(fct_sheet_t *sheet, fct_sheet_style_t style, const char *text);
void fct_sheet_bytes(fct_sheet_t *sheet, fct_sheet_style_t style, fct_bytes_t text);
void fct_sheet_textf(fct_sheet_t *sheet, fct_sheet_style_t style, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void fct_sheet_class(fct_sheet_t *sheet, fct_class_t class_);

/* A line with a label and a text of this style; nothing for NULL. */
void fct_sheet_labelled(fct_sheet_t *sheet, const char *label, fct_sheet_style_t style, const char *text);

/* A cell of one text. */
void fct_sheet_text_cell(fct_sheet_t *sheet, fct_sheet_style_t style, const char *text);

/* A cell with where a rule stands: its file's name and the line, or "built in". */
void fct_sheet_place_cell(fct_sheet_t *sheet, const fct_place_t *place);

/* Ends everything and adds the whole document. */
void fct_sheet_finish(fct_sheet_t *sheet, fct_out_t *out);

#endif
