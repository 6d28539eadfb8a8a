/* Questions that others ask of a sealed policy. */
#include "draft_flow.h"
#include "name.h"
#include "plan.h"

int fct_policy_uses(const fct_policy_t *policy, fct_source_id_t source)
{
    return policy->plan->uses[source];
}

void fct_policy_check_classes(const fct_policy_t *policy, const fct_classes_t *classes, fct_findings_t *findings)
{
    const fct_plan_t *plan = policy->plan;
    apr_size_t i;

    for (i = 0; i < plan->nparams; i++) {
        fct_draft_flow_check_lowered(plan->params[i].rule, plan->params[i].group, classes, findings);
    }
}

int fct_policy_may_log(const fct_policy_t *policy, fct_bytes_t name)
{
    apr_size_t i;

    for (i = 0; i < policy->plan->naudited; i++) {
        if (fct_name_folds_equal(policy->plan->audited[i], name)) {
            return 1;
        }
    }
    return 0;
}

const fct_upstream_rule_t *fct_plan_find_upstream(const fct_plan_t *plan, fct_bytes_t name)
{
    int i;

    for (i = 0; i < plan->upstreams->nelts; i++) {
        const fct_upstream_rule_t *upstream = APR_ARRAY_IDX(plan->upstreams, i, void *);

        if (fct_bytes_equal(fct_bytes_of(upstream->named.name), name)) {
            return upstream;
        }
    }
    return NULL;
}

/* --- references to sources --- */

typedef struct visit_t {
    void (*visit)(void *context, const fct_policy_reference_t *reference);
    void *context;
} visit_t;

static void visit_condition(const visit_t *v, const fct_condition_t *condition, const char *when, const char *name, fct_place_t place)
{
    int id;

    for (id = FCT_SOURCE_NONE + 1; id < FCT_SOURCE_COUNT; id++) {
        if (fct_condition_uses(condition, (fct_source_id_t)id)) {
            fct_source_ref_t ref = FCT_SOURCE_REF((fct_source_id_t)id);
            fct_policy_reference_t reference = { &ref, place, name, when, 0 };

            if (id == FCT_SOURCE_TLS_CLIENT) {
                ref.argument = FCT_BYTES_LITERAL("verified");
                ref.has_field = 1;
            }
            v->visit(v->context, &reference);
        }
    }
}

/* A rule is refused for want of this source only where all that it could come from is of the same kind. */
static int is_required(const fct_param_rule_t *rule)
{
    apr_size_t i;

    for (i = 1; i < rule->nsources; i++) {
        if (rule->sources[i].id != rule->sources[0].id) {
            return 0;
        }
    }
    return rule->is_required;
}

static void visit_param(const visit_t *v, const fct_param_rule_t *rule)
{
    fct_policy_reference_t reference = { NULL, rule->place, rule->name.at, rule->when, is_required(rule) };
    fct_source_ref_t type = FCT_SOURCE_REF(FCT_SOURCE_AUTH_TYPE);
    apr_size_t i;

    for (i = 0; i < rule->nsources; i++) {
        reference.ref = &rule->sources[i];
        v->visit(v->context, &reference);
    }
    if (!fct_bytes_is_absent(rule->auth_type)) {
        reference.ref = &type;
        v->visit(v->context, &reference);
    }
    visit_condition(v, rule->condition, rule->when, rule->name.at, rule->place);
}

void fct_policy_visit_references(const fct_policy_t *policy, void (*visit)(void *context, const fct_policy_reference_t *reference),
                                 void *context)
{
    const fct_plan_t *plan = policy->plan;
    visit_t v = { visit, context };
    apr_size_t i;

    for (i = 0; i < plan->nparams; i++) {
        visit_param(&v, plan->params[i].rule);
    }
    for (i = 0; i < plan->nfields; i++) {
        visit_condition(&v, plan->fields[i].rule->condition, plan->fields[i].rule->when, NULL, plan->fields[i].rule->place);
    }
    for (i = 0; i < plan->nrequests && plan->requests[i].rule; i++) {
        visit_condition(&v, plan->requests[i].rule->condition, plan->requests[i].rule->when, NULL, plan->requests[i].rule->place);
    }
}
