/* SHA-256, for digests of policies and certificates. */
#ifndef FCT_DIGEST_H
#define FCT_DIGEST_H

#include "bytes.h"

/* The digest in 64 lower-case hexadecimal digits, NUL-terminated, in p; NULL where OpenSSL gives no SHA-256 (a configuration of
 * its own can take it away). */
const char *fct_digest_hex(fct_bytes_t bytes, apr_pool_t *p);

#endif
