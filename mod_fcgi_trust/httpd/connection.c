/* The backend connection: reuse, opening, release. */
#include "connection.h"

#include <ap_mmn.h>
#include <apr_poll.h>
#include <apr_strings.h>

#include "mod_fcgi_trust.h"

#define SCHEME "FCGI"
#define LAST_ID "fcgi-trust-last-id"

int fct_connection_may_be_kept(proxy_conn_rec *backend)
{
    const proxy_worker_shared *s = backend->worker->s;

    backend->close = 0;
    return s->disablereuse_set && !s->disablereuse && ap_proxy_connection_reusable(backend);
}

/* The path of the Unix socket that this request asks for; NULL: it asks for a host. */
static const char *wanted_path(const proxy_conn_rec *backend, request_rec *r)
{
    const char *path = backend->worker->s->uds_path;

    return *path ? path : apr_table_get(r->notes, "uds_path");
}

void fct_connection_forget_path(proxy_conn_rec *backend, request_rec *r)
{
    const char *wanted = wanted_path(backend, r);

    if (!backend->uds_path || (wanted && strcmp(wanted, backend->uds_path) == 0)) {
        return;
    }
    fct_connection_drop(backend);
    backend->uds_path = NULL;
    backend->hostname = NULL;
    backend->addr = NULL;
#if AP_MODULE_MAGIC_AT_LEAST(20120211, 130)
    backend->address = NULL;
#endif
}

static int is_readable(apr_socket_t *socket)
{
    apr_pollfd_t fd;
    apr_int32_t n;

    memset(&fd, 0, sizeof(fd));
    fd.desc_type = APR_POLL_SOCKET;
    fd.desc.s = socket;
    fd.reqevents = APR_POLLIN;
    return !APR_STATUS_IS_TIMEUP(apr_poll(&fd, 1, &n, 0));
}

int fct_connection_reuse(proxy_conn_rec *backend, request_rec *r)
{
    if (!backend->sock) {
        return 0;
    }
    if (!is_readable(backend->sock)) {
        return 1;
    }
    fct_log_request(r, 0, FCT_FINDING_STALE_CONNECTION, NULL);
    fct_connection_drop(backend);
    return 0;
}

int fct_connection_open(proxy_conn_rec *backend, request_rec *r)
{
    if (ap_proxy_connect_backend(SCHEME, backend, backend->worker, r->server) == OK) {
        return OK;
    }
    fct_log_request(r, 0, FCT_FINDING_BACKEND_UNREACHABLE, "%s; backend %s",
                    fct_finding_info(FCT_FINDING_BACKEND_UNREACHABLE)->sentence, fct_connection_name(backend, r->pool));
    return HTTP_SERVICE_UNAVAILABLE;
}

void fct_connection_drop(proxy_conn_rec *backend)
{
    if (backend->sock) {
        backend->sock = NULL;
        backend->connection = NULL;
        backend->tmp_bb = NULL;
        backend->ssl_hostname = NULL;
        apr_pool_clear(backend->scpool);      /* closes the socket, and frees what came with it */
    }
}

void fct_connection_release(proxy_conn_rec *backend, int keep, request_rec *r)
{
    backend->close = !keep;
    ap_proxy_release_connection(SCHEME, backend, r->server);
}

unsigned fct_connection_next_id(proxy_conn_rec *backend, int is_fixed)
{
    void *last = NULL;
    unsigned *id;

    if (is_fixed) {
        return 1;
    }
    apr_socket_data_get(&last, LAST_ID, backend->sock);
    id = last;
    if (!id) {
        id = apr_pcalloc(backend->scpool, sizeof(*id));
        apr_socket_data_set(backend->sock, id, LAST_ID, NULL);
    }
    *id = *id % 65535 + 1;
    return *id;
}

const char *fct_connection_name(const proxy_conn_rec *backend, apr_pool_t *p)
{
    const char *host, *port;

    if (backend->uds_path) {
        return apr_pstrcat(p, "unix:", backend->uds_path, NULL);
    }
    host = backend->hostname ? backend->hostname : "?";
    port = apr_itoa(p, backend->port);
    return strchr(host, ':') ? apr_pstrcat(p, "fcgi://[", host, "]:", port, NULL) : apr_pstrcat(p, "fcgi://", host, ":", port, NULL);
}

int fct_connection_is_pinned(const proxy_conn_rec *backend, const fct_backend_rules_t *rules, apr_pool_t *p)
{
    apr_size_t i;
    fct_bytes_t name;

    if (rules->nworkers == 0) {
        return 1;
    }
    name = fct_bytes_of(fct_connection_name(backend, p));
    for (i = 0; i < rules->nworkers; i++) {
        if (backend->uds_path ? fct_bytes_equal(rules->workers[i], name) : fct_bytes_equal_nocase(rules->workers[i], name)) {
            return 1;
        }
    }
    return 0;
}
