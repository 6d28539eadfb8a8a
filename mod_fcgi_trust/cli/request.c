/* The command request: asks a FastCGI backend by hand and shows what was said on both sides. */
#include <stdio.h>
#include <string.h>

#include <apr_strings.h>

#include "option.h"
#include "policy_file.h"
#include "request.h"

#define PARAMS_MAX (16 << 20)

/* --- options --- */

FCT_OPTION_TEXT(set_method, fct_request_settings_t, method, "a method is not empty")

static const char *set_docroot(void *settings, const char *value, apr_pool_t *p)
{
    apr_size_t len = strlen(value);

    while (len > 0 && value[len - 1] == '/') {
        len--;
    }
    ((fct_request_settings_t *)settings)->docroot = apr_pstrmemdup(p, value, len);
    return value[0] == '/' ? NULL : apr_psprintf(p, "'%s' is not an absolute path", value);
}

static void push(apr_array_header_t *pairs, const char *name, const char *value)
{
    fct_request_pair_t *pair = apr_array_push(pairs);

    pair->name = name;
    pair->value = value;
    pair->is_secret = 0;
}

static const char *add_header(void *settings, const char *value, apr_pool_t *p)
{
    const char *colon = strchr(value, ':');
    const char *text = colon ? colon + 1 : NULL;

    if (!colon || colon == value) {
        return apr_psprintf(p, "'%s' is not a header field like 'Accept: text/html'", value);
    }
    text += strspn(text, " \t");
    push(((fct_request_settings_t *)settings)->headers, apr_pstrmemdup(p, value, (apr_size_t)(colon - value)), text);
    return NULL;
}

static const char *add_param(void *settings, const char *value, apr_pool_t *p)
{
    const char *equals = strchr(value, '=');

    if (!*value || equals == value) {
        return "a parameter has a name: NAME=VALUE, or NAME for one that is not to be sent";
    }
    push(((fct_request_settings_t *)settings)->params, equals ? apr_pstrmemdup(p, value, (apr_size_t)(equals - value)) : value,
         equals ? equals + 1 : NULL);
    return NULL;
}

FCT_OPTION_ANY_TEXT(set_data, fct_request_settings_t, data)
FCT_OPTION_TEXT(set_data_file, fct_request_settings_t, data_file, "the file has no name")
FCT_OPTION_TEXT(set_policy, fct_request_settings_t, policy, "the policy has no name")
FCT_OPTION_NUMBER(set_id, fct_request_settings_t, id, 1, 65535)
FCT_OPTION_NUMBER(set_timeout, fct_request_settings_t, timeout, 1, 100000)
FCT_OPTION_FLAG(set_keep, fct_request_settings_t, keep)
FCT_OPTION_FLAG(set_wire, fct_request_settings_t, shows_wire)
FCT_OPTION_FLAG(set_body, fct_request_settings_t, shows_body_alone)

static const fct_tool_option_t options[] = {
    { "method", "METHOD", "GET, or POST where there is data", set_method },
    { "header", "'NAME: VALUE'", "a header field, sent as HTTP_NAME; may be given several times", add_header },
    { "data", "TEXT", "the body", set_data },
    { "data-file", "FILE", "the file whose content is the body", set_data_file },
    { "docroot", "DIR", "name the script: SCRIPT_FILENAME is DIR and the URL's path, as PHP-FPM\nwants it (otherwise the whole path is PATH_INFO)", set_docroot },
    { "param", "NAME=VALUE", "set a parameter as it is, also one that is set anyway; NAME alone:\ndo not send it; may be given several times", add_param },
    { "policy", "POLICY", "send what this policy yields for the request, and nothing else", set_policy },
    { "id", "N", "the request id (1)", set_id },
    { "keep", NULL, "ask to keep the connection (FCGI_KEEP_CONN)", set_keep },
    { "timeout", "SECONDS", "how long nothing may happen (30)", set_timeout },
    { "wire", NULL, "show every record sent and received", set_wire },
    { "body", NULL, "print nothing but the body of the answer, byte by byte", set_body },
    FCT_POLICY_FILE_SHIPPED,
#include "given_options.def"
    { NULL, NULL, NULL, NULL }
};

