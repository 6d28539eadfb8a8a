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

/* Where this rule, or one that says the same, stands from `from` on; -1: nowhere. */
static int find(const apr_array_header_t *rules, int from, const fct_request_rule_t *rule)
{
    int i;

    for (i = from; i < rules->nelts; i++) {
        const fct_request_rule_t *other = RULE(rules, i);

        if (other == rule || (fct_condition_is_same(other->condition, rule->condition) && is_same(other, rule))) {
            return i;
        }
    }
    return -1;
}

/* Ahead of what comes after it in its parent, too. */
static void insert(const merge_t *merge, const apr_array_header_t *theirs, int index)
{
    apr_array_header_t *all = merge->draft->requests;
    int at = merge->nown, last = all->nelts;

    while (at < last && find(theirs, index + 1, RULE(all, at)) < 0) {
        at++;
    }
    apr_array_push(all);
    memmove(&RULE(all, at + 1), &RULE(all, at), sizeof(RULE(all, at)) * (apr_size_t)(last - at));
    RULE(all, at) = RULE(theirs, index);
}

/* NULL: some parent has both, and all that have stand a before b. Else the second of the two rules that disagree. */
static const fct_request_rule_t *find_against(const fct_draft_t *const *parents, apr_size_t n, const fct_request_rule_t *a, const fct_request_rule_t *b)
{
    int is_said = 0;
    apr_size_t k;

    for (k = 0; k < n; k++) {
        int at_a = find(parents[k]->requests, 0, a), at_b = find(parents[k]->requests, 0, b);

        if (at_a >= 0 && at_b >= 0 && at_a > at_b) {
            return RULE(parents[k]->requests, at_b);
        }
        is_said |= at_a >= 0 && at_b >= 0;
    }
    return is_said ? NULL : b;
}

static void report(const merge_t *merge, const fct_request_rule_t *a, const fct_request_rule_t *b)
{
    const char *what = apr_psprintf(merge->draft->p, fct_condition_is_same(a->condition, b->condition) ? "<request when=\"%s\">"
                                    : "<request> of what meets both \"%s\" and \"%s\"", a->when, b->when);

    fct_draft_inherit_report_disagreement(merge->draft, what, a->place, b->place);
}

/* Nothing is wrong between the two where the one comes first. */
static int agrees(const merge_t *merge, const fct_draft_t *const *parents, apr_size_t n, const fct_request_rule_t *first,
                  const fct_request_rule_t *rule)
{
    const fct_request_rule_t *against;

    if (fct_condition_is_disjoint(first->condition, rule->condition) || is_same(first, rule) || is_decided(merge, first, rule)) {
        return 1;
    }
    against = find_against(parents, n, first, rule);
    if (against) {
        report(merge, first, against);
    }
    return against == NULL;
}

/* Rules of one parent stand in its order; of those that only different parents have, none comes first. What is told is left out. */
static void check_order(const merge_t *merge, const fct_draft_t *const *parents, apr_size_t n)
{
    apr_array_header_t *all = merge->draft->requests;
    int i, k, kept = merge->nown;

    for (i = merge->nown; i < all->nelts; i++) {
        const fct_request_rule_t *rule = RULE(all, i);

        for (k = merge->nown; k < kept && agrees(merge, parents, n, RULE(all, k), rule); k++) {
            /* the next one */
        }
        if (k == kept) {
            RULE(all, kept++) = rule;
        }
    }
    all->nelts = kept;
}

void fct_draft_inherit_requests(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n)
{
    merge_t merge = { draft, draft->requests->nelts };
    apr_size_t k;
    int i;

    for (k = 0; k < n; k++) {
        const apr_array_header_t *theirs = parents[k]->requests;

        for (i = 0; i < theirs->nelts; i++) {
            const fct_request_rule_t *rule = RULE(theirs, i);

            if (!fct_draft_inherit_find_replaced(parents, n, rule) && !is_replaced(&merge, rule) && find(draft->requests, 0, rule) < 0) {
                insert(&merge, theirs, i);
            }
        }
    }
    check_order(&merge, parents, n);
}
