/* One certificate, field by field. */
#include "client_certificate.h"

#include <apr_strings.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "certificate_decode.h"
#include "certificate_name.h"
#include "certificate_path.h"
#include "certificate_san.h"
#include "digest.h"
#include "encode.h"

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----\n"
#define PEM_END "-----END CERTIFICATE-----\n"
#define PEM_LINE 64

static void add(fct_certificate_sheet_t *sheet, fct_certificate_field_id_t id, fct_bytes_t value)
{
    fct_certificate_sheet_add(sheet, id, FCT_BYTES_ABSENT, value);
}

/* --- plain fields --- */

/* As SSL_CLIENT_M_SERIAL: pairs of digits, a minus before what is negative, "00" for zero. */
static fct_bytes_t serial_text(const X509 *x509, apr_pool_t *p)
{
    static const char digits[] = "0123456789ABCDEF";
    const ASN1_INTEGER *serial = X509_get0_serialNumber(x509);
    const unsigned char *at = ASN1_STRING_get0_data(serial);
    int i, len = ASN1_STRING_length(serial);
    char *text = apr_palloc(p, 2 * (apr_size_t)len + 4), *to = text;

    if (ASN1_STRING_type(serial) & V_ASN1_NEG) {
        *to++ = '-';
    }
    for (i = 0; i < len; i++) {
        *to++ = digits[at[i] >> 4];
        *to++ = digits[at[i] & 15];
    }
    if (len == 0) {
        *to++ = '0';
        *to++ = '0';
    }
    *to = '\0';
    return fct_bytes_make(text, (apr_size_t)(to - text));
}

/* RFC 3339 in UTC: "2026-01-31T08:00:00Z". */
static fct_bytes_t time_text(const ASN1_TIME *at, apr_pool_t *p)
{
    struct tm tm;

    if (!ASN1_TIME_to_tm(at, &tm)) {
        return FCT_BYTES_ABSENT;
    }
    return fct_bytes_of(apr_psprintf(p, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                                     tm.tm_sec));
}

static fct_bytes_t pem_text(fct_bytes_t base64, apr_pool_t *p)
{
    apr_size_t len = sizeof(PEM_BEGIN) + base64.len + base64.len / PEM_LINE + 1 + sizeof(PEM_END), n;
    char *text = apr_palloc(p, len), *to = text;

    memcpy(to, PEM_BEGIN, sizeof(PEM_BEGIN) - 1);
    to += sizeof(PEM_BEGIN) - 1;
    for (; base64.len; base64 = fct_bytes_from(base64, n)) {
        n = base64.len < PEM_LINE ? base64.len : PEM_LINE;
        memcpy(to, base64.at, n);
        to += n;
        *to++ = '\n';
    }
    memcpy(to, PEM_END, sizeof(PEM_END));
    return fct_bytes_make(text, (apr_size_t)(to - text) + sizeof(PEM_END) - 1);
}

static void add_encoded(fct_certificate_sheet_t *sheet, fct_bytes_t der)
{
    fct_bytes_t base64 = fct_encode_apply(FCT_ENCODE_BASE64, der, sheet->p);

    add(sheet, FCT_CERTIFICATE_CERTIFICATE_PEM, pem_text(base64, sheet->p));
    add(sheet, FCT_CERTIFICATE_CERTIFICATE_DER_BASE64, base64);
    add(sheet, FCT_CERTIFICATE_CERTIFICATE_RFC9440, fct_bytes_of(apr_pstrcat(sheet->p, ":", base64.at, ":", NULL)));
}

/* --- one certificate --- */

/* Exactly these bytes again when it is encoded: DER has one form. NULL: no certificate. The caller frees it. */
static X509 *parse(fct_bytes_t der)
{
    const unsigned char *at = (const unsigned char *)der.at;
    unsigned char *again = NULL;
    X509 *x509 = NULL;
    int len;

    if (der.len > 0 && der.len <= FCT_CLIENT_CERTIFICATE_MAX_DER) {
        x509 = d2i_X509(NULL, &at, (long)der.len);
    }
    len = x509 ? i2d_X509(x509, &again) : -1;
    if (len < 0 || !fct_bytes_equal(der, fct_bytes_make((const char *)again, (apr_size_t)len))) {
        X509_free(x509);
        x509 = NULL;
    }
    OPENSSL_free(again);
    return x509;
}

