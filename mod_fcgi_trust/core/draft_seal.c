/* The last step of a policy being read: the effective rules, free of errors, become flat arrays. */
#include <apr_strings.h>

#include "canonical.h"
#include "draft.h"
#include "draft_check.h"
#include "draft_flow.h"
#include "draft_nested.h"
#include "name.h"
#include "plan.h"
#include "settings.h"

/* --- parameters --- */

/* POLICY 3, "Defaults". */
static int default_status(const fct_plan_param_t *param)
{
    if (param->group == FCT_GROUP_IDENTITY) {
        return 403;
    }
    return param->class_ == FCT_CLASS_CLIENT ? 400 : 500;
}

static int outcome_status(const fct_outcome_t *outcome, int default_)
{
    return outcome->is_set && outcome->status != FCT_OUTCOME_REFUSE ? outcome->status : default_;
}

static int is_one_of(fct_bytes_t name, const char *const *names)
{
    for (; *names; names++) {
        if (fct_bytes_equal(name, fct_bytes_of(*names))) {
            return 1;
        }
    }
    return 0;
}

static const fct_map_t *seal_map(const fct_map_rule_t *rule, apr_pool_t *p)
{
    fct_map_t *map = apr_palloc(p, sizeof(*map));

    map->entries = (const fct_map_entry_t *)rule->entries->elts;
    map->n = (apr_size_t)rule->entries->nelts;
    return map;
}

static const fct_source_ref_t *plain_source(const fct_param_rule_t *rule)
{
    return rule->nsources == 1 && fct_bytes_is_absent(rule->auth_type) && fct_source_is_fact(&rule->sources[0]) ? &rule->sources[0] : NULL;
}

static void seal_param(const fct_draft_t *draft, const fct_param_rule_t *rule, fct_plan_param_t *param, apr_pool_t *p)
{
    static const char *const empty[] = { "QUERY_STRING", "SCRIPT_NAME", "PATH_INFO", NULL };
    static const char *const always[] = { "QUERY_STRING", NULL };
    int status;

    param->rule = rule;
    param->literal = fct_bytes_of(rule->value);
    param->plain = plain_source(rule);
    param->source_text = rule->value ? "value" : rule->from;
    param->group = fct_draft_check_group(draft, rule);
    param->chain = rule->chain;
    param->chain.map = rule->map ? seal_map(fct_draft_nested_find_map(draft, rule->map), p) : NULL;
    param->class_ = fct_draft_flow_class(draft, rule);
    param->goes_empty = is_one_of(rule->folded, empty);
    param->goes_always = is_one_of(rule->folded, always);
    status = default_status(param);
    param->status_missing = rule->is_required ? outcome_status(&rule->on_missing, status) : 0;
    param->status_invalid = outcome_status(&rule->on_invalid, status);
    param->status_too_long = outcome_status(&rule->on_invalid, param->class_ == FCT_CLASS_CLIENT ? 431 : status);
}

static void mark_uses(fct_plan_t *plan, const fct_param_rule_t *rule)
{
    apr_size_t i;

    for (i = 0; i < rule->nsources; i++) {
        fct_source_id_t id = rule->sources[i].id;

        plan->uses[id] = 1;
        plan->uses[FCT_SOURCE_AUTH_TYPE] |= !fct_bytes_is_absent(rule->auth_type);
        if (id >= FCT_SOURCE_SCRIPT_NAME && id <= FCT_SOURCE_SCRIPT_DOCUMENT_ROOT) {
            plan->uses_script = 1;
        }
    }
}

static void mark_condition(fct_plan_t *plan, const fct_condition_t *condition)
{
    int id;

    for (id = 0; id < FCT_SOURCE_COUNT; id++) {
        plan->uses[id] |= (unsigned char)fct_condition_uses(condition, (fct_source_id_t)id);
    }
}

static void seal_params(const fct_draft_t *draft, fct_plan_t *plan, apr_pool_t *p)
{
    apr_size_t i, n = (apr_size_t)draft->params->nelts;
    fct_plan_param_t *params = apr_pcalloc(p, sizeof(*params) * (n ? n : 1));

    for (i = 0; i < n; i++) {
        const fct_param_rule_t *rule = APR_ARRAY_IDX(draft->params, (int)i, const fct_param_rule_t *);

        seal_param(draft, rule, &params[i], p);
        mark_uses(plan, rule);
        mark_condition(plan, rule->condition);
    }
    plan->params = params;
    plan->nparams = n;
}

