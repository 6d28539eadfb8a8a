/* The canonical text of a policy: the same for policies that mean the same (POLICY 6). Its SHA-256 is the policy's digest. */
#ifndef FCT_CANONICAL_H
#define FCT_CANONICAL_H

#include "crypto.h"
#include "place.h"
#include "policy.h"

/* One attribute of a line, as it is hashed. */
typedef struct fct_canonical_attribute_t {
    const char *name;
    const char *value;
} fct_canonical_attribute_t;

typedef struct fct_canonical_line_t {
    const char *element;
    apr_array_header_t *attributes;         /* of fct_canonical_attribute_t */
    const char *text;                       /* as it is hashed, without the newline */
    const void *subject;                    /* what the plan has of it (plan.h): its type depends on the element */
    fct_place_t place;
} fct_canonical_line_t;

/* The lines of the canonical text, of const fct_canonical_line_t *: that of <policy>, then one a rule, sorted. In p. */
const apr_array_header_t *fct_canonical_lines(const fct_policy_t *policy, const fct_crypto_t *crypto, apr_pool_t *p);

/* One line a rule, sorted: every effective rule with its defaults filled in, its why, control and assert, but not where it stands. A
 * sensitive literal is there by its own SHA-256, and so is a certificate's DER. In p. */
fct_bytes_t fct_canonical_of(const fct_policy_t *policy, const fct_crypto_t *crypto, apr_pool_t *p);

#endif
