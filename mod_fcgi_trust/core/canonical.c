/* The canonical text of a policy: the same for policies that mean the same (POLICY 6). */
#include "canonical.h"

#include <apr_strings.h>
#include <stdlib.h>

#include "plan.h"
#include "settings.h"
#include "words.h"

/* Lines being written. Each is complete before the next begins; they are sorted at the end. */
typedef struct writer_t {
    apr_array_header_t *lines;       /* of const fct_canonical_line_t * */
    fct_canonical_line_t *line;
    const fct_crypto_t *crypto;
    apr_pool_t *p;
} writer_t;

/* --- writing --- */

/* Printable bytes but '"' and '\' as they are, others as \xHH, so that a line is a line. */
static const char *quote(fct_bytes_t text, apr_pool_t *p)
{
    static const char hex[] = "0123456789abcdef";
    char *quoted = apr_palloc(p, text.len * 4 + 1);
    char *to = quoted;
    apr_size_t i;

    for (i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if (c >= 0x20 && c != 0x7f && c != '"' && c != '\\') {
            *to++ = (char)c;
            continue;
        }
        *to++ = '\\';
        *to++ = 'x';
        *to++ = hex[c >> 4];
        *to++ = hex[c & 15];
    }
    *to = '\0';
    return quoted;
}

static void begin(writer_t *w, const char *element)
{
    w->line = apr_pcalloc(w->p, sizeof(*w->line));
    w->line->element = element;
    w->line->text = element;
    w->line->attributes = apr_array_make(w->p, 16, sizeof(fct_canonical_attribute_t));
}

/* Whom the line is about, and where that stands. */
static void about(writer_t *w, const void *subject, fct_place_t place)
{
    w->line->subject = subject;
    w->line->place = place;
}

static void put_bytes(writer_t *w, const char *name, fct_bytes_t value)
{
    fct_canonical_attribute_t attribute = { name, NULL };

    if (!fct_bytes_is_absent(value)) {
        attribute.value = quote(value, w->p);
        APR_ARRAY_PUSH(w->line->attributes, fct_canonical_attribute_t) = attribute;
        w->line->text = apr_pstrcat(w->p, w->line->text, " ", name, "=\"", attribute.value, "\"", NULL);
    }
}

static void put(writer_t *w, const char *name, const char *value)
{
    put_bytes(w, name, fct_bytes_of(value));
}

static void put_number(writer_t *w, const char *name, apr_int64_t value)
{
    put(w, name, apr_psprintf(w->p, "%" APR_INT64_T_FMT, value));
}

static void put_flag(writer_t *w, const char *name, int is_set)
{
    put(w, name, is_set ? "yes" : "no");
}

/* For names that are compared without regard to case. */
static void put_lower(writer_t *w, const char *name, fct_bytes_t value)
{
    char *lower = fct_bytes_string(value, w->p);
    char *at;

    for (at = lower; at && *at; at++) {
        *at = (char)fct_bytes_lower((unsigned char)*at);
    }
    put(w, name, lower);
}

