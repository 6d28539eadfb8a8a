/* The sections about requests, responses and the backend: every setting that is in force, where it was set, and why. */
#include <apr_strings.h>

#include "settings.h"
#include "show_page.h"
#include "show_words.h"

/* --- settings in words --- */

/* What an attribute is about; and, for those that are one of some words, what each word means. */
static const struct {
    fct_attribute_t attribute;
    const char *value;               /* NULL: the row is the attribute's own */
    const char *words;
} meanings[] = {
    { FCT_ATTRIBUTE_METHODS, NULL, "Methods; any other is refused (405)" },
    { FCT_ATTRIBUTE_MAX_BODY, NULL, "Largest body; a larger one is refused (413)" },
    { FCT_ATTRIBUTE_CHUNKED, NULL, "A body whose length is not told" },
    { FCT_ATTRIBUTE_CHUNKED, "spool", "it is read whole first, so that its length can be told" },
    { FCT_ATTRIBUTE_CHUNKED, "stream", "it goes on as it comes, without CONTENT_LENGTH" },
    { FCT_ATTRIBUTE_CHUNKED, "refuse", "it is refused (411)" },
    { FCT_ATTRIBUTE_UPGRADE, NULL, "A wish for another protocol" },
    { FCT_ATTRIBUTE_UPGRADE, "ignore", "it is not passed on; websocket is always refused (501)" },
    { FCT_ATTRIBUTE_UPGRADE, "refuse", "it is refused (501)" },
    { FCT_ATTRIBUTE_ENCODED_SLASH, NULL, "An encoded slash in the path" },
    { FCT_ATTRIBUTE_ENCODED_SLASH, "refuse", "it is refused (400)" },
    { FCT_ATTRIBUTE_ENCODED_SLASH, "raw", "it stays encoded" },
    { FCT_ATTRIBUTE_MAX_HEADER_BYTES, NULL, "Largest header of an answer" },
    { FCT_ATTRIBUTE_MAX_HEADER_COUNT, NULL, "Most header fields of an answer" },
    { FCT_ATTRIBUTE_MAX_INTERIM, NULL, "Most interim answers (1xx)" },
    { FCT_ATTRIBUTE_HIDE, NULL, "Header fields that clients do not see" },
    { FCT_ATTRIBUTE_MISSING_CONTENT_TYPE, NULL, "A body without Content-Type" },
    { FCT_ATTRIBUTE_MISSING_CONTENT_TYPE, "octet-stream", "it is sent as application/octet-stream, and browsers are told not to guess" },
    { FCT_ATTRIBUTE_MISSING_CONTENT_TYPE, "refuse", "it is refused (502)" },
    { FCT_ATTRIBUTE_LOCAL_REDIRECT, NULL, "An answer that names another local path" },
    { FCT_ATTRIBUTE_LOCAL_REDIRECT, "refuse", "it is refused (502)" },
    { FCT_ATTRIBUTE_LOCAL_REDIRECT, "follow", "it is followed inside the server" },
    { FCT_ATTRIBUTE_INTERIM, NULL, "Interim answers" },
    { FCT_ATTRIBUTE_INTERIM, "drop", "they are dropped" },
    { FCT_ATTRIBUTE_INTERIM, "forward", "they go on to the client" },
    { FCT_ATTRIBUTE_HOLD, NULL, "How much of an answer waits until it has proven whole" },
    { FCT_ATTRIBUTE_HOLD_TIME, NULL, "How long it waits at most" },
    { FCT_ATTRIBUTE_MAX_STDERR, NULL, "How much of the application's error output is logged for a request" },
    { FCT_ATTRIBUTE_SENDFILE, NULL, "The directory whose files the application may name to be sent" },
    { FCT_ATTRIBUTE_PROFILE, NULL, "Kind of application" },
    { FCT_ATTRIBUTE_SCRIPT, NULL, "How the script is named" },
    { FCT_ATTRIBUTE_SCRIPT, "auto", "the file that the server mapped, else the path up to .php" },
    { FCT_ATTRIBUTE_SCRIPT, "file", "the file that the server mapped" },
    { FCT_ATTRIBUTE_SCRIPT, "split", "the path up to .php" },
    { FCT_ATTRIBUTE_SCRIPT, "mount", "the path at which the application is mounted" },
    { FCT_ATTRIBUTE_SCRIPT, "none", "it is not named" },
    { FCT_ATTRIBUTE_DOCROOT, NULL, "Directory of the scripts, on the application's machine" },
    { FCT_ATTRIBUTE_INDEX, NULL, "Script of a path that ends with a slash" },
    { FCT_ATTRIBUTE_FRONT_CONTROLLER, NULL, "Script of a path that names none" },
    { FCT_ATTRIBUTE_MOUNT, NULL, "Path at which the application is mounted" },
    { FCT_ATTRIBUTE_HTACCESS_AUTH, NULL, "Files in the served directories may change who logs in; accepted because" },
    { FCT_ATTRIBUTE_VALUES, NULL, "Parameters whose values may stand in the decision log" },
    { FCT_ATTRIBUTE_WORKERS, NULL, "The only addresses that the application may have" },
};

/* NULL where nothing is known of it. */
static const char *meaning_of(fct_attribute_t attribute, const char *value)
{
    apr_size_t i;

    for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        if (meanings[i].attribute == attribute && !meanings[i].value == !value && (!value || strcmp(meanings[i].value, value) == 0)) {
            return meanings[i].words;
        }
    }
    return NULL;
}

/* --- one setting --- */

