/* A policy as a document for an auditor: what it is, how far each class can be trusted, and then every rule. */
#include <apr_strings.h>

#include "language.h"
#include "show.h"
#include "show_page.h"
#include "show_words.h"

/* --- what the sections share --- */

void fct_show_page_when(fct_sheet_t *sheet, const char *when)
{
    apr_array_header_t *sentences = fct_show_condition_words(when, sheet->pool);
    int i;

    fct_sheet_cell(sheet);
    fct_sheet_labelled(sheet, "Only if", FCT_SHEET_CODE, when);
    for (i = 0; i < sentences->nelts; i++) {
        fct_sheet_line(sheet, NULL);
        fct_sheet_textf(sheet, FCT_SHEET_FAINT, "%s%s", i ? "and " : "", APR_ARRAY_IDX(sentences, i, const char *));
    }
}

void fct_show_page_reasons(fct_sheet_t *sheet, const char *why, const char *assert_, const char *control, const char *remark)
{
    fct_sheet_cell(sheet);
    fct_sheet_labelled(sheet, NULL, FCT_SHEET_PLAIN, why);
    fct_sheet_labelled(sheet, "Safe because", FCT_SHEET_PLAIN, assert_);
    fct_sheet_labelled(sheet, NULL, FCT_SHEET_STRONG, remark);
    fct_sheet_labelled(sheet, "Control", FCT_SHEET_PLAIN, control);
}

/* --- the policy itself --- */

static void add_fact(fct_sheet_t *sheet, const char *name, fct_sheet_style_t style, const char *value)
{
    fct_sheet_row(sheet);
    fct_sheet_text_cell(sheet, FCT_SHEET_STRONG, name);
    fct_sheet_text_cell(sheet, style, value);
}

static void add_files(fct_sheet_t *sheet, const apr_array_header_t *files)
{
    int i;

    fct_sheet_row(sheet);
    fct_sheet_text_cell(sheet, FCT_SHEET_STRONG, files->nelts == 1 ? "Made of this file" : "Made of these files");
    fct_sheet_cell(sheet);
    for (i = 0; i < files->nelts; i++) {
        fct_sheet_labelled(sheet, NULL, FCT_SHEET_CODE, APR_ARRAY_IDX(files, i, const char *));
    }
}

static void add_policy(fct_sheet_t *sheet, const fct_policy_t *policy, const apr_array_header_t *files)
{
    static const fct_sheet_table_t table = { "facts", { "Property", "Value", NULL } };

    fct_sheet_section(sheet, "policy", "The policy");
    fct_sheet_paragraph(sheet);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN,
                   "The web server tells the application what stands on this page, and nothing else about a request. Two servers with the "
                   "same digest act by the same rules, whatever their files look like.");
    fct_sheet_table(sheet, &table);
    add_fact(sheet, "Name", FCT_SHEET_CODE, policy->name);
    add_fact(sheet, "Version", FCT_SHEET_CODE, policy->version);
    add_fact(sheet, "Digest (SHA-256)", FCT_SHEET_CODE, policy->digest);
    add_files(sheet, files);
    add_fact(sheet, "Language", FCT_SHEET_PLAIN, FCT_LANGUAGE_VERSION);
    add_fact(sheet, "Shown by", FCT_SHEET_PLAIN, "fcgi-trust " FCT_VERSION);
}

/* --- classes --- */

static apr_size_t count_of(const fct_plan_t *plan, fct_class_t class_)
{
    apr_size_t i, n = 0;

    for (i = 0; i < plan->nparams; i++) {
        n += plan->params[i].class_ == class_;
    }
    return n;
}

static void add_classes(fct_sheet_t *sheet, const fct_plan_t *plan)
{
    static const fct_sheet_table_t table = { "classes", { "Class", "What it means", "Parameters", NULL } };
    static const fct_class_t classes[] = { FCT_CLASS_SERVER, FCT_CLASS_VERIFIED, FCT_CLASS_ASSERTED, FCT_CLASS_CLIENT };
    apr_size_t i;

    fct_sheet_section(sheet, "classes", "How far a value can be trusted");
    fct_sheet_paragraph(sheet);
    fct_sheet_text(sheet, FCT_SHEET_PLAIN,
                   "Every value has a class. Nothing of class client can reach a name that applications take for an identity; a policy "
                   "in which it could is not loaded. A server whose own configuration makes a value less than this page says (a proxy that replaces the "
                   "client's address, a site name with a wildcard) says so when it starts.");
    fct_sheet_table(sheet, &table);
    for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        fct_sheet_row(sheet);
        fct_sheet_cell(sheet);
        fct_sheet_class(sheet, classes[i]);
        fct_sheet_text_cell(sheet, FCT_SHEET_PLAIN, fct_show_class_words(classes[i]));
        fct_sheet_cell(sheet);
        fct_sheet_textf(sheet, FCT_SHEET_PLAIN, "%" APR_SIZE_T_FMT, count_of(plan, classes[i]));
    }
}

/* --- the page --- */

void fct_show_page(const fct_policy_t *policy, const apr_array_header_t *files, const fct_sheet_format_t *format, fct_out_t *out)
{
    const fct_plan_t *plan = policy->plan;
    fct_sheet_t sheet;

    fct_sheet_init(&sheet, format, out->pool);
    sheet.kind = "What the application is told to trust";
    sheet.title = policy->name;
    sheet.subtitle = apr_pstrcat(out->pool, "version ", policy->version, NULL);
    sheet.lead = policy->description && *policy->description ? policy->description : NULL;
    sheet.foot = apr_pstrcat(out->pool, policy->name, ", version ", policy->version, ", sha256:", policy->digest, NULL);
    add_policy(&sheet, policy, files);
    add_classes(&sheet, plan);
    fct_show_page_params(&sheet, plan);
    fct_show_page_fields(&sheet, plan);
    fct_show_page_identities(&sheet, plan);
    fct_show_page_maps(&sheet, plan);
    fct_show_page_upstreams(&sheet, plan);
    fct_show_page_anchor(&sheet, plan->anchor);
    fct_show_page_limits(&sheet, plan);
    fct_sheet_finish(&sheet, out);
}
