/* The sections about request header fields: those that pass, those that are dropped, those that end a request. */
#include <apr_strings.h>

#include "draft_field.h"
#include "field_name.h"
#include "show_page.h"
#include "show_words.h"

/* --- one rule --- */

static void add_name(fct_sheet_t *sheet, const fct_field_rule_t *rule)
{
    fct_sheet_cell(sheet);
    fct_sheet_textf(sheet, FCT_SHEET_CODE, "%s%s", fct_bytes_string(rule->name, sheet->pool), rule->is_prefix ? "*" : "");
}

static void add_limits(fct_sheet_t *sheet, const fct_field_rule_t *rule)
{
    fct_sheet_labelled(sheet, "Cookies", FCT_SHEET_CODE, rule->cookies);
    if (rule->max_length != FCT_DRAFT_FIELD_MAX_LENGTH) {
        fct_sheet_labelled(sheet, "At most", FCT_SHEET_PLAIN, fct_show_size((apr_int64_t)rule->max_length, sheet->pool));
    }
    if (rule->max_count != FCT_DRAFT_FIELD_MAX_COUNT) {
        fct_sheet_labelled(sheet, "At most", FCT_SHEET_PLAIN, apr_psprintf(sheet->pool, "%" APR_SIZE_T_FMT " fields", rule->max_count));
    }
    if (rule->passes_changed) {
        fct_sheet_labelled(sheet, NULL, FCT_SHEET_PLAIN, "also as the server changed it");
    }
}

static void add_passing(fct_sheet_t *sheet, const fct_plan_field_t *field)
{
    const fct_field_rule_t *rule = field->rule;

    fct_sheet_row(sheet);
    add_name(sheet, rule);
    fct_sheet_cell(sheet);
    if (rule->is_prefix) {
        fct_sheet_textf(sheet, FCT_SHEET_CODE, "HTTP_%s*", fct_bytes_string(rule->folded, sheet->pool));
    } else {
        fct_sheet_bytes(sheet, FCT_SHEET_CODE, field->emitted);
    }
    fct_show_page_when(sheet, rule->when);
    add_limits(sheet, rule);
    fct_show_page_reasons(sheet, rule->why, rule->assert, rule->control,
                          rule->trusts_client ? "A name that proxies use, taken as the client sent it." : NULL);
    fct_sheet_place_cell(sheet, &rule->place);
}

static void add_stopped(fct_sheet_t *sheet, const fct_field_rule_t *rule)
{
    fct_sheet_row(sheet);
    add_name(sheet, rule);
    fct_show_page_when(sheet, rule->when);
    fct_show_page_reasons(sheet, rule->why, rule->assert, rule->control, NULL);
    fct_sheet_place_cell(sheet, &rule->place);
}

static apr_size_t count_of(const fct_plan_t *plan, fct_field_action_t action)
{
    apr_size_t i, n = 0;

    for (i = 0; i < plan->nfields; i++) {
        n += plan->fields[i].rule->action == action;
    }
    return n;
}

/* --- passing --- */

static void add_passing_fields(fct_sheet_t *sheet, const fct_plan_t *plan)
{
    static const fct_sheet_table_t table = { "fields", { "Field", "Told as", "When, and how much", "Why", "Rule", NULL } };
    apr_size_t i;

    fct_sheet_section(sheet, "fields", "Header fields that pass");
    fct_sheet_paragraph(sheet);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN, "All of these are ");
    fct_sheet_class(sheet, FCT_CLASS_CLIENT);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN,
                   ": the application gets what the client wrote, as far as the server left it. Unless a rule says otherwise, its value has at most " APR_STRINGIFY(FCT_DRAFT_FIELD_MAX_LENGTH)
                   " bytes and there are at most " APR_STRINGIFY(FCT_DRAFT_FIELD_MAX_COUNT) " such fields; more is refused (431).");
    if (!count_of(plan, FCT_FIELD_PASS)) {
        fct_sheet_paragraph(sheet);
        fct_sheet_text(sheet, FCT_SHEET_PLAIN, "No header field passes.");
        return;
    }
    fct_sheet_table(sheet, &table);
    for (i = 0; i < plan->nfields; i++) {
        if (plan->fields[i].rule->action == FCT_FIELD_PASS) {
            add_passing(sheet, &plan->fields[i]);
        }
    }
}

/* --- stopped --- */

static void add_stopped_fields(fct_sheet_t *sheet, const fct_plan_t *plan, fct_field_action_t action)
{
    static const fct_sheet_table_t table = { "rules", { "Field", "When", "Why", "Rule", NULL } };
    apr_size_t i;

    if (!count_of(plan, action)) {
        return;
    }
    fct_sheet_table(sheet, &table);
    for (i = 0; i < plan->nfields; i++) {
        if (plan->fields[i].rule->action == action) {
            add_stopped(sheet, plan->fields[i].rule);
        }
    }
}

