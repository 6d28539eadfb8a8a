/* All rules of a policy in one list, each as a reader of the policy would name it. */
#include "rule_list.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

static fct_rule_listed_t *add(apr_array_header_t *rules, const fct_place_t *place, const char *text, const char *when)
{
    fct_rule_listed_t *rule = apr_array_push(rules);

    memset(rule, 0, sizeof(*rule));
    rule->place = place;
    rule->text = text;
    rule->when = when;
    return rule;
}

static void add_param(apr_array_header_t *rules, const fct_plan_param_t *param, apr_pool_t *p)
{
    const fct_param_rule_t *rule = param->rule;
    const char *text = fct_bytes_is_absent(rule->header)
        ? apr_psprintf(p, "<param name=\"%s\">", fct_bytes_string(rule->name, p))
        : apr_psprintf(p, "<server-header name=\"%s\">", fct_bytes_string(rule->header, p));

    add(rules, &rule->place, text, rule->when)->param = param;
}

static void add_field(apr_array_header_t *rules, const fct_plan_field_t *field, apr_pool_t *p)
{
    static const char *const elements[] = { "header", "drop-header", "refuse-header" };
    const fct_field_rule_t *rule = field->rule;
    const char *text = apr_psprintf(p, "<%s name=\"%s%s\">", elements[rule->action], fct_bytes_string(rule->name, p), rule->is_prefix ? "*" : "");

    add(rules, &rule->place, text, rule->when)->field = field;
}

static void add_upstreams(apr_array_header_t *rules, const fct_plan_t *plan, apr_pool_t *p)
{
    int i, k;

    for (i = 0; plan->upstreams && i < plan->upstreams->nelts; i++) {
        const fct_upstream_rule_t *upstream = APR_ARRAY_IDX(plan->upstreams, i, const fct_upstream_rule_t *);

        for (k = 0; k < upstream->fields->nelts; k++) {
            const fct_upstream_field_t *field = APR_ARRAY_IDX(upstream->fields, k, const fct_upstream_field_t *);
            const char *text = apr_psprintf(p, "<field name=\"%s\"> of <upstream name=\"%s\">", fct_bytes_string(field->name, p),
                                            upstream->named.name);

            add(rules, &field->place, text, NULL)->upstream = field;
        }
    }
}

static int compare(const void *a, const void *b)
{
    const fct_place_t *x = ((const fct_rule_listed_t *)a)->place, *y = ((const fct_rule_listed_t *)b)->place;
    int order = strcmp(x->file ? x->file : "", y->file ? y->file : "");

    return order ? order : x->line - y->line;
}

apr_array_header_t *fct_rule_list_of(const fct_policy_t *policy, apr_pool_t *p)
{
    const fct_plan_t *plan = policy->plan;
    apr_array_header_t *rules = apr_array_make(p, 80, sizeof(fct_rule_listed_t));
    apr_size_t i;

    for (i = 0; i < plan->nparams; i++) {
        add_param(rules, &plan->params[i], p);
    }
    for (i = 0; i < plan->nfields; i++) {
        add_field(rules, &plan->fields[i], p);
    }
    add_upstreams(rules, plan, p);
    for (i = 0; i < plan->nrequests && plan->requests[i].rule; i++) {
        const fct_request_rule_t *rule = plan->requests[i].rule;

        add(rules, &rule->place, apr_psprintf(p, "<request when=\"%s\">", rule->when), rule->when);
    }
    if (plan->anchor) {
        add(rules, &plan->anchor->place, "<trust-anchor>", NULL);
    }
    qsort(rules->elts, (size_t)rules->nelts, sizeof(fct_rule_listed_t), compare);
    return rules;
}

const fct_rule_listed_t *fct_rule_list_find(const apr_array_header_t *rules, const fct_place_t *place)
{
    int i;

    for (i = 0; place && i < rules->nelts; i++) {
        if (APR_ARRAY_IDX(rules, i, fct_rule_listed_t).place == place) {
            return &APR_ARRAY_IDX(rules, i, fct_rule_listed_t);
        }
    }
    return NULL;
}

int fct_rule_list_is_secret(const apr_array_header_t *rules, fct_bytes_t name)
{
    int i;

    for (i = 0; i < rules->nelts; i++) {
        const fct_plan_param_t *param = APR_ARRAY_IDX(rules, i, fct_rule_listed_t).param;

        if (param && param->rule->is_sensitive && fct_bytes_equal(param->rule->name, name)) {
            return 1;
        }
    }
    return 0;
}

const char *fct_rule_list_place(const fct_place_t *place, apr_pool_t *p)
{
    const char *slash = place && place->file ? strrchr(place->file, '/') : NULL;

    return place && place->file ? apr_psprintf(p, "%s:%d", slash ? slash + 1 : place->file, place->line) : "built in";
}
