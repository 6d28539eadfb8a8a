/* <extends> for <request when="…"> (POLICY 6): this policy's own come first, and take the place of those with the same condition. */
#include <apr_strings.h>

#include "draft_inherit.h"
#include "text.h"

#define RULE(rules, i) APR_ARRAY_IDX(rules, i, const fct_request_rule_t *)

typedef struct merge_t {
    fct_draft_t *draft;
    int nown;                          /* the first of draft->requests: this policy's own */
} merge_t;

/* They set the same; why may differ. */
static int is_same(const fct_request_rule_t *a, const fct_request_rule_t *b)
{
    int i;

    for (i = 0; i < FCT_ATTRIBUTE_COUNT; i++) {
        if (!fct_text_is_same(a->settings[i].text, b->settings[i].text)) {
            return 0;
        }
    }
    return 1;
}

/* This policy says, with override="yes", what holds wherever one of the two does. */
static int is_decided(const merge_t *merge, const fct_request_rule_t *a, const fct_request_rule_t *b)
{
    int i;

    for (i = 0; i < merge->nown; i++) {
        const fct_request_rule_t *own = RULE(merge->draft->requests, i);

        if (own->overrides && (fct_condition_entails(a->condition, own->condition) || fct_condition_entails(b->condition, own->condition))) {
            return 1;
        }
    }
    return 0;
}

static int is_replaced(const merge_t *merge, const fct_request_rule_t *rule)
{
    int i;

    for (i = 0; i < merge->nown; i++) {
        const fct_request_rule_t *own = RULE(merge->draft->requests, i);

        if (fct_condition_is_same(own->condition, rule->condition)) {
            fct_draft_inherit_note_replaced(merge->draft, rule, own->place, 0);
            return 1;
        }
    }
    return 0;
}

/* Rules of one parent stand in its order; of two parents neither comes first. from: where this parent's rules begin. Returns 0 where they
 * disagree, after saying so. */
static int agrees(const merge_t *merge, const fct_request_rule_t *rule, int from)
{
    int i;

    for (i = merge->nown; i < from; i++) {
        const fct_request_rule_t *other = RULE(merge->draft->requests, i);

        if (!fct_condition_is_disjoint(other->condition, rule->condition) && !is_same(other, rule) && !is_decided(merge, other, rule)) {
            fct_draft_inherit_report_disagreement(merge->draft, apr_psprintf(merge->draft->p, "<request when=\"%s\">", rule->when), other->place,
                                                  rule->place);
            return 0;
        }
    }
    return 1;
}

static int is_there(const merge_t *merge, const fct_request_rule_t *rule)
{
    int i;

    for (i = 0; i < merge->draft->requests->nelts; i++) {
        const fct_request_rule_t *other = RULE(merge->draft->requests, i);

        if (other == rule || (fct_condition_is_same(other->condition, rule->condition) && is_same(other, rule))) {
            return 1;
        }
    }
    return 0;
}

void fct_draft_inherit_requests(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n)
{
    merge_t merge = { draft, draft->requests->nelts };
    apr_size_t k;
    int i;

    for (k = 0; k < n; k++) {
        const apr_array_header_t *theirs = parents[k]->requests;
        int from = draft->requests->nelts;

        for (i = 0; i < theirs->nelts; i++) {
            const fct_request_rule_t *rule = RULE(theirs, i);

            if (!fct_draft_inherit_find_replaced(parents, n, rule) && !is_replaced(&merge, rule) && !is_there(&merge, rule)
                && agrees(&merge, rule, from)) {
                APR_ARRAY_PUSH(draft->requests, const fct_request_rule_t *) = rule;
            }
        }
    }
}