static void end(writer_t *w)
{
    APR_ARRAY_PUSH(w->lines, const fct_canonical_line_t *) = w->line;
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

static void put_chain(writer_t *w, const fct_param_rule_t *rule)
{
    static const char *const picks[] = { NULL, "only", "index", "matching" };
    static const char *const cases[] = { NULL, "lower", "upper" };
    const fct_chain_t *chain = &rule->chain;

    put_bytes(w, "split", chain->split);
    put(w, "pick", chain->pick == FCT_CHAIN_PICK_INDEX ? apr_psprintf(w->p, "%lu", (unsigned long)chain->index) : picks[chain->pick]);
    put_bytes(w, "strip-suffix", chain->strip_suffix);
    put(w, "extract", rule->extract);
    put(w, "case", cases[chain->letter_case]);
    put(w, "map", rule->map);
    put_bytes(w, "join", chain->join);
    put_number(w, "max-items", (apr_int64_t)chain->max_items);
    put(w, "type", fct_value_type_name(chain->type));
    put(w, "pattern", rule->pattern);
    put_number(w, "max-length", (apr_int64_t)chain->max_length);
    put(w, "encode", fct_encode_name(chain->encode));
}

static void write_param(writer_t *w, const fct_plan_param_t *param)
{
    const fct_param_rule_t *rule = param->rule;

    begin(w, fct_bytes_is_absent(rule->header) ? "param" : "server-header");
    about(w, param, rule->place);
    put_bytes(w, "name", rule->name);
    if (rule->value) {
        put(w, rule->is_sensitive ? "value-sha256" : "value",
            rule->is_sensitive ? w->crypto->sha256_hex(fct_bytes_of(rule->value), w->p) : rule->value);
    }
    else {
        put(w, "from", sources_of(rule, w->p));
    }
    put(w, "when", fct_condition_text(rule->condition, w->p));
    put_lower(w, "auth-type", rule->auth_type);
    put_number(w, "missing", param->status_missing);
    put_number(w, "invalid", param->status_invalid);
    put_number(w, "too-long", param->status_too_long);
    put_chain(w, rule);
    put_flag(w, "sensitive", rule->is_sensitive);
    put_flag(w, "trust-client", rule->trusts_client);
    put(w, "assert", rule->assert);
    put(w, "why", rule->why);
    put(w, "control", rule->control);
    end(w);
}

/* --- header fields --- */

static void write_field(writer_t *w, const fct_field_rule_t *rule)
{
    static const char *const elements[] = {
        [FCT_FIELD_PASS] = "header", [FCT_FIELD_DROP] = "drop-header", [FCT_FIELD_REFUSE] = "refuse-header",
    };
    begin(w, elements[rule->action]);
    about(w, rule, rule->place);
    put_lower(w, "name", fct_bytes_of(apr_pstrcat(w->p, fct_bytes_string(rule->name, w->p), rule->is_prefix ? "*" : "", NULL)));
    put(w, "when", fct_condition_text(rule->condition, w->p));
    if (rule->action == FCT_FIELD_PASS) {
        put_number(w, "max-length", (apr_int64_t)rule->max_length);
        put_number(w, "max-count", (apr_int64_t)rule->max_count);
        put(w, "cookies", fct_words_normal(rule->cookies, w->p));
        put_flag(w, "changed", rule->passes_changed);
        put_flag(w, "trust-client", rule->trusts_client);
    }
    put(w, "assert", rule->assert);
    put(w, "why", rule->why);
    put(w, "control", rule->control);
    end(w);
}

/* --- what rules refer to --- */

static void write_identity(writer_t *w, const fct_identity_rule_t *rule)
{
    begin(w, "identity");
    about(w, rule, rule->place);
    put(w, "name", rule->pattern);
    put(w, "why", rule->why);
    put(w, "control", rule->control);
    end(w);
}

static void write_map(writer_t *w, const fct_map_rule_t *map)
{
    int i;

    begin(w, "map");
    about(w, map, map->named.place);
    put(w, "name", map->named.name);
    put(w, "why", map->named.why);
    put(w, "control", map->named.control);
    end(w);
    for (i = 0; i < map->entries->nelts; i++) {
        const fct_map_entry_t *entry = &APR_ARRAY_IDX(map->entries, i, fct_map_entry_t);

        begin(w, "map-entry");
        about(w, entry, (fct_place_t){ map->named.place.file, entry->line });
        put(w, "map", map->named.name);
        put_bytes(w, "from", entry->from);
        put_bytes(w, "to", entry->to);
        end(w);
    }
}

static void write_upstream(writer_t *w, const fct_upstream_rule_t *upstream)
{
    static const char *const formats[] = { NULL, "pem-percent", "der-base64", "rfc9440" };
    apr_array_header_t *peers = apr_array_make(w->p, 4, sizeof(const char *));
    apr_size_t i;
    int k;

    for (i = 0; i < upstream->nranges; i++) {
        APR_ARRAY_PUSH(peers, const char *) = fct_range_text(&upstream->ranges[i], w->p);
    }
    fct_words_sort(peers);
    begin(w, "upstream");
    about(w, upstream, upstream->named.place);
    put(w, "name", upstream->named.name);
    put(w, "peers", fct_words_join(peers, " ", w->p));
    put_bytes(w, "certificate", upstream->certificate);
    put(w, "format", formats[upstream->format]);
    put(w, "assert", upstream->assert);
    put(w, "why", upstream->named.why);
    put(w, "control", upstream->named.control);
    end(w);
    for (k = 0; k < upstream->fields->nelts; k++) {
        const fct_upstream_field_t *field = APR_ARRAY_IDX(upstream->fields, k, const fct_upstream_field_t *);

        begin(w, "upstream-field");
        about(w, field, field->place);
        put(w, "upstream", upstream->named.name);
        put_bytes(w, "name", field->name);
        put_bytes(w, "equals", field->equals);
        put(w, "needs", fct_words_normal(field->needs, w->p));
        end(w);
    }
}

static void write_certificate(writer_t *w, const char *element, const fct_certificate_t *certificate)
{
    begin(w, element);
    put(w, "certificate-sha256", certificate->sha256);
}

static void write_anchor(writer_t *w, const fct_anchor_rule_t *anchor)
{
    int i;

    write_certificate(w, "trust-anchor", anchor->certificate);
    about(w, anchor->certificate, anchor->place);
    put(w, "why", anchor->why);
    put(w, "control", anchor->control);
    end(w);
    for (i = 0; anchor->intermediates && i < anchor->intermediates->nelts; i++) {
        write_certificate(w, "intermediate", APR_ARRAY_IDX(anchor->intermediates, i, const fct_certificate_t *));
        about(w, APR_ARRAY_IDX(anchor->intermediates, i, const fct_certificate_t *), anchor->place);
        end(w);
    }
}

/* --- <request>, <response>, <backend> --- */

static int is_about_the_element(fct_attribute_t attribute)
{
    return attribute == FCT_ATTRIBUTE_WHY || attribute == FCT_ATTRIBUTE_CONTROL || attribute == FCT_ATTRIBUTE_OVERRIDE;
}

/* One line a setting: each can come from another file with another reason. */
static void write_settings(writer_t *w, const fct_setting_t *settings, fct_element_t element, const char *when, int order)
{
    int attribute;

    for (attribute = 0; attribute < FCT_ATTRIBUTE_COUNT; attribute++) {
        const char *name = fct_language_attribute_name((fct_attribute_t)attribute);
        const fct_row_t *row = fct_language_find_row(element, name);
        const char *text = row && !is_about_the_element(row->attribute) ? fct_settings_text(settings, row, w->p) : NULL;

        if (text == NULL) {
            continue;
        }
        begin(w, fct_language_element_name(element));
        about(w, &settings[attribute], settings[attribute].place);
        put(w, name, text);
        put(w, "when", when);
        if (when) {
            put_number(w, "order", order);
        }
        put(w, "why", settings[attribute].why);
        put(w, "control", settings[attribute].control);
        end(w);
    }
}

/* Of these the first that holds counts, so that their order is part of what they mean. */
static void write_conditional_requests(writer_t *w, const fct_plan_t *plan)
{
    apr_size_t i;

    for (i = 0; i + 1 < plan->nrequests; i++) {
        const fct_request_rule_t *rule = plan->requests[i].rule;

        write_settings(w, fct_settings_overlay(plan->settings, rule->settings, w->p), FCT_ELEMENT_REQUEST,
                       fct_condition_text(rule->condition, w->p), (int)i);
    }
}

/* --- all --- */

static void write_plan(writer_t *w, const fct_plan_t *plan)
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

static int compare_lines(const void *a, const void *b)
{
    return strcmp((*(const fct_canonical_line_t *const *)a)->text, (*(const fct_canonical_line_t *const *)b)->text);
}

/* Sorted, each once. */
static void sort_lines(apr_array_header_t *lines)
{
    const fct_canonical_line_t **at = (const fct_canonical_line_t **)lines->elts;
    int i, kept = 0;

    if (lines->nelts > 1) {
        qsort(at, (size_t)lines->nelts, sizeof(*at), compare_lines);
    }
    for (i = 0; i < lines->nelts; i++) {
        if (kept == 0 || strcmp(at[kept - 1]->text, at[i]->text) != 0) {
            at[kept++] = at[i];
        }
    }
    lines->nelts = kept;
}

const apr_array_header_t *fct_canonical_lines(const fct_policy_t *policy, const fct_crypto_t *crypto, apr_pool_t *p)
{
    writer_t w = { apr_array_make(p, 128, sizeof(const fct_canonical_line_t *)), NULL, crypto, p };
    apr_array_header_t *all = apr_array_make(p, 128, sizeof(const fct_canonical_line_t *));

    begin(&w, "policy");
    about(&w, policy, (fct_place_t){ policy->file, 1 });
    put(&w, "name", policy->name);
    put(&w, "version", policy->version);
    put(&w, "language", FCT_LANGUAGE_VERSION);
    APR_ARRAY_PUSH(all, const fct_canonical_line_t *) = w.line;
    write_plan(&w, policy->plan);
    write_conditional_requests(&w, policy->plan);
    write_settings(&w, policy->plan->settings, FCT_ELEMENT_REQUEST, NULL, 0);
    write_settings(&w, policy->plan->settings, FCT_ELEMENT_RESPONSE, NULL, 0);
    write_settings(&w, policy->plan->settings, FCT_ELEMENT_BACKEND, NULL, 0);
    write_settings(&w, policy->plan->settings, FCT_ELEMENT_ACCEPT, NULL, 0);
    write_settings(&w, policy->plan->settings, FCT_ELEMENT_AUDIT, NULL, 0);
    sort_lines(w.lines);
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
