/* One request and its answer on a connection of its own: bytes out while there are any, bytes in all the time. */
#include <signal.h>
#include <string.h>

#include <apr_poll.h>
#include <apr_strings.h>

#include "request.h"

#define CHUNK 32768
#define HEAD_MAX (1 << 20)
#define FIELDS_MAX 1000
#define INTERIM_MAX 100

typedef struct exchange_t {
    const fct_request_settings_t *settings;
    const fct_request_body_t *body;
    const fct_request_watcher_t *watcher;
    fct_request_outcome_t *outcome;
    apr_pool_t *pool;
    apr_time_t started;
    apr_socket_t *socket;
    fct_response_t *response;
    fct_wire_t sent_wire;
    fct_wire_t received_wire;
    fct_bytes_t pending;         /* to be sent next */
    char chunk[FCT_RECORD_HEADER_LEN + CHUNK];
    apr_off_t body_left;
    int is_body_ended;           /* the empty STDIN is in pending, or sent */
    int is_over;
} exchange_t;

static apr_int64_t since_start(const exchange_t *x)
{
    return apr_time_now() - x->started;
}

static void give_up(exchange_t *x, const char *failure)
{
    x->outcome->failure = failure;
    x->is_over = 1;
}

static void give_up_with(exchange_t *x, const char *what, apr_status_t rv)
{
    char buf[200];

    give_up(x, apr_psprintf(x->pool, "%s: %s", what, apr_strerror(rv, buf, sizeof(buf))));
}

/* Tells of the records that end in these bytes; at == NULL: of the one that was cut off. */
static void show(const exchange_t *x, fct_wire_t *wire, const char *at, apr_size_t len)
{
    fct_out_t lines;
    apr_pool_t *pool;

    if (!x->watcher->wire) {
        return;
    }
    apr_pool_create(&pool, x->pool);
    fct_out_init(&lines, pool);
    if (at) {
        fct_wire_show(wire, at, len, &lines);
    } else {
        fct_wire_show_rest(wire, &lines);
    }
    x->watcher->wire(x->watcher->context, fct_out_bytes(&lines));
    apr_pool_destroy(pool);
}

/* --- sending --- */

/* Fills pending with the next STDIN record, the empty one after the last. */
static void next_stdin(exchange_t *x)
{
    apr_size_t len = x->body_left < CHUNK ? (apr_size_t)x->body_left : CHUNK;
    char *content = x->chunk + FCT_RECORD_HEADER_LEN;

    if (x->body->file && len) {
        apr_status_t rv = apr_file_read_full(x->body->file, content, len, NULL);

        if (rv != APR_SUCCESS) {
            give_up_with(x, x->settings->data_file, rv);
            return;
        }
    } else if (len) {
        memcpy(content, x->body->data + (x->body->len - x->body_left), len);
    }
    fct_record_put_header((unsigned char *)x->chunk, FCT_RECORD_STDIN, (unsigned)x->settings->id, len);
    x->pending = fct_bytes_make(x->chunk, FCT_RECORD_HEADER_LEN + len);
    x->body_left -= (apr_off_t)len;
    x->is_body_ended = len == 0;
}

static int wants_to_send(const exchange_t *x)
{
    return x->pending.len || !x->is_body_ended;
}

/* A backend that takes no more may have answered already: what it says counts, so only reading goes on. */
static void stop_sending(exchange_t *x)
{
    x->pending.len = 0;
    x->is_body_ended = 1;
}

static void send_some(exchange_t *x)
{
    while (wants_to_send(x) && !x->is_over) {
        apr_size_t len;
        apr_status_t rv;

        if (!x->pending.len) {
            next_stdin(x);
            continue;
        }
        len = x->pending.len;
        rv = apr_socket_send(x->socket, x->pending.at, &len);
        if (len) {
            show(x, &x->sent_wire, x->pending.at, len);
        }
        x->pending = fct_bytes_from(x->pending, len);
        if (APR_STATUS_IS_EAGAIN(rv)) {
            return;
        }
        if (rv != APR_SUCCESS && !APR_STATUS_IS_EINTR(rv)) {
            stop_sending(x);
        }
    }
}

/* --- receiving --- */

