/* What the module remembers of a client's connection: of the one that carries the bytes, not of an HTTP/2 stream. */
#ifndef FCT_CLIENT_CONNECTION_H
#define FCT_CLIENT_CONNECTION_H

#include "mod_fcgi_trust.h"

typedef struct fct_client_connection_t {
    struct fct_upgraded_t *upgraded;                   /* upgraded.c; NULL: nothing */
    struct fct_certificate_cache_t *certificates;      /* request_certificate.c; NULL: none */
} fct_client_connection_t;

static inline conn_rec *fct_client_connection_master(conn_rec *c)
{
    return c->master ? c->master : c;
}

/* NULL: nothing is remembered. */
static inline fct_client_connection_t *fct_client_connection_of(conn_rec *c)
{
    return (fct_client_connection_t *)ap_get_module_config(fct_client_connection_master(c)->conn_config, &fcgi_trust_module);
}

/* Made on first use; by the connection's own thread only. */
static inline fct_client_connection_t *fct_client_connection_make(conn_rec *master)
{
    fct_client_connection_t *connection = fct_client_connection_of(master);

    if (!connection) {
        connection = (fct_client_connection_t *)apr_pcalloc(master->pool, sizeof(*connection));
        ap_set_module_config(master->conn_config, &fcgi_trust_module, connection);
    }
    return connection;
}

#endif
