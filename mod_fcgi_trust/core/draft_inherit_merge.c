/* <extends> and <without> for rules of one kind (POLICY 6): what the parents have, what becomes of it, what is left of it here. */
#include "draft_inherit.h"

/* One inherited rule and which parent it comes from. */
typedef struct inherited_t {
    const void *rule;
    apr_size_t parent;
} inherited_t;

typedef struct merge_t {
    fct_draft_t *draft;
    const fct_draft_kind_t *kind;
    const fct_draft_t *const *parents;
    apr_size_t n;
    const apr_array_header_t *own;
    apr_array_header_t *inherited;     /* of inherited_t */
    int *used;
} merge_t;

#define RULE(rules, i) APR_ARRAY_IDX(rules, i, const void *)

/* --- what parents say --- */

/* This policy itself says, with override="yes", what becomes of the name. */
static int decides(const merge_t *merge, const void *rule)
{
    int i;

    for (i = 0; i < merge->own->nelts; i++) {
        if (merge->kind->does_override(RULE(merge->own, i)) && merge->kind->has_same_name(RULE(merge->own, i), rule)) {
            return 1;
        }
    }
    for (i = 0; i < merge->draft->withouts->nelts; i++) {
        const fct_without_rule_t *without = APR_ARRAY_IDX(merge->draft->withouts, i, const fct_without_rule_t *);

        if (without->overrides && merge->kind->is_without_of(without, rule)) {
            merge->used[i] = 1;
            return 1;
        }
    }
    return 0;
}

/* Returns 0 where this policy does not decide, after saying so. */
static int settle(const merge_t *merge, const void *rule, fct_place_t other)
{
    int is_decided = decides(merge, rule);

    if (!is_decided) {
        fct_draft_inherit_report_disagreement(merge->draft, merge->kind->text(rule, merge->draft->p), other, merge->kind->place_of(rule));
    }
    return is_decided;
}

/* Another parent does without the name. */
static const fct_without_rule_t *find_removal(const merge_t *merge, apr_size_t parent, const void *rule)
{
    apr_size_t k;
    int i;

    for (k = 0; k < merge->n; k++) {
        for (i = 0; k != parent && i < merge->parents[k]->removals->nelts; i++) {
            const fct_without_rule_t *without = APR_ARRAY_IDX(merge->parents[k]->removals, i, const fct_without_rule_t *);

            if (merge->kind->is_without_of(without, rule)) {
                return without;
            }
        }
    }
    return NULL;
}

static int is_inherited(const merge_t *merge, const void *rule)
{
    int i;

    for (i = 0; i < merge->inherited->nelts; i++) {
        if (APR_ARRAY_IDX(merge->inherited, i, inherited_t).rule == rule) {
            return 1;
        }
    }
    return 0;
}

/* A rule of another parent that says otherwise at the same time. *is_said is set where one says the same. */
static const void *find_rival(const merge_t *merge, apr_size_t parent, const void *rule, int *is_said)
{
    const fct_draft_kind_t *kind = merge->kind;
    const void *rival = NULL;
    int i;

    *is_said = 0;
    for (i = 0; i < merge->inherited->nelts; i++) {
        const inherited_t *other = &APR_ARRAY_IDX(merge->inherited, i, inherited_t);

        if (other->parent == parent || !kind->has_same_name(other->rule, rule)) {
            continue;
        }
        *is_said |= kind->is_same(other->rule, rule);
        if (!fct_condition_is_disjoint(kind->condition_of(other->rule), kind->condition_of(rule))) {
            rival = other->rule;
        }
    }
    return rival;
}

/* The rule is inherited, unless a parent has already done away with it or said the same, or parents disagree. */
static int does_come(const merge_t *merge, apr_size_t parent, const void *rule)
{
    const fct_draft_replaced_t *replaced = fct_draft_inherit_find_replaced(merge->parents, merge->n, rule);
    const fct_without_rule_t *removal;
    const void *rival;
    int is_said;

    if (is_inherited(merge, rule)) {
        return 0;
    }
    if (replaced) {
        (void)(!replaced->is_loss || settle(merge, rule, replaced->place));
        return 0;
    }
    removal = find_removal(merge, parent, rule);
    if (removal && !settle(merge, rule, removal->place)) {
        return 0;
    }
    rival = find_rival(merge, parent, rule, &is_said);
    return !is_said && (rival == NULL || settle(merge, rule, merge->kind->place_of(rival)));
}

/* --- what this policy makes of it --- */

static void replace(const merge_t *merge, const void *rule, fct_place_t place, fct_draft_effect_t effect, int overrides, int is_by_without)
{
    const fct_draft_kind_t *kind = merge->kind;

    fct_draft_inherit_note_replaced(merge->draft, rule, place, effect == FCT_DRAFT_EFFECT_LOSES);
    if (effect == FCT_DRAFT_EFFECT_LOSES && !overrides) {
        fct_draft_inherit_report_loss(merge->draft, place, kind->demand(rule, is_by_without, merge->draft->p), kind->place_of(rule));
    }
}

static int is_removed(const merge_t *merge, const void *rule)
{
    int i, is_removed = 0;

    for (i = 0; i < merge->draft->withouts->nelts; i++) {
        const fct_without_rule_t *without = APR_ARRAY_IDX(merge->draft->withouts, i, const fct_without_rule_t *);

        if (merge->kind->is_without_of(without, rule)) {
            replace(merge, rule, without->place, merge->kind->effect_of_without(rule), without->overrides, 1);
            merge->used[i] = is_removed = 1;
        }
    }
    return is_removed;
}

static int is_replaced(const merge_t *merge, const void *rule)
{
    int i, is_replaced = is_removed(merge, rule);

    for (i = 0; i < merge->own->nelts; i++) {
        const void *own = RULE(merge->own, i);
        fct_draft_effect_t effect = merge->kind->has_same_name(own, rule) ? merge->kind->effect(own, rule) : FCT_DRAFT_EFFECT_NONE;

        if (effect != FCT_DRAFT_EFFECT_NONE) {
            replace(merge, rule, merge->kind->place_of(own), effect, merge->kind->does_override(own), 0);
            is_replaced = 1;
        }
    }
    return is_replaced;
}

apr_array_header_t *fct_draft_inherit_merge(fct_draft_t *draft, const fct_draft_kind_t *kind, const fct_draft_t *const *parents, apr_size_t n,
                                            int *used)
{
    merge_t merge = { draft, kind, parents, n, kind->rules_of(draft), apr_array_make(draft->p, 64, sizeof(inherited_t)), used };
    apr_array_header_t *effective = apr_array_make(draft->p, 64, sizeof(const void *));
    apr_size_t k;
    int i;

    for (k = 0; k < n; k++) {
        const apr_array_header_t *theirs = kind->rules_of(parents[k]);

        for (i = 0; i < theirs->nelts; i++) {
            if (does_come(&merge, k, RULE(theirs, i))) {
                APR_ARRAY_PUSH(merge.inherited, inherited_t) = (inherited_t){ RULE(theirs, i), k };
            }
        }
    }
    for (i = 0; i < merge.inherited->nelts; i++) {
        const void *rule = APR_ARRAY_IDX(merge.inherited, i, inherited_t).rule;

        if (!is_replaced(&merge, rule)) {
            APR_ARRAY_PUSH(effective, const void *) = rule;
        }
    }
    apr_array_cat(effective, merge.own);
    return effective;
}
