/* What rules refer to, and what holds only under conditions, as text. */
#include <apr_strings.h>

#include "show_text.h"

static void add_quoted(fct_out_t *out, const char *before, fct_bytes_t text)
{
    fct_out_addf(out, "%s\"", before);
    fct_show_text_escaped(out, text);
    fct_out_add_string(out, "\"");
}

/* --- identities, maps, proxies --- */

static void add_identity(fct_out_t *out, const fct_identity_rule_t *rule)
{
    fct_out_addf(out, "  %-34s %s\n", rule->pattern, fct_show_text_place(&rule->place, out->pool));
    fct_show_text_reasons(out, NULL, rule->why, NULL, rule->control);
}

static void add_map(fct_out_t *out, const fct_map_rule_t *map)
{
    int i;

    fct_out_addf(out, "  %-34s %s\n", map->named.name, fct_show_text_place(&map->named.place, out->pool));
    for (i = 0; i < map->entries->nelts; i++) {
        const fct_map_entry_t *entry = &APR_ARRAY_IDX(map->entries, i, fct_map_entry_t);

        add_quoted(out, FCT_SHOW_TEXT_INDENT, entry->from);
        if (fct_bytes_is_absent(entry->to)) {
            fct_out_add_string(out, " is left out\n");
        } else {
            add_quoted(out, " -> ", entry->to);
            fct_out_add_string(out, "\n");
        }
    }
    fct_show_text_reasons(out, NULL, map->named.why, NULL, map->named.control);
}

static void add_upstream(fct_out_t *out, const fct_upstream_rule_t *upstream)
{
    int i;

    fct_out_addf(out, "  %-34s %s\n" FCT_SHOW_TEXT_INDENT "addresses: %s\n", upstream->named.name,
                 fct_show_text_place(&upstream->named.place, out->pool), upstream->peers);
    for (i = 0; i < upstream->fields->nelts; i++) {
        const fct_upstream_field_t *field = APR_ARRAY_IDX(upstream->fields, i, const fct_upstream_field_t *);

        fct_out_addf(out, FCT_SHOW_TEXT_INDENT "field: %s", fct_bytes_string(field->name, out->pool));
        if (!fct_bytes_is_absent(field->equals)) {
            add_quoted(out, ", where it is ", field->equals);
        }
        fct_out_addf(out, "%s%s\n", field->needs ? ", where there is also " : "", field->needs ? field->needs : "");
    }
    if (!fct_bytes_is_absent(upstream->certificate)) {
        fct_out_addf(out, FCT_SHOW_TEXT_INDENT "certificate: %s, as %s\n", fct_bytes_string(upstream->certificate, out->pool),
                     fct_certificate_format_name(upstream->format));
    }
    fct_show_text_reasons(out, NULL, upstream->named.why, upstream->assert, upstream->named.control);
}

void fct_show_text_named(fct_out_t *out, const fct_plan_t *plan)
{
    int i;

    for (i = 0; i < plan->identities->nelts; i++) {
        fct_out_add_string(out, i ? "" : "\nIdentity names that this policy adds\n");
        add_identity(out, APR_ARRAY_IDX(plan->identities, i, const fct_identity_rule_t *));
    }
    for (i = 0; i < plan->maps->nelts; i++) {
        fct_out_add_string(out, i ? "" : "\nMaps\n");
        add_map(out, APR_ARRAY_IDX(plan->maps, i, const void *));
    }
    for (i = 0; i < plan->upstreams->nelts; i++) {
        fct_out_add_string(out, i ? "" : "\nProxies in front; from anybody else their fields end the request\n");
        add_upstream(out, APR_ARRAY_IDX(plan->upstreams, i, const void *));
    }
}

/* --- settings --- */

/* As it is written. */
static void add_setting(fct_out_t *out, const fct_setting_t *setting, fct_attribute_t attribute)
{
    fct_out_addf(out, FCT_SHOW_TEXT_INDENT "%s: ", fct_language_attribute_name(attribute));
    fct_show_text_escaped(out, fct_bytes_of(setting->text));
    fct_out_addf(out, "  %s\n", fct_show_text_place(&setting->place, out->pool));
    fct_show_text_reasons(out, NULL, setting->why, NULL, setting->control);
}

/* The reasons of an element's settings, each once; they can come from several files. */
void fct_show_text_setting_reasons(fct_out_t *out, const fct_plan_t *plan, fct_element_t element)
{
    const fct_setting_t *last = NULL;
    int i;

    for (i = 0; i < FCT_ATTRIBUTE_COUNT; i++) {
        const fct_setting_t *setting = &plan->settings[i];

        if (!setting->text || !fct_language_find_row(element, fct_language_attribute_name((fct_attribute_t)i)) || (!setting->why && !setting->control)
            || (last && last->why == setting->why && last->control == setting->control)) {
            continue;
        }
        fct_show_text_reasons(out, NULL, setting->why, NULL, setting->control);
        last = setting;
    }
}

void fct_show_text_conditional(fct_out_t *out, const fct_plan_t *plan)
{
    apr_size_t i;
    int attribute;

    for (i = 0; i + 1 < plan->nrequests; i++) {
        const fct_request_rule_t *rule = plan->requests[i].rule;

        fct_out_addf(out, "  %s ", i ? "else when" : "but when");
        fct_show_text_escaped(out, fct_bytes_of(rule->when));
        fct_out_addf(out, "  %s\n", fct_show_text_place(&rule->place, out->pool));
        for (attribute = 0; attribute < FCT_ATTRIBUTE_COUNT; attribute++) {
            if (rule->settings[attribute].text) {
                add_setting(out, &rule->settings[attribute], (fct_attribute_t)attribute);
            }
        }
    }
}

static void add_section(fct_out_t *out, const fct_plan_t *plan, const char *title, fct_attribute_t attribute)
{
    if (plan->settings[attribute].text) {
        fct_out_addf(out, "\n%s\n", title);
        add_setting(out, &plan->settings[attribute], attribute);
    }
}

void fct_show_text_accepted(fct_out_t *out, const fct_plan_t *plan)
{
    add_section(out, plan, "Accepted", FCT_ATTRIBUTE_HTACCESS_AUTH);
    add_section(out, plan, "Values that may stand in the decision log", FCT_ATTRIBUTE_VALUES);
}
