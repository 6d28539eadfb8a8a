/* Writing the lines of a canonical text. */
#include "line.h"

#include <apr_strings.h>
#include <stdlib.h>

/* Printable bytes but '"' and '\' as they are, others as \xHH, so that a line is a line. */
static const char *quote(fct_bytes_t text, apr_pool_t *p)
{
    static const char hex[] = "0123456789abcdef";
    char *quoted = apr_palloc(p, text.len * 4 + 1);
    char *to = quoted;
    apr_size_t i;

    for (i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if (c >= 0x20 && c != 0x7f && c != '"' && c != '\\') {
            *to++ = (char)c;
            continue;
        }
        *to++ = '\\';
        *to++ = 'x';
        *to++ = hex[c >> 4];
        *to++ = hex[c & 15];
    }
    *to = '\0';
    return quoted;
}

void fct_line_begin(fct_line_writer_t *w, const char *element)
{
    w->line = apr_pcalloc(w->p, sizeof(*w->line));
    w->line->element = element;
    w->line->text = element;
    w->line->attributes = apr_array_make(w->p, 16, sizeof(fct_canonical_attribute_t));
}

void fct_line_about(fct_line_writer_t *w, const void *subject, fct_place_t place)
{
    w->line->subject = subject;
    w->line->place = place;
}

void fct_line_put_bytes(fct_line_writer_t *w, const char *name, fct_bytes_t value)
{
    fct_canonical_attribute_t attribute = { name, NULL };

    if (!fct_bytes_is_absent(value)) {
        attribute.value = quote(value, w->p);
        APR_ARRAY_PUSH(w->line->attributes, fct_canonical_attribute_t) = attribute;
        w->line->text = apr_pstrcat(w->p, w->line->text, " ", name, "=\"", attribute.value, "\"", NULL);
    }
}

void fct_line_put(fct_line_writer_t *w, const char *name, const char *value)
{
    fct_line_put_bytes(w, name, fct_bytes_of(value));
}

void fct_line_put_number(fct_line_writer_t *w, const char *name, apr_int64_t value)
{
    fct_line_put(w, name, apr_psprintf(w->p, "%" APR_INT64_T_FMT, value));
}

void fct_line_put_flag(fct_line_writer_t *w, const char *name, int is_set)
{
    fct_line_put(w, name, is_set ? "yes" : "no");
}

void fct_line_put_lower(fct_line_writer_t *w, const char *name, fct_bytes_t value)
{
    char *lower = fct_bytes_string(value, w->p);
    char *at;

    for (at = lower; at && *at; at++) {
        *at = (char)fct_bytes_lower((unsigned char)*at);
    }
    fct_line_put(w, name, lower);
}

void fct_line_end(fct_line_writer_t *w)
{
    APR_ARRAY_PUSH(w->lines, const fct_canonical_line_t *) = w->line;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp((*(const fct_canonical_line_t *const *)a)->text, (*(const fct_canonical_line_t *const *)b)->text);
}

void fct_line_sort(apr_array_header_t *lines)
{
    const fct_canonical_line_t **at = (const fct_canonical_line_t **)lines->elts;
    int i, kept = 0;

    if (lines->nelts > 1) {
        qsort(at, (size_t)lines->nelts, sizeof(*at), compare_lines);
    }
    for (i = 0; i < lines->nelts; i++) {
        if (kept == 0 || strcmp(at[kept - 1]->text, at[i]->text) != 0) {
            at[kept++] = at[i];
        }
    }
    lines->nelts = kept;
}
