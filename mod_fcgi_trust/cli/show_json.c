/* A policy as one JSON object, for other tools. */
#include <apr_strings.h>

#include "plan.h"
#include "show_json.h"

void fct_show_json_member(fct_out_t *out, const char *name, const char *value)
{
    if (value) {
        fct_out_addf(out, ", \"%s\": ", name);
        fct_out_add_json(out, fct_bytes_of(value));
    }
}

void fct_show_json_flag(fct_out_t *out, const char *name, int is_set)
{
    if (is_set) {
        fct_out_addf(out, ", \"%s\": true", name);
    }
}

void fct_show_json_number(fct_out_t *out, const char *name, apr_int64_t number)
{
    if (number) {
        fct_out_addf(out, ", \"%s\": %" APR_INT64_T_FMT, name, number);
    }
}

void fct_show_json_place(fct_out_t *out, const fct_place_t *place)
{
    fct_show_json_member(out, "file", place->file);
    fct_show_json_number(out, "line", place->line);
}

void fct_show_json_bytes(fct_out_t *out, const char *name, fct_bytes_t value)
{
    if (!fct_bytes_is_absent(value)) {
        fct_out_addf(out, ", \"%s\": ", name);
        fct_out_add_json(out, value);
    }
}

/* The attributes that say how a value is made of its source. */
static void add_steps(fct_out_t *out, const fct_plan_param_t *param)
{
    static const char *const picks[] = { NULL, "only", NULL, "matching" };
    static const char *const cases[] = { NULL, "lower", "upper" };
    const fct_chain_t *chain = &param->chain;
    int is_by_index = chain->pick == FCT_CHAIN_PICK_INDEX;

    fct_show_json_bytes(out, "split", chain->split);
    fct_show_json_member(out, "pick", is_by_index ? apr_psprintf(out->pool, "%" APR_SIZE_T_FMT, chain->index) : picks[chain->pick]);
    fct_show_json_bytes(out, "strip_suffix", chain->strip_suffix);
    fct_show_json_member(out, "extract", param->rule->extract);
    fct_show_json_member(out, "case", cases[chain->letter_case]);
    fct_show_json_member(out, "map", param->rule->map);
    fct_show_json_bytes(out, "join", chain->join);
    fct_show_json_number(out, "max_items", (apr_int64_t)chain->max_items);
    fct_show_json_member(out, "pattern", param->rule->pattern);
    fct_show_json_member(out, "encode", chain->encode == FCT_ENCODE_NONE ? NULL : fct_encode_name(chain->encode));
}

static void add_param(fct_out_t *out, const fct_plan_param_t *param)
{
    const fct_param_rule_t *rule = param->rule;

    fct_out_add_string(out, "{\"name\": ");
    fct_out_add_json(out, rule->name);
    fct_show_json_member(out, "class", fct_class_name(param->class_));
    fct_show_json_member(out, "group", fct_flow_group_name(param->group));
    fct_show_json_member(out, "from", rule->from);
    fct_show_json_member(out, "value", rule->is_sensitive ? NULL : rule->value);
    fct_show_json_flag(out, "sensitive", rule->is_sensitive);
    fct_show_json_bytes(out, "server_header", rule->header);
    fct_show_json_bytes(out, "auth_type", rule->auth_type);
    fct_show_json_flag(out, "trust_client", rule->trusts_client);
    fct_show_json_flag(out, "required", rule->is_required);
    fct_show_json_number(out, "status_missing", param->status_missing);
    fct_show_json_number(out, "status_invalid", param->status_invalid);
    fct_show_json_number(out, "status_too_long", param->status_too_long);
    add_steps(out, param);
    fct_show_json_number(out, "max_length", (apr_int64_t)rule->max_length);
    fct_show_json_member(out, "type", rule->type == FCT_VALUE_ANY ? NULL : fct_value_type_sentence(rule->type));
    fct_show_json_member(out, "when", rule->when);
    fct_show_json_member(out, "why", rule->why);
    fct_show_json_member(out, "assert", rule->assert);
    fct_show_json_member(out, "control", rule->control);
    fct_show_json_place(out, &rule->place);
    fct_out_add_string(out, "}");
}

