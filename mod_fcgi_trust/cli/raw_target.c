/* What httpd makes of a raw request's target and Host before any module maps it: path, query, authority, host. */
#include "raw_target.h"

#include <apr_lib.h>
#include <apr_network_io.h>
#include <apr_strings.h>
#include <apr_uri.h>

/* --- the path --- */

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that "%41" at `at` stands for; -1: that is no encoding. */
static int encoded_byte(const char *at)
{
    int high = hex_value(at[1]);
    int low = high < 0 ? -1 : hex_value(at[2]);

    return low < 0 ? -1 : high * 16 + low;
}

/* RFC 3986 §2.3 */
static int is_unreserved(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

/* First what is encoded without need, so that encoded dots are dots. Returns 0 where an encoding is none. */
static int decode_unreserved(char *path)
{
    const char *from = path;
    char *to = path;

    while (*from) {
        int c = *from == '%' ? encoded_byte(from) : 0;

        if (c < 0) {
            return 0;
        }
        if (*from == '%' && is_unreserved(c)) {
            *to++ = (char)c;
            from += 3;
        }
        else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return 1;
}

/* Then the segments, one by one: empty ones and "." go, ".." takes the one before with it. Returns 0 where there is none before. */
static int remove_segments(char *path)
{
    const char *from = path + 1;
    char *to = path + 1;

    while (*from) {
        apr_size_t len = strcspn(from, "/");
        int has_slash = from[len] == '/';

        if (len == 2 && from[0] == '.' && from[1] == '.') {
            if (to == path + 1) {
                return 0;
            }
            do {
                to--;
            } while (to[-1] != '/');
        }
        else if (len > 0 && !(len == 1 && from[0] == '.')) {
            memmove(to, from, len + (has_slash ? 1 : 0));
            to += len + (has_slash ? 1 : 0);
        }
        from += len + (has_slash ? 1 : 0);
    }
    *to = '\0';
    return 1;
}

/* Then the rest, once. Returns 0 for what httpd answers with 404. */
static int decode_reserved(char *path, fct_raw_slashes_t slashes)
{
    const char *from = path;
    char *to = path;

    while (*from) {
        int c = *from == '%' ? encoded_byte(from) : -1;

        if (c == '\0' || (c == '/' && slashes == FCT_RAW_SLASHES_OFF)) {
            return 0;
        }
        if (c < 0 || (c == '/' && slashes == FCT_RAW_SLASHES_NODECODE)) {
            *to++ = *from++;
        }
        else {
            *to++ = (char)c;
            from += 3;
        }
    }
    *to = '\0';
    return 1;
}

int fct_raw_target_normalise(char *path, fct_raw_slashes_t slashes)
{
    if (path[0] != '/' || !decode_unreserved(path) || !remove_segments(path)) {
        return 400;
    }
    if (!decode_reserved(path, slashes)) {
        return 404;
    }
    if (slashes == FCT_RAW_SLASHES_ON) {
        (void)remove_segments(path);      /* what the slashes made new; a way out of the root ends at the root */
    }
    return 0;
}

/* --- the host (RFC 9110 §7.2) --- */

static int is_v6(const char *host)
{
    const char *at;
    int double_colons = 0;

    for (at = host; *at; at++) {
        if (!apr_isxdigit(*at) && *at != ':' && *at != '.') {
            return 0;
        }
        double_colons += at[0] == ':' && at[1] == ':';
        if ((at[0] == ':' && at[1] == '.') || (at[0] == '.' && (at[1] == ':' || at[1] == '.'))) {
            return 0;
        }
    }
    return double_colons <= 1;
}

/* An address of four numbers has no leading zeroes; a name's last label begins with a letter. */
static int is_name(const char *host)
{
    const char *last = strrchr(host, '.'), *at;
    int is_numeric = 1, dots = 0, zeroes = host[0] == '.' || (host[0] == '0' && apr_isdigit(host[1]));

    for (at = host; *at; at++) {
        if (apr_isalpha(*at) || *at == '-' || *at == '_') {
            is_numeric = 0;
        }
        else if (*at != '.' && !apr_isdigit(*at)) {
            return 0;
        }
        dots += *at == '.';
        zeroes |= at[0] == '.' && at[1] == '0' && apr_isdigit(at[2]);
    }
    if (is_numeric) {
        return dots == 3 && !zeroes;
    }
    return !last || last[1] == '\0' || apr_isalpha(last[1]);
}

/* The host as httpd compares it with its names; NULL: it refuses such a one. */
static const char *clean_host(char *host, int is_literal)
{
    apr_size_t len = strlen(host);
    char *at;

    for (at = host; *at; at++) {
        *at = (char)fct_bytes_lower((unsigned char)*at);
    }
    if (is_literal) {
        return is_v6(host) ? host : NULL;
    }
    if (strstr(host, "..")) {
        return NULL;
    }
    if (len > 0 && host[len - 1] == '.') {
        host[len - 1] = '\0';
    }
    return is_name(host) ? host : NULL;
}

/* A Host field's name; NULL: it is refused. */
static const char *host_of_field(const char *field, apr_pool_t *p)
{
    char *host, *scope;
    apr_port_t port;

    if (strspn(field, "0123456789") == strlen(field)
        || apr_parse_addr_port(&host, &scope, &port, field, p) != APR_SUCCESS || scope || !host) {
        return NULL;
    }
    return clean_host(host, field[0] == '[');
}

static int resolve_host(const fct_raw_request_t *request, const apr_uri_t *uri, int is_url_host, fct_raw_target_t *target,
                        fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    const char *field = fct_raw_request_field(request, "Host", p);
    int is_bad = 0;

    if (is_url_host && uri->hostname) {
        int is_number = uri->hostname[0] && strspn(uri->hostname, "0123456789") == strlen(uri->hostname);

        target->host = is_number ? NULL : clean_host(apr_pstrdup(p, uri->hostname), strchr(uri->hostname, ':') != NULL);
        is_bad = target->host == NULL;
    }
    else if (field && *field) {
        target->host = host_of_field(field, p);
        is_bad = target->host == NULL;
    }
    if (is_bad) {
        return fct_raw_request_refuse(refusal, 400, 0, "the request's host is no name and no address, with a port perhaps, or stands there twice");
    }
    if (request->version >= 11 && (!target->host || (request->version == 11 && !field))) {
        return fct_raw_request_refuse(refusal, 400, 0, "an HTTP/1.1 request has a Host field");
    }
    if (is_url_host && target->host && field) {
        target->replaced_host = apr_pstrcat(p, strchr(target->host, ':') ? "[" : "", target->host, strchr(target->host, ':') ? "]" : "",
                                            uri->port_str ? ":" : NULL, uri->port_str, NULL);
    }
    target->authority = uri->hostinfo ? uri->hostinfo : field && *field ? field : NULL;
    return 1;
}

/* --- the target --- */

static const char *fault_of_uri(const fct_raw_request_t *request, apr_uri_t *uri, apr_pool_t *p)
{
    const char *text = request->target;
    int is_connect = strcmp(request->method, "CONNECT") == 0;
    apr_status_t rv;

    while (text[0] == '/' && text[1] == '/') {
        text++;
    }
    rv = is_connect ? apr_uri_parse_hostinfo(p, text, uri) : apr_uri_parse(p, text, uri);
    if (rv != APR_SUCCESS) {
        return "the target is no path, no URL and no host";
    }
    if (uri->path && uri->path[0] != '/' && !(strcmp(request->method, "OPTIONS") == 0 && strcmp(uri->path, "*") == 0)) {
        return "the target is no path that begins with a slash";
    }
    if (uri->fragment) {
        return "the target has a fragment (#), which clients keep to themselves";
    }
    return uri->user || uri->password ? "the target has a user or a password" : NULL;
}

static int resolve_path(const apr_uri_t *uri, fct_raw_slashes_t slashes, fct_raw_target_t *target, fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    char *path = apr_pstrdup(p, uri->path ? uri->path : "/");
    int status = fct_raw_target_normalise(path, slashes);

    target->path = path;
    if (status == 0) {
        return 1;
    }
    return fct_raw_request_refuse(refusal, status, 0, status == 404
                                  ? "the path has %00, or %2F where AllowEncodedSlashes is off"
                                  : "the path has a percent sign without two digits, or leads out of the root");
}

static int check_expectation(const fct_raw_request_t *request, fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    const char *expect = fct_raw_request_field(request, "Expect", p);

    return !expect || !*expect || fct_bytes_equal_nocase(fct_bytes_of(expect), FCT_BYTES_LITERAL("100-continue"))
        || fct_raw_request_refuse(refusal, 417, 0, "Expect knows 100-continue alone");
}

int fct_raw_target_resolve(const fct_raw_request_t *request, const char *server_scheme, fct_raw_slashes_t slashes,
                           fct_raw_target_t *target, fct_raw_refusal_t *refusal, apr_pool_t *p)
{
    apr_uri_t uri;
    const char *fault = fault_of_uri(request, &uri, p);
    int is_connect = strcmp(request->method, "CONNECT") == 0;

    memset(target, 0, sizeof(*target));
    if (fault) {
        return fct_raw_request_refuse(refusal, 400, 0, fault);
    }
    target->scheme = uri.scheme;
    target->query = uri.query;
    target->raw_path = apr_pstrmemdup(p, request->target, strcspn(request->target, "?"));
    if (!resolve_host(request, &uri, is_connect || (uri.scheme && strcasecmp(uri.scheme, server_scheme) == 0), target, refusal, p)
        || !check_expectation(request, refusal, p)) {
        return 0;
    }
    if (uri.path ? strcmp(uri.path, "*") == 0 : strcmp(request->method, "OPTIONS") == 0) {
        return fct_raw_request_refuse(refusal, 200, 0, "OPTIONS without a path asks for the server itself, which answers");
    }
    return resolve_path(&uri, slashes, target, refusal, p);
}
