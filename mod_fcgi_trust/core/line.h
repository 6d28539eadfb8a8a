/* Writing the lines of a canonical text: an element and its attributes, quoted so that a line is a line. For canonical.c alone. */
#ifndef FCT_LINE_H
#define FCT_LINE_H

#include "canonical.h"

/* Lines being written. Each is complete before the next begins; they are sorted at the end. */
typedef struct fct_line_writer_t {
    apr_array_header_t *lines;       /* of const fct_canonical_line_t * */
    fct_canonical_line_t *line;
    const fct_crypto_t *crypto;
    apr_pool_t *p;
} fct_line_writer_t;

void fct_line_begin(fct_line_writer_t *w, const char *element);
void fct_line_end(fct_line_writer_t *w);

/* Whom the line is about, and where that stands. */
void fct_line_about(fct_line_writer_t *w, const void *subject, fct_place_t place);

/* An attribute; none where the value is absent or NULL. */
void fct_line_put_bytes(fct_line_writer_t *w, const char *name, fct_bytes_t value);
void fct_line_put(fct_line_writer_t *w, const char *name, const char *value);
void fct_line_put_number(fct_line_writer_t *w, const char *name, apr_int64_t value);
void fct_line_put_flag(fct_line_writer_t *w, const char *name, int is_set);

/* For names that are compared without regard to case. */
void fct_line_put_lower(fct_line_writer_t *w, const char *name, fct_bytes_t value);

/* Sorts lines (of const fct_canonical_line_t *) by their text, and keeps each once. */
void fct_line_sort(apr_array_header_t *lines);

#endif
