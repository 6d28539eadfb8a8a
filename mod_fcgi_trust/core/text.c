/* Texts: whether two are the same, and those with a grammar of their own, UTF-8 and distinguished names. */
#include "text.h"

int fct_text_is_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* --- UTF-8 (RFC 3629 §4) --- */

static int is_between(unsigned char c, unsigned char low, unsigned char high)
{
    return c >= low && c <= high;
}

/* The length of the character at the front, 0 if there is none. */
static apr_size_t measure_character(const unsigned char *at, apr_size_t left)
{
    static const struct {
        unsigned char first_low, first_high, second_low, second_high;
        apr_size_t len;
    } rows[] = {
        { 0xc2, 0xdf, 0x80, 0xbf, 2 },
        { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
        { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
        { 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
    };
    apr_size_t i, k;

    if (at[0] < 0x80) {
        return 1;
    }
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!is_between(at[0], rows[i].first_low, rows[i].first_high)) {
            continue;
        }
        if (left < rows[i].len || !is_between(at[1], rows[i].second_low, rows[i].second_high)) {
            return 0;
        }
        for (k = 2; k < rows[i].len; k++) {
            if (!is_between(at[k], 0x80, 0xbf)) {
                return 0;
            }
        }
        return rows[i].len;
    }
    return 0;
}

apr_size_t fct_text_character(fct_bytes_t text)
{
    return measure_character((const unsigned char *)text.at, text.len);
}

int fct_text_is_utf8(fct_bytes_t text)
{
    apr_size_t len;

    while (text.len > 0) {
        len = measure_character((const unsigned char *)text.at, text.len);
        if (len == 0) {
            return 0;
        }
        text = fct_bytes_from(text, len);
    }
    return 1;
}

/* --- distinguished names (RFC 4514 §3) --- */

static int is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Consumes "CN=" or "2.5.4.3=". */
static int take_type(fct_bytes_t *text)
{
    apr_size_t i = 0;
    int is_oid;

    if (text->len == 0 || (!is_alpha(text->at[0]) && !is_digit(text->at[0]))) {
        return 0;
    }
    is_oid = is_digit(text->at[0]);
    while (i < text->len && (is_digit(text->at[i]) || (is_oid ? text->at[i] == '.' : is_alpha(text->at[i]) || text->at[i] == '-'))) {
        i++;
    }
    if (i == text->len || text->at[i] != '=') {
        return 0;
    }
    *text = fct_bytes_from(*text, i + 1);
    return 1;
}

/* Consumes one escape; the backslash is at the front. */
static int take_escape(fct_bytes_t *text)
{
    if (text->len >= 2 && text->at[1] != '\0' && strchr(" \"#+,;<=>\\", text->at[1])) {
        *text = fct_bytes_from(*text, 2);
        return 1;
    }
    if (text->len >= 3 && is_hex(text->at[1]) && is_hex(text->at[2])) {
        *text = fct_bytes_from(*text, 3);
        return 1;
    }
    return 0;
}

/* Consumes a value up to ',' or '+' or the end. */
static int take_value(fct_bytes_t *text)
{
    if (text->len > 0 && text->at[0] == ' ') {
        return 0;
    }
    while (text->len > 0 && text->at[0] != ',' && text->at[0] != '+') {
        if (text->at[0] == '\\') {
            if (!take_escape(text)) {
                return 0;
            }
            continue;
        }
        if (text->at[0] == '\0' || strchr("\";<>", text->at[0])) {
            return 0;
        }
        *text = fct_bytes_from(*text, 1);
    }
    return 1;
}

int fct_text_is_dn(fct_bytes_t text)
{
    if (!fct_text_is_utf8(text)) {
        return 0;
    }
    for (;;) {
        if (!take_type(&text) || !take_value(&text)) {
            return 0;
        }
        if (text.len == 0) {
            return 1;
        }
        text = fct_bytes_from(text, 1);
    }
}
