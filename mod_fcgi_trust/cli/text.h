/* Text that grows: what the tool prints or sends, with foreign bytes escaped for where they go. */
#ifndef FCT_TEXT_H
#define FCT_TEXT_H

#include "bytes.h"

typedef struct fct_text_t {
    apr_pool_t *pool;
    char *at;
    apr_size_t len;
    apr_size_t room;
} fct_text_t;

void fct_text_init(fct_text_t *text, apr_pool_t *p);

void fct_text_add(fct_text_t *text, const char *at, apr_size_t len);

void fct_text_add_string(fct_text_t *text, const char *s);

void fct_text_addf(fct_text_t *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* For one line of text: control bytes, backslash and what is no UTF-8 as \xNN; so are the bytes in `also`. */
void fct_text_add_line_escaped(fct_text_t *text, fct_bytes_t bytes, const char *also);

/* For HTML text and quoted attributes; what cannot stand in HTML, as \xNN. */
void fct_text_add_html(fct_text_t *text, fct_bytes_t bytes);

/* A JSON string with its quotes. What is no UTF-8 becomes U+FFFD: see fct_text_is_utf8. */
void fct_text_add_json(fct_text_t *text, fct_bytes_t bytes);

void fct_text_add_hex(fct_text_t *text, fct_bytes_t bytes);

/* Every byte belongs to a well-formed UTF-8 sequence (RFC 3629). */
int fct_text_is_utf8(fct_bytes_t bytes);

fct_bytes_t fct_text_bytes(const fct_text_t *text);

#endif
