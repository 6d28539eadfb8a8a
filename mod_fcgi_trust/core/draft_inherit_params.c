/* <extends> and <without> for parameters (POLICY 6). */
#include <apr_strings.h>

#include "draft_inherit.h"
#include "name.h"

static int is_same_outcome(fct_outcome_t a, fct_outcome_t b)
{
    return a.is_set == b.is_set && (!a.is_set || a.status == b.status);
}

/* Texts that stand in a policy, NULL where they do not. */
static int are_same(const char *const *a, const char *const *b, apr_size_t n)
{
    apr_size_t i;

    for (i = 0; i < n; i++) {
        if (!fct_draft_inherit_is_same_text(a[i], b[i])) {
            return 0;
        }
    }
    return 1;
}

static int is_same_chain(const fct_chain_t *a, const fct_chain_t *b)
{
    return fct_bytes_equal(a->split, b->split) && a->pick == b->pick && a->index == b->index
        && fct_bytes_equal(a->strip_suffix, b->strip_suffix) && a->letter_case == b->letter_case && fct_bytes_equal(a->join, b->join)
        && a->max_items == b->max_items && a->type == b->type && a->max_length == b->max_length && a->encode == b->encode;
}

/* They tell an application the same; why they do may differ. */
static int is_same_param(const fct_param_rule_t *a, const fct_param_rule_t *b)
{
    const char *const of_a[] = { a->value, a->from, a->when, a->map, a->extract, a->pattern };
    const char *const of_b[] = { b->value, b->from, b->when, b->map, b->extract, b->pattern };

    return fct_bytes_equal(a->name, b->name) && are_same(of_a, of_b, sizeof(of_a) / sizeof(of_a[0])) && is_same_chain(&a->chain, &b->chain)
        && a->is_required == b->is_required && is_same_outcome(a->on_missing, b->on_missing)
        && is_same_outcome(a->on_invalid, b->on_invalid);
}

/* This policy itself says what becomes of the name. */
static int decides_param(const fct_draft_t *draft, fct_bytes_t folded)
{
    int i;

    for (i = 0; i < draft->params->nelts; i++) {
        const fct_param_rule_t *own = APR_ARRAY_IDX(draft->params, i, const fct_param_rule_t *);

        if (own->overrides && fct_bytes_equal(own->folded, folded)) {
            return 1;
        }
    }
    for (i = 0; i < draft->withouts->nelts; i++) {
        const fct_without_rule_t *without = APR_ARRAY_IDX(draft->withouts, i, const fct_without_rule_t *);

        if (!without->is_header && without->overrides && fct_bytes_equal(without->folded, folded)) {
            return 1;
        }
    }
    return 0;
}

/* A server header is done without as the header it is. */
static int is_without_of(const fct_without_rule_t *without, const fct_param_rule_t *rule)
{
    if (without->is_header) {
        return !fct_bytes_is_absent(rule->header) && !without->is_prefix && fct_name_folds_equal(without->name, rule->header);
    }
    return fct_bytes_equal(without->folded, rule->folded);
}

/* Another parent does without it. */
static const fct_without_rule_t *find_removal(const fct_draft_t *const *parents, apr_size_t n, apr_size_t parent,
                                              const fct_param_rule_t *rule)
{
    apr_size_t k;
    int i;

    for (k = 0; k < n; k++) {
        for (i = 0; k != parent && i < parents[k]->removals->nelts; i++) {
            const fct_without_rule_t *without = APR_ARRAY_IDX(parents[k]->removals, i, const fct_without_rule_t *);

            if (is_without_of(without, rule)) {
                return without;
            }
        }
    }
    return NULL;
}

