/* The command request: asks a FastCGI backend by hand and shows what was said on both sides. */
#include <stdio.h>
#include <string.h>

#include <apr_strings.h>

#include "request.h"

#define PARAMS_MAX (16 << 20)

/* --- options --- */

static const char *set_method(void *settings, const char *value, apr_pool_t *p)
{
    (void)p;
    ((fct_request_settings_t *)settings)->method = value;
    return *value ? NULL : "a method is not empty";
}

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

static const char *set_data(void *settings, const char *value, apr_pool_t *p)
{
    (void)p;
    ((fct_request_settings_t *)settings)->data = value;
    return NULL;
}

static const char *set_data_file(void *settings, const char *value, apr_pool_t *p)
{
    (void)p;
    ((fct_request_settings_t *)settings)->data_file = value;
    return NULL;
}

static const char *set_id(void *settings, const char *value, apr_pool_t *p)
{
    return fct_tool_number(value, 1, 65535, &((fct_request_settings_t *)settings)->id, p);
}

static const char *set_timeout(void *settings, const char *value, apr_pool_t *p)
{
    return fct_tool_number(value, 1, 100000, &((fct_request_settings_t *)settings)->timeout, p);
}

static const char *set_keep(void *settings, const char *value, apr_pool_t *p)
{
    (void)value; (void)p;
    ((fct_request_settings_t *)settings)->keep = 1;
    return NULL;
}

static const char *set_wire(void *settings, const char *value, apr_pool_t *p)
{
    (void)value; (void)p;
    ((fct_request_settings_t *)settings)->shows_wire = 1;
    return NULL;
}

static const char *set_body(void *settings, const char *value, apr_pool_t *p)
{
    (void)value; (void)p;
    ((fct_request_settings_t *)settings)->shows_body_alone = 1;
    return NULL;
}

static const fct_tool_option_t options[] = {
    { "method", "METHOD", "GET, or POST where there is data", set_method },
    { "header", "'NAME: VALUE'", "a header field, sent as HTTP_NAME; may be given several times", add_header },
    { "data", "TEXT", "the body", set_data },
    { "data-file", "FILE", "the file whose content is the body", set_data_file },
    { "docroot", "DIR", "name the script: SCRIPT_FILENAME is DIR and the URL's path, as PHP-FPM\nwants it (otherwise the whole path is PATH_INFO)", set_docroot },
    { "param", "NAME=VALUE", "set a parameter as it is, also one that is set anyway; NAME alone:\ndo not send it; may be given several times", add_param },
    { "id", "N", "the request id (1)", set_id },
    { "keep", NULL, "ask to keep the connection (FCGI_KEEP_CONN)", set_keep },
    { "timeout", "SECONDS", "how long nothing may happen (30)", set_timeout },
    { "wire", NULL, "show every record sent and received", set_wire },
    { "body", NULL, "print nothing but the body of the answer, byte by byte", set_body },
    { NULL, NULL, NULL, NULL }
};

/* --- what is printed --- */

typedef struct report_t {
    const fct_tool_t *tool;
    int shows_body_alone;
    int is_line_open;            /* the last byte printed of the body was no newline */
} report_t;

static const char *dim(const report_t *report)
{
    return report->tool->colour_out ? "\033[2m" : "";
}

static const char *plain(const report_t *report)
{
    return report->tool->colour_out ? "\033[0m" : "";
}

static void end_line(report_t *report)
{
    if (report->is_line_open) {
        putchar('\n');
        report->is_line_open = 0;
    }
}

/* Foreign bytes, escaped line by line; `prefix` begins each line. */
static void print_lines(report_t *report, const char *prefix, fct_bytes_t bytes)
{
    apr_pool_t *pool;
    fct_out_t out;

    apr_pool_create(&pool, report->tool->pool);
    fct_out_init(&out, pool);
    while (bytes.len) {
        const char *newline = memchr(bytes.at, '\n', bytes.len);
        apr_size_t len = newline ? (apr_size_t)(newline - bytes.at) : bytes.len;

        fct_out_add_string(&out, report->is_line_open ? "" : prefix);
        fct_out_add_line_escaped(&out, fct_bytes_make(bytes.at, len), "");
        fct_out_add(&out, "\n", newline != NULL);
        report->is_line_open = newline == NULL;
        bytes = fct_bytes_from(bytes, newline ? len + 1 : len);
    }
    fct_out_print(&out, stdout);
    apr_pool_destroy(pool);
}

static void print_head(void *context, const fct_head_t *head, int is_interim)
{
    report_t *report = context;
    apr_size_t i;

    end_line(report);
    if (report->shows_body_alone) {
        return;
    }
    printf("%s< Status: %d%s%s\n", dim(report), head->status, head->has_status ? "" : " (none given)", is_interim ? " (interim)" : "");
    for (i = 0; i < head->nfields; i++) {
        printf("< %s: %s\n", head->fields[i].name.at, head->fields[i].value.at);
    }
    for (i = 0; i < head->nremoved; i++) {
        printf("< %s: %s (hop-by-hop, a gateway removes it)\n", head->removed[i].name.at, head->removed[i].value.at);
    }
    printf("<%s\n", plain(report));
}

