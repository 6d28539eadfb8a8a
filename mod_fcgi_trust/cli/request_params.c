/* The parameters of a hand-made request: what a web server would say of such a URL, and then what the user wants different. */
#include <string.h>

#include <apr_strings.h>

#include "request.h"

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
    pair->is_secret = 0;
}

static void set_from_url(apr_array_header_t *pairs, const fct_request_settings_t *settings, const fct_request_url_t *url, apr_pool_t *p)
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
    fct_request_url_t parsed;
    int i;

    *why = fct_request_url_parse(url, &parsed, p);
    if (!*why && !parsed.path) {
        *why = "the URL's path is not well encoded";
    }
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
