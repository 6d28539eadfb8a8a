/* A policy as one JSON object, for other tools. */
#include "plan.h"
#include "show.h"

static void add_member(fct_out_t *out, const char *name, const char *value)
{
    if (value) {
        fct_out_addf(out, ", \"%s\": ", name);
        fct_out_add_json(out, fct_bytes_of(value));
    }
}

static void add_flag(fct_out_t *out, const char *name, int is_set)
{
    if (is_set) {
        fct_out_addf(out, ", \"%s\": true", name);
    }
}

static void add_number(fct_out_t *out, const char *name, apr_int64_t number)
{
    if (number) {
        fct_out_addf(out, ", \"%s\": %" APR_INT64_T_FMT, name, number);
    }
}

static void add_place(fct_out_t *out, const fct_place_t *place)
{
    add_member(out, "file", place->file);
    add_number(out, "line", place->line);
}

static void add_param(fct_out_t *out, const fct_plan_param_t *param)
{
    const fct_param_rule_t *rule = param->rule;

    fct_out_add_string(out, "{\"name\": ");
    fct_out_add_json(out, rule->name);
    add_member(out, "class", fct_class_name(param->class_));
    add_member(out, "group", fct_flow_group_name(param->group));
    add_member(out, "from", rule->from);
    add_member(out, "value", rule->is_sensitive ? NULL : rule->value);
    add_flag(out, "sensitive", rule->is_sensitive);
    add_flag(out, "required", rule->is_required);
    add_number(out, "status_missing", param->status_missing);
    add_number(out, "status_invalid", param->status_invalid);
    add_number(out, "max_length", (apr_int64_t)rule->max_length);
    add_member(out, "type", rule->type == FCT_VALUE_ANY ? NULL : fct_value_type_sentence(rule->type));
    add_member(out, "when", rule->when);
    add_member(out, "why", rule->why);
    add_member(out, "assert", rule->assert);
    add_member(out, "control", rule->control);
    add_place(out, &rule->place);
    fct_out_add_string(out, "}");
}

static void add_field(fct_out_t *out, const fct_field_rule_t *rule)
{
    static const char *const actions[] = { "pass", "drop", "refuse" };

    fct_out_add_string(out, "{\"name\": ");
    fct_out_add_json(out, rule->name);
    add_member(out, "action", actions[rule->action]);
    add_flag(out, "prefix", rule->is_prefix);
    add_flag(out, "changed", rule->passes_changed);
    add_flag(out, "trust_client", rule->trusts_client);
    add_number(out, "max_length", (apr_int64_t)rule->max_length);
    add_number(out, "max_count", (apr_int64_t)rule->max_count);
    add_member(out, "when", rule->when);
    add_member(out, "why", rule->why);
    add_member(out, "assert", rule->assert);
    add_member(out, "control", rule->control);
    add_place(out, &rule->place);
    fct_out_add_string(out, "}");
}

static void add_certificate(fct_out_t *out, const fct_certificate_t *certificate)
{
    fct_out_add_string(out, "{\"subject\": ");
    fct_out_add_json(out, fct_bytes_of(certificate->subject));
    add_member(out, "sha256", certificate->sha256);
}

static void add_anchor(fct_out_t *out, const fct_anchor_rule_t *anchor)
{
    int i;

    fct_out_add_string(out, "  \"trust_anchor\": ");
    add_certificate(out, anchor->certificate);
    fct_out_add_string(out, ", \"intermediates\": [");
    for (i = 0; anchor->intermediates && i < anchor->intermediates->nelts; i++) {
        fct_out_add_string(out, i ? ", " : "");
        add_certificate(out, APR_ARRAY_IDX(anchor->intermediates, i, const fct_certificate_t *));
        fct_out_add_string(out, "}");
    }
    fct_out_add_string(out, "]");
    add_member(out, "why", anchor->why);
    add_member(out, "control", anchor->control);
    add_place(out, &anchor->place);
    fct_out_add_string(out, "},\n");
}

static void add_list(fct_out_t *out, const fct_bytes_t *list, apr_size_t n)
{
    apr_size_t i;

    fct_out_add_string(out, "[");
    for (i = 0; i < n; i++) {
        fct_out_add_string(out, i ? ", " : "");
        fct_out_add_json(out, list[i]);
    }
    fct_out_add_string(out, "]");
}

static void add_limits(const fct_policy_t *policy, fct_out_t *out)
{
    static const char *const chunked[] = { "spool", "stream", "refuse" };
    static const char *const scripts[] = { "auto", "file", "split", "mount", "none" };
    const fct_response_rules_t *response = &policy->response;

    fct_out_add_string(out, "  \"request\": {\"methods\": ");
    add_list(out, policy->plan->methods, policy->plan->nmethods);
    fct_out_addf(out, ", \"max_body\": %" APR_OFF_T_FMT, policy->request.max_body);
    add_member(out, "chunked", chunked[policy->request.chunked]);
    add_member(out, "upgrade", policy->request.refuse_upgrade ? "refuse" : "ignore");
    fct_out_addf(out,
                 "},\n  \"response\": {\"max_header_bytes\": %" APR_SIZE_T_FMT ", \"max_header_count\": %" APR_SIZE_T_FMT
                 ", \"max_interim\": %u, \"hold\": %" APR_SIZE_T_FMT ", \"hold_time_ms\": %d, \"max_stderr\": %" APR_SIZE_T_FMT,
                 response->limits.head.max_bytes, response->limits.head.max_fields, response->limits.max_interim, response->hold,
                 (int)apr_time_as_msec(response->hold_time), response->max_stderr);
    add_member(out, "interim", response->forward_interim ? "forward" : "drop");
    add_member(out, "local_redirect", response->follow_local_redirect ? "follow" : "refuse");
    add_member(out, "missing_content_type", response->refuse_missing_content_type ? "refuse" : "octet-stream");
    fct_out_add_string(out, ", \"hide\": ");
    add_list(out, response->hide, response->nhide);
    fct_out_add_string(out, "},\n  \"backend\": {\"profile\": ");
    fct_out_add_json(out, fct_bytes_of(policy->backend.profile));
    add_member(out, "script", scripts[policy->backend.script.mode]);
    add_flag(out, "fixed_request_id", policy->backend.fixed_request_id);
    add_flag(out, "never_kept", policy->backend.never_kept);
    fct_out_add_string(out, ", \"workers\": ");
    add_list(out, policy->backend.workers, policy->backend.nworkers);
    fct_out_add_string(out, "}\n}\n");
}

void fct_show_json(const fct_policy_t *policy, fct_out_t *out)
{
    const fct_plan_t *plan = policy->plan;
    apr_size_t i;

    fct_out_add_string(out, "{\n  \"policy\": ");
    fct_out_add_json(out, fct_bytes_of(policy->name));
    add_member(out, "version", policy->version);
    add_member(out, "sha256", policy->digest);
    add_member(out, "file", policy->file);
    fct_out_add_string(out, ",\n  \"params\": [");
    for (i = 0; i < plan->nparams; i++) {
        fct_out_add_string(out, i ? ",\n    " : "\n    ");
        add_param(out, &plan->params[i]);
    }
    fct_out_add_string(out, "\n  ],\n  \"headers\": [");
    for (i = 0; i < plan->nfields; i++) {
        fct_out_add_string(out, i ? ",\n    " : "\n    ");
        add_field(out, plan->fields[i].rule);
    }
    fct_out_add_string(out, "\n  ],\n");
    if (plan->anchor) {
        add_anchor(out, plan->anchor);
    }
    add_limits(policy, out);
}