static void add_field(fct_out_t *out, const fct_field_rule_t *rule)
{
    static const char *const actions[] = { "pass", "drop", "refuse" };

    fct_out_add_string(out, "{\"name\": ");
    fct_out_add_json(out, rule->name);
    fct_show_json_member(out, "action", actions[rule->action]);
    fct_show_json_flag(out, "prefix", rule->is_prefix);
    fct_show_json_flag(out, "changed", rule->passes_changed);
    fct_show_json_flag(out, "trust_client", rule->trusts_client);
    fct_show_json_number(out, "max_length", (apr_int64_t)rule->max_length);
    fct_show_json_number(out, "max_count", (apr_int64_t)rule->max_count);
    fct_show_json_member(out, "cookies", rule->cookies);
    fct_show_json_member(out, "when", rule->when);
    fct_show_json_member(out, "why", rule->why);
    fct_show_json_member(out, "assert", rule->assert);
    fct_show_json_member(out, "control", rule->control);
    fct_show_json_place(out, &rule->place);
    fct_out_add_string(out, "}");
}

static void add_certificate(fct_out_t *out, const fct_certificate_t *certificate)
{
    fct_out_add_string(out, "{\"subject\": ");
    fct_out_add_json(out, fct_bytes_of(certificate->subject));
    fct_show_json_member(out, "sha256", certificate->sha256);
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
    fct_show_json_member(out, "why", anchor->why);
    fct_show_json_member(out, "control", anchor->control);
    fct_show_json_place(out, &anchor->place);
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
    fct_show_json_member(out, "chunked", chunked[policy->request.chunked]);
    fct_show_json_member(out, "upgrade", policy->request.refuse_upgrade ? "refuse" : "ignore");
    fct_out_addf(out,
                 "},\n  \"response\": {\"max_header_bytes\": %" APR_SIZE_T_FMT ", \"max_header_count\": %" APR_SIZE_T_FMT
                 ", \"max_interim\": %u, \"hold\": %" APR_SIZE_T_FMT ", \"hold_time_ms\": %d, \"max_stderr\": %" APR_SIZE_T_FMT,
                 response->limits.head.max_bytes, response->limits.head.max_fields, response->limits.max_interim, response->hold,
                 (int)apr_time_as_msec(response->hold_time), response->max_stderr);
    fct_show_json_member(out, "interim", response->forward_interim ? "forward" : "drop");
    fct_show_json_member(out, "local_redirect", response->follow_local_redirect ? "follow" : "refuse");
    fct_show_json_member(out, "missing_content_type", response->refuse_missing_content_type ? "refuse" : "octet-stream");
    fct_out_add_string(out, ", \"hide\": ");
    add_list(out, response->hide, response->nhide);
    fct_out_add_string(out, "},\n  \"backend\": {\"profile\": ");
    fct_out_add_json(out, fct_bytes_of(policy->backend.profile));
    fct_show_json_member(out, "script", scripts[policy->backend.script.mode]);
    fct_show_json_flag(out, "fixed_request_id", policy->backend.fixed_request_id);
    fct_show_json_flag(out, "never_kept", policy->backend.never_kept);
    fct_out_add_string(out, ", \"workers\": ");
    add_list(out, policy->backend.workers, policy->backend.nworkers);
    fct_out_add_string(out, "}\n}\n");
}

void fct_show_json(const fct_policy_t *policy, const apr_array_header_t *files, fct_out_t *out)
{
    const fct_plan_t *plan = policy->plan;
    apr_size_t i;

    fct_out_add_string(out, "{\n  \"policy\": ");
    fct_out_add_json(out, fct_bytes_of(policy->name));
    fct_show_json_member(out, "version", policy->version);
    fct_show_json_member(out, "sha256", policy->digest);
    fct_show_json_member(out, "file", policy->file);
    fct_show_json_member(out, "description", policy->description);
    fct_show_json_files(files, out);
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
    fct_show_json_named(plan, out);
    if (plan->anchor) {
        add_anchor(out, plan->anchor);
    }
    fct_show_json_settings(plan, out);
    add_limits(policy, out);
}
