/* What a policy requires of the configuration must be said there: config.NAME by FcgiTrustSet. */
#include "check_settings.h"

#include <apr_strings.h>

#include "check_scope.h"
#include "conftree.h"
#include "plan.h"
#include "status.h"

typedef struct search_t {
    const ap_directive_t *use;           /* a FcgiTrustPolicy or FcgiTrustCandidate */
    const char *name;                    /* what FcgiTrustSet is to set there */
    int is_found;
    apr_pool_t *p;
} search_t;

static void find_setting(void *context, const ap_directive_t *d)
{
    search_t *search = context;

    if (!search->is_found && fct_conftree_is(d, "FcgiTrustSet") && fct_conftree_meet(d, search->use)) {
        search->is_found = ap_cstr_casecmp(fct_conftree_word(d, 0, search->p), search->name) == 0;
    }
}

static int is_set(const ap_directive_t *use, fct_bytes_t name, apr_pool_t *p)
{
    search_t search = { use, fct_bytes_string(name, p), 0, p };

    fct_conftree_walk(find_setting, &search);
    return search.is_found;
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

        if (param->status_missing && lacks_all(param->rule, use, p)) {
            fct_findings_add(findings, FCT_FINDING_SETTING_MISSING, use->filename, use->line_num,
                             "%s:%d requires %s, and no FcgiTrustSet says it here: %s is answered %d; say FcgiTrustSet %s VALUE",
                             param->rule->place.file, param->rule->place.line, param->rule->from,
                             param->rule->when ? "a request that meets the rule" : "every request", param->status_missing,
                             fct_bytes_string(param->rule->sources[0].argument, p));
        }
    }
}

static void check_uses(const apr_array_header_t *uses, fct_findings_t *findings, apr_pool_t *p)
{
    int i, k;

    for (i = 0; i < uses->nelts; i++) {
        const ap_directive_t *use = APR_ARRAY_IDX(uses, i, const ap_directive_t *);

        for (k = 0; k < fct_directives_slots()->nelts; k++) {
            const fct_policy_slot_t *slot = APR_ARRAY_IDX(fct_directives_slots(), k, const fct_policy_slot_t *);

            if (slot->policy && fct_check_scope_names(use, slot, p) && !fct_status_is_off(use, p)) {
                check_use(slot->policy, use, findings, p);
            }
        }
    }
}

void fct_check_settings(fct_findings_t *findings, apr_pool_t *p)
{
    check_uses(fct_directives_uses(), findings, p);
    check_uses(fct_directives_candidates(), findings, p);
}
