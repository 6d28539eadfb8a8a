/* The sections about what rules refer to: identity names, maps, proxies in front, the trust anchor. */
#include <apr_strings.h>

#include "show_page.h"
#include "words.h"

/* --- identities --- */

/* The names that are identities in every policy (POLICY 2). */
static const char *const built_in[] = {
#define FCT_NAME_GROUP(group, pattern) FCT_GROUP_##group == FCT_GROUP_IDENTITY ? pattern : NULL,
#define FCT_NAME_OWN_SOURCE(pattern, source)
#include "name_group.def"
#undef FCT_NAME_GROUP
#undef FCT_NAME_OWN_SOURCE
};

static void add_built_in(fct_sheet_t *sheet)
{
    apr_size_t i;
    int added = 0;

    for (i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++) {
        if (built_in[i]) {
            fct_sheet_text(sheet, FCT_SHEET_PLAIN, added++ ? " " : NULL);
            fct_sheet_text(sheet, FCT_SHEET_CODE, built_in[i]);
        }
    }
}

void fct_show_page_identities(fct_sheet_t *sheet, const fct_plan_t *plan)
{
    static const fct_sheet_table_t table = { "rules", { "Name", "Why", "Rule", NULL } };
    int i;

    fct_sheet_section(sheet, "identities", "Identity names");
    fct_sheet_paragraph(sheet);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN, "Applications take these names for what the server knows. Nothing that a client writes reaches them, in any policy: ");
    add_built_in(sheet);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN, ".");
    if (!plan->identities->nelts) {
        return;
    }
    fct_sheet_paragraph(sheet);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN, "This policy adds:");
    fct_sheet_table(sheet, &table);
    for (i = 0; i < plan->identities->nelts; i++) {
        const fct_identity_rule_t *rule = APR_ARRAY_IDX(plan->identities, i, const fct_identity_rule_t *);

        fct_sheet_row(sheet);
        fct_sheet_text_cell(sheet, FCT_SHEET_CODE, rule->pattern);
        fct_show_page_reasons(sheet, rule->why, NULL, rule->control, NULL);
        fct_sheet_place_cell(sheet, &rule->place);
    }
}

/* --- maps --- */

static void add_entry(fct_sheet_t *sheet, const fct_map_rule_t *map, const fct_map_entry_t *entry)
{
    const fct_named_rule_t *named = &map->named;
    fct_place_t place = { named->place.file, entry->line };

    fct_sheet_row(sheet);
    fct_sheet_text_cell(sheet, FCT_SHEET_CODE, named->name);
    fct_sheet_cell(sheet);
    fct_sheet_bytes(sheet, FCT_SHEET_CODE, entry->from);
    fct_sheet_cell(sheet);
    if (fct_bytes_is_absent(entry->to)) {
        fct_sheet_text(sheet, FCT_SHEET_PLAIN, "left out");
    } else {
        fct_sheet_bytes(sheet, FCT_SHEET_CODE, entry->to);
    }
    fct_show_page_reasons(sheet, named->why, NULL, named->control, NULL);
    fct_sheet_place_cell(sheet, &place);
}

void fct_show_page_maps(fct_sheet_t *sheet, const fct_plan_t *plan)
{
    static const fct_sheet_table_t table = { "rules", { "Map", "From", "To", "Why", "Rule", NULL } };
    int i, k;

    if (!plan->maps->nelts) {
        return;
    }
    fct_sheet_section(sheet, "maps", "Maps");
    fct_sheet_table(sheet, &table);
    for (i = 0; i < plan->maps->nelts; i++) {
        const fct_map_rule_t *map = APR_ARRAY_IDX(plan->maps, i, const void *);

        for (k = 0; k < map->entries->nelts; k++) {
            add_entry(sheet, map, &APR_ARRAY_IDX(map->entries, k, fct_map_entry_t));
        }
    }
}

/* --- upstreams --- */

