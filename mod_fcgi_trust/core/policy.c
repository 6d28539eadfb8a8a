/* Questions that others ask of a sealed policy. */
#include "draft_flow.h"
#include "plan.h"

int fct_policy_uses(const fct_policy_t *policy, fct_source_id_t source)
{
    return policy->plan->uses[source];
}

void fct_policy_check_classes(const fct_policy_t *policy, const fct_class_t classes[FCT_SOURCE_COUNT], fct_findings_t *findings)
{
    const fct_plan_t *plan = policy->plan;
    apr_size_t i;

    for (i = 0; i < plan->nparams; i++) {
        fct_draft_flow_check_lowered(plan->params[i].rule, plan->params[i].group, classes, findings);
    }
}