/* "IF_NONE_MATCH" as people write it. */
static const char *field_name(const char *folded, apr_pool_t *p)
{
    char *name = apr_pstrdup(p, folded);
    char *at;

    for (at = name; *at; at++) {
        *at = *at == '_' ? '-' : at == name || at[-1] == '-' ? *at : (char)fct_bytes_lower((unsigned char)*at);
    }
    return name;
}

/* Fields of these traits that no rule lets through or drops, and that no parameter reads. */
static int add_names(fct_sheet_t *sheet, const fct_plan_t *plan, unsigned traits)
{
    apr_size_t i, n;
    const fct_field_info_t *names = fct_field_name_table(&n);
    int added = 0;

    for (i = 0; i < n; i++) {
        fct_field_match_t match;

        fct_field_table_match(&plan->table, fct_bytes_of(names[i].folded), &match);
        if ((names[i].traits & traits) && match.whole && !match.whole->pass && !match.whole->is_read && !match.whole->server && !match.prefix) {
            fct_sheet_text(sheet, FCT_SHEET_PLAIN, added++ ? ", " : NULL);
            fct_sheet_text(sheet, FCT_SHEET_CODE, field_name(names[i].folded, sheet->pool));
        }
    }
    return added;
}

static void add_restricting(fct_sheet_t *sheet, const fct_plan_t *plan)
{
    fct_sheet_paragraph(sheet);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN,
                   "Fields that narrow a request are not dropped, because the application would then do more than the client asked for. Where "
                   "no rule names such a field, a request that has it is refused (400): ");
    if (!add_names(sheet, plan, FCT_FIELD_RESTRICTING)) {
        fct_sheet_text(sheet, FCT_SHEET_PLAIN, "rules name them all");
    }
    fct_sheet_text(sheet, FCT_SHEET_PLAIN, "; with a method that changes something also: ");
    if (!add_names(sheet, plan, FCT_FIELD_RESTRICTING_UNSAFE)) {
        fct_sheet_text(sheet, FCT_SHEET_PLAIN, "none");
    }
    fct_sheet_text(sheet, FCT_SHEET_PLAIN, ".");
}

static void add_server_fields(fct_sheet_t *sheet, const fct_plan_t *plan)
{
    int added = 0;
    apr_size_t i;

    for (i = 0; i < plan->nparams; i++) {
        if (fct_bytes_is_absent(plan->params[i].rule->header)) {
            continue;
        }
        if (!added) {
            fct_sheet_paragraph(sheet);
            fct_sheet_text(sheet, FCT_SHEET_PLAIN,
                           "Only the server makes these fields. A request that brings one, under whatever spelling an application takes for it, is refused (400): ");
        }
        fct_sheet_text(sheet, FCT_SHEET_PLAIN, added++ ? ", " : NULL);
        fct_sheet_bytes(sheet, FCT_SHEET_CODE, plan->params[i].rule->header);
    }
    if (added) {
        fct_sheet_text(sheet, FCT_SHEET_PLAIN, ".");
    }
}

static void add_refused(fct_sheet_t *sheet, const fct_plan_t *plan)
{
    fct_sheet_section(sheet, "refused", "What is refused");
    fct_sheet_paragraph(sheet);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN, count_of(plan, FCT_FIELD_REFUSE) ? "A request with one of these fields is refused (400):"
                                                                            : "No rule refuses requests for a header field of its own.");
    add_stopped_fields(sheet, plan, FCT_FIELD_REFUSE);
    add_server_fields(sheet, plan);
    add_restricting(sheet, plan);
    fct_sheet_paragraph(sheet);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN,
                   "Whatever the policy says, a request is refused (400) for two fields whose names an application could take for one, where one "
                   "of them matters here; for a repeated field of which there can be only one; for a control byte in a value that passes; for a path "
                   "that does not name one thing. Where a rule above says that a value is refused, the client sees the status and the number of "
                   "the request, no more.");
}

static void add_dropped(fct_sheet_t *sheet, const fct_plan_t *plan)
{
    fct_sheet_section(sheet, "dropped", "What is dropped");
    fct_sheet_paragraph(sheet);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN,
                   "Every header field that no rule names is dropped: the application is not told of it. A rule for a group of names never "
                   "lets through those that proxies and servers write, as X-Forwarded-For, X-Remote-User or X-SSL-Client-CN; only a rule for that very name "
                   "does. Fields of the connection, what the client names in Connection, Proxy, and trailers never pass.");
    if (count_of(plan, FCT_FIELD_DROP)) {
        fct_sheet_paragraph(sheet);
        fct_sheet_text(sheet, FCT_SHEET_PLAIN, "These narrow a request and are dropped all the same, for the reason given:");
    }
    add_stopped_fields(sheet, plan, FCT_FIELD_DROP);
}

void fct_show_page_fields(fct_sheet_t *sheet, const fct_plan_t *plan)
{
    add_passing_fields(sheet, plan);
    add_refused(sheet, plan);
    add_dropped(sheet, plan);
}
