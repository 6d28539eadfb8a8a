/* The exchange: one loop that writes what the backend can take, reads what it sends, and waits for whichever comes first. */
#include "exchange.h"

#include <time.h>

#include <apr_poll.h>
#include <apr_strings.h>

#include "outbox.h"
#include "stderr_log.h"

#define READ_SIZE (64 * 1024 - 4096)         /* one read, unless iobuffersize says otherwise; it fits APR's allocator without waste */
#define SEND_SIZE (256 * 1024)               /* written before the backend is looked at */
#define TICK apr_time_from_msec(50)          /* how often a client that cannot be polled is asked for more body */
#define UNWANTED_MAX (1024 * 1024)           /* bytes read of a body that nobody gets, before the backend is left */

typedef enum step_t {
    STEP_GO_ON,
    STEP_STOP                                /* exchange->outcome is set */
} step_t;

typedef struct loop_t {
    fct_exchange_t *x;
    apr_socket_t *socket;
    apr_socket_t *client;                    /* NULL: cannot be polled */
    fct_outbox_t outbox;
    fct_response_t *response;
    fct_stderr_log_t *stderr_log;
    apr_size_t read_size;
    apr_bucket *buffer;                      /* owns read_size bytes; replaced when slices of it are still in use */
    apr_interval_time_t timeout;             /* of the backend */
    apr_time_t moved;                        /* when something last got ahead, by now() */
    apr_time_t unwanted_since;               /* when it became clear that nobody gets the body; 0: it is wanted */
    apr_size_t unwanted;                     /* bytes read since then */
    int body_waits;                          /* the client has to send more before anything can be written */
    int cannot_write;                        /* the backend takes no more; its answer may still be there */
    int has_read;                            /* any byte came from the backend */
} loop_t;

/* --- time --- */

/* A clock that nobody sets. */
static apr_time_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return apr_time_make(t.tv_sec, t.tv_nsec / 1000);
}

static void note_progress(loop_t *loop)
{
    loop->moved = now();
}

/* How long whoever has to act next may take: the client, whose body the backend waits for, or the backend. Negative: for ever. */
static apr_interval_time_t patience(const loop_t *loop)
{
    return loop->body_waits ? loop->x->r->server->timeout : loop->timeout;
}

/* Nothing got ahead for the whole time-out: records without content and pieces of a header block are nothing. */
static int is_overdue(const loop_t *loop)
{
    return patience(loop) >= 0 && now() - loop->moved >= patience(loop);
}

/* Until then. */
static apr_interval_time_t time_left(const loop_t *loop)
{
    apr_interval_time_t left = patience(loop) - (now() - loop->moved);

    return patience(loop) < 0 ? -1 : left > 0 ? left : 0;
}

/* --- outcomes --- */

static step_t stop(fct_exchange_t *x, fct_exchange_outcome_t outcome, fct_finding_id_t finding, int status, const char *detail)
{
    x->outcome = outcome;
    x->finding = finding;
    x->status = status;
    x->detail = detail;
    return STEP_STOP;
}

static step_t stop_client_left(loop_t *loop)
{
    return stop(loop->x, FCT_EXCHANGE_CLIENT_LEFT, FCT_FINDING_CLIENT_LEFT, 0, NULL);
}

static step_t stop_on_body(loop_t *loop)
{
    int client_left, status = fct_body_error(loop->x->body, &client_left);

    if (client_left) {
        return stop_client_left(loop);
    }
    return stop(loop->x, FCT_EXCHANGE_REFUSED, FCT_FINDING_BODY_UNREADABLE, status, NULL);
}

/* Nothing more can be passed on: the client left, or an output filter failed that was to change the reply. */
static step_t stop_on_reply(loop_t *loop)
{
    if (loop->x->r->connection->aborted) {
        return stop_client_left(loop);
    }
    return stop(loop->x, FCT_EXCHANGE_FAULT, FCT_FINDING_FILTER_FAILED, HTTP_INTERNAL_SERVER_ERROR, NULL);
}

/* The backend's end is gone: by EOF, or by an error of the socket. */
static step_t stop_on_end_of_input(loop_t *loop, apr_status_t rv)
{
    fct_response_event_t event;

    fct_response_end_of_input(loop->response, &event);
    if (!loop->has_read) {
        return stop(loop->x, FCT_EXCHANGE_LOST, event.finding, HTTP_BAD_GATEWAY, event.detail);
    }
    if (!APR_STATUS_IS_EOF(rv)) {
        event.detail = apr_psprintf(loop->x->r->pool, "%s (%pm)", event.detail, &rv);
    }
    return stop(loop->x, FCT_EXCHANGE_FAULT, event.finding, event.status, event.detail);
}

/* --- to the backend --- */