static void add_names(fct_certificate_sheet_t *sheet, const X509 *x509)
{
    static const fct_certificate_name_fields_t subject = {
        FCT_CERTIFICATE_SUBJECT, FCT_CERTIFICATE_SUBJECT_LEGACY, FCT_CERTIFICATE_SUBJECT_ATTRIBUTE
    };
    static const fct_certificate_name_fields_t issuer = {
        FCT_CERTIFICATE_ISSUER, FCT_CERTIFICATE_ISSUER_LEGACY, FCT_CERTIFICATE_ISSUER_ATTRIBUTE
    };

    fct_certificate_name_read(sheet, X509_get_subject_name(x509), &subject);
    fct_certificate_name_read(sheet, X509_get_issuer_name(x509), &issuer);
}

/* NULL: OpenSSL has no digest or no memory. */
static fct_client_certificate_t *describe(fct_certificate_sheet_t *sheet, fct_bytes_t der, const X509 *x509)
{
    fct_client_certificate_t *certificate = apr_pcalloc(sheet->p, sizeof(*certificate));

    certificate->sha256 = fct_digest_hex(der, sheet->p);
    if (!certificate->sha256) {
        return NULL;
    }
    add_names(sheet, x509);
    add(sheet, FCT_CERTIFICATE_SERIAL, serial_text(x509, sheet->p));
    add(sheet, FCT_CERTIFICATE_NOT_BEFORE, time_text(X509_get0_notBefore(x509), sheet->p));
    add(sheet, FCT_CERTIFICATE_NOT_AFTER, time_text(X509_get0_notAfter(x509), sheet->p));
    fct_certificate_san_read(sheet, x509);
    add_encoded(sheet, der);
    return certificate;
}

static fct_client_certificate_t *read_certificate(fct_certificate_sheet_t *sheet, fct_bytes_t der, apr_pool_t *p)
{
    fct_client_certificate_t *certificate = NULL;
    X509 *x509;

    ERR_set_mark();
    x509 = parse(der);
    sheet->values = apr_array_make(p, 24, sizeof(fct_certificate_value_t));
    sheet->p = p;
    if (x509) {
        certificate = describe(sheet, der, x509);
        X509_free(x509);
    }
    ERR_pop_to_mark();
    return certificate;
}

/* --- what came beside it --- */

/* Of what the client sent, only what signed its certificate says anything of it: anybody can send more. */
static void add_path(fct_certificate_sheet_t *sheet, X509 *leaf, X509 *const *sent, const fct_bytes_t *chain_der, apr_size_t nchain)
{
    apr_size_t *path = apr_palloc(sheet->p, nchain * sizeof(*path));
    apr_size_t i, n = fct_certificate_path_find(leaf, sent, nchain, path);

    for (i = 0; i < n; i++) {
        fct_bytes_t base64 = fct_encode_apply(FCT_ENCODE_BASE64, chain_der[path[i]], sheet->p);

        add(sheet, FCT_CERTIFICATE_CHAIN, pem_text(base64, sheet->p));
    }
}

static int add_chain(fct_certificate_sheet_t *sheet, fct_bytes_t der, const fct_bytes_t *chain_der, apr_size_t nchain)
{
    X509 **sent = apr_pcalloc(sheet->p, (nchain + 1) * sizeof(*sent));
    X509 *leaf;
    apr_size_t i, k;
    int is_whole;

    ERR_set_mark();
    leaf = parse(der);
    for (i = 0; i < nchain && (sent[i] = parse(chain_der[i])) != NULL; i++) {
        /* up to the first that is none */
    }
    is_whole = leaf && i == nchain;
    if (is_whole) {
        add_path(sheet, leaf, sent, chain_der, nchain);
    }
    for (k = 0; k < i; k++) {
        X509_free(sent[k]);
    }
    X509_free(leaf);
    ERR_pop_to_mark();
    return is_whole;
}

static const fct_client_certificate_t *finish(fct_client_certificate_t *certificate, const fct_certificate_sheet_t *sheet)
{
    if (certificate) {
        certificate->values = (const fct_certificate_value_t *)sheet->values->elts;
        certificate->nvalues = (apr_size_t)sheet->values->nelts;
    }
    return certificate;
}

const fct_client_certificate_t *fct_client_certificate_from_der(fct_bytes_t der, const fct_bytes_t *chain_der, apr_size_t nchain, apr_pool_t *p)
{
    fct_certificate_sheet_t sheet;
    fct_client_certificate_t *certificate = read_certificate(&sheet, der, p);

    if (certificate && nchain > 0 && !add_chain(&sheet, der, chain_der, nchain)) {
        certificate = NULL;
    }
    return finish(certificate, &sheet);
}

const fct_client_certificate_t *fct_client_certificate_decode(fct_bytes_t text, fct_certificate_format_t format, apr_pool_t *p)
{
    fct_certificate_sheet_t sheet;
    fct_bytes_t der = fct_certificate_decode_text(text, format, p);

    return fct_bytes_is_absent(der) ? NULL : finish(read_certificate(&sheet, der, p), &sheet);
}
