/* The mirror as a server: one loop over all connections, no thread for any of them. */
#include <signal.h>

#include <apr_strings.h>

#include "mirror_server.h"

#define TICK apr_time_from_sec(1)        /* at least so often the clock and the signals are looked at */

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

static void poll_listener(const fct_mirror_server_t *server, const fct_endpoint_listener_t *listener, int on)
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

int fct_mirror_server_is_done(const fct_mirror_server_t *server)
{
    return server->settings->count && server->answered >= server->settings->count;
}

/* While there are enough connections, others wait in the kernel's queue. */
static void accept_if_possible(fct_mirror_server_t *server)
{
    int on = !server->is_full && !fct_mirror_server_is_done(server);
    int i;

    if (server->is_accepting == on) {
        return;
    }
    for (i = 0; i < server->nlisteners; i++) {
        poll_listener(server, &server->listeners[i], on);
    }
    server->is_accepting = on;
}

/* Accepts what waits at this listener. Where the system has no descriptor left, the others wait until a connection is closed. */
static void accept_all(fct_mirror_server_t *server, apr_socket_t *listener)
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
        fct_mirror_connection_open(server, socket, pool);
    }
    server->is_full = server->nconnections >= server->settings->max_connections
                      || ((rv == EMFILE || rv == ENFILE) && server->nconnections > 0);
    accept_if_possible(server);
}

/* --- the loop --- */

/* Closes what was idle for too long, or, with `all`, every connection that has nothing to send. */
static void sweep(fct_mirror_server_t *server, apr_time_t now, int all)
{
    fct_mirror_connection_t *connection, *next;

    for (connection = server->connections; connection; connection = next) {
        next = connection->next;
        if ((all && !connection->out_pool) || now - connection->active > apr_time_from_sec(server->settings->idle)) {
            fct_mirror_connection_close(server, connection);
        }
    }
}

/* One round. Returns 0 when serving is over. */
static int serve_once(fct_mirror_server_t *server, apr_time_t end)
{
    const apr_pollfd_t *ready;
    apr_int32_t n = 0;
    apr_int32_t i;
    apr_time_t now = apr_time_now();
    apr_status_t rv;

    accept_if_possible(server);
    if (fct_mirror_server_is_done(server)) {
        sweep(server, now, 1);
    }
    if (is_stopped || (end && now >= end) || (fct_mirror_server_is_done(server) && server->nconnections == 0)) {
        return 0;
    }
    rv = apr_pollset_poll(server->pollset, end && end - now < TICK ? end - now : TICK, &n, &ready);
    if (rv != APR_SUCCESS && !APR_STATUS_IS_TIMEUP(rv) && !APR_STATUS_IS_EINTR(rv)) {
        fct_tool_fail(server->tool, "poll fails with status %d", rv);
        return 0;
    }
    for (i = 0; rv == APR_SUCCESS && i < n; i++) {
        if (ready[i].client_data) {
            fct_mirror_connection_serve(server, ready[i].client_data);
        } else if (server->is_accepting) {
            accept_all(server, ready[i].desc.s);
        }
    }
    return 1;
}

int fct_mirror_serve(const fct_tool_t *tool, const fct_mirror_settings_t *settings, fct_endpoint_listener_t *listeners, int nlisteners)
{
    apr_time_t end = settings->life ? apr_time_now() + apr_time_from_sec(settings->life) : 0;
    fct_mirror_server_t *server = apr_pcalloc(tool->pool, sizeof(*server));
    apr_time_t swept = apr_time_now();

    server->tool = tool;
    server->settings = settings;
    server->listeners = listeners;
    server->nlisteners = nlisteners;
    apr_allocator_max_free_set(apr_pool_allocator_get(tool->pool), 4 << 20);
    if (apr_pollset_create(&server->pollset, (apr_uint32_t)(settings->max_connections + nlisteners), tool->pool, 0) != APR_SUCCESS) {
        return fct_tool_fail(tool, "no poll set can be made");
    }
    while (serve_once(server, end)) {
        if (apr_time_now() - swept > TICK) {
            swept = apr_time_now();
            sweep(server, swept, 0);
        }
    }
    return FCT_TOOL_CLEAN;
}
