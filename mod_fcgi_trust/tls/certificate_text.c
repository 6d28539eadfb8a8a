/* From the string types of ASN.1 (X.680 §41) to UTF-8. */
#include "certificate_text.h"

#include "text.h"

static fct_bytes_t bytes_of(const ASN1_STRING *string)
{
    int len = ASN1_STRING_length(string);

    return fct_bytes_make(len > 0 ? (const char *)ASN1_STRING_get0_data(string) : "", len > 0 ? (apr_size_t)len : 0);
}

static fct_bytes_t copy(fct_bytes_t text, apr_pool_t *p)
{
    return fct_bytes_make(fct_bytes_string(text, p), text.len);
}

static int is_ascii(fct_bytes_t text)
{
    apr_size_t i;

    for (i = 0; i < text.len; i++) {
        if ((unsigned char)text.at[i] > 0x7f) {
            return 0;
        }
    }
    return 1;
}

static char *put_character(char *to, unsigned long c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
    }
    else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
    }
    else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
    }
    *to++ = (char)(0x80 | (c & 0x3f));
    return to;
}

static int is_character(unsigned long c)
{
    return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

/* width: how many bytes, big end first, are one character. UCS-2 has no surrogate pairs. */
static fct_bytes_t convert_wide(fct_bytes_t text, apr_size_t width, apr_pool_t *p)
{
    char *out = apr_palloc(p, text.len * 2 + 1), *to = out;
    apr_size_t i, k;

    if (text.len % width != 0) {
        return FCT_BYTES_ABSENT;
    }
    for (i = 0; i < text.len; i += width) {
        unsigned long c = 0;

        for (k = 0; k < width; k++) {
            c = c << 8 | (unsigned char)text.at[i + k];
        }
        if (!is_character(c)) {
            return FCT_BYTES_ABSENT;
        }
        to = put_character(to, c);
    }
    *to = '\0';
    return fct_bytes_make(out, (apr_size_t)(to - out));
}

fct_bytes_t fct_certificate_text_ia5(const ASN1_STRING *string, apr_pool_t *p)
{
    fct_bytes_t text = bytes_of(string);

    return is_ascii(text) ? copy(text, p) : FCT_BYTES_ABSENT;
}

fct_bytes_t fct_certificate_text_utf8(const ASN1_STRING *string, apr_pool_t *p)
{
    fct_bytes_t text = bytes_of(string);

    switch (ASN1_STRING_type(string)) {
    case V_ASN1_UTF8STRING:
        return fct_text_is_utf8(text) ? copy(text, p) : FCT_BYTES_ABSENT;
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_NUMERICSTRING:
    case V_ASN1_VISIBLESTRING:
    case V_ASN1_T61STRING:
        return fct_certificate_text_ia5(string, p);
    case V_ASN1_BMPSTRING:
        return convert_wide(text, 2, p);
    case V_ASN1_UNIVERSALSTRING:
        return convert_wide(text, 4, p);
    default:
        return FCT_BYTES_ABSENT;
    }
}
