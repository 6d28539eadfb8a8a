/* The ways of escaping foreign bytes, each for where they go. */
#include <apr_strings.h>

#include "out.h"

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

/* The code point of a well-formed sequence. */
static unsigned long code_point(const unsigned char *s, apr_size_t len)
{
    static const unsigned char masks[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
    unsigned long point = s[0] & masks[len];
    apr_size_t i;

    for (i = 1; i < len; i++) {
        point = (point << 6) | (s[i] & 0x3F);
    }
    return point;
}

/* Characters that do not show, steer a terminal, turn text around, or that XML does not have. Sorted. */
static int is_hidden(unsigned long point)
{
    static const struct {
        unsigned long first, last;
    } ranges[] = {
        { 0x00, 0x1F }, { 0x7F, 0x9F }, { 0xAD, 0xAD }, { 0x34F, 0x34F }, { 0x61C, 0x61C }, { 0x115F, 0x1160 }, { 0x17B4, 0x17B5 },
        { 0x180B, 0x180F }, { 0x200B, 0x200F }, { 0x2028, 0x202E }, { 0x2060, 0x206F }, { 0x3164, 0x3164 }, { 0xFEFF, 0xFEFF },
        { 0xFFA0, 0xFFA0 }, { 0xFFF0, 0xFFFB }, { 0xFFFE, 0xFFFF }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A }, { 0xE0000, 0xE0FFF },
    };
    apr_size_t i;

    for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (point >= ranges[i].first && point <= ranges[i].last) {
            return 1;
        }
    }
    return 0;
}

static int is_control(unsigned long point)
{
    return point < 0x20 || (point >= 0x7F && point < 0xA0);
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

/* What does not show in a line, and the bytes in `also`, become \xNN. */
static void add_escaped(fct_out_t *text, fct_bytes_t bytes, const char *also)
{
    apr_size_t at = 0;

    while (at < bytes.len) {
        const unsigned char *s = (const unsigned char *)bytes.at + at;
        apr_size_t len = sequence_len(s, bytes.len - at);

        if (!len || is_hidden(code_point(s, len)) || strchr(also, s[0])) {
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

        if (!len || is_hidden(code_point(s, len)) || s[0] == '\\') {
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
        } else if (is_control(code_point(s, len))) {
            add_json_control(text, len == 2 ? s[1] : s[0]);
        } else {
            fct_out_add(text, "\\", s[0] == '"' || s[0] == '\\');
            fct_out_add(text, (const char *)s, len);
        }
        at += len;
    }
    fct_out_add_string(text, "\"");
}

void fct_out_add_shown(fct_out_t *text, fct_bytes_t bytes)
{
    apr_size_t at = 0;

    while (at < bytes.len) {
        const unsigned char *s = (const unsigned char *)bytes.at + at;
        apr_size_t len = sequence_len(s, bytes.len - at);

        if (len && !is_hidden(code_point(s, len))) {
            fct_out_add(text, (const char *)s, len);
        } else if (len) {
            fct_out_addf(text, "[U+%04lX]", code_point(s, len));
        } else {
            fct_out_addf(text, "[byte %02X]", s[0]);
            len = 1;
        }
        at += len;
    }
}

void fct_out_add_entities(fct_out_t *text, fct_bytes_t bytes)
{
    apr_size_t i;

    for (i = 0; i < bytes.len; i++) {
        const char *entity = html_entity((unsigned char)bytes.at[i]);

        if (entity) {
            fct_out_add_string(text, entity);
        } else {
            fct_out_add(text, bytes.at + i, 1);
        }
    }
}
