/* X.509 path validation against a policy's own trust anchor. */
#include "verify.h"

#include <apr_strings.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

/* At least 80 bits: no MD5 and no SHA-1, whatever mod_ssl's own level is. */
#define SECURITY_LEVEL 1

typedef struct attempt_t {
    X509_STORE *store;
    X509_STORE_CTX *context;
    STACK_OF(X509) *untrusted;
    X509 *leaf;
    X509 *anchor;
} attempt_t;

static X509 *parse(fct_bytes_t der)
{
    const unsigned char *at = (const unsigned char *)der.at;

    return der.at ? d2i_X509(NULL, &at, (long)der.len) : NULL;
}

static int push(STACK_OF(X509) *stack, fct_bytes_t der)
{
    X509 *x509 = parse(der);
    int is_pushed = x509 && sk_X509_push(stack, x509) > 0;

    if (!is_pushed) {
        X509_free(x509);
    }
    return is_pushed;
}

static int add_untrusted(attempt_t *v, const fct_anchor_rule_t *anchor, const fct_bytes_t *chain, apr_size_t nchain)
{
    int i, is_ok = 1;
    apr_size_t k;

    for (i = 0; is_ok && anchor->intermediates && i < anchor->intermediates->nelts; i++) {
        is_ok = push(v->untrusted, APR_ARRAY_IDX(anchor->intermediates, i, const fct_certificate_t *)->der);
    }
    for (k = 0; is_ok && k < nchain; k++) {
        is_ok = push(v->untrusted, chain[k]);
    }
    return is_ok;
}

static int prepare(attempt_t *v, const fct_anchor_rule_t *anchor, fct_bytes_t leaf, apr_time_t now)
{
    X509_VERIFY_PARAM *param;

    v->store = X509_STORE_new();
    v->context = X509_STORE_CTX_new();
    v->untrusted = sk_X509_new_null();
    v->leaf = parse(leaf);
    v->anchor = parse(anchor->certificate->der);
    if (!v->store || !v->context || !v->untrusted || !v->leaf || !v->anchor || !X509_STORE_add_cert(v->store, v->anchor)
        || !X509_STORE_CTX_init(v->context, v->store, v->leaf, v->untrusted)
        || !X509_STORE_CTX_set_purpose(v->context, X509_PURPOSE_SSL_CLIENT)) {
        return 0;
    }
    param = X509_STORE_CTX_get0_param(v->context);
    X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
    X509_VERIFY_PARAM_set_time(param, (time_t)apr_time_sec(now));
    return X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
}

static void release(attempt_t *v)
{
    X509_STORE_CTX_free(v->context);
    X509_STORE_free(v->store);
    sk_X509_pop_free(v->untrusted, X509_free);
    X509_free(v->leaf);
    X509_free(v->anchor);
}

/* The first end among those of the path. */
static apr_time_t end_of(X509_STORE_CTX *context, apr_time_t now)
{
    const STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(context);
    apr_time_t end = 0;
    int i, days, seconds;

    for (i = 0; i < sk_X509_num(path); i++) {
        ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)apr_time_sec(now));
        apr_time_t own = now;

        if (from && ASN1_TIME_diff(&days, &seconds, from, X509_get0_notAfter(sk_X509_value(path, i)))) {
            own += apr_time_from_sec((apr_int64_t)days * 86400 + seconds);
        }
        ASN1_TIME_free(from);
        end = i == 0 || own < end ? own : end;
    }
    return end;
}

/* The one of the client's chain that stands in the path; absent: it came from the policy. */
static fct_bytes_t find_sent(X509 *x509, const fct_bytes_t *chain, apr_size_t nchain)
{
    fct_bytes_t found = FCT_BYTES_ABSENT;
    unsigned char *der = NULL;
    int len = i2d_X509(x509, &der);
    apr_size_t i;

    for (i = 0; len > 0 && i < nchain && fct_bytes_is_absent(found); i++) {
        if (fct_bytes_equal(chain[i], fct_bytes_make((const char *)der, (apr_size_t)len))) {
            found = chain[i];
        }
    }
    OPENSSL_free(der);
    return found;
}

static void keep_path(fct_verification_t *verdict, X509_STORE_CTX *context, const fct_bytes_t *chain, apr_size_t nchain, apr_pool_t *p)
{
    const STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(context);
    fct_bytes_t *kept = apr_palloc(p, (nchain + 1) * sizeof(*kept));
    int i;

    verdict->path = kept;
    for (i = 1; i < sk_X509_num(path) && verdict->npath < nchain; i++) {
        fct_bytes_t sent = find_sent(sk_X509_value(path, i), chain, nchain);

        if (!fct_bytes_is_absent(sent)) {
            kept[verdict->npath++] = sent;
        }
    }
}

static const char *reason_of(X509_STORE_CTX *context, apr_pool_t *p)
{
    int error = X509_STORE_CTX_get_error(context);

    return apr_psprintf(p, "%s (certificate %d of the path)", X509_verify_cert_error_string(error), X509_STORE_CTX_get_error_depth(context));
}

fct_verification_t fct_verify_client(const fct_anchor_rule_t *anchor, fct_bytes_t leaf, const fct_bytes_t *chain, apr_size_t nchain, apr_time_t now,
                                apr_pool_t *p)
{
    fct_verification_t verdict = { "OpenSSL cannot parse a certificate, or has no memory", 0, NULL, 0 };
    attempt_t v = { NULL, NULL, NULL, NULL, NULL };

    ERR_set_mark();
    if (prepare(&v, anchor, leaf, now) && add_untrusted(&v, anchor, chain, nchain)) {
        if (X509_verify_cert(v.context) == 1) {
            verdict.reason = NULL;
            verdict.until = end_of(v.context, now);
            keep_path(&verdict, v.context, chain, nchain, p);
        }
        else {
            verdict.reason = reason_of(v.context, p);
        }
    }
    release(&v);
    ERR_pop_to_mark();
    return verdict;
}
