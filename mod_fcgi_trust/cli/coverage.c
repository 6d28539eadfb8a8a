/* Which rules of a policy its tests exercised. */
#include "coverage.h"

#include "raw_connection.h"

void fct_coverage_init(fct_coverage_t *coverage, const fct_policy_t *policy, apr_pool_t *p)
{
    coverage->policy = policy;
    coverage->rules = fct_rule_list_of(policy, p);
    coverage->exercised = apr_hash_make(p);
}

/* The address is the key; its bytes must stay, so they are those of the list. */
static void mark(fct_coverage_t *coverage, const fct_place_t *place)
{
    const fct_rule_listed_t *rule = fct_rule_list_find(coverage->rules, place);

    if (rule) {
        apr_hash_set(coverage->exercised, &rule->place, sizeof(rule->place), rule);
    }
}

static int decides(fct_ruling_t ruling)
{
    return ruling == FCT_RULING_EMITTED || ruling == FCT_RULING_INVALID || ruling == FCT_RULING_REFUSED || ruling == FCT_RULING_APPLIES;
}

void fct_coverage_add(fct_coverage_t *coverage, const fct_explained_t *explained)
{
    const fct_raw_connection_t *connection = explained->made.connection;
    const fct_anchor_rule_t *anchor = coverage->policy->plan->anchor;
    int i;

    for (i = 0; i < explained->trail.rulings->nelts; i++) {
        const fct_trail_ruling_t *ruling = &APR_ARRAY_IDX(explained->trail.rulings, i, fct_trail_ruling_t);

        if (decides(ruling->ruling)) {
            mark(coverage, ruling->rule);
        }
    }
    if (anchor && !explained->outcome.is_by_httpd && (connection->certificate || connection->cert_fault)) {
        mark(coverage, &anchor->place);
    }
}

int fct_coverage_is_exercised(const fct_coverage_t *coverage, const fct_rule_listed_t *rule)
{
    return apr_hash_get(coverage->exercised, &rule->place, sizeof(rule->place)) != NULL;
}

int fct_coverage_percent(const fct_coverage_t *coverage, int *exercised)
{
    *exercised = (int)apr_hash_count(coverage->exercised);
    return coverage->rules->nelts ? *exercised * 100 / coverage->rules->nelts : 100;
}