/* --- the command --- */

/* Says how long the body is and where it comes from. NULL, or why it cannot be read. */
static const char *open_body(const fct_request_settings_t *settings, fct_request_body_t *body, apr_pool_t *p)
{
    apr_finfo_t info;
    char buf[200];
    apr_status_t rv;

    memset(body, 0, sizeof(*body));
    body->len = settings->data ? (apr_off_t)strlen(settings->data) : -1;
    body->data = settings->data;
    if (!settings->data_file) {
        return NULL;
    }
    if (settings->data) {
        return "--data and --data-file exclude each other";
    }
    rv = apr_file_open(&body->file, settings->data_file, APR_READ | APR_BINARY, 0, p);
    if (rv == APR_SUCCESS) {
        rv = apr_file_info_get(&info, APR_FINFO_SIZE | APR_FINFO_TYPE, body->file);
    }
    if (rv != APR_SUCCESS) {
        return apr_psprintf(p, "%s: %s", settings->data_file, apr_strerror(rv, buf, sizeof(buf)));
    }
    body->len = info.size;
    return info.filetype == APR_REG ? NULL : apr_psprintf(p, "%s: not a file", settings->data_file);
}

/* The pairs as they are sent; NULL after a sentence on stderr. */
static fct_params_t *encode(const fct_tool_t *tool, const apr_array_header_t *pairs)
{
    fct_params_t *params = fct_params_create(1024, PARAMS_MAX, tool->pool);
    int i;

    for (i = 0; i < pairs->nelts; i++) {
        const fct_request_pair_t *pair = &APR_ARRAY_IDX(pairs, i, fct_request_pair_t);
        fct_bytes_t value = fct_bytes_of(pair->value);

        if (pair->value && fct_params_add(params, fct_bytes_of(pair->name), &value, 1) != FCT_PARAMS_OK) {
            fct_tool_fail(tool, "%s is too large to be sent", pair->name);
            return NULL;
        }
    }
    return params;
}

static int judge(const fct_tool_t *tool, const fct_request_outcome_t *outcome)
{
    if (outcome->failure) {
        return fct_tool_fail(tool, "%s", outcome->failure);
    }
    if (outcome->finding) {
        fct_tool_fail(tool, "FCT%04d %s: %s", outcome->finding, fct_finding_info(outcome->finding)->area, outcome->detail);
        return FCT_TOOL_FINDINGS;
    }
    return FCT_TOOL_CLEAN;
}

/* What is to be sent; NULL after a sentence on stderr, and *exit_code. */
static apr_array_header_t *make_pairs(const fct_tool_t *tool, const fct_request_settings_t *settings, const char *url,
                                      const fct_request_body_t *body, int *exit_code)
{
    apr_array_header_t *pairs;
    const char *why;

    if (settings->policy) {
        return fct_request_policy(tool, settings, url, body, exit_code);
    }
    pairs = fct_request_params(settings, url, body, &why, tool->pool);
    if (!pairs) {
        *exit_code = fct_tool_fail(tool, "'%s': %s", url, why);
    }
    return pairs;
}

static int ask(const fct_tool_t *tool, const fct_request_settings_t *settings, const fct_endpoint_t *endpoint, const char *url)
{
    fct_request_report_t report;
    fct_request_outcome_t outcome;
    fct_request_body_t body;
    apr_array_header_t *pairs;
    fct_params_t *params;
    int exit_code = FCT_TOOL_FAILED;
    const char *why = open_body(settings, &body, tool->pool);

    if (why) {
        return fct_tool_fail(tool, "%s", why);
    }
    pairs = make_pairs(tool, settings, url, &body, &exit_code);
    if (!pairs) {
        return exit_code;
    }
    params = encode(tool, pairs);
    if (!params) {
        return FCT_TOOL_FAILED;
    }
    fct_request_report_init(&report, tool, settings->shows_body_alone, settings->shows_wire);
    fct_request_report_params(&report, pairs);
    fct_request_exchange(settings, endpoint, params, &body, &report.watcher, &outcome, tool->pool);
    fct_request_report_outcome(&report, &outcome);
    fflush(stdout);
    return judge(tool, &outcome);
}

