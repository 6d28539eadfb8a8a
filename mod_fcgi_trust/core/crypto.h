/* What a policy needs of cryptography, as calls that a floor with a library fills in (tls/crypto_openssl.h). */
#ifndef FCT_CRYPTO_H
#define FCT_CRYPTO_H

#include "finding.h"
#include "place.h"

/* An X.509 certificate. */
typedef struct fct_certificate_t {
    fct_bytes_t der;
    const char *sha256;            /* of der, 64 hexadecimal digits */
    const char *subject;           /* RFC 4514, UTF-8 */
} fct_certificate_t;

typedef struct fct_crypto_t {
    /* SHA-256 (FIPS 180-4) in 64 lower-case hexadecimal digits, NUL-terminated, in p; NULL where the library gives none. */
    const char *(*sha256_hex)(fct_bytes_t bytes, apr_pool_t *p);

    /* The certificates of CAs in a PEM file, each once, sorted by digest: 1 to max, of const fct_certificate_t *, in p. What else the
     * file has does not matter. NULL after adding errors at `place`, which name the file as `name`; one that is not valid today is
     * returned all the same, after a warning. */
    apr_array_header_t *(*read_authorities)(const char *path, const char *name, int max, fct_place_t place, fct_findings_t *findings,
                                            apr_pool_t *p);
} fct_crypto_t;

#endif
