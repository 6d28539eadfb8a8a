/* Changes of <map> and its entries, as far as rules use them. */
#include <apr_strings.h>

#include "policy_diff_part.h"

static int is_same_name(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static const fct_map_rule_t *find_map(const fct_policy_t *policy, const char *name)
{
    int i;

    for (i = 0; i < policy->plan->maps->nelts; i++) {
        const fct_map_rule_t *map = APR_ARRAY_IDX(policy->plan->maps, i, const fct_map_rule_t *);

        if (is_same_name(map->named.name, name)) {
            return map;
        }
    }
    return NULL;
}

/* A map by itself tells nobody anything: the rules that use it change with it. */
void fct_policy_diff_map(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair)
{
    const fct_map_rule_t *map = (pair->is ? pair->is : pair->was)->subject;
    fct_policy_change_t change = { .kinds = FCT_CHANGE_METADATA, .subject = apr_pstrcat(diff->p, "map ", map->named.name, NULL) };

    if (pair->was && pair->is) {
        fct_policy_diff_change_attributes(diff, pair, change.subject, fct_policy_diff_change_unknown, NULL);
    }
    else {
        fct_policy_diff_change_add(diff, pair, &change);
    }
}

/* --- entries --- */

/* What the rule does with a value after it was mapped can refuse it. */
static int has_checks_behind(const fct_plan_param_t *param, const fct_map_entry_t *entry)
{
    const fct_chain_t *chain = &param->chain;
    apr_size_t i;

    for (i = 0; i + chain->join.len <= entry->to.len; i++) {
        if (memcmp(entry->to.at + i, chain->join.at, chain->join.len) == 0) {
            return 1;
        }
    }
    return chain->type != FCT_VALUE_ANY || chain->pattern || chain->max_length || chain->max_items;
}

/* Of a list that is joined again, items without an entry are dropped; a single value without one is invalid. */
static unsigned judge_use(const fct_plan_param_t *param, const fct_map_entry_t *entry, int has_come)
{
    int is_list = !fct_bytes_is_absent(param->chain.join);

    if (fct_bytes_is_absent(entry->to)) {
        return is_list ? FCT_CHANGE_METADATA : FCT_CHANGE_EITHER;
    }
    if (is_list && (has_checks_behind(param, entry) || param->status_missing)) {
        return FCT_CHANGE_EITHER;
    }
    return has_come ? FCT_CHANGE_WIDENED : FCT_CHANGE_NARROWED;
}

/* Of all rules that use the map; an entry that leads elsewhere tells other values. */
static unsigned judge_uses(const fct_plan_t *plan, const char *map, const fct_map_entry_t *entry, const fct_policy_diff_pair_t *pair)
{
    unsigned kinds = FCT_CHANGE_METADATA;
    apr_size_t i;

    for (i = 0; i < plan->nparams; i++) {
        if (is_same_name(plan->params[i].rule->map, map)) {
            kinds |= pair->was && pair->is ? FCT_CHANGE_EITHER : judge_use(&plan->params[i], entry, pair->is != NULL);
        }
    }
    return kinds;
}

static const char *target_of(const fct_canonical_line_t *line, apr_pool_t *p)
{
    const char *to = fct_policy_diff_change_text(line, "to");

    return line == NULL ? NULL : to ? apr_psprintf(p, "to=\"%s\"", to) : "omit=\"yes\"";
}

static const char *effect_of(unsigned kinds)
{
    switch (kinds & FCT_CHANGE_EITHER) {
    case FCT_CHANGE_WIDENED:
        return "rules that use the map tell more values";
    case FCT_CHANGE_NARROWED:
        return "rules that use the map tell fewer values";
    case FCT_CHANGE_EITHER:
        return "rules that use the map tell other values";
    default:
        return NULL;
    }
}

void fct_policy_diff_entry(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair)
{
    const fct_canonical_line_t *line = pair->is ? pair->is : pair->was;
    const char *map = fct_policy_diff_change_text(line, "map");
    fct_policy_change_t change = { .was = target_of(pair->was, diff->p), .is = target_of(pair->is, diff->p) };

    if (!find_map(diff->was, map) || !find_map(diff->is, map)) {
        return;                              /* told with the whole map, and with the rules that use it */
    }
    change.subject = apr_psprintf(diff->p, "map %s, entry \"%s\"", map, fct_policy_diff_change_text(line, "from"));
    change.kinds = judge_uses(diff->is->plan, map, line->subject, pair);
    change.effect = effect_of(change.kinds);
    fct_policy_diff_change_add(diff, pair, &change);
}
