/* The canonical text of a policy: the same for policies that mean the same (POLICY 6). */
#include "canonical.h"

#include <apr_strings.h>

#include "line.h"
#include "plan.h"
#include "settings.h"
#include "words.h"

/* Why a rule is there, in its author's words. */
static void put_reasons(fct_line_writer_t *w, const char *assert, const char *why, const char *control)
{
    fct_line_put(w, "assert", assert);
    fct_line_put(w, "why", why);
    fct_line_put(w, "control", control);
}

/* --- parameters --- */

static const char *sources_of(const fct_param_rule_t *rule, apr_pool_t *p)
{
    const char *text = "";
    apr_size_t i;

    for (i = 0; i < rule->nsources; i++) {
        text = apr_pstrcat(p, text, i ? " " : "", fct_source_text(&rule->sources[i], p), NULL);
    }
    return text;
}

static void put_chain(fct_line_writer_t *w, const fct_param_rule_t *rule)
{
    static const char *const picks[] = { NULL, "only", "index", "matching" };
    static const char *const cases[] = { NULL, "lower", "upper" };
    const fct_chain_t *chain = &rule->chain;

    fct_line_put_bytes(w, "split", chain->split);
    fct_line_put(w, "pick", chain->pick == FCT_CHAIN_PICK_INDEX ? apr_psprintf(w->p, "%lu", (unsigned long)chain->index) : picks[chain->pick]);
    fct_line_put_bytes(w, "strip-suffix", chain->strip_suffix);
    fct_line_put(w, "extract", rule->extract);
    fct_line_put(w, "case", cases[chain->letter_case]);
    fct_line_put(w, "map", rule->map);
    fct_line_put_bytes(w, "join", chain->join);
    fct_line_put_number(w, "max-items", (apr_int64_t)chain->max_items);
    fct_line_put(w, "type", fct_value_type_name(chain->type));
    fct_line_put(w, "pattern", rule->pattern);
    fct_line_put_number(w, "max-length", (apr_int64_t)chain->max_length);
    fct_line_put(w, "encode", fct_encode_name(chain->encode));
}

static void write_param(fct_line_writer_t *w, const fct_plan_param_t *param)
{
    const fct_param_rule_t *rule = param->rule;

    fct_line_begin(w, fct_bytes_is_absent(rule->header) ? "param" : "server-header");
    fct_line_about(w, param, rule->place);
    fct_line_put_bytes(w, "name", rule->name);
    if (rule->value) {
        fct_line_put(w, rule->is_sensitive ? "value-sha256" : "value",
            rule->is_sensitive ? w->crypto->sha256_hex(fct_bytes_of(rule->value), w->p) : rule->value);
    }
    else {
        fct_line_put(w, "from", sources_of(rule, w->p));
    }
    fct_line_put(w, "when", fct_condition_text(rule->condition, w->p));
    fct_line_put_lower(w, "auth-type", rule->auth_type);
    fct_line_put_number(w, "missing", param->status_missing);
    fct_line_put_number(w, "invalid", param->status_invalid);
    fct_line_put_number(w, "too-long", param->status_too_long);
    put_chain(w, rule);
    fct_line_put_flag(w, "sensitive", rule->is_sensitive);
    fct_line_put_flag(w, "trust-client", rule->trusts_client);
    put_reasons(w, rule->assert, rule->why, rule->control);
    fct_line_end(w);
}

/* --- header fields --- */

static void write_field(fct_line_writer_t *w, const fct_field_rule_t *rule)
{
    static const char *const elements[] = {
        [FCT_FIELD_PASS] = "header", [FCT_FIELD_DROP] = "drop-header", [FCT_FIELD_REFUSE] = "refuse-header",
    };
    fct_line_begin(w, elements[rule->action]);
    fct_line_about(w, rule, rule->place);
    fct_line_put_lower(w, "name", fct_bytes_of(apr_pstrcat(w->p, fct_bytes_string(rule->name, w->p), rule->is_prefix ? "*" : "", NULL)));
    fct_line_put(w, "when", fct_condition_text(rule->condition, w->p));
    if (rule->action == FCT_FIELD_PASS) {
        fct_line_put_number(w, "max-length", (apr_int64_t)rule->max_length);
        fct_line_put_number(w, "max-count", (apr_int64_t)rule->max_count);
        fct_line_put(w, "cookies", fct_words_normal(rule->cookies, w->p));
        fct_line_put_flag(w, "changed", rule->passes_changed);
        fct_line_put_flag(w, "trust-client", rule->trusts_client);
    }
    put_reasons(w, rule->assert, rule->why, rule->control);
    fct_line_end(w);
}