/* The first option that only a policy gives a meaning; NULL: none is there. */
static const char *find_given(const fct_given_t *given)
{
    static const char *const values[] = {
#define FCT_GIVEN(name, member, option, argument, help) option,
#define FCT_GIVEN_PAIR(name, member, option, help)
#include "given.def"
#undef FCT_GIVEN
#undef FCT_GIVEN_PAIR
    };
    static const char *const pairs[] = {
#define FCT_GIVEN(name, member, option, argument, help)
#define FCT_GIVEN_PAIR(name, member, option, help) option,
#include "given.def"
#undef FCT_GIVEN
#undef FCT_GIVEN_PAIR
    };
    int i;

    for (i = 0; i < FCT_GIVEN_COUNT; i++) {
        if (given->value[i]) {
            return values[i];
        }
    }
    for (i = 0; i < FCT_GIVEN_PAIR_COUNT; i++) {
        if (given->pairs[i]) {
            return pairs[i];
        }
    }
    return NULL;
}

/* Options that contradict each other. NULL, or why they cannot stand together. */
static const char *check_settings(const fct_request_settings_t *settings, apr_pool_t *p)
{
    const char *given = find_given(&settings->given);

    if (settings->shows_wire && settings->shows_body_alone) {
        return "--wire and --body exclude each other";
    }
    if (settings->policy && (settings->docroot || settings->params->nelts)) {
        return "with --policy the policy says what is sent; --docroot and --param exclude it";
    }
    return given && !settings->policy ? apr_psprintf(p, "--%s has a meaning only with --policy", given) : NULL;
}

static int run(const fct_tool_t *tool, int argc, const char *const *argv)
{
    fct_request_settings_t settings = { .id = 1, .timeout = 30 };
    apr_array_header_t *operands;
    fct_endpoint_t endpoint;
    const char *why;
    int exit_code;

    fct_given_init(&settings.given);
    settings.headers = apr_array_make(tool->pool, 4, sizeof(fct_request_pair_t));
    settings.params = apr_array_make(tool->pool, 4, sizeof(fct_request_pair_t));
    if (!fct_tool_options(tool, argc, argv, &settings, &operands, &exit_code)) {
        return exit_code;
    }
    if (operands->nelts != 2) {
        return fct_tool_fail(tool, "it takes an address and a URL; 'fcgi-trust request --help' shows how");
    }
    why = check_settings(&settings, tool->pool);
    if (why) {
        return fct_tool_fail(tool, "%s", why);
    }
    if (!settings.method) {
        settings.method = settings.data || settings.data_file ? "POST" : "GET";
    }
    why = fct_endpoint_parse(APR_ARRAY_IDX(operands, 0, const char *), &endpoint, tool->pool);
    if (why) {
        return fct_tool_fail(tool, "%s", why);
    }
    return ask(tool, &settings, &endpoint, APR_ARRAY_IDX(operands, 1, const char *));
}

const fct_tool_command_t fct_request_command = {
    "request", "SOCKET URL", "ask a FastCGI application by hand",
    "Sends one request to a FastCGI application, as strictly as the module does, and shows\n"
    "the parameters (>), the header (<), the body, what it wrote to stderr (!), and times\n"
    "(=). SOCKET is ADDR:PORT, unix:PATH or a path; URL is /path?query or http(s)://...\n"
    "Bytes that do not show are printed as \\xNN. With --policy it sends exactly what the\n"
    "policy yields for such a request, by the module's own evaluation; the second list of\n"
    "options says what the policy asks of the server. Exit code 1 if the policy refuses\n"
    "the request, or the application broke the protocol; 2 if there was no answer.\n"
    "\n"
    "  fcgi-trust request --wire --docroot /var/www /run/php/php-fpm.sock /index.php\n"
    "  fcgi-trust request --policy app.xml --user alice /run/app.sock 'https://app.example/'",
    options, run
};
