/* A PEM file → the certificates of CAs in it. */
#include "anchor.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"

typedef struct reading_t {
    const char *name;               /* of the file, as messages have it */
    fct_place_t place;              /* where the policy says so */
    fct_findings_t *findings;
    apr_array_header_t *found;      /* of const fct_certificate_t * */
    apr_pool_t *p;
} reading_t;

static void complain(const reading_t *reading, fct_finding_id_t id, const char *what)
{
    fct_findings_add(reading->findings, id, reading->place.file, reading->place.line, "%.200s: %s", reading->name, what);
}

/* --- bytes --- */

static fct_bytes_t read_file(const reading_t *reading, const char *path)
{
    apr_size_t len = FCT_ANCHOR_MAX_BYTES + 1;
    apr_file_t *file;
    apr_finfo_t info;
    char why[120];
    char *buf;
    apr_status_t rv = apr_stat(&info, path, APR_FINFO_TYPE, reading->p);

    if (rv == APR_SUCCESS && info.filetype != APR_REG) {
        complain(reading, FCT_FINDING_CERTIFICATE_FILE, "this is not a regular file");
        return FCT_BYTES_ABSENT;
    }
    if (rv == APR_SUCCESS) {
        rv = apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BINARY, APR_FPROT_OS_DEFAULT, reading->p);
    }
    if (rv != APR_SUCCESS) {
        complain(reading, FCT_FINDING_CERTIFICATE_FILE, apr_strerror(rv, why, sizeof(why)));
        return FCT_BYTES_ABSENT;
    }
    buf = apr_palloc(reading->p, len);
    rv = apr_file_read_full(file, buf, len, &len);
    apr_file_close(file);
    if (rv == APR_SUCCESS) {
        complain(reading, FCT_FINDING_CERTIFICATE_FILE, "the file is larger than 1 MiB");
        return FCT_BYTES_ABSENT;
    }
    if (!APR_STATUS_IS_EOF(rv)) {
        complain(reading, FCT_FINDING_CERTIFICATE_FILE, apr_strerror(rv, why, sizeof(why)));
        return FCT_BYTES_ABSENT;
    }
    return fct_bytes_make(buf, len);
}

/* --- one certificate --- */

static const char *text_of(BIO *bio, apr_pool_t *p)
{
    char *at = NULL;
    long len = BIO_get_mem_data(bio, &at);

    return len > 0 ? apr_pstrmemdup(p, at, (apr_size_t)len) : "";
}