static void add_field(fct_sheet_t *sheet, const fct_upstream_field_t *field)
{
    fct_sheet_line(sheet, NULL);
    fct_sheet_bytes(sheet, FCT_SHEET_CODE, field->name);
    if (!fct_bytes_is_absent(field->equals)) {
        fct_sheet_text(sheet, FCT_SHEET_PLAIN, ", where it is ");
        fct_sheet_bytes(sheet, FCT_SHEET_CODE, field->equals);
    }
    if (field->needs) {
        fct_sheet_text(sheet, FCT_SHEET_PLAIN, ", where there is also ");
        fct_sheet_text(sheet, FCT_SHEET_CODE, field->needs);
    }
}

static void add_certificate_field(fct_sheet_t *sheet, const fct_upstream_rule_t *upstream)
{
    if (!fct_bytes_is_absent(upstream->certificate)) {
        fct_sheet_line(sheet, "The client's certificate");
        fct_sheet_bytes(sheet, FCT_SHEET_CODE, upstream->certificate);
        fct_sheet_textf(sheet, FCT_SHEET_PLAIN, " as %s", fct_certificate_format_name(upstream->format));
    }
}

static void add_upstream(fct_sheet_t *sheet, const fct_upstream_rule_t *upstream)
{
    int i;

    fct_sheet_row(sheet);
    fct_sheet_text_cell(sheet, FCT_SHEET_CODE, upstream->named.name);
    fct_sheet_text_cell(sheet, FCT_SHEET_CODE, upstream->peers);
    fct_sheet_cell(sheet);
    for (i = 0; i < upstream->fields->nelts; i++) {
        add_field(sheet, APR_ARRAY_IDX(upstream->fields, i, const fct_upstream_field_t *));
    }
    add_certificate_field(sheet, upstream);
    fct_show_page_reasons(sheet, upstream->named.why, upstream->assert, upstream->named.control, NULL);
    fct_sheet_place_cell(sheet, &upstream->named.place);
}

void fct_show_page_upstreams(fct_sheet_t *sheet, const fct_plan_t *plan)
{
    static const fct_sheet_table_t table = { "rules", { "Proxy", "Its addresses", "Its fields", "Why", "Rule", NULL } };
    int i;

    if (!plan->upstreams->nelts) {
        return;
    }
    fct_sheet_section(sheet, "upstreams", "Proxies in front");
    fct_sheet_paragraph(sheet);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN, "What these proxies write is ");
    fct_sheet_class(sheet, FCT_CLASS_ASSERTED);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN,
                   ". From anybody else, repeated, or under another spelling, such a field ends the request (400). A connection is the proxy's if its other end has one of these addresses.");
    fct_sheet_table(sheet, &table);
    for (i = 0; i < plan->upstreams->nelts; i++) {
        add_upstream(sheet, APR_ARRAY_IDX(plan->upstreams, i, const void *));
    }
}

/* --- the trust anchor --- */

static void add_certificate(fct_sheet_t *sheet, const char *role, const fct_certificate_t *certificate, const fct_anchor_rule_t *anchor)
{
    fct_sheet_row(sheet);
    fct_sheet_cell(sheet);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN, certificate->subject);
    fct_sheet_text_cell(sheet, FCT_SHEET_PLAIN, role);
    fct_sheet_text_cell(sheet, FCT_SHEET_CODE, certificate->sha256);
    fct_show_page_reasons(sheet, anchor->why, NULL, anchor->control, NULL);
    fct_sheet_place_cell(sheet, &anchor->place);
}

void fct_show_page_anchor(fct_sheet_t *sheet, const fct_anchor_rule_t *anchor)
{
    static const fct_sheet_table_t table = { "rules", { "Certificate", "What it is", "SHA-256", "Why", "Rule", NULL } };
    int i;

    if (!anchor) {
        return;
    }
    fct_sheet_section(sheet, "anchor", "Trust anchor");
    fct_sheet_paragraph(sheet);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN, FCT_SHOW_PAGE_ANCHOR);
    fct_sheet_table(sheet, &table);
    add_certificate(sheet, "trust anchor", anchor->certificate, anchor);
    for (i = 0; anchor->intermediates && i < anchor->intermediates->nelts; i++) {
        add_certificate(sheet, "intermediate", APR_ARRAY_IDX(anchor->intermediates, i, const fct_certificate_t *), anchor);
    }
}
