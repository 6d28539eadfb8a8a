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
    fct_audit_origin_t *at;              /* in the order of the plan, so that a request walks through them, and through their texts */
    apr_uint32_t n;
    apr_uint32_t *slots;                 /* open addressing; 0 is free, else an index + 1 */
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

static apr_uint32_t *probe(const fct_audit_origins_t *origins, const fct_place_t *rule)
{
    apr_size_t i = hash_of(rule) & origins->mask;

    while (origins->slots[i] && origins->at[origins->slots[i] - 1].rule != rule) {
        i = (i + 1) & origins->mask;
    }
    return &origins->slots[i];
}

/* The next one. */
static fct_audit_origin_t *add(fct_audit_origins_t *origins, const fct_place_t *rule)
{
    fct_audit_origin_t *origin = &origins->at[origins->n];

    *probe(origins, rule) = ++origins->n;
    origin->rule = rule;
    return origin;
}

/* What was written, without the room it was written in. */
static fct_bytes_t keep(const fct_json_t *json, apr_pool_t *p)
{
    return fct_bytes_make(apr_pmemdup(p, json->at, json->len), json->len);
}

/* --- texts --- */

fct_bytes_t fct_audit_origins_write(const fct_policy_t *policy, const fct_place_t *rule, const char *source, fct_class_t class_, apr_pool_t *p)
{
    fct_json_t json;

    fct_json_init(&json, TEXT_EXPECTED, p);
    fct_json_begin_array(&json, NULL);
    fct_json_text(&json, NULL, source);
    fct_json_text(&json, NULL, fct_class_name(class_));
    if (rule) {
        fct_json_place(&json, NULL, fct_audit_origins_file(policy, rule->file, p), rule->line);
    }
    else {
        fct_json_text(&json, NULL, NULL);
    }
    fct_json_append(&json, FCT_BYTES_LITERAL(","));
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

static void add_param(fct_audit_origins_t *origins, const fct_plan_param_t *param, apr_pool_t *p, apr_pool_t *ptemp)
{
    const fct_policy_t *policy = origins->policy;
    const fct_place_t *rule = &param->rule->place;
    fct_audit_origin_t *origin = add(origins, rule);
    fct_bytes_t before = fct_audit_origins_write(policy, rule, param->source_text, param->class_, ptemp);
    fct_json_t json;

    origin->has_name = 1;
    origin->is_whole = !fct_bytes_is_absent(param->literal);
    origin->may_log = fct_policy_may_log(policy, param->rule->name);
    fct_json_init(&json, TEXT_EXPECTED, ptemp);
    fct_json_key(&json, param->rule->name);
    if (origin->is_whole) {
        fct_audit_value_add(&json, before, param->literal, origin->may_log);
    }
    else {
        fct_json_append(&json, before);
    }
    origin->text = keep(&json, p);
}

static int is_host(const fct_plan_t *plan, const fct_plan_field_t *field)
{
    return plan->host && fct_bytes_equal(plan->host->emitted, field->emitted);
}

static void add_field(fct_audit_origins_t *origins, const fct_plan_field_t *field, apr_pool_t *p, apr_pool_t *ptemp)
{
    const fct_policy_t *policy = origins->policy;
    const fct_place_t *rule = &field->rule->place;
    const char *source = is_host(policy->plan, field) ? "request.authority" : "header";
    fct_audit_origin_t *origin = add(origins, rule);
    fct_json_t json;

    origin->has_name = !field->rule->is_prefix;
    fct_json_init(&json, TEXT_EXPECTED, ptemp);
    if (origin->has_name) {
        origin->may_log = fct_policy_may_log(policy, field->emitted);
        fct_json_key(&json, field->emitted);
    }
    fct_json_append(&json, fct_audit_origins_write(policy, rule, source, FCT_CLASS_CLIENT, ptemp));
    origin->text = keep(&json, p);
}

const fct_audit_origins_t *fct_audit_origins_make(const fct_policy_t *policy, apr_pool_t *p, apr_pool_t *ptemp)
{
    const fct_plan_t *plan = policy->plan;
    fct_audit_origins_t *origins = apr_pcalloc(p, sizeof(*origins));
    apr_size_t i, n = 8;

    while (n < 2 * (plan->nparams + plan->nfields)) {
        n *= 2;
    }
    origins->policy = policy;
    origins->policy_text = fct_audit_origins_write_policy(policy, POLICY_FILE_MAX, p);
    origins->at = apr_pcalloc(p, (plan->nparams + plan->nfields) * sizeof(*origins->at));
    origins->slots = apr_pcalloc(p, n * sizeof(*origins->slots));
    origins->mask = n - 1;
    for (i = 0; i < plan->nparams; i++) {
        add_param(origins, &plan->params[i], p, ptemp);
    }
    for (i = 0; i < plan->nfields; i++) {
        add_field(origins, &plan->fields[i], p, ptemp);
    }
    return origins;
}

const fct_audit_origin_t *fct_audit_origins_find(const fct_audit_origins_t *origins, const fct_place_t *rule)
{
    apr_uint32_t i = *probe(origins, rule);

    return i ? &origins->at[i - 1] : NULL;
}

fct_bytes_t fct_audit_origins_policy(const fct_audit_origins_t *origins)
{
    return origins->policy_text;
}
