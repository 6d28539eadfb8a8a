/* What a policy requires of the configuration must be said there: config.NAME by FcgiTrustSet. */
#include "check_settings.h"

#include <apr_strings.h>

#include "conftree.h"
#include "plan.h"
#include "status.h"

static int is_set(const ap_directive_t *use, fct_bytes_t name, apr_pool_t *p)
{
    const apr_array_header_t *settings = fct_directives_settings();
    int i;

    for (i = 0; i < settings->nelts; i++) {
        const ap_directive_t *d = APR_ARRAY_IDX(settings, i, const ap_directive_t *);

        if (fct_conftree_meet(d, use) && fct_bytes_equal_nocase(fct_bytes_of(fct_conftree_word(d, 0, p)), name)) {
            return 1;
        }
    }
    return 0;
}

/* Every source of the rule is a setting, and none of them is there. */
static int lacks_all(const fct_param_rule_t *rule, const ap_directive_t *use, apr_pool_t *p)
{
    apr_size_t i;

    for (i = 0; i < rule->nsources; i++) {
        if (rule->sources[i].id != FCT_SOURCE_CONFIG || is_set(use, rule->sources[i].argument, p)) {
            return 0;
        }
    }
    return rule->nsources > 0;
}

static void check_use(const fct_policy_t *policy, const ap_directive_t *use, fct_findings_t *findings, apr_pool_t *p)
{
    apr_size_t i;

    for (i = 0; i < policy->plan->nparams; i++) {
        const fct_plan_param_t *param = &policy->plan->params[i];

        if (param->status_missing && lacks_all(param->rule, use, p) && !fct_status_is_off(use, p)) {
            fct_findings_add(findings, FCT_FINDING_SETTING_MISSING, use->filename, use->line_num,
                             "%s:%d requires %s, and no FcgiTrustSet says it here, so that the policy refuses %s with %d; say FcgiTrustSet %s VALUE",
                             param->rule->place.file, param->rule->place.line, param->rule->from,
                             param->rule->when ? "a request that meets the rule" : "every request", param->status_missing,
                             fct_bytes_string(param->rule->sources[0].argument, p));
        }
    }
}

static void check_uses(const fct_policy_slot_t *slot, const apr_array_header_t *uses, fct_findings_t *findings, apr_pool_t *p)
{
    int i;

    for (i = 0; slot->policy && i < uses->nelts; i++) {
        check_use(slot->policy, APR_ARRAY_IDX(uses, i, const ap_directive_t *), findings, p);
    }
}

void fct_check_settings(fct_findings_t *findings, apr_pool_t *p)
{
    const apr_array_header_t *slots = fct_directives_slots();
    int i;

    for (i = 0; i < slots->nelts; i++) {
        const fct_policy_slot_t *slot = APR_ARRAY_IDX(slots, i, const fct_policy_slot_t *);

        check_uses(slot, slot->uses, findings, p);
        check_uses(slot, slot->candidacies, findings, p);
    }
}
