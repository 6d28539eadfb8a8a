/* The command lint: every finding of every policy named, all at once. */
#include "crypto_openssl.h"
#include "policy_file.h"

static const fct_tool_option_t options[] = {
    FCT_POLICY_FILE_SHIPPED,
    { NULL, NULL, NULL, NULL }
};

static int run(const fct_tool_t *tool, int argc, const char *const *argv)
{
    fct_reader_options_t settings = { FCT_POLICY_DIR, NULL, &fct_crypto_openssl };
    fct_findings_t *findings = fct_findings_create(tool->pool);
    apr_array_header_t *paths;
    int exit_code;
    int i;

    if (!fct_tool_options(tool, argc, argv, &settings, &paths, &exit_code)) {
        return exit_code;
    }
    if (paths->nelts == 0) {
        return fct_tool_fail(tool, "no policy is named; 'fcgi-trust lint --help' shows how");
    }
    if (!fct_policy_file_check(tool, paths)) {
        return FCT_TOOL_FAILED;
    }
    for (i = 0; i < paths->nelts; i++) {
        fct_reader_load(APR_ARRAY_IDX(paths, i, const char *), &settings, findings, tool->pool);
    }
    return fct_policy_file_print(tool, findings, stdout, tool->colour_out) ? FCT_TOOL_FINDINGS : FCT_TOOL_CLEAN;
}

const fct_tool_command_t fct_lint_command = {
    "lint", "POLICY...", "every finding of policy files",
    "Reads each policy and what it extends as httpd does when it starts, and prints every\n"
    "finding as file:line: tag area: sentence. Exit code 1 if one of them is an error or a\n"
    "warning.",
    options, run
};
