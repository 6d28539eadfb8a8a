/* Text that grows: what the tool prints or sends, with foreign bytes escaped for where they go. */
#ifndef FCT_OUT_H
#define FCT_OUT_H

#include <stdio.h>

#include "bytes.h"

typedef struct fct_out_t {
    apr_pool_t *pool;
    char *at;
    apr_size_t len;
    apr_size_t room;
} fct_out_t;

void fct_out_init(fct_out_t *text, apr_pool_t *p);

void fct_out_add(fct_out_t *text, const char *at, apr_size_t len);

void fct_out_add_string(fct_out_t *text, const char *s);

void fct_out_addf(fct_out_t *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "Does not show" below: control characters, those that turn text around or take no room, and what is no UTF-8.
 *
 * For one line of text: what does not show, and a backslash, as \xNN; so are the bytes in `also`. */
void fct_out_add_line_escaped(fct_out_t *text, fct_bytes_t bytes, const char *also);

/* For a sentence that people read: the same, but a backslash stays one. */
void fct_out_add_visible(fct_out_t *text, fct_bytes_t bytes);

/* For HTML text and quoted attributes; what cannot stand in HTML, as \xNN. */
void fct_out_add_html(fct_out_t *text, fct_bytes_t bytes);

/* For a page about a policy: a character that does not show by its number, "[U+202E]"; everything else as it is. */
void fct_out_add_shown(fct_out_t *text, fct_bytes_t bytes);

/* &, <, >, " and ' as HTML and XML want them; everything else as it is. */
void fct_out_add_entities(fct_out_t *text, fct_bytes_t bytes);

/* A JSON string with its quotes. What is no UTF-8 becomes U+FFFD: see fct_text_is_utf8 (text.h). */
void fct_out_add_json(fct_out_t *text, fct_bytes_t bytes);

void fct_out_add_hex(fct_out_t *text, fct_bytes_t bytes);

fct_bytes_t fct_out_bytes(const fct_out_t *text);

/* Writes it all; whether that worked, ferror says. */
void fct_out_print(const fct_out_t *text, FILE *to);

#endif
