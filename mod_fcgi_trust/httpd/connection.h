/* The backend connection: mod_proxy's pool keeps it, this decides whether it is fit for the next request. SPEC 4. */
#ifndef FCT_CONNECTION_H
#define FCT_CONNECTION_H

#include <mod_proxy.h>

#include "policy.h"

/* The worker's parameters allow keeping it (enablereuse=on, as with mod_proxy_fcgi). FCGI_KEEP_CONN is sent exactly then. */
int fct_connection_may_be_kept(proxy_conn_rec *backend);

/* To be called before mod_proxy determines where to connect: it leaves the path of a Unix socket in a connection of its pool, and would take
 * the next request there too, which asks for the host that stood beside that path. */
void fct_connection_forget_path(proxy_conn_rec *backend, request_rec *r);

/* True if there is a kept socket with nothing to read: neither a stale byte nor its end. One with something is closed here. */
int fct_connection_reuse(proxy_conn_rec *backend, request_rec *r);

/* Opens a new socket. OK, or HTTP_SERVICE_UNAVAILABLE with a finding in the log. */
int fct_connection_open(proxy_conn_rec *backend, request_rec *r);

/* Closes the socket; the connection stays acquired. */
void fct_connection_drop(proxy_conn_rec *backend);

/* Gives it back to the pool, the socket kept or closed. */
void fct_connection_release(proxy_conn_rec *backend, int keep, request_rec *r);

/* A request id this socket has not seen for 65535 requests (1 if the profile fixes it), so that a late record is seen for what it is. */
unsigned fct_connection_next_id(proxy_conn_rec *backend, int is_fixed);

/* <backend workers>: the address is one of those named, or none is named. */
int fct_connection_is_pinned(const proxy_conn_rec *backend, const fct_backend_rules_t *rules, apr_pool_t *p);

/* "fcgi://host:port", "fcgi://[address]:port" or "unix:/path". */
const char *fct_connection_name(const proxy_conn_rec *backend, apr_pool_t *p);

#endif
