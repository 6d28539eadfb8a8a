/* <extends> and <without> for header fields (POLICY 6). */
#include "draft_field.h"
#include "draft_inherit.h"
#include "text.h"

/* --- what header rules say --- */

static int has_same_name(const void *one, const void *other)
{
    const fct_field_rule_t *a = one, *b = other;

    return a->is_prefix == b->is_prefix && fct_bytes_equal(a->folded, b->folded);
}

static int is_same(const void *one, const void *other)
{
    const fct_field_rule_t *a = one, *b = other;

    return a->action == b->action && has_same_name(a, b) && fct_bytes_equal_nocase(a->name, b->name)
        && fct_condition_is_same(a->condition, b->condition) && a->max_length == b->max_length && a->max_count == b->max_count
        && a->passes_changed == b->passes_changed && fct_text_is_same(a->cookies, b->cookies);
}

/* --- what becomes of them --- */

static int is_without_of(const fct_without_rule_t *without, const void *field)
{
    const fct_field_rule_t *rule = field;

    return without->is_header && without->is_prefix == rule->is_prefix && fct_bytes_equal(without->folded, rule->folded);
}

static fct_draft_effect_t effect_of_without(const void *rule)
{
    return ((const fct_field_rule_t *)rule)->action == FCT_FIELD_REFUSE ? FCT_DRAFT_EFFECT_LOSES : FCT_DRAFT_EFFECT_REPLACES;
}

/* A refusal takes the place of whatever never acts beside it, and gives way only to one that refuses as much. */
static fct_draft_effect_t effect(const void *successor, const void *field)
{
    const fct_field_rule_t *own = successor, *rule = field;
    int own_refuses = own->action == FCT_FIELD_REFUSE;
    int refuses = rule->action == FCT_FIELD_REFUSE;

    if (own_refuses && refuses) {
        return fct_condition_entails(rule->condition, own->condition) ? FCT_DRAFT_EFFECT_REPLACES : FCT_DRAFT_EFFECT_LOSES;
    }
    if (own_refuses) {
        return own->condition == NULL ? FCT_DRAFT_EFFECT_REPLACES : FCT_DRAFT_EFFECT_NONE;
    }
    if (refuses) {
        return rule->condition == NULL || own->overrides ? FCT_DRAFT_EFFECT_LOSES : FCT_DRAFT_EFFECT_NONE;
    }
    return FCT_DRAFT_EFFECT_REPLACES;
}

static const char *text(const void *rule, apr_pool_t *p)
{
    return fct_draft_field_text(rule, p);
}

static const char *demand(const void *rule, int is_by_without, apr_pool_t *p)
{
    (void)is_by_without;
    return fct_draft_field_text(rule, p);
}

/* --- the kind --- */

static const apr_array_header_t *rules_of(const fct_draft_t *draft)
{
    return draft->fields;
}

static fct_place_t place_of(const void *rule)
{
    return ((const fct_field_rule_t *)rule)->place;
}

static const fct_condition_t *condition_of(const void *rule)
{
    return ((const fct_field_rule_t *)rule)->condition;
}

static int does_override(const void *rule)
{
    return ((const fct_field_rule_t *)rule)->overrides;
}

void fct_draft_inherit_fields(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n, int *used)
{
    static const fct_draft_kind_t fields = {
        rules_of, place_of, condition_of, does_override, has_same_name, is_same, is_without_of, effect_of_without, effect, text, demand,
    };

    draft->fields = fct_draft_inherit_merge(draft, &fields, parents, n, used);
}