static void print_body(void *context, fct_bytes_t bytes)
{
    report_t *report = context;

    if (report->shows_body_alone) {
        fwrite(bytes.at, 1, bytes.len, stdout);
    } else {
        print_lines(report, "", bytes);
    }
}

static void print_stderr(void *context, fct_bytes_t bytes)
{
    report_t *report = context;

    if (!report->shows_body_alone) {
        end_line(report);
        print_lines(report, "! ", bytes);
        end_line(report);
    }
}

static void print_wire(void *context, fct_bytes_t lines)
{
    report_t *report = context;

    if (lines.len) {
        end_line(report);
        printf("%s%.*s%s", dim(report), (int)lines.len, lines.at, plain(report));
    }
}

static void print_params(report_t *report, const apr_array_header_t *pairs)
{
    fct_out_t out;
    int i;

    fct_out_init(&out, report->tool->pool);
    for (i = 0; i < pairs->nelts; i++) {
        const fct_request_pair_t *pair = &APR_ARRAY_IDX(pairs, i, fct_request_pair_t);

        if (pair->value) {
            fct_out_add_string(&out, "> ");
            fct_out_add_line_escaped(&out, fct_bytes_of(pair->name), "=");
            fct_out_add_string(&out, "=");
            fct_out_add_line_escaped(&out, fct_bytes_of(pair->value), "");
            fct_out_add_string(&out, "\n");
        }
    }
    printf("%s%.*s%s\n", dim(report), (int)out.len, out.at, plain(report));
}

static double milliseconds(apr_int64_t microseconds)
{
    return (double)microseconds / 1000.0;
}

static void print_outcome(report_t *report, const fct_request_outcome_t *outcome)
{
    end_line(report);
    if (report->shows_body_alone || outcome->connected < 0) {
        return;
    }
    printf("%s= connected after %.2f ms", dim(report), milliseconds(outcome->connected));
    if (outcome->first_byte >= 0) {
        printf(", first byte %.2f ms", milliseconds(outcome->first_byte));
    }
    if (outcome->ended >= 0) {
        printf(", end %.2f ms; body %" APR_INT64_T_FMT " bytes; appStatus %lu", milliseconds(outcome->ended), outcome->body_bytes,
               (unsigned long)outcome->app_status);
    }
    printf("%s\n", plain(report));
}

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

static int ask(const fct_tool_t *tool, const fct_request_settings_t *settings, const fct_endpoint_t *endpoint, const char *url)
{
    report_t report = { tool, settings->shows_body_alone, 0 };
    fct_request_watcher_t watcher = { print_head, print_body, print_stderr, settings->shows_wire ? print_wire : NULL, &report };
    fct_request_outcome_t outcome;
    fct_request_body_t body;
    apr_array_header_t *pairs;
    fct_params_t *params;
    const char *why = open_body(settings, &body, tool->pool);

    if (why) {
        return fct_tool_fail(tool, "%s", why);
    }
    pairs = fct_request_params(settings, url, &body, &why, tool->pool);
    if (!pairs) {
        return fct_tool_fail(tool, "'%s': %s", url, why);
    }
    params = encode(tool, pairs);
    if (!params) {
        return FCT_TOOL_FAILED;
    }
    if (!settings->shows_body_alone) {
        print_params(&report, pairs);
    }
    fct_request_exchange(settings, endpoint, params, &body, &watcher, &outcome, tool->pool);
    print_outcome(&report, &outcome);
    fflush(stdout);
    return judge(tool, &outcome);
}

static int run(const fct_tool_t *tool, int argc, const char *const *argv)
{
    fct_request_settings_t settings = { .id = 1, .timeout = 30 };
    apr_array_header_t *operands;
    fct_endpoint_t endpoint;
    const char *why;
    int exit_code;

    settings.headers = apr_array_make(tool->pool, 4, sizeof(fct_request_pair_t));
    settings.params = apr_array_make(tool->pool, 4, sizeof(fct_request_pair_t));
    if (!fct_tool_options(tool, argc, argv, &settings, &operands, &exit_code)) {
        return exit_code;
    }
    if (operands->nelts != 2) {
        return fct_tool_fail(tool, "it takes an address and a URL; 'fcgi-trust request --help' shows how");
    }
    if (settings.shows_wire && settings.shows_body_alone) {
        return fct_tool_fail(tool, "--wire and --body exclude each other");
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
    "Bytes that do not show are printed as \\xNN. Exit code 1 if the application broke the\n"
    "protocol, 2 if there was no answer.\n"
    "\n"
    "  fcgi-trust request --wire --docroot /var/www /run/php/php-fpm.sock /index.php",
    options, run
};
