/* Text that grows. */
#include <stdarg.h>

#include <apr_strings.h>

#include "out.h"

void fct_out_init(fct_out_t *text, apr_pool_t *p)
{
    text->pool = p;
    text->at = NULL;
    text->len = 0;
    text->room = 0;
}

static void make_room(fct_out_t *text, apr_size_t more)
{
    apr_size_t room = text->room ? text->room : 256;
    char *at;

    if (text->room - text->len >= more) {
        return;
    }
    while (room - text->len < more) {
        room *= 2;
    }
    at = apr_palloc(text->pool, room);
    if (text->len) {
        memcpy(at, text->at, text->len);
    }
    text->at = at;
    text->room = room;
}

void fct_out_add(fct_out_t *text, const char *at, apr_size_t len)
{
    if (len) {
        make_room(text, len);
        memcpy(text->at + text->len, at, len);
        text->len += len;
    }
}

void fct_out_add_string(fct_out_t *text, const char *s)
{
    fct_out_add(text, s, strlen(s));
}

void fct_out_addf(fct_out_t *text, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fct_out_add_string(text, apr_pvsprintf(text->pool, fmt, ap));
    va_end(ap);
}

fct_bytes_t fct_out_bytes(const fct_out_t *text)
{
    return fct_bytes_make(text->at ? text->at : "", text->len);
}

void fct_out_print(const fct_out_t *text, FILE *to)
{
    if (text->len) {
        fwrite(text->at, 1, text->len, to);
    }
}

static const char hex_digits[] = "0123456789abcdef";

void fct_out_add_hex(fct_out_t *text, fct_bytes_t bytes)
{
    apr_size_t i;

    make_room(text, 2 * bytes.len);
    for (i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.at[i];

        text->at[text->len++] = hex_digits[c >> 4];
        text->at[text->len++] = hex_digits[c & 15];
    }
}
