/* The parameters of a hand-made request: what a web server would say of such a URL, and then what the user wants different. */
#include <string.h>

#include <apr_strings.h>

#include "request.h"

typedef struct url_t {
    const char *scheme;
    const char *authority;
    const char *host;
    const char *port;
    const char *target;          /* path and query, as given */
    const char *path;            /* decoded */
    const char *query;           /* "" without one */
} url_t;

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The path without its percent signs; NULL where they are wrong or hide a NUL. */
static const char *decode_path(const char *path, apr_size_t len, apr_pool_t *p)
{
    char *decoded = apr_palloc(p, len + 1);
    char *to = decoded;
    apr_size_t i;

    for (i = 0; i < len; i++) {
        int high, low;

        if (path[i] != '%') {
            *to++ = path[i];
            continue;
        }
        high = i + 2 < len ? hex_value(path[i + 1]) : -1;
        low = high >= 0 ? hex_value(path[i + 2]) : -1;
        if (low < 0 || (high == 0 && low == 0)) {
            return NULL;
        }
        *to++ = (char)(high * 16 + low);
        i += 2;
    }
    *to = '\0';
    return decoded;
}

/* "host", "host:port" or "[addr]:port". */
static void split_authority(url_t *url, apr_pool_t *p)
{
    const char *colon = strrchr(url->authority, ':');
    const char *bracket = strrchr(url->authority, ']');

    url->port = strcmp(url->scheme, "https") == 0 ? "443" : "80";
    url->host = url->authority;
    if (colon && (!bracket || colon > bracket)) {
        url->host = apr_pstrmemdup(p, url->authority, (apr_size_t)(colon - url->authority));
        url->port = colon + 1;
    }
}

static const char *parse_url(const char *text, url_t *url, apr_pool_t *p)
{
    apr_size_t path_len;

    url->scheme = strncmp(text, "https://", 8) == 0 ? "https" : "http";
    url->authority = "localhost";
    if (strstr(text, "://") && text[0] != '/') {
        const char *host = strstr(text, "://") + 3;
        apr_size_t len = strcspn(host, "/?");

        if (strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0) {
            return "the URL begins neither with / nor with http:// or https://";
        }
        if (!len) {
            return "the URL names no host";
        }
        url->authority = apr_pstrmemdup(p, host, len);
        text = host[len] == '/' ? host + len : apr_pstrcat(p, "/", host + len, NULL);
    }
    if (text[0] != '/' || strchr(text, '#')) {
        return text[0] != '/' ? "the URL begins neither with / nor with http:// or https://" : "the URL has a fragment, which no server gets to see";
    }
    path_len = strcspn(text, "?");
    url->target = text;
    url->query = text[path_len] ? text + path_len + 1 : "";
    url->path = decode_path(text, path_len, p);
    split_authority(url, p);
    return url->path ? NULL : "the URL's path is not well encoded";
}

/* Sets, replaces or (value NULL) takes away. */
static void set(apr_array_header_t *pairs, const char *name, const char *value)
{
    fct_request_pair_t *pair;
    int i;

    for (i = 0; i < pairs->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(pairs, i, fct_request_pair_t).name, name) == 0) {
            APR_ARRAY_IDX(pairs, i, fct_request_pair_t).value = value;
            return;
        }
    }
    pair = apr_array_push(pairs);
    pair->name = name;
    pair->value = value;
}

static void set_from_url(apr_array_header_t *pairs, const fct_request_settings_t *settings, const url_t *url, apr_pool_t *p)
{
    set(pairs, "GATEWAY_INTERFACE", "CGI/1.1");
    set(pairs, "SERVER_SOFTWARE", "fcgi-trust");
    set(pairs, "SERVER_PROTOCOL", "HTTP/1.1");
    set(pairs, "SERVER_NAME", url->host);
    set(pairs, "SERVER_PORT", url->port);
    set(pairs, "SERVER_ADDR", "127.0.0.1");
    set(pairs, "REMOTE_ADDR", "127.0.0.1");
    set(pairs, "REQUEST_METHOD", settings->method);
    set(pairs, "REQUEST_URI", url->target);
    set(pairs, "QUERY_STRING", url->query);
    set(pairs, "REQUEST_SCHEME", url->scheme);
    set(pairs, "HTTPS", strcmp(url->scheme, "https") == 0 ? "on" : NULL);
    if (settings->docroot) {
        set(pairs, "SCRIPT_NAME", url->path);
        set(pairs, "DOCUMENT_ROOT", settings->docroot);
        set(pairs, "SCRIPT_FILENAME", apr_pstrcat(p, settings->docroot, url->path, NULL));
    } else {
        set(pairs, "SCRIPT_NAME", "");
        set(pairs, "PATH_INFO", url->path);
    }
    set(pairs, "HTTP_HOST", url->authority);
}

/* The parameter a header field becomes: HTTP_ and its name in capitals. */
static const char *header_param(const char *name, apr_pool_t *p)
{
    char *param = apr_pstrcat(p, "HTTP_", name, NULL);
    char *c;

    for (c = param; *c; c++) {
        *c = *c == '-' ? '_' : *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
    }
    return strcmp(param, "HTTP_CONTENT_TYPE") == 0 || strcmp(param, "HTTP_CONTENT_LENGTH") == 0 ? param + 5 : param;
}

apr_array_header_t *fct_request_params(const fct_request_settings_t *settings, const char *url, const fct_request_body_t *body,
                                       const char **why, apr_pool_t *p)
{
    apr_array_header_t *pairs = apr_array_make(p, 32, sizeof(fct_request_pair_t));
    url_t parsed;
    int i;

    *why = parse_url(url, &parsed, p);
    if (*why) {
        return NULL;
    }
    set_from_url(pairs, settings, &parsed, p);
    for (i = 0; i < settings->headers->nelts; i++) {
        const fct_request_pair_t *header = &APR_ARRAY_IDX(settings->headers, i, fct_request_pair_t);

        set(pairs, header_param(header->name, p), header->value);
    }
    if (body->len >= 0) {
        set(pairs, "CONTENT_LENGTH", apr_off_t_toa(p, body->len));
    }
    for (i = 0; i < settings->params->nelts; i++) {
        const fct_request_pair_t *param = &APR_ARRAY_IDX(settings->params, i, fct_request_pair_t);

        set(pairs, param->name, param->value);
    }
    return pairs;
}