static step_t write_request(loop_t *loop)
{
    apr_off_t before = loop->outbox.sent;
    apr_status_t rv = fct_outbox_write(&loop->outbox, loop->socket);

    loop->x->backend->worker->s->transferred += loop->outbox.sent - before;
    if (loop->outbox.sent != before) {
        note_progress(loop);
    }
    if (rv != APR_SUCCESS) {
        loop->cannot_write = 1;
        ap_log_rerror(APLOG_MARK, APLOG_TRACE1, rv, loop->x->r, "the backend takes no more of the request; waiting for its answer");
    }
    return STEP_GO_ON;
}

/* Fills and writes until the backend's socket is full, the client has no more yet, or all is sent. */
static step_t send_request(loop_t *loop)
{
    apr_off_t from = loop->outbox.sent;

    loop->body_waits = 0;
    while (!loop->cannot_write && !fct_outbox_is_done(&loop->outbox)) {
        fct_body_status_t status = fct_outbox_fill(&loop->outbox);

        if (status == FCT_BODY_LOST) {
            return stop_on_body(loop);
        }
        if (fct_outbox_is_empty(&loop->outbox)) {
            loop->body_waits = 1;
            fct_body_invite(loop->x->body);
            return STEP_GO_ON;
        }
        write_request(loop);
        if (!fct_outbox_is_empty(&loop->outbox)) {
            return STEP_GO_ON;
        }
        if (status == FCT_BODY_READY && loop->outbox.sent - from >= SEND_SIZE) {
            return STEP_GO_ON;      /* look at the backend now and then while a large body goes out */
        }
    }
    return STEP_GO_ON;
}

/* --- from the backend --- */

static step_t take_head(loop_t *loop, const fct_head_t *head)
{
    fct_exchange_t *x = loop->x;
    const char *detail = NULL;
    fct_sendfile_t sendfile;
    fct_finding_id_t finding = fct_sendfile_open(&sendfile, x->r, &x->policy->response, head, &detail);

    if (finding) {
        return stop(x, FCT_EXCHANGE_FAULT, finding, HTTP_BAD_GATEWAY, detail);
    }
    fct_reply_head(x->reply, head);
    if (sendfile.file) {
        fct_response_discard_body(loop->response);
        fct_reply_file(x->reply, &sendfile);
    }
    return STEP_GO_ON;
}

static step_t take_event(loop_t *loop, const fct_response_event_t *event)
{
    fct_exchange_t *x = loop->x;

    switch (event->seen) {
    case FCT_SEEN_INTERIM:
        fct_reply_interim(x->reply, event->head);
        return STEP_GO_ON;
    case FCT_SEEN_HEAD:
        x->head = event->head;
        if (event->head->is_local_redirect && !x->policy->response.follow_local_redirect) {
            return stop(x, FCT_EXCHANGE_FAULT, FCT_FINDING_LOCAL_REDIRECT_REFUSED, HTTP_BAD_GATEWAY, NULL);
        }
        return take_head(loop, event->head);
    case FCT_SEEN_BODY:
        if (x->policy->response.refuse_missing_content_type && fct_bytes_is_absent(x->head->content_type)) {
            return stop(x, FCT_EXCHANGE_FAULT, FCT_FINDING_CONTENT_TYPE_MISSING, HTTP_BAD_GATEWAY, NULL);
        }
        fct_reply_body(x->reply, event->data, loop->buffer);
        return STEP_GO_ON;
    case FCT_SEEN_STDERR:
        fct_stderr_log_write(loop->stderr_log, event->data);
        return STEP_GO_ON;
    case FCT_SEEN_END:
        if (event->app_status != 0) {
            fct_log_request(x->r, 0, FCT_FINDING_APP_STATUS, "the application ended with status %u",
                            (unsigned)event->app_status);
        }
        return stop(x, FCT_EXCHANGE_COMPLETE, FCT_FINDING_NONE, 0, NULL);
    case FCT_SEEN_FAULT:
        return stop(x, FCT_EXCHANGE_FAULT, event->finding, event->status, event->detail);
    default:
        return STEP_GO_ON;
    }
}

/* After END_REQUEST: its padding may still be there; anything else must not, or the connection is not kept. */
static void judge(loop_t *loop, const char *at, apr_size_t len)
{
    fct_exchange_t *x = loop->x;
    fct_response_event_t event;
    fct_finding_id_t tolerated = fct_response_tolerated(loop->response);

    if (x->outcome != FCT_EXCHANGE_COMPLETE) {
        return;
    }
    if (fct_response_consume(loop->response, at, len, &event) != len) {
        fct_log_request(x->r, 0, FCT_FINDING_BYTES_AFTER_END, NULL);
    }
    else if (tolerated) {
        fct_log_request(x->r, 0, tolerated, NULL);
    }
    else {
        x->is_clean = fct_outbox_is_done(&loop->outbox) && fct_response_is_clean(loop->response);
    }
}

