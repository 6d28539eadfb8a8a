/* The command mirror: its options, and from them a server that runs. */
#include <stdio.h>
#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "mirror.h"
#include "option.h"

#define LISTEN_MAX 16
#define DEFAULT_LISTEN "127.0.0.1:9000"

static const char *const formats[] = { "text", "json", "html", "auto", NULL };
static const char *const lies[] = { "none", "short-body", "no-end", "bad-header", "wrong-id", "overloaded", NULL };

static const char *set_listen(void *settings, const char *value, apr_pool_t *p)
{
    fct_mirror_settings_t *s = settings;

    if (s->listen->nelts == LISTEN_MAX) {
        return "that is one address more than " APR_STRINGIFY(LISTEN_MAX);
    }
    return fct_endpoint_parse(value, apr_array_push(s->listen), p);
}

static const char *set_socket_mode(void *settings, const char *value, apr_pool_t *p)
{
    fct_mirror_settings_t *s = settings;
    const char *c;

    s->socket_mode = 0;
    for (c = value; *c >= '0' && *c <= '7' && c - value < 5; c++) {
        s->socket_mode = s->socket_mode * 8 + (*c - '0');
    }
    return *c || c == value || s->socket_mode > 0777 ? apr_psprintf(p, "'%s' is not an octal mode like 0660", value) : NULL;
}

FCT_OPTION_CHOICE(set_format, fct_mirror_settings_t, format, formats)
FCT_OPTION_CHOICE(set_lie, fct_mirror_settings_t, lie, lies)
FCT_OPTION_TEXT(set_ready, fct_mirror_settings_t, ready, "the file has no name")
FCT_OPTION_NUMBER(set_count, fct_mirror_settings_t, count, 1, APR_INT64_MAX)
FCT_OPTION_NUMBER(set_life, fct_mirror_settings_t, life, 1, 1000000000)
FCT_OPTION_NUMBER(set_idle, fct_mirror_settings_t, idle, 1, 1000000)
FCT_OPTION_NUMBER(set_max_connections, fct_mirror_settings_t, max_connections, 1, 65536)
FCT_OPTION_SIZE(set_max_memory, fct_mirror_settings_t, max_memory, apr_int64_t, APR_INT64_MAX >> 1)
FCT_OPTION_SIZE(set_max_params, fct_mirror_settings_t, limits.max_params, apr_size_t, 64 << 20)
FCT_OPTION_SIZE(set_max_stdin, fct_mirror_settings_t, limits.max_stdin, apr_off_t, APR_INT64_MAX >> 1)

static const fct_tool_option_t options[] = {
    { "listen", "ADDRESS", "ADDR:PORT (port 0: any free one), unix:PATH or a path with a slash;\nmay be given several times (" DEFAULT_LISTEN ")", set_listen },
    { "socket-mode", "MODE", "permissions of socket files (0600)", set_socket_mode },
    { "format", "FORMAT", "text, json, html, or auto: what the request's Accept asks for (text)", set_format },
    { "ready", "FILE", "write the addresses into this file as well, once it listens", set_ready },
    { "count", "N", "end after N requests", set_count },
    { "for", "SECONDS", "end after so many seconds", set_life },
    { "idle", "SECONDS", "close a connection on which nothing happens for so long (300)", set_idle },
    { "max-connections", "N", "more have to wait (1024)", set_max_connections },
    { "max-memory", "BYTES", "largest requests and answers of all connections together (256M); a\nconnection that needs more is closed", set_max_memory },
    { "max-params", "BYTES", "largest parameters of a request, K, M, G understood (1M)", set_max_params },
    { "max-stdin", "BYTES", "largest body of a request (16G); it is digested, not kept", set_max_stdin },
    { "lie", "KIND", "for tests of gateways, answer wrongly: short-body (Content-Length is\n"
                     "larger than the body), no-end (closes without END_REQUEST), bad-header\n"
                     "(a field line without a colon), wrong-id (another request id),\n"
                     "overloaded, or none (none)", set_lie },
    { NULL, NULL, NULL, NULL }
};

/* --- listening --- */

static void close_all(fct_endpoint_listener_t *listeners, int n)
{
    while (n--) {
        fct_endpoint_close(&listeners[n]);
    }
}

/* Warns where others than this machine can see what the mirror shows. */
static void warn_if_open(const fct_tool_t *tool, const fct_endpoint_t *endpoint)
{
    if (!endpoint->path && strncmp(endpoint->host, "127.", 4) != 0 && strcmp(endpoint->host, "::1") != 0
        && strcmp(endpoint->host, "localhost") != 0) {
        fct_tool_fail(tool, "note: %s is not a loopback address; who reaches it sees what applications are told", endpoint->host);
    }
}

