/* Text that grows, and the three ways of escaping foreign bytes in it. */
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

static int is_continuation(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* Length of the well-formed UTF-8 sequence at the start of the bytes (not empty), or 0. */
static apr_size_t sequence_len(const unsigned char *s, apr_size_t len)
{
    static const struct {
        unsigned char first, last, low, high;      /* leading byte from-to, second byte from-to */
        unsigned char len;
    } forms[] = {
        { 0x00, 0x7F, 0x80, 0xBF, 1 }, { 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 },
        { 0xE1, 0xEC, 0x80, 0xBF, 3 }, { 0xED, 0xED, 0x80, 0x9F, 3 }, { 0xEE, 0xEF, 0x80, 0xBF, 3 },
        { 0xF0, 0xF0, 0x90, 0xBF, 4 }, { 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
    };
    apr_size_t f, i;

    for (f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
        if (s[0] < forms[f].first || s[0] > forms[f].last) {
            continue;
        }
        if (forms[f].len > len || (forms[f].len > 1 && (s[1] < forms[f].low || s[1] > forms[f].high))) {
            return 0;
        }
        for (i = 2; i < forms[f].len; i++) {
            if (!is_continuation(s[i])) {
                return 0;
            }
        }
        return forms[f].len;
    }
    return 0;
}

/* C0, DEL and C1 (as UTF-8: C2 80 to C2 9F) do not show, or steer a terminal. */
static int is_control(const unsigned char *s, apr_size_t len)
{
    return s[0] < 0x20 || s[0] == 0x7F || (len == 2 && s[0] == 0xC2 && s[1] < 0xA0);
}

static const char digits[] = "0123456789abcdef";

static void add_as_numbers(fct_out_t *text, const unsigned char *s, apr_size_t len)
{
    apr_size_t i;

    for (i = 0; i < len; i++) {
        const char number[4] = { '\\', 'x', digits[s[i] >> 4], digits[s[i] & 15] };

        fct_out_add(text, number, sizeof(number));
    }
}

static void add_json_control(fct_out_t *text, unsigned char c)
{
    const char number[6] = { '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] };

    fct_out_add(text, number, sizeof(number));
}

/* The bytes that do not show in a line, and those in `also`, become \xNN. */
static void add_escaped(fct_out_t *text, fct_bytes_t bytes, const char *also)
{
    apr_size_t at = 0;

    while (at < bytes.len) {
        const unsigned char *s = (const unsigned char *)bytes.at + at;
        apr_size_t len = sequence_len(s, bytes.len - at);

        if (!len || is_control(s, len) || strchr(also, s[0])) {
            len = len ? len : 1;
            add_as_numbers(text, s, len);
        } else {
            fct_out_add(text, (const char *)s, len);
        }
        at += len;
    }
}

void fct_out_add_line_escaped(fct_out_t *text, fct_bytes_t bytes, const char *also)
{
    add_escaped(text, bytes, apr_pstrcat(text->pool, "\\", also, NULL));
}

void fct_out_add_visible(fct_out_t *text, fct_bytes_t bytes)
{
    add_escaped(text, bytes, "");
}

static const char *html_entity(unsigned char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

void fct_out_add_html(fct_out_t *text, fct_bytes_t bytes)
{
    apr_size_t at = 0;

    while (at < bytes.len) {
        const unsigned char *s = (const unsigned char *)bytes.at + at;
        apr_size_t len = sequence_len(s, bytes.len - at);
        const char *entity = html_entity(s[0]);

        if (!len || is_control(s, len) || s[0] == '\\') {
            len = len ? len : 1;
            add_as_numbers(text, s, len);
        } else if (entity) {
            fct_out_add_string(text, entity);
        } else {
            fct_out_add(text, (const char *)s, len);
        }
        at += len;
    }
}

void fct_out_add_json(fct_out_t *text, fct_bytes_t bytes)
{
    apr_size_t at = 0;

    fct_out_add_string(text, "\"");
    while (at < bytes.len) {
        const unsigned char *s = (const unsigned char *)bytes.at + at;
        apr_size_t len = sequence_len(s, bytes.len - at);

        if (!len) {
            fct_out_add_string(text, "\\ufffd");
            len = 1;
        } else if (is_control(s, len)) {
            add_json_control(text, len == 2 ? s[1] : s[0]);
        } else {
            fct_out_add(text, "\\", s[0] == '"' || s[0] == '\\');
            fct_out_add(text, (const char *)s, len);
        }
        at += len;
    }
    fct_out_add_string(text, "\"");
}

void fct_out_add_hex(fct_out_t *text, fct_bytes_t bytes)
{
    apr_size_t i;

    make_room(text, 2 * bytes.len);
    for (i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.at[i];

        text->at[text->len++] = digits[c >> 4];
        text->at[text->len++] = digits[c & 15];
    }
}