/* --- header fields --- */

static void seal_field(fct_plan_t *plan, const fct_field_rule_t *rule, fct_plan_field_t *field, apr_pool_t *p)
{
    fct_field_entry_t *entry = fct_field_table_claim(&plan->table, rule->folded, rule->is_prefix);
    const fct_plan_field_t **chain = rule->action == FCT_FIELD_REFUSE ? &entry->refuse : &entry->pass;

    field->rule = rule;
    field->next = *chain;
    field->tally = rule->is_prefix ? plan->ntallies++ : 0;
    if (!rule->is_prefix) {
        field->emitted = fct_bytes_of(apr_pstrcat(p, "HTTP_", rule->folded.at, NULL));
    }
    *chain = field;
    if (entry->traits & FCT_FIELD_AUTHORITY && rule->action == FCT_FIELD_PASS) {
        plan->host = field;
        plan->uses[FCT_SOURCE_REQUEST_AUTHORITY] = 1;
    }
}

/* The refusals of the longest prefix that another one begins with; NULL: there is none. */
static const fct_plan_field_t *find_wider_refusal(fct_plan_t *plan, const fct_plan_field_t *fields, apr_size_t n, const fct_field_rule_t *rule)
{
    const fct_field_rule_t *found = NULL;
    apr_size_t i;

    for (i = 0; i < n; i++) {
        const fct_field_rule_t *other = fields[i].rule;

        if (other->action == FCT_FIELD_REFUSE && other->is_prefix && other->folded.len < rule->folded.len
            && fct_bytes_starts_with(rule->folded, other->folded) && (!found || other->folded.len > found->folded.len)) {
            found = other;
        }
    }
    return found ? fct_field_table_claim(&plan->table, found->folded, 1)->refuse : NULL;
}

/* A name is refused by whichever prefix of it has a condition that holds: after the longest come the shorter ones. */
static void chain_refusals(fct_plan_t *plan, fct_plan_field_t *fields, apr_size_t n)
{
    apr_size_t i;

    for (i = 0; i < n; i++) {
        if (fields[i].rule->action == FCT_FIELD_REFUSE && fields[i].rule->is_prefix && fields[i].next == NULL) {
            fields[i].next = find_wider_refusal(plan, fields, n, fields[i].rule);
        }
    }
}

/* Names that are no <header>'s: read by a <param>, made by the server, sent by an upstream. */
static apr_size_t count_others(const fct_draft_t *draft, const fct_plan_t *plan)
{
    apr_size_t i, n = 0;
    int k;

    for (i = 0; i < plan->nparams; i++) {
        n += plan->params[i].rule->nsources + 1;
    }
    for (k = 0; k < draft->upstreams->nelts; k++) {
        n += (apr_size_t)((const fct_upstream_rule_t *)APR_ARRAY_IDX(draft->upstreams, k, void *))->fields->nelts;
    }
    return n;
}

static void mark_param(fct_plan_t *plan, const fct_param_rule_t *rule, apr_pool_t *p)
{
    apr_size_t i;

    for (i = 0; i < rule->nsources; i++) {
        if (rule->sources[i].id == FCT_SOURCE_HEADER) {
            fct_field_table_claim(&plan->table, fct_name_fold(rule->sources[i].argument, p), 0)->is_read = 1;
        }
    }
    if (!fct_bytes_is_absent(rule->header)) {
        fct_field_table_claim(&plan->table, fct_bytes_from(rule->folded, strlen("HTTP_")), 0)->server = rule;
    }
}

static void mark_others(const fct_draft_t *draft, fct_plan_t *plan, apr_pool_t *p)
{
    apr_size_t i;
    int k, m;

    for (i = 0; i < plan->nparams; i++) {
        mark_param(plan, plan->params[i].rule, p);
    }
    for (k = 0; k < draft->upstreams->nelts; k++) {
        const fct_upstream_rule_t *upstream = APR_ARRAY_IDX(draft->upstreams, k, void *);

        for (m = 0; m < upstream->fields->nelts; m++) {
            const fct_upstream_field_t *field = APR_ARRAY_IDX(upstream->fields, m, const fct_upstream_field_t *);

            fct_field_table_claim(&plan->table, field->folded, 0)->upstream = field;
        }
    }
}

