/* The end of a response that is not whole: how each protocol lets the client tell. */
#include "reply_abort.h"

#include <sys/socket.h>

#include <apr_portable.h>
#include <http_core.h>

/* What a response that is not whole means to the request it is made for: no cache keeps it, and no trailer follows it. mod_http2 before
 * 2.0 ignores error buckets; a trailer that is no field makes it reset the stream, too. */
static void spoil(request_rec *r)
{
    r->no_cache = 1;
    while (r->main) {
        r = r->main;
        r->no_cache = 1;
    }
    if (r->connection->master) {
        apr_table_setn(r->trailers_out, "not a field", "the response is not whole");
    }
}

/* Neither chunks nor a length (HTTP/1.0): the end of the connection is the end of the body, so that only a reset is no end. */
static void break_connection(request_rec *r)
{
    const struct linger at_once = { 1, 0 };
    apr_socket_t *socket = ap_get_conn_socket(r->connection);
    apr_os_sock_t fd;

    while (r->main) {
        r = r->main;
    }
    if (r->connection->master || r->chunked || apr_table_get(r->headers_out, "Content-Length") || !socket
        || apr_os_sock_get(&fd, socket) != APR_SUCCESS) {
        return;
    }
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    r->connection->aborted = 1;      /* else httpd says goodbye first (FIN, close_notify) */
}

/* Through the content filters, which may have kept something, after the error; returns 0 where one of them failed, and so passes no end on. */
static int pass_end(request_rec *r, apr_bucket_brigade *bb)
{
    apr_status_t rv;

    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(bb->bucket_alloc));
    rv = ap_pass_brigade(r->output_filters, bb);
    apr_brigade_cleanup(bb);
    return rv == APR_SUCCESS && !r->connection->aborted;
}

void fct_reply_abort_send(request_rec *r, apr_bucket_brigade *bb)
{
    r->connection->keepalive = AP_CONN_CLOSE;
    spoil(r);
    APR_BRIGADE_INSERT_TAIL(bb, ap_bucket_error_create(HTTP_BAD_GATEWAY, NULL, r->pool, bb->bucket_alloc));
    if (ap_pass_brigade(r->proto_output_filters, bb) == AP_FILTER_ERROR) {   /* not through content filters: mod_sed drops it */
        return;
    }
    apr_brigade_cleanup(bb);
    if (!pass_end(r, bb) && !r->main) {
        APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(bb->bucket_alloc));
        ap_pass_brigade(r->proto_output_filters, bb);
    }
    break_connection(r);
}
