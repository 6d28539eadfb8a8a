/* The texts of rules in decision logs, found by the address of their rule. */
#include "audit_origins.h"

#include <apr_strings.h>

#include "json.h"
#include "plan.h"

#define TEXT_EXPECTED 160

struct fct_audit_origins_t {
    const fct_policy_t *policy;
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

/* name absent: a prefix. */
static void add(fct_audit_origins_t *origins, const fct_place_t *rule, fct_bytes_t name, const char *source, fct_class_t class_, apr_pool_t *p)
{
    fct_audit_origin_t *origin = probe(origins, rule);
    fct_json_t json;

    fct_json_init(&json, TEXT_EXPECTED, p);
    if (!fct_bytes_is_absent(name)) {
        fct_json_key(&json, name);
    }
    fct_json_begin_array(&json, NULL);
    fct_json_text(&json, NULL, source);
    fct_json_text(&json, NULL, fct_class_name(class_));
    fct_json_place(&json, NULL, fct_audit_origins_file(origins->policy, rule->file, p), rule->line);
    fct_json_append(&json, FCT_BYTES_LITERAL(","));
    origin->rule = rule;
    origin->text = fct_json_bytes(&json);
    origin->has_name = !fct_bytes_is_absent(name);
}

static int is_host(const fct_plan_t *plan, const fct_plan_field_t *field)
{
    return plan->host && fct_bytes_equal(plan->host->emitted, field->emitted);
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
    origins->mask = n - 1;
    origins->slots = apr_pcalloc(p, n * sizeof(*origins->slots));
    for (i = 0; i < plan->nparams; i++) {
        const fct_plan_param_t *param = &plan->params[i];

        add(origins, &param->rule->place, param->rule->name, param->source_text, param->class_, p);
    }
    for (i = 0; i < plan->nfields; i++) {
        const fct_plan_field_t *field = &plan->fields[i];

        add(origins, &field->rule->place, field->rule->is_prefix ? FCT_BYTES_ABSENT : field->emitted,
            is_host(plan, field) ? "request.authority" : "header", FCT_CLASS_CLIENT, p);
    }
    return origins;
}

const fct_audit_origin_t *fct_audit_origins_find(const fct_audit_origins_t *origins, const fct_place_t *rule)
{
    const fct_audit_origin_t *origin = probe(origins, rule);

    return origin->rule ? origin : NULL;
}
