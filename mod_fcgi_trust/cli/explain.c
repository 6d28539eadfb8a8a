/* The command explain: what one request would yield under a policy, and which rule did it. */
#include <errno.h>
#include <string.h>

#include <apr_strings.h>

#include "explain.h"
#include "option.h"
#include "policy_file.h"
#include "text_file.h"

typedef struct settings_t {
    fct_given_t given;                   /* first: its options are stored here */
    const char *request;
    const char *name;
    int format;
} settings_t;

enum { FORMAT_TEXT, FORMAT_JSON };
static const char *const formats[] = { "text", "json", NULL };

FCT_OPTION_TEXT(set_request, settings_t, request, "the file has no name")
FCT_OPTION_TEXT(set_name, settings_t, name, "the parameter has no name")
FCT_OPTION_CHOICE(set_format, settings_t, format, formats)

static const fct_tool_option_t options[] = {
    { "request", "FILE", "the request as text: request line, fields, an empty line, body;\n- is standard input", set_request },
    { "name", "PARAM", "why the application gets this one, or does not", set_name },
    { "format", "FORMAT", "text or json (text)", set_format },
    FCT_POLICY_FILE_SHIPPED,
#include "given_options.def"
    { NULL, NULL, NULL, NULL }
};

int fct_explain_run(fct_explained_t *explained, const fct_policy_t *policy, fct_bytes_t text, const fct_given_t *given,
                    fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    memset(explained, 0, sizeof(*explained));
    explained->policy = policy;
    explained->p = p;
    explained->rules = fct_rule_list_of(policy, p);
    fct_trail_init(&explained->trail, p);
    return fct_raw_facts_run(text, given, policy, &explained->trail.observer, &explained->made, &explained->outcome, refusal, p);
}

/* 1 where the request is refused, or the parameter asked for is not sent. */
static int exit_code_of(const fct_explained_t *explained, const char *name)
{
    fct_bytes_t value;
    apr_size_t cookie = 0;
    fct_bytes_t wanted = name ? fct_explain_name(name, explained->p) : FCT_BYTES_ABSENT, found;

    if (explained->outcome.status || !name) {
        return explained->outcome.status ? FCT_TOOL_FINDINGS : FCT_TOOL_CLEAN;
    }
    while (fct_params_next(explained->outcome.params, &cookie, &found, &value)) {
        if (fct_bytes_equal(found, wanted)) {
            return FCT_TOOL_CLEAN;
        }
    }
    return FCT_TOOL_FINDINGS;
}

static int explain(const fct_tool_t *tool, const settings_t *settings, const fct_policy_t *policy, fct_bytes_t text)
{
    fct_explained_t explained;
    fct_raw_refusal_t refusal;
    fct_out_t out;

    if (!fct_explain_run(&explained, policy, text, &settings->given, &refusal, tool->pool)) {
        return refusal.line ? fct_tool_fail(tool, "%s:%d: %s", settings->request, refusal.line, refusal.why)
                            : fct_tool_fail(tool, "%s", refusal.why);
    }
    fct_out_init(&out, tool->pool);
    if (settings->format == FORMAT_JSON) {
        fct_explain_json(&explained, settings->name, &out);
    }
    else {
        fct_explain_text(&explained, settings->name, tool->colour_out, &out);
    }
    fct_out_print(&out, stdout);
    return exit_code_of(&explained, settings->name);
}

static int run(const fct_tool_t *tool, int argc, const char *const *argv)
{
    fct_findings_t *findings = fct_findings_create(tool->pool);
    const fct_policy_t *policy;
    apr_array_header_t *paths;
    settings_t settings;
    fct_bytes_t text;
    const char *why;
    int exit_code;

    memset(&settings, 0, sizeof(settings));
    fct_given_init(&settings.given);
    if (!fct_tool_options(tool, argc, argv, &settings, &paths, &exit_code)) {
        return exit_code;
    }
    if (paths->nelts != 1 || !settings.request) {
        return fct_tool_fail(tool, "it takes one policy and --request FILE; 'fcgi-trust explain --help' shows how");
    }
    if (!fct_policy_file_check(tool, paths)) {
        return FCT_TOOL_FAILED;
    }
    why = fct_text_file_read(settings.request, &text, tool->pool);
    if (why) {
        return fct_tool_fail(tool, "%s: %s", settings.request, why);
    }
    policy = fct_reader_load(APR_ARRAY_IDX(paths, 0, const char *), &settings.given.reader, findings, tool->pool);
    fct_policy_file_print(tool, findings, stderr, tool->colour_err);
    return policy ? explain(tool, &settings, policy, text) : FCT_TOOL_FAILED;
}

const fct_tool_command_t fct_explain_command = {
    "explain", "POLICY", "what one request would yield, and by which rule",
    "Takes an HTTP/1.1 request as text and what is said about its connection, evaluates the\n"
    "policy with the module's own code, and tells each parameter with its source, its class\n"
    "and its rule, which header fields do not pass and why, and which rules yield nothing.\n"
    "What httpd would refuse before any module sees it is told as that. With --name it\n"
    "answers for one parameter alone. Exit code 1 if the request is refused, or the\n"
    "parameter is not sent; 2 if the policy or the request cannot be read.\n"
    "\n"
    "  fcgi-trust explain app.xml --request request.txt --user alice --name REMOTE_USER",
    options, run
};
