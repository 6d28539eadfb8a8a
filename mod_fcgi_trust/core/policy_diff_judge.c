/* Changes of the attributes of a <param> or <server-header> that is in both policies. All functions have one form, and stand in one table. */
#include <apr_strings.h>

#include "policy_diff_value.h"

static unsigned judge_told(const fct_policy_diff_params_t *params, const char *was, const char *is, const char **effect)
{
    (void)params, (void)was, (void)is, (void)effect;
    return 0;
}

static unsigned judge_note(const fct_policy_diff_params_t *params, const char *was, const char *is, const char **effect)
{
    (void)params, (void)was, (void)is, (void)effect;
    return FCT_CHANGE_METADATA;
}

/* Who is asked more often both tells and refuses more often. */
static unsigned judge_condition(const fct_policy_diff_params_t *params, const char *was, const char *is, const char **effect)
{
    unsigned kinds = fct_policy_diff_value_conditions(params->was->rule->condition, params->is->rule->condition);
    int refuses = fct_policy_diff_demand_refuses(params->was) || fct_policy_diff_demand_refuses(params->is);

    (void)was, (void)is;
    if (kinds == 0) {
        return FCT_CHANGE_METADATA;
    }
    *effect = kinds == FCT_CHANGE_WIDENED ? "the rule holds for more requests" : kinds == FCT_CHANGE_NARROWED ? "the rule holds for fewer requests"
                                                                                                           : "the rule holds for other requests";
    return refuses ? FCT_CHANGE_EITHER : kinds;
}

/* 0: the parameter is omitted, and the request passes. */
static unsigned judge_statuses(int was, int is, const char **effect)
{
    *effect = was == 0 ? "requests are refused that passed without it" : is == 0 ? "requests pass without it that were refused"
                                                                               : "requests are refused with another status";
    return was == 0 ? FCT_CHANGE_NARROWED : is == 0 ? FCT_CHANGE_WIDENED : FCT_CHANGE_EITHER;
}

static unsigned judge_missing(const fct_policy_diff_params_t *params, const char *was, const char *is, const char **effect)
{
    (void)was, (void)is;
    return judge_statuses(params->was->status_missing, params->is->status_missing, effect);
}

static unsigned judge_invalid(const fct_policy_diff_params_t *params, const char *was, const char *is, const char **effect)
{
    (void)was, (void)is;
    return judge_statuses(params->was->status_invalid, params->is->status_invalid, effect);
}

/* Both statuses come of one attribute, and one change tells both. */
static unsigned judge_too_long(const fct_policy_diff_params_t *params, const char *was, const char *is, const char **effect)
{
    const char *told;
    unsigned kinds = judge_statuses(params->was->status_too_long, params->is->status_too_long, effect);

    (void)was, (void)is;
    return params->was->status_invalid != params->is->status_invalid
        && kinds == judge_statuses(params->was->status_invalid, params->is->status_invalid, &told) ? 0 : kinds;
}

/* 0: no limit. */
static unsigned judge_limit(const fct_policy_diff_params_t *params, const char *was, const char *is, const char **effect)
{
    apr_int64_t old_limit = apr_strtoi64(was, NULL, 10), new_limit = apr_strtoi64(is, NULL, 10);
    unsigned kinds = fct_policy_diff_value_numbers(old_limit ? old_limit : APR_INT64_MAX, new_limit ? new_limit : APR_INT64_MAX);

    (void)params;
    *effect = kinds == FCT_CHANGE_WIDENED ? "more values pass" : "fewer values pass";
    return kinds;
}

/* A check that is there or not; of two different ones nothing is known. */
static unsigned judge_check(int was, int is, const char **effect)
{
    *effect = was && is ? "other values pass" : was ? "more values pass" : "fewer values pass";
    return was && is ? FCT_CHANGE_EITHER : was ? FCT_CHANGE_WIDENED : FCT_CHANGE_NARROWED;
}

