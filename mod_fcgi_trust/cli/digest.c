/* The command digest: what a policy means as one number, and the directive that pins it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <apr_file_info.h>
#include <apr_strings.h>

#include "crypto_openssl.h"
#include "option.h"
#include "out.h"
#include "policy_file.h"

typedef struct settings_t {
    fct_reader_options_t reader;         /* first: --shipped is stored here */
    int pins;
} settings_t;

FCT_OPTION_FLAG(set_pins, settings_t, pins)

static const fct_tool_option_t options[] = {
    FCT_POLICY_FILE_SHIPPED,
    { "pin", NULL, "print the directive for httpd's configuration instead", set_pins },
    { NULL, NULL, NULL, NULL }
};

/* httpd takes a name that is not absolute from ServerRoot, not from here. */
static const char *absolute(const char *path, apr_pool_t *p)
{
    char *directory = path[0] == '/' ? NULL : getcwd(NULL, 0);
    char *merged = NULL;

    if (directory == NULL || apr_filepath_merge(&merged, apr_pstrdup(p, directory), path, APR_FILEPATH_TRUENAME, p) != APR_SUCCESS) {
        merged = apr_pstrdup(p, path);
    }
    free(directory);
    return merged;
}

/* One argument of a directive: in quotes, where '"' and '\' are escaped. */
static void add_argument(fct_out_t *out, const char *text)
{
    fct_out_add_string(out, "\"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            fct_out_add_string(out, "\\");
        }
        fct_out_add(out, text, 1);
    }
    fct_out_add_string(out, "\"");
}

/* httpd reads a directive as one line, and replaces ${…} in it. */
static int can_be_named(const char *path)
{
    const char *at = path;

    while ((unsigned char)*at >= 0x20) {
        at++;
    }
    return *at == '\0' && strstr(path, "${") == NULL;
}

static int check_names(const fct_tool_t *tool, const apr_array_header_t *paths)
{
    int i;

    for (i = 0; i < paths->nelts; i++) {
        if (!can_be_named(APR_ARRAY_IDX(paths, i, const char *))) {
            fct_tool_fail(tool, "--pin: a file with a control byte or ${ in its name cannot stand in httpd's configuration; rename it");
            return 0;
        }
    }
    return 1;
}

static void print(const fct_policy_t *policy, const char *path, int pins, apr_pool_t *p)
{
    fct_out_t out;

    fct_out_init(&out, p);
    if (pins) {
        fct_out_add_string(&out, "FcgiTrustPolicy ");
        add_argument(&out, absolute(path, p));
        fct_out_addf(&out, " sha256:%s\n", policy->digest);
    }
    else {
        fct_out_addf(&out, "sha256:%s  %s %s  ", policy->digest, policy->name, policy->version);
        fct_out_add_visible(&out, fct_bytes_of(path));
        fct_out_add_string(&out, "\n");
    }
    fct_out_print(&out, stdout);
}

static int run(const fct_tool_t *tool, int argc, const char *const *argv)
{
    settings_t settings = { { FCT_POLICY_DIR, NULL, &fct_crypto_openssl }, 0 };
    fct_findings_t *findings = fct_findings_create(tool->pool);
    apr_array_header_t *paths;
    int exit_code;
    int i;

    if (!fct_tool_options(tool, argc, argv, &settings, &paths, &exit_code)) {
        return exit_code;
    }
    if (paths->nelts == 0) {
        return fct_tool_fail(tool, "no policy is named; 'fcgi-trust digest --help' shows how");
    }
    if (!fct_policy_file_check(tool, paths) || (settings.pins && !check_names(tool, paths))) {
        return FCT_TOOL_FAILED;
    }
    for (i = 0; i < paths->nelts; i++) {
        const char *path = APR_ARRAY_IDX(paths, i, const char *);
        const fct_policy_t *policy = fct_reader_load(path, &settings.reader, findings, tool->pool);

        if (policy) {
            print(policy, path, settings.pins, tool->pool);
        }
    }
    return fct_policy_file_print(tool, findings, stderr, tool->colour_err) ? FCT_TOOL_FINDINGS : FCT_TOOL_CLEAN;
}

const fct_tool_command_t fct_digest_command = {
    "digest", "POLICY...", "the digest of policies, and the directive that pins it",
    "Prints the digest, name and version of each policy and its file. The digest is SHA-256\n"
    "over what the policy means with all that it extends: layout, comments and the division\n"
    "into files do not change it, every rule and every reason does. With --pin it prints\n"
    "the directive with which httpd starts only with exactly this policy.\n"
    "A policy with errors has no digest; findings go to stderr as lint prints them, and the\n"
    "exit code is 1 if there are any.",
    options, run
};
