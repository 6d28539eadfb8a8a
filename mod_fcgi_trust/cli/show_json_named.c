/* What rules refer to, and every setting, as JSON. */
#include <apr_strings.h>

#include "settings.h"
#include "show_json.h"

void fct_show_json_files(const apr_array_header_t *files, fct_out_t *out)
{
    int i;

    fct_out_add_string(out, ",\n  \"files\": [");
    for (i = 0; i < files->nelts; i++) {
        fct_out_add_string(out, i ? ", " : "");
        fct_out_add_json(out, fct_bytes_of(APR_ARRAY_IDX(files, i, const char *)));
    }
    fct_out_add_string(out, "]");
}

/* --- identities, maps, upstreams --- */

static void begin(fct_out_t *out, int is_first, const char *name, fct_bytes_t value)
{
    fct_out_addf(out, "%s\n    {\"%s\": ", is_first ? "" : ",", name);
    fct_out_add_json(out, value);
}

static void end(fct_out_t *out, const char *why, const char *assert_, const char *control, const fct_place_t *place)
{
    fct_show_json_member(out, "why", why);
    fct_show_json_member(out, "assert", assert_);
    fct_show_json_member(out, "control", control);
    fct_show_json_place(out, place);
    fct_out_add_string(out, "}");
}

static void add_identities(const fct_plan_t *plan, fct_out_t *out)
{
    int i;

    fct_out_add_string(out, "  \"identities\": [");
    for (i = 0; i < plan->identities->nelts; i++) {
        const fct_identity_rule_t *rule = APR_ARRAY_IDX(plan->identities, i, const fct_identity_rule_t *);

        begin(out, i == 0, "name", fct_bytes_of(rule->pattern));
        end(out, rule->why, NULL, rule->control, &rule->place);
    }
    fct_out_add_string(out, "],\n");
}

static void add_map(const fct_map_rule_t *map, int is_first, fct_out_t *out)
{
    int i;

    begin(out, is_first, "name", fct_bytes_of(map->named.name));
    fct_out_add_string(out, ", \"entries\": [");
    for (i = 0; i < map->entries->nelts; i++) {
        const fct_map_entry_t *entry = &APR_ARRAY_IDX(map->entries, i, fct_map_entry_t);

        fct_out_addf(out, "%s{\"from\": ", i ? ", " : "");
        fct_out_add_json(out, entry->from);
        fct_show_json_bytes(out, "to", entry->to);
        fct_show_json_flag(out, "omit", fct_bytes_is_absent(entry->to));
        fct_out_add_string(out, "}");
    }
    fct_out_add_string(out, "]");
    end(out, map->named.why, NULL, map->named.control, &map->named.place);
}

static void add_upstream(const fct_upstream_rule_t *upstream, int is_first, fct_out_t *out)
{
    int i;

    begin(out, is_first, "name", fct_bytes_of(upstream->named.name));
    fct_show_json_member(out, "peers", upstream->peers);
    fct_show_json_bytes(out, "certificate", upstream->certificate);
    fct_show_json_member(out, "format", fct_certificate_format_name(upstream->format));
    fct_out_add_string(out, ", \"fields\": [");
    for (i = 0; i < upstream->fields->nelts; i++) {
        const fct_upstream_field_t *field = APR_ARRAY_IDX(upstream->fields, i, const fct_upstream_field_t *);

        fct_out_addf(out, "%s{\"name\": ", i ? ", " : "");
        fct_out_add_json(out, field->name);
        fct_show_json_bytes(out, "equals", field->equals);
        fct_show_json_member(out, "needs", field->needs);
        fct_out_add_string(out, "}");
    }
    fct_out_add_string(out, "]");
    end(out, upstream->named.why, upstream->assert, upstream->named.control, &upstream->named.place);
}

void fct_show_json_named(const fct_plan_t *plan, fct_out_t *out)
{
    int i;

    add_identities(plan, out);
    fct_out_add_string(out, "  \"maps\": [");
    for (i = 0; i < plan->maps->nelts; i++) {
        add_map(APR_ARRAY_IDX(plan->maps, i, const void *), i == 0, out);
    }
    fct_out_add_string(out, "],\n  \"upstreams\": [");
    for (i = 0; i < plan->upstreams->nelts; i++) {
        add_upstream(APR_ARRAY_IDX(plan->upstreams, i, const void *), i == 0, out);
    }
    fct_out_add_string(out, "],\n");
}

/* --- settings --- */

static int is_about_the_element(int attribute)
{
    return attribute == FCT_ATTRIBUTE_WHY || attribute == FCT_ATTRIBUTE_CONTROL || attribute == FCT_ATTRIBUTE_OVERRIDE
        || attribute == FCT_ATTRIBUTE_WHEN;
}

static void add_setting(const fct_setting_t *setting, const char *element, const char *attribute, const char *text, int is_first, fct_out_t *out)
{
    begin(out, is_first, "element", fct_bytes_of(element));
    fct_show_json_member(out, "attribute", attribute);
    fct_show_json_member(out, "value", text);
    if (setting->text) {
        end(out, setting->why, NULL, setting->control, &setting->place);
    } else {
        fct_show_json_flag(out, "default", 1);
        fct_out_add_string(out, "}");
    }
}

/* Those of one element, with `only` those that it sets itself; returns how many were added before and now. */
static int add_settings(const fct_setting_t *settings, fct_element_t element, const fct_setting_t *only, int added, fct_out_t *out)
{
    int attribute;

    for (attribute = 0; attribute < FCT_ATTRIBUTE_COUNT; attribute++) {
        const char *name = fct_language_attribute_name((fct_attribute_t)attribute);
        const fct_row_t *row = fct_language_find_row(element, name);
        const char *text = row && !is_about_the_element(attribute) && (!only || only[attribute].text) ? fct_settings_text(settings, row, out->pool) : NULL;

        if (text) {
            add_setting(&settings[attribute], fct_language_element_name(element), name, text, added++ == 0, out);
        }
    }
    return added;
}

static void add_conditional(const fct_plan_t *plan, fct_out_t *out)
{
    apr_size_t i;

    fct_out_add_string(out, "  \"conditional_requests\": [");
    for (i = 0; i + 1 < plan->nrequests; i++) {
        const fct_request_rule_t *rule = plan->requests[i].rule;

        begin(out, i == 0, "when", fct_bytes_of(rule->when));
        fct_out_add_string(out, ", \"settings\": [");
        add_settings(fct_settings_overlay(plan->settings, rule->settings, out->pool), FCT_ELEMENT_REQUEST, rule->settings, 0, out);
        fct_out_add_string(out, "]");
        fct_show_json_place(out, &rule->place);
        fct_out_add_string(out, "}");
    }
    fct_out_add_string(out, "],\n");
}

void fct_show_json_settings(const fct_plan_t *plan, fct_out_t *out)
{
    static const fct_element_t elements[] = { FCT_ELEMENT_REQUEST, FCT_ELEMENT_RESPONSE, FCT_ELEMENT_BACKEND, FCT_ELEMENT_ACCEPT, FCT_ELEMENT_AUDIT };
    apr_size_t i;
    int added = 0;

    fct_out_add_string(out, "  \"settings\": [");
    for (i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
        added = add_settings(plan->settings, elements[i], NULL, added, out);
    }
    fct_out_add_string(out, "],\n");
    add_conditional(plan, out);
}