static step_t take_bytes(loop_t *loop, const char *at, apr_size_t len)
{
    while (len > 0) {
        fct_response_event_t event;
        apr_size_t n = fct_response_consume(loop->response, at, len, &event);

        if (event.seen != FCT_SEEN_NOTHING) {
            note_progress(loop);
        }
        if (take_event(loop, &event) == STEP_STOP) {
            judge(loop, at + n, len - n);
            return STEP_STOP;
        }
        at += n;
        len -= n;
    }
    return STEP_GO_ON;
}

static int buffer_is_shared(const apr_bucket *buffer)
{
    return ((const apr_bucket_heap *)buffer->data)->refcount.refcount > 1;
}

/* A buffer whose bytes the client's side still holds is left to it. */
static void renew_buffer(loop_t *loop)
{
    apr_bucket_alloc_t *allocator = loop->x->r->connection->bucket_alloc;

    if (loop->buffer && buffer_is_shared(loop->buffer)) {
        apr_bucket_destroy(loop->buffer);
        loop->buffer = NULL;
    }
    if (!loop->buffer) {
        loop->buffer = apr_bucket_heap_create(apr_bucket_alloc(loop->read_size, allocator), loop->read_size, apr_bucket_free, allocator);
    }
}

/* What is still to come of such a body is read for the sake of its end, but not for ever: nobody waits for it but this thread. */
static step_t bound_unwanted(loop_t *loop, apr_size_t len)
{
    if (!fct_reply_wants_no_body(loop->x->reply)) {
        return STEP_GO_ON;
    }
    if (!loop->unwanted_since) {
        loop->unwanted_since = now();
    }
    loop->unwanted += len;
    note_progress(loop);
    if (loop->unwanted <= UNWANTED_MAX && (loop->timeout < 0 || now() - loop->unwanted_since < loop->timeout)) {
        return STEP_GO_ON;
    }
    fct_log_request(loop->x->r, 0, FCT_FINDING_BODY_UNWANTED, NULL);
    return stop(loop->x, FCT_EXCHANGE_COMPLETE, FCT_FINDING_NONE, 0, NULL);
}

/* fct_reply_advance or fct_reply_idle. The time that the client takes is not the backend's. */
static step_t pass_on(loop_t *loop, apr_status_t (*pass)(fct_reply_t *reply))
{
    apr_time_t before = now();
    apr_status_t rv = pass(loop->x->reply);

    loop->moved += now() - before;
    return rv == APR_SUCCESS ? STEP_GO_ON : stop_on_reply(loop);
}

/* One read and everything in it. */
static step_t read_response(loop_t *loop)
{
    char *base;
    apr_size_t len = loop->read_size;
    apr_status_t rv;

    renew_buffer(loop);
    base = ((apr_bucket_heap *)loop->buffer->data)->base;
    rv = apr_socket_recv(loop->socket, base, &len);
    if (APR_STATUS_IS_EAGAIN(rv) || APR_STATUS_IS_EINTR(rv)) {
        return STEP_GO_ON;
    }
    if (len == 0 || rv != APR_SUCCESS) {
        return stop_on_end_of_input(loop, rv == APR_SUCCESS ? APR_EOF : rv);
    }
    loop->has_read = 1;
    loop->x->backend->worker->s->read += (apr_off_t)len;
    if (take_bytes(loop, base, len) == STEP_STOP || bound_unwanted(loop, len) == STEP_STOP) {
        return STEP_STOP;
    }
    return pass_on(loop, fct_reply_advance);
}

/* --- waiting --- */

/* Nothing readable for this long releases the hold, or flushes what was passed on since (flushpackets=auto: flushwait). */
static apr_interval_time_t quiet_time(const loop_t *loop)
{
    const proxy_worker_shared *worker = loop->x->backend->worker->s;

    if (worker->flush_packets == flush_auto && fct_reply_has_begun(loop->x->reply)) {
        return worker->flush_wait;
    }
    return loop->x->policy->response.hold_time;
}

/* How long to wait for the next event: until the time-out, the end of the hold, or the next tick. */
static apr_interval_time_t next_wait(const loop_t *loop)
{
    apr_interval_time_t wait = time_left(loop);
    apr_interval_time_t quiet = quiet_time(loop);

    if (fct_reply_is_waiting(loop->x->reply) && (wait < 0 || wait > quiet)) {
        wait = quiet;
    }
    if (loop->body_waits && !loop->client && (wait < 0 || wait > TICK)) {
        wait = TICK;
    }
    return wait;
}

