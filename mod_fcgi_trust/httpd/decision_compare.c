/* The policy's decision beside the candidate's. */
#include "decision.h"

int fct_decision_next_emission(const fct_evaluated_t *evaluated, fct_emission_t *emission)
{
    if (emission->number >= evaluated->rules->nelts
        || !fct_params_next(evaluated->params, &emission->cookie, &emission->name, &emission->value)) {
        return 0;
    }
    emission->rule = APR_ARRAY_IDX(evaluated->rules, emission->number, const fct_place_t *);
    emission->number++;
    return 1;
}

/* Two policies for one application mostly yield the same names in the same order. */
int fct_decision_find_emission(const fct_evaluated_t *evaluated, fct_bytes_t name, fct_emission_t *emission)
{
    fct_emission_t other = { { 0 } };

    if (fct_decision_next_emission(evaluated, emission) && fct_bytes_equal(emission->name, name)) {
        return 1;
    }
    while (fct_decision_next_emission(evaluated, &other)) {
        if (fct_bytes_equal(other.name, name)) {
            *emission = other;
            return 1;
        }
    }
    return 0;
}

int fct_decision_differs(const fct_decision_t *decision)
{
    const fct_evaluated_t *a = &decision->policy, *b = decision->candidate;
    fct_emission_t one = { { 0 } }, other = { { 0 } };

    if (!b || a->verdict.status != b->verdict.status) {
        return b != NULL;
    }
    if (a->verdict.status) {
        return 0;
    }
    while (fct_decision_next_emission(a, &one)) {
        if (!fct_decision_find_emission(b, one.name, &other) || !fct_bytes_equal(one.value, other.value)) {
            return 1;
        }
    }
    return a->rules->nelts != b->rules->nelts;
}
