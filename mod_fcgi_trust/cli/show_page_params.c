/* The section about parameters: one row for each rule. */
#include <apr_strings.h>

#include "show_page.h"
#include "show_words.h"

#define ARROW "\xE2\x86\x92 "

/* --- the name --- */

static void add_name(fct_sheet_t *sheet, const fct_plan_param_t *param)
{
    const fct_param_rule_t *rule = param->rule;

    fct_sheet_cell(sheet);
    fct_sheet_bytes(sheet, FCT_SHEET_CODE, rule->name);
    if (!fct_bytes_is_absent(rule->header)) {
        fct_sheet_line(sheet, "As the field");
        fct_sheet_bytes(sheet, FCT_SHEET_CODE, rule->header);
    }
    if (param->group == FCT_GROUP_IDENTITY) {
        fct_sheet_labelled(sheet, NULL, FCT_SHEET_FAINT, "an identity name");
    } else if (param->group == FCT_GROUP_RUNTIME) {
        fct_sheet_labelled(sheet, NULL, FCT_SHEET_FAINT, "a name that steers programs");
    }
}

/* --- the value --- */

static void add_literal(fct_sheet_t *sheet, const fct_param_rule_t *rule)
{
    fct_sheet_line(sheet, NULL);
    if (rule->is_sensitive) {
        fct_sheet_text(sheet, FCT_SHEET_STRONG, "a secret literal, which is not shown");
    } else {
        fct_sheet_text(sheet, FCT_SHEET_PLAIN, "always ");
        fct_sheet_text(sheet, FCT_SHEET_CODE, rule->value);
    }
}

static void add_source(fct_sheet_t *sheet, const char *source)
{
    const char *words = fct_show_source_words(fct_bytes_of(source), sheet->pool);

    fct_sheet_line(sheet, NULL);
    fct_sheet_text(sheet, FCT_SHEET_CODE, source);
    if (words) {
        fct_sheet_textf(sheet, FCT_SHEET_FAINT, ": %s", words);
    }
}

static void add_sources(fct_sheet_t *sheet, const fct_param_rule_t *rule)
{
    char *state = NULL;
    char *source = apr_strtok(apr_pstrdup(sheet->pool, rule->from), " \t\r\n", &state);

    if (rule->nsources > 1) {
        fct_sheet_labelled(sheet, NULL, FCT_SHEET_PLAIN, "the first of these that has a value:");
    }
    for (; source; source = apr_strtok(NULL, " \t\r\n", &state)) {
        add_source(sheet, source);
    }
}

static void add_value(fct_sheet_t *sheet, const fct_plan_param_t *param)
{
    apr_array_header_t *steps = fct_show_steps(param, sheet->pool);
    int i;

    fct_sheet_cell(sheet);
    if (param->rule->value) {
        add_literal(sheet, param->rule);
    } else {
        add_sources(sheet, param->rule);
    }
    if (!fct_bytes_is_absent(param->rule->auth_type)) {
        fct_sheet_line(sheet, NULL);
        fct_sheet_text(sheet, FCT_SHEET_PLAIN, ARROW "only of a user who logged in by ");
        fct_sheet_bytes(sheet, FCT_SHEET_CODE, param->rule->auth_type);
    }
    for (i = 0; i < steps->nelts; i++) {
        const fct_show_remark_t *step = &APR_ARRAY_IDX(steps, i, fct_show_remark_t);
        int has_code = !fct_bytes_is_absent(step->code);

        fct_sheet_line(sheet, NULL);
        fct_sheet_textf(sheet, FCT_SHEET_PLAIN, ARROW "%s%s", step->words, has_code ? " " : "");
        fct_sheet_bytes(sheet, FCT_SHEET_CODE, step->code);
        fct_sheet_text(sheet, FCT_SHEET_PLAIN, *step->more ? step->more : NULL);
    }
}

/* --- when, and what if not --- */

static const char *outcome_text(int status, apr_pool_t *p)
{
    return status ? apr_psprintf(p, "refused, %d", status) : "not sent";
}

static void add_outcomes(fct_sheet_t *sheet, const fct_plan_param_t *param)
{
    apr_pool_t *p = sheet->pool;

    if (param->rule->value) {
        return;
    }
    fct_sheet_labelled(sheet, "Absent", FCT_SHEET_PLAIN, param->goes_always ? "sent empty" : outcome_text(param->status_missing, p));
    fct_sheet_labelled(sheet, "Invalid", FCT_SHEET_PLAIN, outcome_text(param->status_invalid, p));
    if (param->status_too_long != param->status_invalid) {
        fct_sheet_labelled(sheet, "Too long", FCT_SHEET_PLAIN, outcome_text(param->status_too_long, p));
    }
}

/* --- the section --- */

static void add_param(fct_sheet_t *sheet, const fct_plan_param_t *param)
{
    const fct_param_rule_t *rule = param->rule;

    fct_sheet_row(sheet);
    add_name(sheet, param);
    fct_sheet_cell(sheet);
    fct_sheet_class(sheet, param->class_);
    add_value(sheet, param);
    fct_show_page_when(sheet, rule->when);
    add_outcomes(sheet, param);
    fct_show_page_reasons(sheet, rule->why, rule->assert, rule->control, rule->trusts_client ? "Taken as the client sent it." : NULL);
    fct_sheet_place_cell(sheet, &rule->place);
}

static void add_engine_param(fct_sheet_t *sheet, const char *name, fct_class_t class_, const char *value, const char *when, const char *why)
{
    static const fct_place_t nowhere = { NULL, 0 };

    fct_sheet_row(sheet);
    fct_sheet_text_cell(sheet, FCT_SHEET_CODE, name);
    fct_sheet_cell(sheet);
    fct_sheet_class(sheet, class_);
    fct_sheet_text_cell(sheet, FCT_SHEET_PLAIN, value);
    fct_sheet_cell(sheet);
    fct_sheet_labelled(sheet, "Only if", FCT_SHEET_PLAIN, when);
    fct_show_page_reasons(sheet, why, NULL, NULL, NULL);
    fct_sheet_place_cell(sheet, &nowhere);
}

void fct_show_page_params(fct_sheet_t *sheet, const fct_plan_t *plan)
{
    static const fct_sheet_table_t table = { "params", { "Parameter", "Class", "Value", "When, and what if not", "Why", "Rule", NULL } };
    apr_size_t i;

    fct_sheet_section(sheet, "parameters", "Parameters");
    fct_sheet_paragraph(sheet);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN, "In the order in which they are sent. An arrow is a step on the way of the value from its source to the application. "
                   "Refused means that the whole request ends with this status, before anything reaches the application.");
    fct_sheet_table(sheet, &table);
    for (i = 0; i < plan->nparams; i++) {
        add_param(sheet, &plan->params[i]);
    }
    add_engine_param(sheet, "CONTENT_TYPE", FCT_CLASS_CLIENT, "the header field Content-Type", "the client sent one",
                     "Says how the body is to be read");
    add_engine_param(sheet, "CONTENT_LENGTH", FCT_CLASS_SERVER, "the number of bytes of the body", "the request has a body of known length",
                     "Counted, not copied: the application gets exactly as many bytes");
}
