/* A client's certificate held against one trust anchor, and nothing else. */
#ifndef FCT_VERIFY_H
#define FCT_VERIFY_H

#include <apr_time.h>

#include "rule.h"

typedef struct fct_verification_t {
    const char *reason;            /* why it is not verified, as OpenSSL says it; NULL: it is */
    apr_time_t until;              /* verified: when the first certificate of the path ends to be valid */
    const fct_bytes_t *path;       /* verified: what the path goes over of the chain, from the leaf up */
    apr_size_t npath;
} fct_verification_t;

/* Builds a path from the leaf to the anchor, which may be an intermediate itself, over the anchor's intermediates and the chain that the
 * client sent, and checks signatures, validity at `now` and that each may be used for TLS clients (RFC 5280 §6.1). No store of the system
 * is asked, and no revocation: that is mod_ssl's. leaf and chain in DER. */
fct_verification_t fct_verify_client(const fct_anchor_rule_t *anchor, fct_bytes_t leaf, const fct_bytes_t *chain, apr_size_t nchain, apr_time_t now,
                                apr_pool_t *p);

#endif
