/* The command show: a policy as the table a reviewer reads. */
#include <string.h>

#include <apr_strings.h>

#include "canonical.h"
#include "crypto_openssl.h"
#include "option.h"
#include "out.h"
#include "plan.h"
#include "policy_file.h"
#include "show.h"

static const char *const formats[] = { "text", "json", "markdown", "html", "canonical", NULL };

FCT_OPTION_CHOICE(set_format, fct_show_settings_t, format, formats)

static const fct_tool_option_t options[] = {
    FCT_POLICY_FILE_SHIPPED,
    { "format", "FORMAT", "text, json, markdown, html or canonical (text)", set_format },
    { NULL, NULL, NULL, NULL }
};

static void print(const fct_policy_t *policy, const apr_array_header_t *files, int format, apr_pool_t *p)
{
    fct_bytes_t canonical;
    fct_out_t out;

    fct_out_init(&out, p);
    switch (format) {
    case FCT_SHOW_JSON:
        fct_show_json(policy, files, &out);
        break;
    case FCT_SHOW_MARKDOWN:
        fct_show_page(policy, files, &fct_sheet_markdown, &out);
        break;
    case FCT_SHOW_HTML:
        fct_show_page(policy, files, &fct_sheet_html, &out);
        break;
    case FCT_SHOW_CANONICAL:
        canonical = fct_canonical_of(policy, &fct_crypto_openssl, p);
        fct_out_add(&out, canonical.at, canonical.len);
        break;
    default:
        fct_show_text(policy, &out);
    }
    fct_out_print(&out, stdout);
}

static int run(const fct_tool_t *tool, int argc, const char *const *argv)
{
    fct_show_settings_t settings = { .reader = { FCT_POLICY_DIR, NULL, &fct_crypto_openssl } };
    fct_findings_t *findings = fct_findings_create(tool->pool);
    const fct_policy_t *policy;
    apr_array_header_t *paths;
    int exit_code;

    if (!fct_tool_options(tool, argc, argv, &settings, &paths, &exit_code)) {
        return exit_code;
    }
    if (paths->nelts != 1) {
        return fct_tool_fail(tool, "it takes one policy; 'fcgi-trust show --help' shows how");
    }
    if (!fct_policy_file_check(tool, paths)) {
        return FCT_TOOL_FAILED;
    }
    settings.reader.files = apr_array_make(tool->pool, 8, sizeof(const char *));
    policy = fct_reader_load(APR_ARRAY_IDX(paths, 0, const char *), &settings.reader, findings, tool->pool);
    exit_code = fct_policy_file_print(tool, findings, stderr, tool->colour_err) ? FCT_TOOL_FINDINGS : FCT_TOOL_CLEAN;
    if (policy) {
        print(policy, settings.reader.files, settings.format, tool->pool);
    }
    return exit_code;
}

const fct_tool_command_t fct_show_command = {
    "show", "POLICY", "what an application is told under a policy",
    "Prints what the application is told, from where, how far it is trusted, under which\n"
    "condition and by which rule; which header fields pass; what is refused; and the limits.\n"
    "The format html is one page to be read, printed and kept, without scripts and without\n"
    "anything from elsewhere; markdown has the same in tables for a review; canonical is\n"
    "exactly the bytes whose SHA-256 is the policy's digest.\n"
    "Findings go to stderr as lint prints them; exit code 1 if there are any.",
    options, run
};
