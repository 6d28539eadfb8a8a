/* DER for unit tests, written by hand: what no tool would make can be made, too. */
#ifndef DER_H
#define DER_H

#include "bytes.h"

#include <apr_strings.h>
#include <stdlib.h>

#define DER_SEQUENCE 0x30
#define DER_SET 0x31
#define DER_BOOLEAN 0x01
#define DER_INTEGER 0x02
#define DER_BIT_STRING 0x03
#define DER_OCTET_STRING 0x04
#define DER_UTF8 0x0c
#define DER_NUMERIC 0x12
#define DER_PRINTABLE 0x13
#define DER_T61 0x14
#define DER_IA5 0x16
#define DER_UTC_TIME 0x17
#define DER_GENERAL_TIME 0x18
#define DER_UNIVERSAL 0x1c
#define DER_BMP 0x1e

static apr_pool_t *der_pool;

/* A string literal with all its bytes, NUL among them. */
#define DER_BYTES(literal) fct_bytes_make(literal, sizeof(literal) - 1)
#define DER_NOTHING DER_BYTES("")

static inline fct_bytes_t der_join(fct_bytes_t a, fct_bytes_t b)
{
    char *out = apr_palloc(der_pool, a.len + b.len + 1);

    memcpy(out, a.at, a.len);
    memcpy(out + a.len, b.at, b.len);
    return fct_bytes_make(out, a.len + b.len);
}

static inline fct_bytes_t der_tlv(int tag, fct_bytes_t content)
{
    char head[5];
    apr_size_t n = 0;

    head[n++] = (char)tag;
    if (content.len > 0xffff) {
        head[n++] = (char)0x83;
        head[n++] = (char)(content.len >> 16);
        head[n++] = (char)(content.len >> 8);
    }
    else if (content.len > 0xff) {
        head[n++] = (char)0x82;
        head[n++] = (char)(content.len >> 8);
    }
    else if (content.len > 0x7f) {
        head[n++] = (char)0x81;
    }
    head[n++] = (char)content.len;
    return der_join(fct_bytes_make(apr_pmemdup(der_pool, head, n), n), content);
}

static inline fct_bytes_t der_oid(const char *dotted)
{
    char *end, *out = apr_palloc(der_pool, 64), *to = out;
    unsigned long first = strtoul(dotted, &end, 10), n = first * 40 + strtoul(end + 1, &end, 10);

    for (;; n = strtoul(end + 1, &end, 10)) {
        int shift = 28;

        while (shift > 0 && n >> shift == 0) {
            shift -= 7;
        }
        for (; shift >= 0; shift -= 7) {
            *to++ = (char)((n >> shift & 0x7f) | (shift ? 0x80 : 0));
        }
        if (*end != '.') {
            return der_tlv(0x06, fct_bytes_make(out, (apr_size_t)(to - out)));
        }
    }
}

/* AttributeTypeAndValue */
static inline fct_bytes_t der_attribute(const char *oid, int tag, fct_bytes_t value)
{
    return der_tlv(DER_SEQUENCE, der_join(der_oid(oid), der_tlv(tag, value)));
}

/* An RDN of one attribute. */
static inline fct_bytes_t der_rdn(const char *oid, int tag, fct_bytes_t value)
{
    return der_tlv(DER_SET, der_attribute(oid, tag, value));
}

/* Extension */
static inline fct_bytes_t der_extension(const char *oid, fct_bytes_t value)
{
    return der_tlv(DER_SEQUENCE, der_join(der_oid(oid), der_tlv(DER_OCTET_STRING, value)));
}

static inline fct_bytes_t der_san(fct_bytes_t names)
{
    return der_extension("2.5.29.17", der_tlv(DER_SEQUENCE, names));
}

typedef struct der_certificate_t {
    fct_bytes_t serial;            /* content of the INTEGER */
    fct_bytes_t issuer;            /* RDNs */
    fct_bytes_t subject;
    fct_bytes_t not_before;        /* with its tag */
    fct_bytes_t not_after;
    fct_bytes_t extensions;
} der_certificate_t;

static inline der_certificate_t der_certificate_default(void)
{
    der_certificate_t c = { DER_BYTES("\x01"), DER_NOTHING, DER_NOTHING, DER_NOTHING, DER_NOTHING, DER_NOTHING };

    c.issuer = der_rdn("2.5.4.3", DER_UTF8, DER_BYTES("ca"));
    c.subject = der_rdn("2.5.4.3", DER_UTF8, DER_BYTES("alice"));
    c.not_before = der_tlv(DER_UTC_TIME, DER_BYTES("260101000000Z"));
    c.not_after = der_tlv(DER_UTC_TIME, DER_BYTES("270131235959Z"));
    return c;
}

/* A certificate that nobody signed: RFC 5280 §4.1. */
static inline fct_bytes_t der_certificate(const der_certificate_t *c)
{
    fct_bytes_t algorithm = der_tlv(DER_SEQUENCE, der_oid("1.3.101.112"));
    fct_bytes_t key = der_tlv(DER_SEQUENCE, der_join(algorithm, der_tlv(DER_BIT_STRING, DER_BYTES("\0" "0123456789abcdef0123456789abcdef"))));
    fct_bytes_t tbs = der_tlv(0xa0, der_tlv(DER_INTEGER, DER_BYTES("\x02")));

    tbs = der_join(tbs, der_tlv(DER_INTEGER, c->serial));
    tbs = der_join(tbs, algorithm);
    tbs = der_join(tbs, der_tlv(DER_SEQUENCE, c->issuer));
    tbs = der_join(tbs, der_tlv(DER_SEQUENCE, der_join(c->not_before, c->not_after)));
    tbs = der_join(tbs, der_tlv(DER_SEQUENCE, c->subject));
    tbs = der_join(tbs, key);
    if (c->extensions.len) {
        tbs = der_join(tbs, der_tlv(0xa3, der_tlv(DER_SEQUENCE, c->extensions)));
    }
    tbs = der_tlv(DER_SEQUENCE, tbs);
    return der_tlv(DER_SEQUENCE, der_join(der_join(tbs, algorithm), der_tlv(DER_BIT_STRING, DER_BYTES("\0signature"))));
}

#endif
