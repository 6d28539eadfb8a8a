/* <extends> and <without> for parameters (POLICY 6). */
#include <apr_strings.h>

#include "draft_inherit.h"
#include "name.h"
#include "text.h"

/* --- what parameters say --- */

static int is_same_outcome(fct_outcome_t a, fct_outcome_t b)
{
    return a.is_set == b.is_set && (!a.is_set || a.status == b.status);
}

/* Texts that stand in a policy, NULL where they do not. */
static int are_same(const char *const *a, const char *const *b, apr_size_t n)
{
    apr_size_t i;

    for (i = 0; i < n; i++) {
        if (!fct_text_is_same(a[i], b[i])) {
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

static int are_same_sources(const fct_param_rule_t *a, const fct_param_rule_t *b)
{
    apr_size_t i;

    for (i = 0; i < a->nsources && i < b->nsources; i++) {
        if (a->sources[i].id != b->sources[i].id || !fct_bytes_equal(a->sources[i].argument, b->sources[i].argument)) {
            return 0;
        }
    }
    return a->nsources == b->nsources;
}

static int is_same(const void *one, const void *other)
{
    const fct_param_rule_t *a = one, *b = other;
    const char *const of_a[] = { a->value, a->map, a->extract, a->pattern };
    const char *const of_b[] = { b->value, b->map, b->extract, b->pattern };

    return fct_bytes_equal(a->name, b->name) && are_same_sources(a, b) && fct_condition_is_same(a->condition, b->condition)
        && are_same(of_a, of_b, sizeof(of_a) / sizeof(of_a[0])) && is_same_chain(&a->chain, &b->chain)
        && fct_bytes_equal_nocase(a->auth_type, b->auth_type) && a->is_required == b->is_required && a->is_sensitive == b->is_sensitive
        && is_same_outcome(a->on_missing, b->on_missing) && is_same_outcome(a->on_invalid, b->on_invalid);
}

/* --- what becomes of them --- */

static int has_same_name(const void *a, const void *b)
{
    return fct_bytes_equal(((const fct_param_rule_t *)a)->folded, ((const fct_param_rule_t *)b)->folded);
}

/* A server header is done without as the header it is. */
static int is_without_of(const fct_without_rule_t *without, const void *param)
{
    const fct_param_rule_t *rule = param;

    if (without->is_header) {
        return !fct_bytes_is_absent(rule->header) && !without->is_prefix && fct_name_folds_equal(without->name, rule->header);
    }
    return fct_bytes_equal(without->folded, rule->folded);
}

static fct_draft_effect_t effect_of_without(const void *param)
{
    const fct_param_rule_t *rule = param;

    return rule->is_required || !fct_bytes_is_absent(rule->header) ? FCT_DRAFT_EFFECT_LOSES : FCT_DRAFT_EFFECT_REPLACES;
}

/* Whatever request the inherited rule refuses, its successor must, too. */
static fct_draft_effect_t effect(const void *successor, const void *param)
{
    const fct_param_rule_t *own = successor, *rule = param;
    int is_as_demanding = own->is_required && fct_condition_entails(rule->condition, own->condition);

    return rule->is_required && !is_as_demanding ? FCT_DRAFT_EFFECT_LOSES : FCT_DRAFT_EFFECT_REPLACES;
}

static const char *demand(const void *param, int is_by_without, apr_pool_t *p)
{
    const fct_param_rule_t *rule = param;

    if (is_by_without) {
        return apr_psprintf(p, "%s %s", rule->is_required ? "the required" : "the server header", rule->name.at);
    }
    return apr_psprintf(p, "that %s is required", rule->name.at);
}

/* --- the kind --- */

static const apr_array_header_t *rules_of(const fct_draft_t *draft)
{
    return draft->params;
}

static fct_place_t place_of(const void *rule)
{
    return ((const fct_param_rule_t *)rule)->place;
}

static const fct_condition_t *condition_of(const void *rule)
{
    return ((const fct_param_rule_t *)rule)->condition;
}

static int does_override(const void *rule)
{
    return ((const fct_param_rule_t *)rule)->overrides;
}

static const char *text(const void *rule, apr_pool_t *p)
{
    (void)p;
    return ((const fct_param_rule_t *)rule)->name.at;
}

void fct_draft_inherit_params(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n, int *used)
{
    static const fct_draft_kind_t params = {
        rules_of, place_of, condition_of, does_override, has_same_name, is_same, is_without_of, effect_of_without, effect, text, demand,
    };

    draft->params = fct_draft_inherit_merge(draft, &params, parents, n, used);
}
