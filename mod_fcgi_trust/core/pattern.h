/* Regular expressions (POLICY 3): anchored at both ends, without look-around and back-references, in bounded steps. */
#ifndef FCT_PATTERN_H
#define FCT_PATTERN_H

#include "bytes.h"

typedef struct fct_pattern_t fct_pattern_t;

/* Compiles a pattern with `groups` capturing groups. Returns NULL, and says why in *why, where it is none that a policy may use. The
 * pattern lives in p and is read by all threads. */
const fct_pattern_t *fct_pattern_compile(const char *text, unsigned groups, const char **why, apr_pool_t *p);

typedef enum fct_pattern_result_t {
    FCT_PATTERN_MATCHES,
    FCT_PATTERN_DIFFERS,
    FCT_PATTERN_EXHAUSTED        /* more steps than allowed */
} fct_pattern_result_t;

/* Matches the whole value. *group is set to what the first group took, a part of value; absent where it took nothing; may be NULL. */
fct_pattern_result_t fct_pattern_match(const fct_pattern_t *pattern, fct_bytes_t value, fct_bytes_t *group);

#endif
