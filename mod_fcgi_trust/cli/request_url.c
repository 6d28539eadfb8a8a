/* The URL that a request is asked for, in parts. */
#include <string.h>

#include <apr_strings.h>

#include "request.h"

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
static void split_authority(fct_request_url_t *url, apr_pool_t *p)
{
    const char *colon = strrchr(url->authority, ':');
    const char *bracket = strrchr(url->authority, ']');

    url->has_port = 0;
    url->port = strcmp(url->scheme, "https") == 0 ? "443" : "80";
    url->host = url->authority;
    if (colon && (!bracket || colon > bracket)) {
        url->host = apr_pstrmemdup(p, url->authority, (apr_size_t)(colon - url->authority));
        url->port = colon + 1;
        url->has_port = 1;
    }
}

const char *fct_request_url_parse(const char *text, fct_request_url_t *url, apr_pool_t *p)
{
    apr_size_t path_len;

    url->scheme = strncmp(text, "https://", 8) == 0 ? "https" : "http";
    url->authority = "localhost";
    url->has_authority = 0;
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
        url->has_authority = 1;
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
    return NULL;
}
