/* The mirror as a server: one loop over all connections, no thread for any of them. */
#include <signal.h>
#include <stdio.h>

#include <apr_poll.h>
#include <apr_strings.h>

#include "mirror.h"

#define READ_SIZE 65536
#define TICK apr_time_from_sec(1)        /* at least so often the clock and the signals are looked at */

typedef struct server_t server_t;

/* What a poll descriptor's client_data points to; listeners have connection == NULL. */
typedef struct connection_t connection_t;
struct connection_t {
    connection_t *next;
    connection_t *previous;
    apr_pool_t *pool;
    apr_socket_t *socket;
    apr_pollfd_t pollfd;
    fct_inbound_t *inbound;
    fct_mirror_place_t place;
    apr_pool_t *out_pool;                /* of what waits to be sent; NULL: nothing does */
    fct_out_t out;
    apr_size_t sent;
    int is_last;                         /* to be closed once everything is sent */
    apr_time_t active;
};

struct server_t {
    const fct_tool_t *tool;
    const fct_mirror_settings_t *settings;
    fct_endpoint_listener_t *listeners;
    int nlisteners;
    int is_accepting;
    int is_full;                         /* as many connections as may be, or as the system can give */
    apr_pollset_t *pollset;
    connection_t *connections;           /* the newest first */
    apr_int64_t nconnections;
    apr_int64_t answered;
    apr_uint64_t accepted;
    char buf[READ_SIZE];
};

static volatile sig_atomic_t is_stopped;

static void stop(int number)
{
    (void)number;
    is_stopped = 1;
}

void fct_mirror_catch_signals(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    sigemptyset(&action.sa_mask);
    action.sa_handler = stop;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

/* --- listeners --- */

static void poll_listener(const server_t *server, const fct_endpoint_listener_t *listener, int on)
{
    apr_pollfd_t pollfd;

    memset(&pollfd, 0, sizeof(pollfd));
    pollfd.desc_type = APR_POLL_SOCKET;
    pollfd.reqevents = APR_POLLIN;
    pollfd.desc.s = listener->socket;
    pollfd.client_data = NULL;
    if (on) {
        apr_pollset_add(server->pollset, &pollfd);
    } else {
        apr_pollset_remove(server->pollset, &pollfd);
    }
}

static int count_is_reached(const server_t *server)
{
    return server->settings->count && server->answered >= server->settings->count;
}

/* While there are enough connections, others wait in the kernel's queue. */
static void accept_if_possible(server_t *server)
{
    int on = !server->is_full && !count_is_reached(server);
    int i;

    if (server->is_accepting == on) {
        return;
    }
    for (i = 0; i < server->nlisteners; i++) {
        poll_listener(server, &server->listeners[i], on);
    }
    server->is_accepting = on;
}

/* --- connections --- */

static void close_connection(server_t *server, connection_t *connection)
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
    server->is_full = 0;
    apr_socket_close(connection->socket);
    apr_pool_destroy(connection->pool);
    accept_if_possible(server);
}

static void complain(const server_t *server, const connection_t *connection, const char *why)
{
    fct_tool_fail(server->tool, "connection %" APR_UINT64_T_FMT ": %s; it is closed", connection->place.connection, why);
}

static void wait_for(const server_t *server, connection_t *connection, apr_int16_t events)
{
    if (connection->pollfd.reqevents != events) {
        apr_pollset_remove(server->pollset, &connection->pollfd);
        connection->pollfd.reqevents = events;
        apr_pollset_add(server->pollset, &connection->pollfd);
    }
}

