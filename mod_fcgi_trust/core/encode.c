/* encode="…" (POLICY 3): bytes as text that any header or parameter can carry. */
#include "encode.h"

static const char *const names[] = {
    [FCT_ENCODE_NONE] = "none", [FCT_ENCODE_BASE64] = "base64", [FCT_ENCODE_BASE64URL] = "base64url",
    [FCT_ENCODE_PERCENT] = "percent",
};

fct_encode_kind_t fct_encode_parse(const char *text)
{
    int kind;

    for (kind = FCT_ENCODE_BASE64; text && kind <= FCT_ENCODE_PERCENT; kind++) {
        if (strcmp(text, names[kind]) == 0) {
            return (fct_encode_kind_t)kind;
        }
    }
    return FCT_ENCODE_NONE;
}

const char *fct_encode_name(fct_encode_kind_t kind)
{
    return names[kind];
}

/* Three bytes become four digits; of the last ones, as many as they fill. */
static fct_bytes_t encode_base64(fct_bytes_t value, const char *digits, int is_padded, apr_pool_t *p)
{
    char *out = apr_palloc(p, (value.len + 2) / 3 * 4 + 1);
    char *to = out;
    apr_size_t i, k;

    for (i = 0; i < value.len; i += 3) {
        apr_size_t left = value.len - i < 3 ? value.len - i : 3;
        unsigned long group = 0;

        for (k = 0; k < 3; k++) {
            group = group << 8 | (k < left ? (unsigned char)value.at[i + k] : 0u);
        }
        for (k = 0; k < 4; k++) {
            if (k <= left) {
                *to++ = digits[group >> (18 - 6 * k) & 63];
            }
            else if (is_padded) {
                *to++ = '=';
            }
        }
    }
    *to = '\0';
    return fct_bytes_make(out, (apr_size_t)(to - out));
}

static int is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

static fct_bytes_t encode_percent(fct_bytes_t value, apr_pool_t *p)
{
    static const char hex[] = "0123456789ABCDEF";
    char *out = apr_palloc(p, value.len * 3 + 1);
    char *to = out;
    apr_size_t i;

    for (i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];

        if (is_unreserved(c)) {
            *to++ = (char)c;
            continue;
        }
        *to++ = '%';
        *to++ = hex[c >> 4];
        *to++ = hex[c & 15];
    }
    *to = '\0';
    return fct_bytes_make(out, (apr_size_t)(to - out));
}

fct_bytes_t fct_encode_apply(fct_encode_kind_t kind, fct_bytes_t value, apr_pool_t *p)
{
    static const char common[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    switch (kind) {
    case FCT_ENCODE_BASE64:
        return encode_base64(value, common, 1, p);
    case FCT_ENCODE_BASE64URL:
        return encode_base64(value, url, 0, p);
    case FCT_ENCODE_PERCENT:
        return encode_percent(value, p);
    case FCT_ENCODE_NONE:
        break;
    }
    return value;
}
