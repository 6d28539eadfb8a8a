/* SHA-256, for digests of policies and certificates. */
#include "digest.h"

#include <openssl/evp.h>

const char *fct_digest_hex(fct_bytes_t bytes, apr_pool_t *p)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int i, len = 0;
    char *hex;

    if (EVP_Digest(bytes.len ? bytes.at : "", bytes.len, digest, &len, EVP_sha256(), NULL) != 1) {
        return NULL;
    }
    hex = apr_palloc(p, 2 * (apr_size_t)len + 1);
    for (i = 0; i < len; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[2 * len] = '\0';
    return hex;
}
