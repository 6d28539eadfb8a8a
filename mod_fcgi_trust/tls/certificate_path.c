/* From a leaf upwards, signature by signature. */
#include "certificate_path.h"

#include <openssl/x509v3.h>

static int is_used(const apr_size_t *path, apr_size_t len, apr_size_t i)
{
    apr_size_t k;

    for (k = 0; k < len; k++) {
        if (path[k] == i) {
            return 1;
        }
    }
    return 0;
}

static int has_signed(X509 *issuer, X509 *subject)
{
    EVP_PKEY *key = X509_get0_pubkey(issuer);

    return key && X509_check_issued(issuer, subject) == X509_V_OK && X509_verify(subject, key) == 1;
}

apr_size_t fct_certificate_path_find(X509 *leaf, X509 *const *sent, apr_size_t n, apr_size_t *path)
{
    X509 *top = leaf;
    apr_size_t i = 0, len = 0;

    while (i < n && !X509_self_signed(top, 0)) {
        if (is_used(path, len, i) || !has_signed(sent[i], top)) {
            i++;
            continue;
        }
        path[len++] = i;
        top = sent[i];
        i = 0;
    }
    return len;
}
