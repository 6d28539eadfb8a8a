/* The canonical text of a policy: the same for policies that mean the same (POLICY 6). Its SHA-256 is the policy's digest. */
#ifndef FCT_CANONICAL_H
#define FCT_CANONICAL_H

#include "crypto.h"
#include "policy.h"

/* One line a rule, sorted: every effective rule with its defaults filled in, its why, control and assert, but not where it stands. A
 * sensitive literal is there by its own SHA-256, and so is a certificate's DER. In p. */
fct_bytes_t fct_canonical_of(const fct_policy_t *policy, const fct_crypto_t *crypto, apr_pool_t *p);

#endif