/* The text is that of fct_settings_text: one form for each meaning. */
static void add_value(fct_sheet_t *sheet, const fct_row_t *row, const char *text)
{
    const char *meaning = meaning_of(row->attribute, text);

    fct_sheet_cell(sheet);
    switch (row->form) {
    case FCT_FORM_SIZE:
    case FCT_FORM_SIZE_OR_UNLIMITED:
        fct_sheet_text(sheet, FCT_SHEET_PLAIN, strcmp(text, "-1") == 0 ? "unlimited" : fct_show_size(apr_strtoi64(text, NULL, 10), sheet->pool));
        break;
    case FCT_FORM_DURATION:
        fct_sheet_textf(sheet, FCT_SHEET_PLAIN, "%" APR_INT64_T_FMT " ms", (apr_int64_t)apr_time_as_msec(apr_strtoi64(text, NULL, 10)));
        break;
    default:
        fct_sheet_text(sheet, FCT_SHEET_CODE, text);
        break;
    }
    if (meaning) {
        fct_sheet_textf(sheet, FCT_SHEET_FAINT, ": %s", meaning);
    }
}

static void add_setting(fct_sheet_t *sheet, const fct_setting_t *settings, const fct_row_t *row, const char *text)
{
    const fct_setting_t *setting = &settings[row->attribute];
    const char *meaning = meaning_of(row->attribute, NULL);

    fct_sheet_row(sheet);
    fct_sheet_cell(sheet);
    fct_sheet_labelled(sheet, NULL, FCT_SHEET_PLAIN, meaning);
    fct_sheet_labelled(sheet, NULL, FCT_SHEET_CODE, fct_language_attribute_name(row->attribute));
    add_value(sheet, row, text);
    fct_show_page_reasons(sheet, setting->text ? setting->why : NULL, NULL, setting->text ? setting->control : NULL, NULL);
    if (setting->text) {
        fct_sheet_place_cell(sheet, &setting->place);
    } else {
        fct_sheet_text_cell(sheet, FCT_SHEET_PLAIN, "default");
    }
}

/* Every setting of the element that is in force; with `only`, those that it sets itself. */
static void add_settings(fct_sheet_t *sheet, const fct_setting_t *settings, fct_element_t element, const fct_setting_t *only)
{
    static const fct_sheet_table_t table = { "limits", { "Setting", "Value", "Why", "Rule", NULL } };
    int attribute;

    fct_sheet_table(sheet, &table);
    for (attribute = 0; attribute < FCT_ATTRIBUTE_COUNT; attribute++) {
        const fct_row_t *row = fct_language_find_row(element, fct_language_attribute_name((fct_attribute_t)attribute));
        const char *text;

        if (!row || (only && !only[attribute].text) || attribute == FCT_ATTRIBUTE_WHY || attribute == FCT_ATTRIBUTE_CONTROL
            || attribute == FCT_ATTRIBUTE_OVERRIDE || attribute == FCT_ATTRIBUTE_WHEN) {
            continue;
        }
        text = fct_settings_text(settings, row, sheet->pool);
        if (text) {
            add_setting(sheet, settings, row, text);
        }
    }
}

/* --- the sections --- */

static void add_conditional(fct_sheet_t *sheet, const fct_plan_t *plan)
{
    apr_size_t i;
    int k;

    for (i = 0; i + 1 < plan->nrequests; i++) {
        const fct_request_rule_t *rule = plan->requests[i].rule;
        apr_array_header_t *sentences = fct_show_condition_words(rule->when, sheet->pool);

        fct_sheet_paragraph(sheet);
        fct_sheet_text(sheet, FCT_SHEET_PLAIN, i ? "Else, where " : "Where ");
        fct_sheet_text(sheet, FCT_SHEET_CODE, rule->when);
        for (k = 0; k < sentences->nelts; k++) {
            fct_sheet_textf(sheet, FCT_SHEET_FAINT, "%s%s", k ? " and " : " (", APR_ARRAY_IDX(sentences, k, const char *));
        }
        fct_sheet_text(sheet, FCT_SHEET_FAINT, ")");
        fct_sheet_text(sheet, FCT_SHEET_PLAIN, " holds, this is different:");
        add_settings(sheet, fct_settings_overlay(plan->settings, rule->settings, sheet->pool), FCT_ELEMENT_REQUEST, rule->settings);
    }
}

/* A section that is there only if the policy says something of it: nothing of it has a default. */
static void add_section(fct_sheet_t *sheet, const fct_plan_t *plan, fct_element_t element, fct_attribute_t attribute, const char *id, const char *title)
{
    if (plan->settings[attribute].text) {
        fct_sheet_section(sheet, id, title);
        add_settings(sheet, plan->settings, element, NULL);
    }
}

void fct_show_page_limits(fct_sheet_t *sheet, const fct_plan_t *plan)
{
    fct_sheet_section(sheet, "request", "What a request may be");
    add_settings(sheet, plan->settings, FCT_ELEMENT_REQUEST, NULL);
    add_conditional(sheet, plan);
    fct_sheet_section(sheet, "response", "What an answer may be");
    fct_sheet_paragraph(sheet);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN, "An answer that is cut, overlong, malformed or out of step does not reach the client as if it were whole.");
    add_settings(sheet, plan->settings, FCT_ELEMENT_RESPONSE, NULL);
    fct_sheet_section(sheet, "backend", "The application");
    add_settings(sheet, plan->settings, FCT_ELEMENT_BACKEND, NULL);
    add_section(sheet, plan, FCT_ELEMENT_ACCEPT, FCT_ATTRIBUTE_HTACCESS_AUTH, "accepted", "What is accepted");
    add_section(sheet, plan, FCT_ELEMENT_AUDIT, FCT_ATTRIBUTE_VALUES, "logged", "What is logged");
}