static unsigned judge_type(const fct_policy_diff_params_t *params, const char *was, const char *is, const char **effect)
{
    (void)was, (void)is;
    return judge_check(params->was->chain.type != FCT_VALUE_ANY, params->is->chain.type != FCT_VALUE_ANY, effect);
}

static unsigned judge_pattern(const fct_policy_diff_params_t *params, const char *was, const char *is, const char **effect)
{
    if (params->was->chain.pick == FCT_CHAIN_PICK_MATCHING || params->is->chain.pick == FCT_CHAIN_PICK_MATCHING) {
        *effect = "another item is picked";
        return FCT_CHANGE_EITHER;
    }
    return judge_check(was != NULL, is != NULL, effect);
}

static int is_same_entry(const fct_map_entry_t *a, const fct_map_entry_t *b)
{
    return fct_bytes_equal(a->from, b->from) && fct_bytes_is_absent(a->to) == fct_bytes_is_absent(b->to) && fct_bytes_equal(a->to, b->to);
}

/* A map by another name that maps alike is no change. */
static unsigned judge_map(const fct_policy_diff_params_t *params, const char *was, const char *is, const char **effect)
{
    const fct_map_t *old_map = params->was->chain.map, *new_map = params->is->chain.map;
    apr_size_t i = 0;

    (void)was, (void)is;
    while (old_map && new_map && i < old_map->n && i < new_map->n && is_same_entry(&old_map->entries[i], &new_map->entries[i])) {
        i++;
    }
    if (old_map && new_map && i == old_map->n && i == new_map->n) {
        return FCT_CHANGE_METADATA;
    }
    *effect = "values are mapped otherwise";
    return FCT_CHANGE_EITHER;
}

/* auth-type="…": what another mechanism says is not there; then the next source is asked. */
static unsigned judge_mechanism(const fct_policy_diff_params_t *params, const char *was, const char *is, const char **effect)
{
    int passes_without = fct_policy_diff_demand_passes_without(params->was) || fct_policy_diff_demand_passes_without(params->is);

    *effect = was && is ? "the word of another mechanism is taken" : is ? "the word of one mechanism alone is taken"
                                                                        : "the word of every mechanism is taken";
    if ((was && is) || passes_without) {
        return FCT_CHANGE_EITHER;
    }
    return is ? FCT_CHANGE_NARROWED : FCT_CHANGE_WIDENED;
}

/* The steps of a value that are not here (split, pick, strip-suffix, extract, case, join, encode), and whatever is new, make other values. */
static const struct {
    const char *attribute;
    unsigned (*judge)(const fct_policy_diff_params_t *params, const char *was, const char *is, const char **effect);
    int is_check;                       /* of values: a literal is checked when the policy is read */
} attributes[] = {
    { "from", judge_told, 0 }, { "value", judge_told, 0 }, { "value-sha256", judge_told, 0 }, { "sensitive", judge_note, 0 },
    { "trust-client", judge_note, 0 }, { "when", judge_condition, 0 }, { "auth-type", judge_mechanism, 0 }, { "missing", judge_missing, 0 },
    { "invalid", judge_invalid, 1 }, { "too-long", judge_too_long, 1 }, { "max-items", judge_limit, 1 }, { "type", judge_type, 1 },
    { "pattern", judge_pattern, 1 }, { "max-length", judge_limit, 1 }, { "map", judge_map, 0 },
};

unsigned fct_policy_diff_judge_param(const void *context, const char *attribute, const char *was, const char *is, const char **effect)
{
    const fct_policy_diff_params_t *params = context;
    int are_literals = params->was->rule->value && params->is->rule->value;
    apr_size_t i;

    for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (strcmp(attributes[i].attribute, attribute) == 0) {
            return are_literals && attributes[i].is_check ? FCT_CHANGE_METADATA : attributes[i].judge(params, was, is, effect);
        }
    }
    *effect = "values are made otherwise";
    return FCT_CHANGE_EITHER;
}
