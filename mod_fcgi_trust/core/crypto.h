/* What a policy needs of cryptography, as calls that a floor with a library fills in (tls/crypto_openssl.h). */
#ifndef FCT_CRYPTO_H
#define FCT_CRYPTO_H

#include "bytes.h"

typedef struct fct_crypto_t {
    /* SHA-256 (FIPS 180-4) in 64 lower-case hexadecimal digits, NUL-terminated, in p; NULL where the library gives none. */
    const char *(*sha256_hex)(fct_bytes_t bytes, apr_pool_t *p);
} fct_crypto_t;

#endif