static const char *subject_of(const X509 *x509, apr_pool_t *p)
{
    BIO *bio = BIO_new(BIO_s_mem());
    const char *text = "";

    if (bio && X509_NAME_print_ex(bio, X509_get_subject_name(x509), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        text = text_of(bio, p);
    }
    BIO_free(bio);
    return text;
}

static const char *time_of(const ASN1_TIME *at, apr_pool_t *p)
{
    BIO *bio = BIO_new(BIO_s_mem());
    const char *text = bio && ASN1_TIME_print(bio, at) ? text_of(bio, p) : "an unknown time";

    BIO_free(bio);
    return text;
}

static fct_bytes_t der_of(X509 *x509, apr_pool_t *p)
{
    unsigned char *der = NULL;
    int len = i2d_X509(x509, &der);
    fct_bytes_t copy = len > 0 ? fct_bytes_make(apr_pmemdup(p, der, (apr_size_t)len), (apr_size_t)len) : FCT_BYTES_ABSENT;

    OPENSSL_free(der);
    return copy;
}

/* RFC 5280 4.2.1.9, 4.2.1.3: basicConstraints with cA, and keyCertSign where there is a keyUsage. */
static int is_authority(X509 *x509)
{
    return X509_check_purpose(x509, -1, 0) == 1 && X509_check_ca(x509) == 1;
}

static void check(const reading_t *reading, X509 *x509, const char *subject)
{
    const ASN1_TIME *begin = X509_get0_notBefore(x509), *end = X509_get0_notAfter(x509);

    if (!is_authority(x509)) {
        complain(reading, FCT_FINDING_CERTIFICATE_NO_CA,
                 apr_psprintf(reading->p, "the certificate of %.300s is not that of a CA: it may not sign others", subject));
    }
    if (X509_cmp_current_time(end) != 1) {
        complain(reading, FCT_FINDING_CERTIFICATE_EXPIRED,
                 apr_psprintf(reading->p, "the certificate of %.300s was valid until %s", subject, time_of(end, reading->p)));
    }
    else if (X509_cmp_current_time(begin) != -1) {
        complain(reading, FCT_FINDING_CERTIFICATE_EXPIRED,
                 apr_psprintf(reading->p, "the certificate of %.300s is valid from %s on", subject, time_of(begin, reading->p)));
    }
}

static void add(const reading_t *reading, X509 *x509)
{
    fct_certificate_t *certificate = apr_pcalloc(reading->p, sizeof(*certificate));
    int i;

    certificate->der = der_of(x509, reading->p);
    certificate->sha256 = fct_digest_hex(certificate->der, reading->p);
    certificate->subject = subject_of(x509, reading->p);
    if (fct_bytes_is_absent(certificate->der) || certificate->sha256 == NULL) {
        complain(reading, FCT_FINDING_CERTIFICATE_NONE, "OpenSSL cannot encode or digest a certificate of it");
        return;
    }
    for (i = 0; i < reading->found->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(reading->found, i, const fct_certificate_t *)->sha256, certificate->sha256) == 0) {
            return;
        }
    }
    check(reading, x509, certificate->subject);
    APR_ARRAY_PUSH(reading->found, const fct_certificate_t *) = certificate;
}

/* --- all --- */

/* Nobody is asked for a password when a server starts. */
static int give_no_password(char *buf, int size, int is_writing, void *context)
{
    (void)buf;
    (void)size;
    (void)is_writing;
    (void)context;
    return -1;
}

/* Stops at the first certificate that is none. Finds one, or adds an error. */
static void read_pem(const reading_t *reading, BIO *bio)
{
    unsigned long error;
    X509 *x509;

    ERR_clear_error();
    while ((x509 = PEM_read_bio_X509(bio, NULL, give_no_password, NULL)) != NULL) {
        add(reading, x509);
        X509_free(x509);
        ERR_clear_error();
    }
    error = ERR_peek_last_error();
    if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) {
        complain(reading, FCT_FINDING_CERTIFICATE_NONE, "OpenSSL does not understand a certificate of it");
    }
    else if (reading->found->nelts == 0) {
        complain(reading, FCT_FINDING_CERTIFICATE_NONE, "there is no certificate in PEM form in it");
    }
    ERR_clear_error();
}

static int compare(const void *a, const void *b)
{
    return strcmp((*(const fct_certificate_t *const *)a)->sha256, (*(const fct_certificate_t *const *)b)->sha256);
}

apr_array_header_t *fct_anchor_read(const char *path, const char *name, int max, fct_place_t place, fct_findings_t *findings,
                                    apr_pool_t *p)
{
    reading_t reading = { name, place, findings, apr_array_make(p, 2, sizeof(const fct_certificate_t *)), p };
    int errors = findings->errors;
    fct_bytes_t text = read_file(&reading, path);
    BIO *bio = fct_bytes_is_absent(text) ? NULL : BIO_new_mem_buf(text.at, (int)text.len);

    if (bio) {
        read_pem(&reading, bio);
        BIO_free(bio);
    }
    else if (!fct_bytes_is_absent(text)) {
        complain(&reading, FCT_FINDING_CERTIFICATE_FILE, "OpenSSL has no memory for it");
    }
    if (reading.found->nelts > max) {
        complain(&reading, FCT_FINDING_CERTIFICATES_TOO_MANY,
                 apr_psprintf(p, "there are %d certificates in it, %d at most belong here", reading.found->nelts, max));
    }
    if (findings->errors > errors) {
        return NULL;
    }
    qsort(reading.found->elts, (size_t)reading.found->nelts, sizeof(const fct_certificate_t *), compare);
    return reading.found;
}
