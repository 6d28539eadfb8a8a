/* From the name that a client asked for in the handshake to a virtual host. */
#include "request_handshake.h"

#include <http_ssl.h>
#include <http_vhost.h>

#include "check_resumption.h"

typedef struct search_t {
    const char *name;
    const server_rec *found;
} search_t;

static int has_name(const apr_array_header_t *names, const char *name, int (*compare)(const char *name, const char *pattern))
{
    int i;

    for (i = 0; names && i < names->nelts; i++) {
        const char *pattern = APR_ARRAY_IDX(names, i, const char *);

        if (pattern && compare(name, pattern) == 0) {
            return 1;
        }
    }
    return 0;
}

static int is_named(void *context, conn_rec *c, server_rec *s)
{
    search_t *search = context;

    (void)c;
    if (ap_cstr_casecmp(s->server_hostname, search->name) == 0 || has_name(s->names, search->name, ap_cstr_casecmp)
        || has_name(s->wild_names, search->name, ap_strcasecmp_match)) {
        search->found = s;
    }
    return search->found != NULL;
}

static const server_rec *server_of(request_rec *r)
{
    conn_rec *c = r->connection->master ? r->connection->master : r->connection;
    search_t search = { ap_ssl_var_lookup(r->pool, r->server, r->connection, r, "SSL_TLS_SNI"), NULL };

    if (search.name && *search.name) {
        ap_vhost_iterate_given_conn(c, is_named, &search);
    }
    return search.found ? search.found : c->base_server;
}

int fct_request_handshake_is_own(request_rec *r)
{
    return !fct_check_resumption_may_be_misdirected() || fct_check_resumption_is_alike(server_of(r), r->server);
}
