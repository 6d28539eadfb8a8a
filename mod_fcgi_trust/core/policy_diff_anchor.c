/* Changes of <trust-anchor> and its <intermediates>: which client certificates are verified. */
#include "policy_diff_part.h"

/* auth.* counts only where the certificate does that a user was made of. */
static int is_read_from(const fct_source_ref_t *ref)
{
    return ref->has_field || fct_source_is_auth(ref);
}

static int is_asked_for(const fct_condition_t *condition)
{
    return fct_condition_uses(condition, FCT_SOURCE_TLS_CLIENT) || fct_condition_uses(condition, FCT_SOURCE_AUTH_USER)
        || fct_condition_uses(condition, FCT_SOURCE_AUTH_TYPE);
}

/* Somebody without a verified certificate may be let through where somebody with one is not. */
static int passes_without(const fct_plan_param_t *param)
{
    apr_size_t i;

    for (i = 0; i < param->rule->nsources && fct_policy_diff_demand_passes_without(param); i++) {
        if (is_read_from(&param->rule->sources[i])) {
            return 1;
        }
    }
    return is_asked_for(param->rule->condition);
}

static int is_read_with_checks(const fct_plan_t *plan)
{
    int found = 0;
    apr_size_t i;

    for (i = 0; i < plan->nparams; i++) {
        found |= passes_without(&plan->params[i]);
    }
    for (i = 0; i < plan->nfields; i++) {
        found |= is_asked_for(plan->fields[i].rule->condition);
    }
    for (i = 0; i < plan->nrequests; i++) {
        found |= plan->requests[i].rule && is_asked_for(plan->requests[i].rule->condition);
    }
    return found;
}

/* An anchor admits those alone whom it has issued a certificate; an intermediate leads more of them to it. */
static unsigned judge(const fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair, int is_anchor, const char **effect)
{
    unsigned kinds = (pair->is != NULL) == is_anchor ? FCT_CHANGE_NARROWED : FCT_CHANGE_WIDENED;

    if (pair->was && pair->is) {
        *effect = "other client certificates are verified";
        return FCT_CHANGE_EITHER;
    }
    *effect = kinds == FCT_CHANGE_NARROWED ? "fewer client certificates are verified" : "more client certificates are verified";
    return is_read_with_checks(diff->was->plan) || is_read_with_checks(diff->is->plan) ? FCT_CHANGE_EITHER : kinds;
}

void fct_policy_diff_anchor(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair)
{
    const char *element = (pair->is ? pair->is : pair->was)->element;
    fct_policy_change_t change = { .subject = element, .attribute = "certificate-sha256" };

    change.was = fct_policy_diff_change_text(pair->was, change.attribute);
    change.is = fct_policy_diff_change_text(pair->is, change.attribute);
    if (pair->was && pair->is && strcmp(change.was, change.is) == 0) {
        fct_policy_diff_change_attributes(diff, pair, change.subject, fct_policy_diff_change_unknown, NULL);
        return;
    }
    change.kinds = judge(diff, pair, strcmp(element, "trust-anchor") == 0, &change.effect);
    fct_policy_diff_change_add(diff, pair, &change);
}