/* --- what rules refer to --- */

static void write_identity(fct_line_writer_t *w, const fct_identity_rule_t *rule)
{
    fct_line_begin(w, "identity");
    fct_line_about(w, rule, rule->place);
    fct_line_put(w, "name", rule->pattern);
    put_reasons(w, NULL, rule->why, rule->control);
    fct_line_end(w);
}

static void write_map(fct_line_writer_t *w, const fct_map_rule_t *map)
{
    int i;

    fct_line_begin(w, "map");
    fct_line_about(w, map, map->named.place);
    fct_line_put(w, "name", map->named.name);
    put_reasons(w, NULL, map->named.why, map->named.control);
    fct_line_end(w);
    for (i = 0; i < map->entries->nelts; i++) {
        const fct_map_entry_t *entry = &APR_ARRAY_IDX(map->entries, i, fct_map_entry_t);

        fct_line_begin(w, "map-entry");
        fct_line_about(w, entry, (fct_place_t){ map->named.place.file, entry->line });
        fct_line_put(w, "map", map->named.name);
        fct_line_put_bytes(w, "from", entry->from);
        fct_line_put_bytes(w, "to", entry->to);
        fct_line_end(w);
    }
}

static void write_upstream(fct_line_writer_t *w, const fct_upstream_rule_t *upstream)
{
    apr_array_header_t *peers = apr_array_make(w->p, 4, sizeof(const char *));
    apr_size_t i;
    int k;

    for (i = 0; i < upstream->nranges; i++) {
        APR_ARRAY_PUSH(peers, const char *) = fct_range_text(&upstream->ranges[i], w->p);
    }
    fct_words_sort(peers);
    fct_line_begin(w, "upstream");
    fct_line_about(w, upstream, upstream->named.place);
    fct_line_put(w, "name", upstream->named.name);
    fct_line_put(w, "peers", fct_words_join(peers, " ", w->p));
    fct_line_put_bytes(w, "certificate", upstream->certificate);
    fct_line_put(w, "format", fct_certificate_format_name(upstream->format));
    put_reasons(w, upstream->assert, upstream->named.why, upstream->named.control);
    fct_line_end(w);
    for (k = 0; k < upstream->fields->nelts; k++) {
        const fct_upstream_field_t *field = APR_ARRAY_IDX(upstream->fields, k, const fct_upstream_field_t *);

        fct_line_begin(w, "upstream-field");
        fct_line_about(w, field, field->place);
        fct_line_put(w, "upstream", upstream->named.name);
        fct_line_put_bytes(w, "name", field->name);
        fct_line_put_bytes(w, "equals", field->equals);
        fct_line_put(w, "needs", fct_words_normal(field->needs, w->p));
        fct_line_end(w);
    }
}

static void write_certificate(fct_line_writer_t *w, const char *element, const fct_certificate_t *certificate)
{
    fct_line_begin(w, element);
    fct_line_put(w, "certificate-sha256", certificate->sha256);
}

static void write_anchor(fct_line_writer_t *w, const fct_anchor_rule_t *anchor)
{
    int i;

    write_certificate(w, "trust-anchor", anchor->certificate);
    fct_line_about(w, anchor->certificate, anchor->place);
    put_reasons(w, NULL, anchor->why, anchor->control);
    fct_line_end(w);
    for (i = 0; anchor->intermediates && i < anchor->intermediates->nelts; i++) {
        write_certificate(w, "intermediate", APR_ARRAY_IDX(anchor->intermediates, i, const fct_certificate_t *));
        fct_line_about(w, APR_ARRAY_IDX(anchor->intermediates, i, const fct_certificate_t *), anchor->place);
        fct_line_end(w);
    }
}

/* --- <request>, <response>, <backend> --- */

static int is_about_the_element(fct_attribute_t attribute)
{
    return attribute == FCT_ATTRIBUTE_WHY || attribute == FCT_ATTRIBUTE_CONTROL || attribute == FCT_ATTRIBUTE_OVERRIDE;
}

