/* What changes in meaning from one policy to another: what the application may be told, and which requests pass. */
#ifndef FCT_POLICY_DIFF_H
#define FCT_POLICY_DIFF_H

#include "crypto.h"
#include "place.h"
#include "policy.h"

/* A request is compared with itself, under both policies. What is refused in a header field because of how the field is written
 * (control bytes, too long, too often, an alias of an allowed name) counts as a field that is not told: a client leaves it out and is
 * served. The same goes for a value with control bytes. Where it cannot be proven that a change only widens or only narrows, it is said
 * to do both; what only widens or only narrows is proven. The order of rules and the number of the status where several rules refuse
 * one request are no part of the digest, and no change. */
typedef enum fct_change_kind_t {
    FCT_CHANGE_WIDENED = 1,      /* the application may be told more, or from less trusted sources; or more requests pass */
    FCT_CHANGE_NARROWED = 2,     /* it may be told less, or fewer requests pass */
    FCT_CHANGE_RESOURCED = 4,    /* a name is told from another source, or as another fixed value */
    FCT_CHANGE_METADATA = 8      /* no request is told otherwise: why, control, assert, name, version. Always alone. */
} fct_change_kind_t;

typedef struct fct_policy_change_t {
    unsigned kinds;              /* of fct_change_kind_t; one that may widen and may narrow has both */
    const char *subject;         /* "param REMOTE_USER", "header X-App-*" */
    const char *attribute;       /* "when"; NULL: the rule as a whole came or went */
    const char *was;             /* as the old policy has it, escaped for one line; NULL: it does not */
    const char *is;
    const char *effect;          /* what that means, a clause; NULL: nothing to a request */
    fct_place_t was_at;          /* file NULL: the old policy has no such rule */
    fct_place_t is_at;
} fct_policy_change_t;

/* Every change from `was` to `is`, of fct_policy_change_t, the widening ones first; empty where the digests are equal, and only there.
 * Sensitive literals are not told. In p. */
const apr_array_header_t *fct_policy_diff(const fct_policy_t *was, const fct_policy_t *is, const fct_crypto_t *crypto, apr_pool_t *p);

/* "widened", "widened, narrowed". In p. */
const char *fct_policy_diff_kinds_text(unsigned kinds, apr_pool_t *p);

#endif
