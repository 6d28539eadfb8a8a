/* The command diff: what changes in meaning from one policy to another. */
#include "diff.h"

#include "crypto_openssl.h"
#include "option.h"
#include "policy_file.h"

static const char *const formats[] = { "text", "json", NULL };

FCT_OPTION_CHOICE(set_format, fct_diff_settings_t, format, formats)

static const char *set_fail_on(void *settings, const char *value, apr_pool_t *p)
{
    static const char *const words[] = { "widened", "narrowed", "re-sourced", "any", NULL };
    static const unsigned kinds[] = {
        FCT_CHANGE_WIDENED, FCT_CHANGE_NARROWED, FCT_CHANGE_RESOURCED,
        FCT_CHANGE_WIDENED | FCT_CHANGE_NARROWED | FCT_CHANGE_RESOURCED | FCT_CHANGE_METADATA,
    };
    int choice;
    const char *why = fct_tool_choice(value, words, &choice, p);

    if (why == NULL) {
        ((fct_diff_settings_t *)settings)->fail_on |= kinds[choice];
    }
    return why;
}

static const fct_tool_option_t options[] = {
    FCT_POLICY_FILE_SHIPPED,
    { "fail-on", "KIND", "exit with 1 only for changes of this kind: widened, narrowed,\nre-sourced or any (any); it may be given several times",
      set_fail_on },
    { "format", "FORMAT", "text or json (text)", set_format },
    { NULL, NULL, NULL, NULL }
};

/* Loads both and prints their findings on stderr; 1 if they can be compared. */
static int load(const fct_tool_t *tool, const fct_diff_settings_t *settings, const apr_array_header_t *paths, fct_diff_t *diff)
{
    fct_findings_t *findings = fct_findings_create(tool->pool);

    diff->was = fct_reader_load(APR_ARRAY_IDX(paths, 0, const char *), &settings->reader, findings, tool->pool);
    diff->is = fct_reader_load(APR_ARRAY_IDX(paths, 1, const char *), &settings->reader, findings, tool->pool);
    fct_policy_file_print(tool, findings, stderr, tool->colour_err);
    if (diff->was && diff->is) {
        return 1;
    }
    fct_tool_fail(tool, "%s does not load; what it means is known when its findings are gone",
                  APR_ARRAY_IDX(paths, diff->was ? 1 : 0, const char *));
    return 0;
}

static int has_change(const apr_array_header_t *changes, unsigned kinds)
{
    int i;

    for (i = 0; i < changes->nelts; i++) {
        if (APR_ARRAY_IDX(changes, i, fct_policy_change_t).kinds & kinds) {
            return 1;
        }
    }
    return 0;
}

static int run(const fct_tool_t *tool, int argc, const char *const *argv)
{
    fct_diff_settings_t settings = { .reader = { FCT_POLICY_DIR, NULL, &fct_crypto_openssl } };
    apr_array_header_t *paths;
    fct_diff_t diff;
    fct_out_t out;
    int exit_code;

    if (!fct_tool_options(tool, argc, argv, &settings, &paths, &exit_code)) {
        return exit_code;
    }
    if (paths->nelts != 2) {
        return fct_tool_fail(tool, "it takes two policies, the old one and the new one; 'fcgi-trust diff --help' shows how");
    }
    if (!fct_policy_file_check(tool, paths) || !load(tool, &settings, paths, &diff)) {
        return FCT_TOOL_FAILED;
    }
    diff.changes = fct_policy_diff(diff.was, diff.is, &fct_crypto_openssl, tool->pool);
    fct_out_init(&out, tool->pool);
    if (settings.format == 1) {
        fct_diff_json(&diff, &out);
    }
    else {
        fct_diff_text(&diff, tool->colour_out, &out);
    }
    fct_out_print(&out, stdout);
    return has_change(diff.changes, settings.fail_on ? settings.fail_on : ~0u) ? FCT_TOOL_FINDINGS : FCT_TOOL_CLEAN;
}

const fct_tool_command_t fct_diff_command = {
    "diff", "OLD NEW", "what changes in meaning from one policy to another",
    "Compares what two policies mean, with all that they extend, and names each change:\n"
    "\n"
    "  widened     the application may be told more, or from less trusted sources, or more\n"
    "              requests pass\n"
    "  narrowed    it may be told less, or fewer requests pass\n"
    "  re-sourced  a name is told from another source, or as another fixed value\n"
    "  metadata    no request is told otherwise: name, version, why, control, assert\n"
    "\n"
    "Layout, comments, the order of rules and the files they stand in are no change. What\n"
    "cannot be proven to be only widened or only narrowed is said to be both. A source of\n"
    "a lower class is widened, too; one of the same class is re-sourced alone. That a\n"
    "header field is refused because of how it is written (too long, too often, control\n"
    "bytes) counts as its not being told.\n"
    "\n"
    "Exit code: 0 if there is no change, or with --fail-on none of that kind; 1 if there is;\n"
    "2 if a policy cannot be read or has errors. Findings go to stderr; warnings alone do\n"
    "not change the exit code.",
    options, run
};
