/* Requests that HTTP/2 takes over (RFC 7540 §3.2): the stream 1 of a connection that began as HTTP/1.1. mod_http2 copies the header table
 * to it when all phases up to the fixups have run, so that what RequestHeader made would look as if the client had sent it. */
#include "upgraded.h"

#include <apr_optional.h>
#include <apr_strings.h>

#include "client_connection.h"

#define UPGRADED_STREAM "1"

/* mod_http2's. */
APR_DECLARE_OPTIONAL_FN(char *, http2_var_lookup, (apr_pool_t *, server_rec *, conn_rec *, request_rec *, char *));

typedef struct fct_upgraded_t {
    apr_pool_t *pool;                   /* cleared for each request that asks: most are not granted */
    fct_received_set_t received;
} fct_upgraded_t;

static int asks_for_http2(request_rec *r)
{
    return !r->connection->master && apr_table_get(r->headers_in, "Upgrade") && apr_table_get(r->headers_in, "HTTP2-Settings");
}

static fct_upgraded_t *make_empty(conn_rec *c)
{
    fct_client_connection_t *connection = fct_client_connection_make(c);
    fct_upgraded_t *kept = connection->upgraded;

    if (!kept) {
        kept = apr_pcalloc(c->pool, sizeof(*kept));
        apr_pool_create(&kept->pool, c->pool);
        connection->upgraded = kept;
    }
    apr_pool_clear(kept->pool);
    memset(&kept->received, 0, sizeof(kept->received));
    return kept;
}

static const apr_table_entry_t *copy_entries(const fct_received_set_t *received, apr_pool_t *p)
{
    apr_table_entry_t *entries = apr_pmemdup(p, received->entries, (apr_size_t)received->nentries * sizeof(*entries));
    int i;

    for (i = 0; i < received->nentries; i++) {
        entries[i].key = apr_pstrdup(p, entries[i].key);
        entries[i].val = apr_pstrdup(p, entries[i].val);
    }
    return entries;
}

void fct_upgraded_keep(request_rec *r, const fct_received_set_t *received)
{
    fct_upgraded_t *kept;

    if (!asks_for_http2(r)) {
        return;
    }
    kept = make_empty(r->connection);
    kept->received.entries = copy_entries(received, kept->pool);
    kept->received.nentries = received->nentries;
    kept->received.lines = received->lines ? fct_field_lines_copy(received->lines, kept->pool) : NULL;
}

static int is_upgraded_stream(request_rec *r)
{
    APR_OPTIONAL_FN_TYPE(http2_var_lookup) *lookup = APR_RETRIEVE_OPTIONAL_FN(http2_var_lookup);
    char name[] = "H2_STREAM_ID";
    const char *id = lookup ? lookup(r->pool, r->server, r->connection, r, name) : NULL;

    return id && strcmp(id, UPGRADED_STREAM) == 0;
}

const fct_received_set_t *fct_upgraded_received(request_rec *r)
{
    fct_client_connection_t *connection = r->connection->master ? fct_client_connection_of(r->connection) : NULL;
    fct_upgraded_t *kept = connection ? connection->upgraded : NULL;

    return kept && kept->received.entries && is_upgraded_stream(r) ? &kept->received : NULL;
}
