/* Which rules of a policy its tests exercised. */
#ifndef FCT_COVERAGE_H
#define FCT_COVERAGE_H

#include <apr_hash.h>

#include "explain.h"

typedef struct fct_coverage_t {
    const fct_policy_t *policy;
    const apr_array_header_t *rules;     /* of fct_rule_listed_t */
    apr_hash_t *exercised;               /* by the address of a rule's place */
} fct_coverage_t;

void fct_coverage_init(fct_coverage_t *coverage, const fct_policy_t *policy, apr_pool_t *p);

/* Counts the rules that decided something about one request: that yielded, refused or left out. The same policy. */
void fct_coverage_add(fct_coverage_t *coverage, const fct_explained_t *explained);

int fct_coverage_is_exercised(const fct_coverage_t *coverage, const fct_rule_listed_t *rule);

/* In percent, rounded down; a policy without rules is covered. */
int fct_coverage_percent(const fct_coverage_t *coverage, int *exercised);

#endif