static void take_event(exchange_t *x, const fct_response_event_t *event)
{
    const fct_request_watcher_t *watcher = x->watcher;

    switch (event->seen) {
    case FCT_SEEN_INTERIM:
    case FCT_SEEN_HEAD:
        watcher->head(watcher->context, event->head, event->seen == FCT_SEEN_INTERIM);
        break;
    case FCT_SEEN_BODY:
        x->outcome->body_bytes += (apr_int64_t)event->data.len;
        watcher->body(watcher->context, event->data);
        break;
    case FCT_SEEN_STDERR:
        watcher->stderr_text(watcher->context, event->data);
        break;
    case FCT_SEEN_END:
        x->outcome->app_status = event->app_status;
        x->outcome->ended = since_start(x);
        x->is_over = 1;
        break;
    case FCT_SEEN_FAULT:
        x->outcome->finding = event->finding;
        x->outcome->detail = event->detail;
        x->is_over = 1;
        break;
    case FCT_SEEN_NOTHING:
        break;
    }
}

static void take_bytes(exchange_t *x, const char *at, apr_size_t len)
{
    fct_response_event_t event;

    if (x->outcome->first_byte < 0) {
        x->outcome->first_byte = since_start(x);
    }
    show(x, &x->received_wire, at, len);
    while (len && !x->is_over) {
        apr_size_t used = fct_response_consume(x->response, at, len, &event);

        take_event(x, &event);
        at += used;
        len -= used;
    }
}

static void receive_some(exchange_t *x)
{
    char buf[CHUNK];
    apr_size_t len = sizeof(buf);
    apr_status_t rv = apr_socket_recv(x->socket, buf, &len);
    fct_response_event_t event;

    if (len) {
        take_bytes(x, buf, len);
    } else if (!APR_STATUS_IS_EAGAIN(rv) && !APR_STATUS_IS_EINTR(rv)) {
        fct_response_end_of_input(x->response, &event);
        take_event(x, &event);
        x->is_over = 1;
    }
}

/* --- the exchange --- */

static void run(exchange_t *x)
{
    apr_pollfd_t pollfd;
    apr_int32_t n;

    memset(&pollfd, 0, sizeof(pollfd));
    pollfd.desc_type = APR_POLL_SOCKET;
    pollfd.desc.s = x->socket;
    pollfd.p = x->pool;
    while (!x->is_over) {
        apr_status_t rv;

        pollfd.reqevents = wants_to_send(x) ? APR_POLLIN | APR_POLLOUT : APR_POLLIN;
        rv = apr_poll(&pollfd, 1, &n, apr_time_from_sec(x->settings->timeout));
        if (APR_STATUS_IS_TIMEUP(rv)) {
            give_up(x, apr_psprintf(x->pool, "nothing happened for %" APR_INT64_T_FMT " seconds", x->settings->timeout));
        } else if (rv != APR_SUCCESS && !APR_STATUS_IS_EINTR(rv)) {
            give_up_with(x, "poll", rv);
        } else if (rv == APR_SUCCESS && (pollfd.rtnevents & ~APR_POLLOUT)) {
            receive_some(x);
        }
        if (rv == APR_SUCCESS && (pollfd.rtnevents & APR_POLLOUT) && !x->is_over) {
            send_some(x);
        }
    }
}

static fct_response_t *expect_response(const fct_request_settings_t *settings, apr_pool_t *p)
{
    static const fct_response_limits_t limits = { { HEAD_MAX, FIELDS_MAX }, INTERIM_MAX };

    return fct_response_create(&limits, (unsigned)settings->id, strcmp(settings->method, "HEAD") == 0, p);
}

void fct_request_exchange(const fct_request_settings_t *settings, const fct_endpoint_t *endpoint, fct_params_t *params,
                          const fct_request_body_t *body, const fct_request_watcher_t *watcher, fct_request_outcome_t *outcome,
                          apr_pool_t *p)
{
    exchange_t *x = apr_pcalloc(p, sizeof(*x));

    memset(outcome, 0, sizeof(*outcome));
    outcome->connected = outcome->first_byte = outcome->ended = -1;
    x->settings = settings;
    x->body = body;
    x->watcher = watcher;
    x->outcome = outcome;
    x->pool = p;
    fct_wire_init(&x->sent_wire, "=>", p);
    x->sent_wire.secrets = watcher->secrets;
    fct_wire_init(&x->received_wire, "<=", p);
    x->response = expect_response(settings, p);
    x->pending = fct_params_seal(params, (unsigned)settings->id, settings->keep);
    x->body_left = body->len < 0 ? 0 : body->len;
    signal(SIGPIPE, SIG_IGN);
    x->started = apr_time_now();
    outcome->failure = fct_endpoint_connect(endpoint, apr_time_from_sec(settings->timeout), &x->socket, p);
    if (!outcome->failure) {
        outcome->connected = since_start(x);
        run(x);
        apr_socket_close(x->socket);
    }
    if (outcome->finding) {
        show(x, &x->received_wire, NULL, 0);
    }
    outcome->records = x->received_wire.records;
}
