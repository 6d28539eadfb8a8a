/* SHA-256 (FIPS 180-4), for digests of policies. */
#ifndef FCT_SHA256_H
#define FCT_SHA256_H

#include "bytes.h"

#define FCT_SHA256_LEN 32

void fct_sha256_of(fct_bytes_t bytes, unsigned char digest[FCT_SHA256_LEN]);

/* The digest in 64 lower-case hexadecimal digits, NUL-terminated, in p. */
const char *fct_sha256_hex(fct_bytes_t bytes, apr_pool_t *p);

#endif
