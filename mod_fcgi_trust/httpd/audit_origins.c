/* The texts of rules in decision logs, found by the address of their rule. */
#include "audit_origins.h"

#include <apr_strings.h>

#include "audit_value.h"
#include "plan.h"

#define TEXT_EXPECTED 160
#define POLICY_EXPECTED 320
#define POLICY_FILE_MAX 1024

struct fct_audit_origins_t {
    const fct_policy_t *policy;
    fct_bytes_t policy_text;
    fct_audit_origin_t *slots;           /* open addressing; rule NULL: free */
    apr_size_t mask;
};

/* What of the path follows the directory (its length, without a slash at its end); NULL: it is elsewhere. */
static const char *below(const char *path, const char *directory, apr_size_t len)
{
    return strncmp(path, directory, len) == 0 && path[len] == '/' ? path + len + 1 : NULL;
}

const char *fct_audit_origins_file(const fct_policy_t *policy, const char *file, apr_pool_t *p)
{
    const char *slash = strrchr(policy->file, '/');
    const char *rest = slash ? below(file, policy->file, (apr_size_t)(slash - policy->file)) : NULL;

    if (rest) {
        return rest;
    }
    rest = below(file, FCT_POLICY_DIR, sizeof(FCT_POLICY_DIR) - 1);
    return rest ? apr_pstrcat(p, "shipped:", rest, NULL) : file;
}

static apr_size_t hash_of(const fct_place_t *rule)
{
    return (apr_size_t)((apr_uintptr_t)rule >> 4) * (apr_size_t)APR_UINT64_C(0x9E3779B97F4A7C15) >> 16;
}

static fct_audit_origin_t *probe(const fct_audit_origins_t *origins, const fct_place_t *rule)
{
    apr_size_t i = hash_of(rule) & origins->mask;

    while (origins->slots[i].rule && origins->slots[i].rule != rule) {
        i = (i + 1) & origins->mask;
    }
    return &origins->slots[i];
}

/* --- texts --- */

static void add_origin(fct_json_t *json, const fct_policy_t *policy, const fct_place_t *rule, const char *source, fct_class_t class_)
{
    fct_json_begin_array(json, NULL);
    fct_json_text(json, NULL, source);
    fct_json_text(json, NULL, fct_class_name(class_));
    if (rule) {
        fct_json_place(json, NULL, fct_audit_origins_file(policy, rule->file, json->pool), rule->line);
    }
    else {
        fct_json_text(json, NULL, NULL);
    }
    fct_json_append(json, FCT_BYTES_LITERAL(","));
}

fct_bytes_t fct_audit_origins_write(const fct_policy_t *policy, const fct_place_t *rule, const char *source, fct_class_t class_, apr_pool_t *p)
{
    fct_json_t json;

    fct_json_init(&json, TEXT_EXPECTED, p);
    add_origin(&json, policy, rule, source, class_);
    return fct_json_bytes(&json);
}

fct_bytes_t fct_audit_origins_write_policy(const fct_policy_t *policy, apr_size_t file_max, apr_pool_t *p)
{
    apr_size_t len = strlen(policy->file);
    fct_json_t json;

    fct_json_init(&json, POLICY_EXPECTED, p);
    fct_json_begin_object(&json, NULL);
    fct_json_text(&json, "name", policy->name);
    fct_json_text(&json, "version", policy->version);
    fct_json_text(&json, "digest", policy->digest);
    fct_json_string(&json, "file", fct_bytes_make(policy->file, len < file_max ? len : file_max));
    fct_json_end_object(&json);
    return fct_json_bytes(&json);
}

/* --- a policy's --- */

static void add_param(fct_audit_origins_t *origins, const fct_plan_param_t *param, apr_pool_t *p)
{
    const fct_policy_t *policy = origins->policy;
    const fct_place_t *rule = &param->rule->place;
    fct_audit_origin_t *origin = probe(origins, rule);
    fct_bytes_t before = fct_audit_origins_write(policy, rule, param->source_text, param->class_, p);
    fct_json_t json;

    origin->rule = rule;
    origin->has_name = 1;
    origin->is_whole = !fct_bytes_is_absent(param->literal);
    origin->may_log = fct_policy_may_log(policy, param->rule->name);
    fct_json_init(&json, TEXT_EXPECTED, p);
    fct_json_key(&json, param->rule->name);
    if (origin->is_whole) {
        fct_audit_value_add(&json, before, param->literal, origin->may_log);
    }
    else {
        fct_json_append(&json, before);
    }
    origin->text = fct_json_bytes(&json);
}

static int is_host(const fct_plan_t *plan, const fct_plan_field_t *field)
{
    return plan->host && fct_bytes_equal(plan->host->emitted, field->emitted);
}

static void add_field(fct_audit_origins_t *origins, const fct_plan_field_t *field, apr_pool_t *p)
{
    const fct_policy_t *policy = origins->policy;
    const fct_place_t *rule = &field->rule->place;
    const char *source = is_host(policy->plan, field) ? "request.authority" : "header";
    fct_audit_origin_t *origin = probe(origins, rule);
    fct_json_t json;

    origin->rule = rule;
    origin->has_name = !field->rule->is_prefix;
    fct_json_init(&json, TEXT_EXPECTED, p);
    if (origin->has_name) {
        origin->may_log = fct_policy_may_log(policy, field->emitted);
        fct_json_key(&json, field->emitted);
    }
    add_origin(&json, policy, rule, source, FCT_CLASS_CLIENT);
    origin->text = fct_json_bytes(&json);
}

const fct_audit_origins_t *fct_audit_origins_make(const fct_policy_t *policy, apr_pool_t *p)
{
    const fct_plan_t *plan = policy->plan;
    fct_audit_origins_t *origins = apr_palloc(p, sizeof(*origins));
    apr_size_t i, n = 8;

    while (n < 2 * (plan->nparams + plan->nfields)) {
        n *= 2;
    }
    origins->policy = policy;
    origins->policy_text = fct_audit_origins_write_policy(policy, POLICY_FILE_MAX, p);
    origins->mask = n - 1;
    origins->slots = apr_pcalloc(p, n * sizeof(*origins->slots));
    for (i = 0; i < plan->nparams; i++) {
        add_param(origins, &plan->params[i], p);
    }
    for (i = 0; i < plan->nfields; i++) {
        add_field(origins, &plan->fields[i], p);
    }
    return origins;
}

const fct_audit_origin_t *fct_audit_origins_find(const fct_audit_origins_t *origins, const fct_place_t *rule)
{
    const fct_audit_origin_t *origin = probe(origins, rule);

    return origin->rule ? origin : NULL;
}

fct_bytes_t fct_audit_origins_policy(const fct_audit_origins_t *origins)
{
    return origins->policy_text;
}