static void add_param(const fct_draft_t *draft, apr_array_header_t *inherited, const fct_param_rule_t *rule, apr_size_t parent)
{
    const fct_param_rule_t *rival = NULL;
    int i;

    for (i = 0; i < inherited->nelts; i++) {
        fct_draft_inherited_t *item = &APR_ARRAY_IDX(inherited, i, fct_draft_inherited_t);
        const fct_param_rule_t *other = item->rule;

        if (item->parent == parent || !fct_bytes_equal(other->folded, rule->folded)) {
            continue;
        }
        if (is_same_param(other, rule)) {
            return;
        }
        if (!fct_condition_is_disjoint(other->condition, rule->condition)) {
            rival = other;
        }
    }
    if (rival && !decides_param(draft, rule->folded)) {
        fct_draft_inherit_report_disagreement(draft, rule->name.at, rival->place, rule->place);
        return;
    }
    APR_ARRAY_PUSH(inherited, fct_draft_inherited_t) = (fct_draft_inherited_t){ rule, parent };
}

static const fct_without_rule_t *find_without(const fct_draft_t *draft, const fct_param_rule_t *rule, int *used)
{
    int i;

    for (i = 0; i < draft->withouts->nelts; i++) {
        const fct_without_rule_t *without = APR_ARRAY_IDX(draft->withouts, i, const fct_without_rule_t *);

        if (is_without_of(without, rule)) {
            used[i] = 1;
            return without;
        }
    }
    return NULL;
}

/* Whatever request the inherited rule refuses, its successor does too. */
static int is_as_demanding(const fct_param_rule_t *own, const fct_param_rule_t *rule)
{
    return own->is_required && (own->condition == NULL || fct_draft_inherit_is_same_text(own->when, rule->when));
}

/* The rule does not survive: it is taken away, or this policy has its own of the name. */
static int is_param_replaced(const fct_draft_t *draft, const fct_param_rule_t *rule, int *used)
{
    const fct_without_rule_t *without = find_without(draft, rule, used);
    int i, is_replaced = without != NULL;

    if (without && !without->overrides && (rule->is_required || !fct_bytes_is_absent(rule->header))) {
        fct_draft_inherit_report_loss(draft, without->place,
                                      apr_psprintf(draft->p, "%s %s", rule->is_required ? "the required" : "the server header",
                                                   rule->name.at), rule->place);
    }
    for (i = 0; i < draft->params->nelts; i++) {
        const fct_param_rule_t *own = APR_ARRAY_IDX(draft->params, i, const fct_param_rule_t *);

        if (!fct_bytes_equal(own->folded, rule->folded)) {
            continue;
        }
        is_replaced = 1;
        if (rule->is_required && !is_as_demanding(own, rule) && !own->overrides) {
            fct_draft_inherit_report_loss(draft, own->place, apr_psprintf(draft->p, "that %s is required", rule->name.at), rule->place);
        }
    }
    return is_replaced;
}

void fct_draft_inherit_params(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n, int *used)
{
    apr_array_header_t *inherited = apr_array_make(draft->p, 32, sizeof(fct_draft_inherited_t));
    apr_array_header_t *effective = apr_array_make(draft->p, 32, sizeof(const fct_param_rule_t *));
    apr_size_t k;
    int i;

    for (k = 0; k < n; k++) {
        for (i = 0; i < parents[k]->params->nelts; i++) {
            const fct_param_rule_t *rule = APR_ARRAY_IDX(parents[k]->params, i, const fct_param_rule_t *);

            const fct_without_rule_t *removal = find_removal(parents, n, k, rule);

            if (fct_draft_inherit_has(inherited, rule) || fct_draft_inherit_is_replaced(parents, n, rule)) {
                continue;
            }
            if (removal && !decides_param(draft, rule->folded)) {
                fct_draft_inherit_report_disagreement(draft, rule->name.at, removal->place, rule->place);
                continue;
            }
            add_param(draft, inherited, rule, k);
        }
    }
    for (i = 0; i < inherited->nelts; i++) {
        const fct_param_rule_t *rule = APR_ARRAY_IDX(inherited, i, fct_draft_inherited_t).rule;

        if (is_param_replaced(draft, rule, used)) {
            APR_ARRAY_PUSH(draft->replaced, const void *) = rule;
        }
        else {
            APR_ARRAY_PUSH(effective, const fct_param_rule_t *) = rule;
        }
    }
    apr_array_cat(effective, draft->params);
    draft->params = effective;
}