static step_t stop_overdue(loop_t *loop)
{
    fct_exchange_t *x = loop->x;

    if (loop->body_waits) {
        return stop(x, FCT_EXCHANGE_REFUSED, FCT_FINDING_BODY_UNREADABLE, HTTP_REQUEST_TIME_OUT, NULL);
    }
    return stop(x, FCT_EXCHANGE_FAULT, FCT_FINDING_BACKEND_TIMEOUT, HTTP_GATEWAY_TIME_OUT,
                apr_psprintf(x->r->pool, "the backend sent nothing for %" APR_TIME_T_FMT " seconds",
                             apr_time_sec(loop->timeout)));
}

static step_t take_timeout(loop_t *loop, apr_interval_time_t waited)
{
    if (fct_reply_is_waiting(loop->x->reply) && waited >= quiet_time(loop)) {
        return pass_on(loop, fct_reply_idle);
    }
    return is_overdue(loop) ? stop_overdue(loop) : STEP_GO_ON;
}

static step_t wait_and_serve(loop_t *loop)
{
    apr_pollfd_t fds[2];
    apr_int32_t ready = 0, nfds = 1;
    apr_interval_time_t wait;
    apr_status_t rv;

    if (is_overdue(loop)) {
        return stop_overdue(loop);
    }
    wait = next_wait(loop);
    memset(fds, 0, sizeof(fds));
    fds[0].desc_type = fds[1].desc_type = APR_POLL_SOCKET;
    fds[0].desc.s = loop->socket;
    fds[0].reqevents = APR_POLLIN;
    if (!loop->cannot_write && !fct_outbox_is_done(&loop->outbox) && !loop->body_waits) {
        fds[0].reqevents |= APR_POLLOUT;
    }
    if (loop->body_waits && loop->client) {
        fds[1].desc.s = loop->client;
        fds[1].reqevents = APR_POLLIN;
        nfds = 2;
    }
    rv = apr_poll(fds, nfds, &ready, wait);
    if (APR_STATUS_IS_TIMEUP(rv)) {
        return (take_timeout(loop, wait) == STEP_STOP) ? STEP_STOP : send_request(loop);
    }
    if (rv != APR_SUCCESS && !APR_STATUS_IS_EINTR(rv)) {
        return stop_on_end_of_input(loop, rv);
    }
    if ((fds[0].rtnevents & ~APR_POLLOUT) && read_response(loop) == STEP_STOP) {
        return STEP_STOP;
    }
    if (fds[1].rtnevents) {
        note_progress(loop);
    }
    return ((fds[0].rtnevents & APR_POLLOUT) || fds[1].rtnevents) ? send_request(loop) : STEP_GO_ON;
}

/* --- the whole --- */

static void tell_backend_to_abort(loop_t *loop)
{
    unsigned char record[FCT_RECORD_HEADER_LEN];
    apr_size_t len = sizeof(record);

    if (!loop->cannot_write && fct_outbox_is_empty(&loop->outbox)) {
        fct_record_put_header(record, FCT_RECORD_ABORT_REQUEST, loop->x->request_id, 0);
        apr_socket_send(loop->socket, (const char *)record, &len);
    }
}

static void open_loop(loop_t *loop, fct_exchange_t *x)
{
    memset(loop, 0, sizeof(*loop));
    loop->x = x;
    loop->socket = x->backend->sock;
    loop->read_size = x->backend->worker->s->io_buffer_size_set ? x->backend->worker->s->io_buffer_size : READ_SIZE;
    loop->client = fct_body_client_socket(x->body);
    loop->response = fct_response_create(&x->policy->response.limits, x->request_id, x->r->header_only, x->r->pool);
    loop->stderr_log = fct_stderr_log_create(x->r, x->policy->response.max_stderr);
    fct_outbox_init(&loop->outbox, fct_params_seal(x->params, x->request_id, x->keep_conn), x->request_id, x->body, x->r);
    note_progress(loop);
    apr_socket_timeout_get(loop->socket, &loop->timeout);
    apr_socket_timeout_set(loop->socket, 0);
}

static void close_loop(loop_t *loop)
{
    fct_stderr_log_finish(loop->stderr_log);
    if (loop->buffer) {
        apr_bucket_destroy(loop->buffer);
    }
    apr_socket_timeout_set(loop->socket, loop->timeout);
}

void fct_exchange_run(fct_exchange_t *x)
{
    loop_t loop;
    step_t step;

    x->is_clean = 0;
    x->head = NULL;
    open_loop(&loop, x);
    step = send_request(&loop);
    while (step == STEP_GO_ON) {
        step = wait_and_serve(&loop);
    }
    if (x->outcome == FCT_EXCHANGE_CLIENT_LEFT || x->outcome == FCT_EXCHANGE_REFUSED) {
        tell_backend_to_abort(&loop);
    }
    close_loop(&loop);
}
