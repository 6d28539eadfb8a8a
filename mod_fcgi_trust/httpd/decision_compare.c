/* The policy's decision beside the candidate's. */
#include "decision.h"

const fct_emission_t *fct_decision_find_emission(const fct_evaluated_t *evaluated, fct_bytes_t name, int expected)
{
    const apr_array_header_t *emissions = evaluated->emissions;
    int i;

    for (i = 0; i < emissions->nelts; i++) {
        const fct_emission_t *emission = &APR_ARRAY_IDX(emissions, (expected + i) % emissions->nelts, fct_emission_t);

        if (fct_bytes_equal(emission->name, name)) {
            return emission;
        }
    }
    return NULL;
}

int fct_decision_differs(const fct_decision_t *decision)
{
    const fct_evaluated_t *a = &decision->policy, *b = decision->candidate;
    int i;

    if (!b || a->verdict.status != b->verdict.status) {
        return b != NULL;
    }
    if (a->verdict.status) {
        return 0;
    }
    for (i = 0; i < a->emissions->nelts; i++) {
        const fct_emission_t *one = &APR_ARRAY_IDX(a->emissions, i, fct_emission_t);
        const fct_emission_t *other = fct_decision_find_emission(b, one->name, i);

        if (!other || !fct_bytes_equal(one->value, other->value)) {
            return 1;
        }
    }
    return a->emissions->nelts != b->emissions->nelts;
}