static void seal_fields(const fct_draft_t *draft, fct_plan_t *plan, apr_pool_t *p)
{
    apr_size_t i, n = (apr_size_t)draft->fields->nelts;
    fct_plan_field_t *fields = apr_pcalloc(p, sizeof(*fields) * (n ? n : 1));

    fct_field_table_init(&plan->table, n + count_others(draft, plan), p);
    for (i = 0; i < n; i++) {
        const fct_field_rule_t *rule = APR_ARRAY_IDX(draft->fields, (int)i, const fct_field_rule_t *);

        seal_field(plan, rule, &fields[i], p);
        mark_condition(plan, rule->condition);
    }
    chain_refusals(plan, fields, n);
    mark_others(draft, plan, p);
    plan->fields = fields;
    plan->nfields = n;
}

/* --- what a request may be like --- */

static void seal_request(const fct_setting_t *settings, fct_plan_request_t *request, apr_pool_t *p)
{
    fct_backend_rules_t backend;

    fct_settings_read_request(settings, &request->rules, p);
    fct_settings_read_backend(settings, &backend, p);
    request->methods = fct_settings_read_methods(settings, &request->nmethods, p);
    request->encoded_slash = backend.script.encoded_slash;
}

static void seal_requests(const fct_draft_t *draft, fct_plan_t *plan, apr_pool_t *p)
{
    apr_size_t i, n = (apr_size_t)draft->requests->nelts;
    fct_plan_request_t *requests = apr_pcalloc(p, sizeof(*requests) * (n + 1));

    for (i = 0; i < n; i++) {
        requests[i].rule = APR_ARRAY_IDX(draft->requests, (int)i, const fct_request_rule_t *);
        seal_request(fct_settings_overlay(draft->settings, requests[i].rule->settings, p), &requests[i], p);
        mark_condition(plan, requests[i].rule->condition);
    }
    seal_request(draft->settings, &requests[n], p);
    plan->requests = requests;
    plan->nrequests = n + 1;
}

/* --- the policy --- */

const fct_policy_t *fct_draft_seal(const fct_draft_t *draft, const fct_crypto_t *crypto, apr_pool_t *p)
{
    fct_policy_t *policy = apr_pcalloc(p, sizeof(*policy));
    fct_plan_t *plan = apr_pcalloc(p, sizeof(*plan));

    policy->name = draft->name;
    policy->version = draft->version;
    policy->description = draft->description;
    policy->file = draft->place.file;
    policy->plan = plan;
    seal_params(draft, plan, p);
    seal_fields(draft, plan, p);
    seal_requests(draft, plan, p);
    plan->uses[FCT_SOURCE_REQUEST_CONTENT_TYPE] = 1;
    plan->identities = draft->identities;
    plan->maps = draft->maps;
    plan->upstreams = draft->upstreams;
    plan->anchor = draft->anchor;
    plan->settings = draft->settings;
    plan->audited = fct_settings_read_audited(draft->settings, &plan->naudited, p);
    policy->accepts_htaccess_auth = draft->settings[FCT_ATTRIBUTE_HTACCESS_AUTH].text;
    plan->methods = fct_settings_read_methods(draft->settings, &plan->nmethods, p);
    fct_settings_read_request(draft->settings, &policy->request, p);
    fct_settings_read_response(draft->settings, &policy->response, p);
    fct_settings_read_backend(draft->settings, &policy->backend, p);
    policy->backend.script.wants_path_translated = plan->uses[FCT_SOURCE_SCRIPT_PATH_TRANSLATED];
    policy->digest = crypto->sha256_hex(fct_canonical_of(policy, crypto, p), p);
    if (policy->digest == NULL) {
        fct_findings_add(draft->findings, FCT_FINDING_DIGEST_NONE, policy->file, 0, NULL);
        return NULL;
    }
    return policy;
}