/* Listens everywhere or nowhere: 1, or 0 after a sentence on stderr. */
static int listen_all(const fct_tool_t *tool, const apr_array_header_t *endpoints, int mode, fct_endpoint_listener_t *listeners)
{
    int i;

    for (i = 0; i < endpoints->nelts; i++) {
        const fct_endpoint_t *endpoint = &APR_ARRAY_IDX(endpoints, i, fct_endpoint_t);
        const char *why = fct_endpoint_listen(endpoint, mode, &listeners[i], tool->pool);

        if (why) {
            fct_tool_fail(tool, "%s", why);
            close_all(listeners, i);
            return 0;
        }
        warn_if_open(tool, endpoint);
    }
    return 1;
}

/* The file appears with all its lines or not at all. 1, or 0 after a sentence on stderr. */
static int write_ready_file(const fct_tool_t *tool, const char *path, const char *lines)
{
    const char *draft = apr_pstrcat(tool->pool, path, ".new", NULL);
    apr_file_t *file;
    char buf[200];
    apr_status_t rv;

    rv = apr_file_open(&file, draft, APR_WRITE | APR_CREATE | APR_TRUNCATE, APR_OS_DEFAULT, tool->pool);
    if (rv == APR_SUCCESS) {
        rv = apr_file_write_full(file, lines, strlen(lines), NULL);
        apr_file_close(file);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_file_rename(draft, path, tool->pool);
    }
    if (rv != APR_SUCCESS) {
        fct_tool_fail(tool, "%s: %s", path, apr_strerror(rv, buf, sizeof(buf)));
    }
    return rv == APR_SUCCESS;
}

/* The addresses, one a line, on stdout and in the file that --ready names. */
static int announce(const fct_tool_t *tool, const fct_mirror_settings_t *settings, const fct_endpoint_listener_t *listeners, int n)
{
    const char *lines = "";
    int i;

    for (i = 0; i < n; i++) {
        lines = apr_pstrcat(tool->pool, lines, listeners[i].name, "\n", NULL);
    }
    if (settings->ready && !write_ready_file(tool, settings->ready, lines)) {
        return 0;
    }
    fputs(lines, stdout);
    return fflush(stdout) == 0;          /* that it failed is told at the end, once */
}

static int run(const fct_tool_t *tool, int argc, const char *const *argv)
{
    fct_mirror_settings_t settings = { .socket_mode = 0600, .limits = { 1 << 20, (apr_off_t)16 << 30 }, .max_connections = 1024, .max_memory = 256 << 20, .idle = 300 };
    fct_endpoint_listener_t listeners[LISTEN_MAX];
    apr_array_header_t *operands;
    int exit_code = FCT_TOOL_FAILED;

    settings.listen = apr_array_make(tool->pool, 1, sizeof(fct_endpoint_t));
    if (!fct_tool_options(tool, argc, argv, &settings, &operands, &exit_code)) {
        return exit_code;
    }
    if (!fct_tool_wants_no_operands(tool, operands)) {
        return FCT_TOOL_FAILED;
    }
    if (settings.listen->nelts == 0) {
        set_listen(&settings, DEFAULT_LISTEN, tool->pool);
    }
    fct_mirror_catch_signals();
    if (!listen_all(tool, settings.listen, settings.socket_mode, listeners)) {
        return FCT_TOOL_FAILED;
    }
    if (announce(tool, &settings, listeners, settings.listen->nelts)) {
        exit_code = fct_mirror_serve(tool, &settings, listeners, settings.listen->nelts);
    }
    close_all(listeners, settings.listen->nelts);
    return exit_code;
}

const fct_tool_command_t fct_mirror_command = {
    "mirror", "", "a FastCGI application that shows what it was told",
    "Serves FastCGI and answers every request with what it was told: the parameters in\n"
    "the order received, request id, flags, records, and length and SHA-1 of the body.\n"
    "Prints the addresses it listens on, one a line; then it is ready. SIGTERM or Ctrl-C\n"
    "ends it. A web server that breaks the protocol loses its connection, and a line on\n"
    "stderr says why. Exit code 0 when it ends as it was told to, 2 if it cannot listen.\n"
    "\n"
    "  fcgi-trust mirror --listen /run/mirror.sock --socket-mode 0660\n"
    "  ProxyPass \"/\" \"unix:/run/mirror.sock|fcgi://localhost/\"",
    options, run
};
