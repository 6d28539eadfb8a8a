/* Percent encoding, PEM armour, base64: strictly, each. */
#include "certificate_decode.h"

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

/* --- base64 (RFC 4648 §4) --- */

static int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The padding at the end, 0 to 2. */
static apr_size_t padding_of(fct_bytes_t text)
{
    if (text.len < 4 || text.at[text.len - 1] != '=') {
        return 0;
    }
    return text.at[text.len - 2] == '=' ? 2 : 1;
}

/* Canonical: the bits that the padding leaves over are zero, so that no two texts mean the same bytes. */
static fct_bytes_t decode_base64(fct_bytes_t text, apr_pool_t *p)
{
    apr_size_t i, padding = padding_of(text), digits = text.len - padding, n = 0;
    char *out = apr_palloc(p, text.len / 4 * 3 + 1);
    unsigned long bits = 0;

    if (text.len == 0 || text.len % 4 != 0) {
        return FCT_BYTES_ABSENT;
    }
    for (i = 0; i < digits; i++) {
        int digit = digit_of(text.at[i]);

        if (digit < 0) {
            return FCT_BYTES_ABSENT;
        }
        bits = (bits << 6 | (unsigned long)digit) & 0xffffff;
        if (i % 4 != 0) {
            out[n++] = (char)(bits >> (6 - 2 * (i % 4)) & 0xff);
        }
    }
    if (bits & (padding == 2 ? 15u : padding == 1 ? 3u : 0u)) {
        return FCT_BYTES_ABSENT;
    }
    return fct_bytes_make(out, n);
}

/* --- PEM (RFC 7468 §5.1) --- */

static int take(fct_bytes_t *text, const char *what)
{
    if (!fct_bytes_starts_with(*text, fct_bytes_of(what))) {
        return 0;
    }
    *text = fct_bytes_from(*text, strlen(what));
    return 1;
}

static int take_line_end(fct_bytes_t *text)
{
    return take(text, "\r\n") || take(text, "\n");
}

/* The digits of all lines up to the one that ends the block; each line has at least one. */
static fct_bytes_t take_lines(fct_bytes_t *text, apr_pool_t *p)
{
    char *out = apr_palloc(p, text->len + 1), *to = out;

    while (text->len && text->at[0] != '-') {
        const char *line = text->at;

        while (text->len && text->at[0] != '\r' && text->at[0] != '\n') {
            *to++ = text->at[0];
            *text = fct_bytes_from(*text, 1);
        }
        if (text->at == line || !take_line_end(text)) {
            return FCT_BYTES_ABSENT;
        }
    }
    return fct_bytes_make(out, (apr_size_t)(to - out));
}

fct_bytes_t fct_certificate_decode_pem(fct_bytes_t text, apr_pool_t *p)
{
    fct_bytes_t digits;

    if (!take(&text, BEGIN) || !take_line_end(&text)) {
        return FCT_BYTES_ABSENT;
    }
    digits = take_lines(&text, p);
    if (fct_bytes_is_absent(digits) || !take(&text, END)) {
        return FCT_BYTES_ABSENT;
    }
    take_line_end(&text);
    return text.len ? FCT_BYTES_ABSENT : decode_base64(digits, p);
}

/* --- percent (RFC 3986 §2.1) --- */

static int hex_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)fct_bytes_lower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static fct_bytes_t decode_percent(fct_bytes_t text, apr_pool_t *p)
{
    char *out = apr_palloc(p, text.len + 1);
    apr_size_t i, n = 0;

    for (i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (c == '%') {
            int high = i + 2 < text.len ? hex_of(text.at[i + 1]) : -1, low = i + 2 < text.len ? hex_of(text.at[i + 2]) : -1;

            if (high < 0 || low < 0) {
                return FCT_BYTES_ABSENT;
            }
            c = (char)(high << 4 | low);
            i += 2;
        }
        else if (c <= ' ' || c > '~') {
            return FCT_BYTES_ABSENT;
        }
        out[n++] = c;
    }
    return fct_bytes_make(out, n);
}

/* --- RFC 9440 §2.2: a byte sequence of RFC 8941 §3.3.5, without parameters --- */

static fct_bytes_t decode_byte_sequence(fct_bytes_t text, apr_pool_t *p)
{
    if (text.len < 2 || text.at[0] != ':' || text.at[text.len - 1] != ':') {
        return FCT_BYTES_ABSENT;
    }
    return decode_base64(fct_bytes_make(text.at + 1, text.len - 2), p);
}

fct_bytes_t fct_certificate_decode_text(fct_bytes_t text, fct_certificate_format_t format, apr_pool_t *p)
{
    fct_bytes_t plain;

    switch (format) {
    case FCT_CERTIFICATE_FORMAT_PEM_PERCENT:
        plain = decode_percent(text, p);
        return fct_bytes_is_absent(plain) ? plain : fct_certificate_decode_pem(plain, p);
    case FCT_CERTIFICATE_FORMAT_DER_BASE64:
        return decode_base64(text, p);
    case FCT_CERTIFICATE_FORMAT_RFC9440:
        return decode_byte_sequence(text, p);
    default:
        return FCT_BYTES_ABSENT;
    }
}