static void add_connection(server_t *server, apr_socket_t *socket, apr_pool_t *pool)
{
    connection_t *connection = apr_pcalloc(pool, sizeof(*connection));

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

/* Accepts what waits at this listener. Where the system has no descriptor left, the others wait until a connection is closed. */
static void accept_all(server_t *server, apr_socket_t *listener)
{
    apr_status_t rv = APR_SUCCESS;

    while (server->nconnections < server->settings->max_connections) {
        apr_socket_t *socket;
        apr_pool_t *pool;

        apr_pool_create(&pool, server->tool->pool);
        rv = apr_socket_accept(&socket, listener, pool);
        if (rv != APR_SUCCESS) {
            apr_pool_destroy(pool);
            break;
        }
        add_connection(server, socket, pool);
    }
    server->is_full = server->nconnections >= server->settings->max_connections
                      || ((rv == EMFILE || rv == ENFILE) && server->nconnections > 0);
    accept_if_possible(server);
}

/* --- answering --- */

static fct_out_t *output_of(connection_t *connection)
{
    if (!connection->out_pool) {
        apr_pool_create(&connection->out_pool, connection->pool);
        fct_out_init(&connection->out, connection->out_pool);
        connection->sent = 0;
    }
    return &connection->out;
}

static void answer_request(server_t *server, connection_t *connection, const fct_inbound_request_t *request)
{
    connection->place.exchange++;
    server->answered++;
    connection->is_last = !fct_mirror_answer(output_of(connection), server->settings, &connection->place, request)
                          || count_is_reached(server);
    fct_inbound_next(connection->inbound);
}

static void answer_abort(connection_t *connection, const fct_inbound_request_t *request)
{
    fct_mirror_answer_end(output_of(connection), request->id, 0);
    connection->is_last = !(request->flags & FCT_INBOUND_KEEP_CONN);
    fct_inbound_next(connection->inbound);
}

/* Acts on one event. Returns NULL, or why the connection must be closed. */
static const char *act(server_t *server, connection_t *connection, const fct_inbound_event_t *event)
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

static int take_bytes(server_t *server, connection_t *connection, apr_size_t len)
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

static int receive(server_t *server, connection_t *connection)
{
    apr_size_t len = READ_SIZE;
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

static int send_output(const server_t *server, connection_t *connection)
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

static void serve_connection(server_t *server, connection_t *connection)
{
    int goes_on = 1;

    connection->active = apr_time_now();
    if (!connection->out_pool) {
        goes_on = receive(server, connection);
    }
    if (goes_on && connection->out_pool) {
        goes_on = send_output(server, connection);
    }
    if (!goes_on) {
        close_connection(server, connection);
    }
}

/* --- the loop --- */

/* Closes what was idle for too long, or, with `all`, every connection that has nothing to send. */
static void sweep(server_t *server, apr_time_t now, int all)
{
    connection_t *connection, *next;

    for (connection = server->connections; connection; connection = next) {
        next = connection->next;
        if ((all && !connection->out_pool) || now - connection->active > apr_time_from_sec(server->settings->idle)) {
            close_connection(server, connection);
        }
    }
}

/* One round. Returns 0 when serving is over. */
static int serve_once(server_t *server, apr_time_t end)
{
    const apr_pollfd_t *ready;
    apr_int32_t n = 0;
    apr_int32_t i;
    apr_time_t now = apr_time_now();
    apr_status_t rv;

    if (count_is_reached(server)) {
        accept_if_possible(server);
        sweep(server, now, 1);
    }
    if (is_stopped || (end && now >= end) || (count_is_reached(server) && server->nconnections == 0)) {
        return 0;
    }
    rv = apr_pollset_poll(server->pollset, end && end - now < TICK ? end - now : TICK, &n, &ready);
    if (rv != APR_SUCCESS && !APR_STATUS_IS_TIMEUP(rv) && !APR_STATUS_IS_EINTR(rv)) {
        fct_tool_fail(server->tool, "poll fails with status %d", rv);
        return 0;
    }
    for (i = 0; rv == APR_SUCCESS && i < n; i++) {
        if (ready[i].client_data) {
            serve_connection(server, ready[i].client_data);
        } else if (server->is_accepting) {
            accept_all(server, ready[i].desc.s);
        }
    }
    return 1;
}

int fct_mirror_serve(const fct_tool_t *tool, const fct_mirror_settings_t *settings, fct_endpoint_listener_t *listeners, int nlisteners)
{
    apr_time_t end = settings->life ? apr_time_now() + apr_time_from_sec(settings->life) : 0;
    server_t *server = apr_pcalloc(tool->pool, sizeof(*server));
    apr_time_t swept = apr_time_now();

    server->tool = tool;
    server->settings = settings;
    server->listeners = listeners;
    server->nlisteners = nlisteners;
    apr_allocator_max_free_set(apr_pool_allocator_get(tool->pool), 4 << 20);
    if (apr_pollset_create(&server->pollset, (apr_uint32_t)(settings->max_connections + nlisteners), tool->pool, 0) != APR_SUCCESS) {
        return fct_tool_fail(tool, "no poll set can be made");
    }
    accept_if_possible(server);
    while (serve_once(server, end)) {
        if (apr_time_now() - swept > TICK) {
            swept = apr_time_now();
            sweep(server, swept, 0);
        }
    }
    return FCT_TOOL_CLEAN;
}