/* One line a setting: each can come from another file with another reason. */
static void write_settings(fct_line_writer_t *w, const fct_setting_t *settings, fct_element_t element, const char *when, int order)
{
    int attribute;

    for (attribute = 0; attribute < FCT_ATTRIBUTE_COUNT; attribute++) {
        const char *name = fct_language_attribute_name((fct_attribute_t)attribute);
        const fct_row_t *row = fct_language_find_row(element, name);
        const char *text = row && !is_about_the_element(row->attribute) ? fct_settings_text(settings, row, w->p) : NULL;

        if (text == NULL) {
            continue;
        }
        fct_line_begin(w, fct_language_element_name(element));
        fct_line_about(w, &settings[attribute], settings[attribute].place);
        fct_line_put(w, name, text);
        fct_line_put(w, "when", when);
        if (when) {
            fct_line_put_number(w, "order", order);
        }
        put_reasons(w, NULL, settings[attribute].why, settings[attribute].control);
        fct_line_end(w);
    }
}

/* Of these the first that holds counts, so that their order is part of what they mean. */
static void write_conditional_requests(fct_line_writer_t *w, const fct_plan_t *plan)
{
    apr_size_t i;

    for (i = 0; i + 1 < plan->nrequests; i++) {
        const fct_request_rule_t *rule = plan->requests[i].rule;

        write_settings(w, fct_settings_overlay(plan->settings, rule->settings, w->p), FCT_ELEMENT_REQUEST,
                       fct_condition_text(rule->condition, w->p), (int)i);
    }
}

/* --- all --- */

static void write_plan(fct_line_writer_t *w, const fct_plan_t *plan)
{
    apr_size_t i;
    int k;

    for (i = 0; i < plan->nparams; i++) {
        write_param(w, &plan->params[i]);
    }
    for (i = 0; i < plan->nfields; i++) {
        write_field(w, plan->fields[i].rule);
    }
    for (k = 0; k < plan->identities->nelts; k++) {
        write_identity(w, APR_ARRAY_IDX(plan->identities, k, const fct_identity_rule_t *));
    }
    for (k = 0; k < plan->maps->nelts; k++) {
        write_map(w, APR_ARRAY_IDX(plan->maps, k, const void *));
    }
    for (k = 0; k < plan->upstreams->nelts; k++) {
        write_upstream(w, APR_ARRAY_IDX(plan->upstreams, k, const void *));
    }
    if (plan->anchor) {
        write_anchor(w, plan->anchor);
    }
}

const apr_array_header_t *fct_canonical_lines(const fct_policy_t *policy, const fct_crypto_t *crypto, apr_pool_t *p)
{
    fct_line_writer_t w = { apr_array_make(p, 128, sizeof(const fct_canonical_line_t *)), NULL, crypto, p };
    apr_array_header_t *all = apr_array_make(p, 128, sizeof(const fct_canonical_line_t *));

    fct_line_begin(&w, "policy");
    fct_line_about(&w, policy, (fct_place_t){ policy->file, 1 });
    fct_line_put(&w, "name", policy->name);
    fct_line_put(&w, "version", policy->version);
    fct_line_put(&w, "language", FCT_LANGUAGE_VERSION);
    APR_ARRAY_PUSH(all, const fct_canonical_line_t *) = w.line;
    write_plan(&w, policy->plan);
    write_conditional_requests(&w, policy->plan);
    write_settings(&w, policy->plan->settings, FCT_ELEMENT_REQUEST, NULL, 0);
    write_settings(&w, policy->plan->settings, FCT_ELEMENT_RESPONSE, NULL, 0);
    write_settings(&w, policy->plan->settings, FCT_ELEMENT_BACKEND, NULL, 0);
    write_settings(&w, policy->plan->settings, FCT_ELEMENT_ACCEPT, NULL, 0);
    write_settings(&w, policy->plan->settings, FCT_ELEMENT_AUDIT, NULL, 0);
    fct_line_sort(w.lines);
    return apr_array_append(p, all, w.lines);
}

fct_bytes_t fct_canonical_of(const fct_policy_t *policy, const fct_crypto_t *crypto, apr_pool_t *p)
{
    const apr_array_header_t *lines = fct_canonical_lines(policy, crypto, p);
    apr_array_header_t *texts = apr_array_make(p, lines->nelts, sizeof(const char *));
    int i;

    for (i = 0; i < lines->nelts; i++) {
        APR_ARRAY_PUSH(texts, const char *) = APR_ARRAY_IDX(lines, i, const fct_canonical_line_t *)->text;
    }
    return fct_bytes_of(apr_pstrcat(p, fct_words_join(texts, "\n", p), "\n", NULL));
}
