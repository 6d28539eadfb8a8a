/* What httpd mapped a request to: the decoded path, the file, and the ProxyPass path that mod_proxy followed. */
#include "request_mapping.h"

#include <apr_strings.h>
#include <http_core.h>
#include <mod_proxy.h>

#include "request.h"

/* How much of this URL path a literal ProxyPass path covers, as mod_proxy sees it: whole segments, or all before a final slash, and any
 * number of slashes for one. 0: it does not. */
static apr_size_t covered_length(const char *path, const char *prefix)
{
    const char *at = path, *p = prefix;

    while (*p) {
        if (*p != *at) {
            return 0;
        }
        do {
            p++;
        } while (p[-1] == '/' && *p == '/');
        do {
            at++;
        } while (at[-1] == '/' && *at == '/');
    }
    return p > prefix && (p[-1] == '/' || *at == '\0' || *at == '/') ? (apr_size_t)(at - path) : 0;
}

/* A path as httpd would have decoded it; as it is, where it cannot be. */
static const char *decode(request_rec *r, const char *path)
{
    char *decoded = apr_pstrdup(r->pool, path);

    return ap_unescape_url_keep2f(decoded, 0) == OK ? decoded : path;
}

static int is_early(const struct proxy_alias *alias)
{
    return (alias->flags & PROXYPASS_MAP_ENCODED) != 0;
}

/* mapping=servlet keeps httpd from decoding the path afterwards; so does mapping=encoded in newer ones, which say so in this note. */
static int is_left_encoded(request_rec *r, const struct proxy_alias *alias)
{
    return (alias->flags & PROXYPASS_MAP_SERVLET) == PROXYPASS_MAP_SERVLET || apr_table_get(r->notes, "proxy-noencode") != NULL;
}

/* The path of a ProxyPass: it is written as the path is that it is compared with, encoded where it is compared early. */
static const char *decoded_fake(request_rec *r, const struct proxy_alias *alias)
{
    return is_early(alias) ? decode(r, alias->fake) : alias->fake;
}

/* Is this the ProxyPass that mod_proxy followed, or where it stopped looking? */
static int is_followed(request_rec *r, const struct proxy_alias *alias)
{
    if (is_early(alias) != fct_request_of(r)->is_mapped_early) {
        return 0;
    }
    if (alias->regex) {
        return ap_regexec(alias->regex, r->uri, 0, NULL, 0) == 0;
    }
    return covered_length(r->uri, is_early(alias) && is_left_encoded(r, alias) ? alias->fake : decoded_fake(r, alias)) > 0;
}

static int is_exclusion(const struct proxy_alias *alias)
{
    return strcmp(alias->real, "!") == 0;
}

/* The ProxyPass, matched again in the order of the configuration, as mod_proxy does. NULL: it was none. */
static const struct proxy_alias *followed_alias(request_rec *r)
{
    const proxy_dir_conf *dir = ap_get_module_config(r->per_dir_config, &proxy_module);
    const proxy_server_conf *server = ap_get_module_config(r->server->module_config, &proxy_module);
    int i;

    if (r->proxyreq != PROXYREQ_REVERSE || !r->handler || strcmp(r->handler, "proxy-server") != 0) {
        return NULL;
    }
    if (dir->alias && is_followed(r, dir->alias)) {
        return is_exclusion(dir->alias) ? NULL : dir->alias;
    }
    for (i = 0; i < server->aliases->nelts; i++) {
        const struct proxy_alias *alias = &APR_ARRAY_IDX(server->aliases, i, struct proxy_alias);

        if (is_followed(r, alias)) {
            return is_exclusion(alias) ? NULL : alias;
        }
    }
    return NULL;
}

static const char *path_of(request_rec *r, const struct proxy_alias *alias)
{
    return alias && is_left_encoded(r, alias) ? decode(r, r->uri) : r->uri;
}

const char *fct_request_mapping_path(request_rec *r)
{
    return path_of(r, followed_alias(r));
}

/* A path that lies below its mount only since several slashes count as one there: the mount's own spelling takes that part's place. */
static const char *path_below(request_rec *r, const char *mount, const char *path)
{
    apr_size_t covered = mount ? covered_length(path, mount) : 0;

    return covered && strncmp(path, mount, strlen(mount)) != 0 ? apr_pstrcat(r->pool, mount, path + covered, NULL) : path;
}

void fct_request_mapping_fill(fct_mapping_t *mapping, request_rec *r)
{
    const fct_request_t *request = fct_request_of(r);
    const char *target = fct_request_initial_of(r)->unparsed_uri;
    const char *query = target ? strchr(target, '?') : NULL;
    const struct proxy_alias *alias = followed_alias(r);
    const char *mount = alias && !alias->regex ? decoded_fake(r, alias) : NULL;

    mapping->path = fct_bytes_of(path_below(r, mount, path_of(r, alias)));
    mapping->raw_path = query ? fct_bytes_make(target, (apr_size_t)(query - target)) : fct_bytes_of(target);
    mapping->file = fct_bytes_of(request->file);
    mapping->path_info = fct_bytes_of(request->path_info);
    mapping->mount = fct_bytes_of(mount);
    mapping->document_root = fct_bytes_of(ap_document_root(r));
}
