/* One connection to the mirror: bytes in, answers out, and how it ends. */
#include "mirror_server.h"

void fct_mirror_connection_close(fct_mirror_server_t *server, fct_mirror_connection_t *connection)
{
    apr_pollset_remove(server->pollset, &connection->pollfd);
    if (connection->previous) {
        connection->previous->next = connection->next;
    } else {
        server->connections = connection->next;
    }
    if (connection->next) {
        connection->next->previous = connection->previous;
    }
    server->nconnections--;
    server->held -= connection->held;
    server->is_full = 0;
    apr_socket_close(connection->socket);
    apr_pool_destroy(connection->pool);
}

static void complain(const fct_mirror_server_t *server, const fct_mirror_connection_t *connection, const char *why)
{
    fct_tool_fail(server->tool, "connection %" APR_UINT64_T_FMT ": %s; it is closed", connection->place.connection, why);
}

static void wait_for(const fct_mirror_server_t *server, fct_mirror_connection_t *connection, apr_int16_t events)
{
    if (connection->pollfd.reqevents != events) {
        apr_pollset_remove(server->pollset, &connection->pollfd);
        connection->pollfd.reqevents = events;
        apr_pollset_add(server->pollset, &connection->pollfd);
    }
}

void fct_mirror_connection_open(fct_mirror_server_t *server, apr_socket_t *socket, apr_pool_t *pool)
{
    fct_mirror_connection_t *connection = apr_pcalloc(pool, sizeof(*connection));

    connection->pool = pool;
    connection->socket = socket;
    connection->inbound = fct_inbound_create(&server->settings->limits, pool);
    connection->place.connection = ++server->accepted;
    connection->active = apr_time_now();
    connection->pollfd.desc_type = APR_POLL_SOCKET;
    connection->pollfd.reqevents = APR_POLLIN;
    connection->pollfd.desc.s = socket;
    connection->pollfd.client_data = connection;
    apr_socket_timeout_set(socket, 0);
    apr_socket_opt_set(socket, APR_TCP_NODELAY, 1);
    connection->next = server->connections;
    if (connection->next) {
        connection->next->previous = connection;
    }
    server->connections = connection;
    server->nconnections++;
    apr_pollset_add(server->pollset, &connection->pollfd);
}

/* Counts what the connection holds by now. Returns 0 where that is too much for all of them together. */
static int count_held(fct_mirror_server_t *server, fct_mirror_connection_t *connection)
{
    apr_size_t held = fct_inbound_held(connection->inbound) + (connection->out_pool ? 2 * connection->out.room : 0);

    server->held = server->held - connection->held + held;
    connection->held = held;
    if (held == 0 || server->held <= (apr_size_t)server->settings->max_memory) {
        return 1;
    }
    complain(server, connection, "all connections together hold more than --max-memory allows");
    return 0;
}

/* --- answering --- */

static fct_out_t *output_of(fct_mirror_connection_t *connection)
{
    if (!connection->out_pool) {
        apr_pool_create(&connection->out_pool, connection->pool);
        fct_out_init(&connection->out, connection->out_pool);
        connection->sent = 0;
    }
    return &connection->out;
}

static void answer_request(fct_mirror_server_t *server, fct_mirror_connection_t *connection, const fct_inbound_request_t *request)
{
    connection->place.exchange++;
    server->answered++;
    connection->is_last = !fct_mirror_answer(output_of(connection), server->settings, &connection->place, request)
                          || fct_mirror_server_is_done(server);
    fct_inbound_next(connection->inbound);
}

static void answer_abort(fct_mirror_connection_t *connection, const fct_inbound_request_t *request)
{
    fct_mirror_answer_end(output_of(connection), request->id, 0);
    connection->is_last = !(request->flags & FCT_INBOUND_KEEP_CONN);
    fct_inbound_next(connection->inbound);
}

/* Acts on one event. Returns NULL, or why the connection must be closed. */
static const char *act(fct_mirror_server_t *server, fct_mirror_connection_t *connection, const fct_inbound_event_t *event)
{
    switch (event->seen) {
    case FCT_INBOUND_REQUEST:
        answer_request(server, connection, event->request);
        return NULL;
    case FCT_INBOUND_ABORTED:
        answer_abort(connection, event->request);
        return NULL;
    case FCT_INBOUND_REJECTED:
        fct_mirror_answer_end(output_of(connection), event->id, event->protocol_status);
        connection->is_last = !event->keep;
        return NULL;
    case FCT_INBOUND_GET_VALUES:
        return fct_mirror_answer_values(output_of(connection), event->names, server->settings->max_connections)
                   ? NULL : "GET_VALUES with malformed names";
    case FCT_INBOUND_UNKNOWN_TYPE:
        fct_mirror_answer_unknown(output_of(connection), event->type);
        return NULL;
    case FCT_INBOUND_FAULT:
        return event->why;
    default:
        return NULL;
    }
}

/* --- bytes in and out: each returns 0 when the connection is to be closed --- */

static int take_bytes(fct_mirror_server_t *server, fct_mirror_connection_t *connection, apr_size_t len)
{
    apr_size_t at = 0;

    while (at < len && !connection->is_last) {
        fct_inbound_event_t event;
        const char *why;

        at += fct_inbound_consume(connection->inbound, server->buf + at, len - at, &event);
        why = act(server, connection, &event);
        if (why) {
            complain(server, connection, why);
            return 0;
        }
    }
    return 1;
}

static int receive(fct_mirror_server_t *server, fct_mirror_connection_t *connection)
{
    apr_size_t len = FCT_MIRROR_READ_SIZE;
    apr_status_t rv = apr_socket_recv(connection->socket, server->buf, &len);
    const char *why;

    if (len) {
        return take_bytes(server, connection, len);
    }
    if (APR_STATUS_IS_EAGAIN(rv) || APR_STATUS_IS_EINTR(rv)) {
        return 1;
    }
    why = fct_inbound_unfinished(connection->inbound, connection->pool);
    if (why) {
        complain(server, connection, why);
    }
    return 0;
}

static int send_output(const fct_mirror_server_t *server, fct_mirror_connection_t *connection)
{
    fct_bytes_t all = fct_out_bytes(&connection->out);

    while (connection->sent < all.len) {
        apr_size_t len = all.len - connection->sent;
        apr_status_t rv = apr_socket_send(connection->socket, all.at + connection->sent, &len);

        connection->sent += len;
        if (APR_STATUS_IS_EAGAIN(rv)) {
            wait_for(server, connection, APR_POLLOUT);
            return 1;
        }
        if (rv != APR_SUCCESS && !APR_STATUS_IS_EINTR(rv)) {
            complain(server, connection, "the web server does not take the answer");
            return 0;
        }
    }
    apr_pool_destroy(connection->out_pool);
    connection->out_pool = NULL;
    wait_for(server, connection, APR_POLLIN);
    return !connection->is_last;
}

void fct_mirror_connection_serve(fct_mirror_server_t *server, fct_mirror_connection_t *connection)
{
    int goes_on = 1;

    connection->active = apr_time_now();
    if (!connection->out_pool) {
        goes_on = receive(server, connection) && count_held(server, connection);
    }
    if (goes_on && connection->out_pool) {
        goes_on = send_output(server, connection) && count_held(server, connection);
    }
    if (!goes_on) {
        fct_mirror_connection_close(server, connection);
    }
}
