/* The exchange: one loop that writes what the backend can take, reads what it sends, and waits for whichever comes first. */
#include "loop.h"

#include <apr_poll.h>

#include "clock.h"

#define READ_SIZE (64 * 1024 - 4096)         /* one read, unless iobuffersize says otherwise; it fits APR's allocator without waste */
#define SEND_SIZE (256 * 1024)               /* written before the backend is looked at */
#define TICK apr_time_from_msec(50)          /* how often a client that cannot be polled is asked for more body */
#define LOOK apr_time_from_sec(1)            /* how often one that is polled is, for input filters that watch the clock: mod_reqtimeout */

/* --- to the backend --- */

static void write_request(fct_loop_t *loop)
{
    apr_off_t before = loop->outbox.sent;
    apr_status_t rv = fct_outbox_write(&loop->outbox, loop->socket);

    loop->x->backend->worker->s->transferred += loop->outbox.sent - before;
    loop->x->outcome->sent += loop->outbox.sent - before;
    if (loop->outbox.sent != before) {
        fct_loop_move(loop);
    }
    if (rv != APR_SUCCESS) {
        loop->cannot_write = 1;
        ap_log_rerror(APLOG_MARK, APLOG_TRACE1, rv, loop->x->r, "the backend takes no more of the request; waiting for its answer");
    }
}

/* Fills and writes until the backend's socket is full, the client has no more yet, or all is sent. */
static fct_step_t send_request(fct_loop_t *loop)
{
    apr_off_t from = loop->outbox.sent;

    loop->body_waits = 0;
    while (!loop->cannot_write && !fct_outbox_is_done(&loop->outbox)) {
        fct_body_status_t status = fct_outbox_fill(&loop->outbox);

        if (status == FCT_BODY_LOST) {
            return fct_loop_stop_on_body(loop);
        }
        if (fct_outbox_is_empty(&loop->outbox)) {
            loop->body_waits = 1;
            fct_body_invite(loop->x->body);
            return FCT_STEP_GO_ON;
        }
        write_request(loop);
        if (!fct_outbox_is_empty(&loop->outbox)) {
            return FCT_STEP_GO_ON;
        }
        if (status == FCT_BODY_READY && loop->outbox.sent - from >= SEND_SIZE) {
            return FCT_STEP_GO_ON;      /* look at the backend now and then while a large body goes out */
        }
    }
    return FCT_STEP_GO_ON;
}

/* --- waiting --- */

/* Nothing readable for this long releases the hold, or flushes what was passed on since (flushpackets=auto: flushwait). */
static apr_interval_time_t quiet_time(const fct_loop_t *loop)
{
    const proxy_worker_shared *worker = loop->x->backend->worker->s;

    if (worker->flush_packets == flush_auto && fct_reply_has_begun(loop->x->reply)) {
        return worker->flush_wait;
    }
    return loop->x->policy->response.hold_time;
}

/* How much longer the backend may say nothing before quiet_time is over; in whole milliseconds, as poll counts. */
static apr_interval_time_t quiet_left(const fct_loop_t *loop)
{
    apr_interval_time_t left = quiet_time(loop) - (fct_clock_now() - loop->heard);

    return left > 0 ? apr_time_from_msec((left + 999) / 1000) : 0;
}

/* How long to wait for the next event: until the time-out, the end of the hold, or the next tick. */
static apr_interval_time_t next_wait(const fct_loop_t *loop)
{
    apr_interval_time_t wait = fct_loop_time_left(loop), tick = loop->client ? LOOK : TICK;

    if (fct_reply_is_waiting(loop->x->reply)) {
        apr_interval_time_t quiet = quiet_left(loop);

        wait = (wait < 0 || wait > quiet) ? quiet : wait;
    }
    if (loop->body_waits && (wait < 0 || wait > tick)) {
        wait = tick;
    }
    return wait;
}

/* Nothing is readable now. Whatever else goes on (an upload, say), what waits for the backend's silence goes out when that lasts. */
static fct_step_t take_silence(fct_loop_t *loop)
{
    if (fct_reply_is_waiting(loop->x->reply) && quiet_left(loop) == 0) {
        return fct_loop_pass_on(loop, fct_reply_idle);
    }
    return FCT_STEP_GO_ON;
}

/* What to wait for: the backend, and the client while its body is waited for. Returns how many of fds are used. */
static apr_int32_t fill_fds(apr_pollfd_t fds[2], const fct_loop_t *loop)
{
    memset(fds, 0, 2 * sizeof(*fds));
    fds[0].desc_type = fds[1].desc_type = APR_POLL_SOCKET;
    fds[0].desc.s = loop->socket;
    fds[0].reqevents = APR_POLLIN;
    if (!loop->cannot_write && !fct_outbox_is_done(&loop->outbox) && !loop->body_waits) {
        fds[0].reqevents |= APR_POLLOUT;
    }
    fds[1].desc.s = loop->client;
    fds[1].reqevents = APR_POLLIN;
    return loop->body_waits && loop->client ? 2 : 1;
}

static fct_step_t wait_and_serve(fct_loop_t *loop)
{
    apr_pollfd_t fds[2];
    apr_int32_t ready = 0;
    apr_status_t rv;
    int is_over;

    if (fct_loop_is_overdue(loop)) {
        return fct_loop_stop_overdue(loop);
    }
    rv = apr_poll(fds, fill_fds(fds, loop), &ready, next_wait(loop));
    is_over = APR_STATUS_IS_TIMEUP(rv);
    if (rv != APR_SUCCESS && !is_over && !APR_STATUS_IS_EINTR(rv)) {
        return fct_loop_stop_on_input(loop, rv);
    }
    if (((fds[0].rtnevents & ~APR_POLLOUT) ? fct_loop_read(loop) : take_silence(loop)) == FCT_STEP_STOP) {
        return FCT_STEP_STOP;
    }
    if (fds[1].rtnevents) {
        fct_loop_move(loop);
    }
    return ((is_over && loop->body_waits) || (fds[0].rtnevents & APR_POLLOUT) || fds[1].rtnevents) ? send_request(loop) : FCT_STEP_GO_ON;
}

/* --- the whole --- */

static void tell_backend_to_abort(fct_loop_t *loop)
{
    unsigned char record[FCT_RECORD_HEADER_LEN];
    apr_size_t len = sizeof(record);

    if (!loop->cannot_write && fct_outbox_is_empty(&loop->outbox)) {
        fct_record_put_header(record, FCT_RECORD_ABORT_REQUEST, loop->x->request_id, 0);
        apr_socket_send(loop->socket, (const char *)record, &len);
    }
}

static void open_loop(fct_loop_t *loop, fct_exchange_t *x)
{
    memset(loop, 0, sizeof(*loop));
    loop->x = x;
    loop->socket = x->backend->sock;
    loop->read_size = x->backend->worker->s->io_buffer_size_set ? x->backend->worker->s->io_buffer_size : READ_SIZE;
    loop->client = fct_body_client_socket(x->body);
    loop->response = fct_response_create(&x->policy->response.limits, x->request_id, x->r->header_only, x->r->pool);
    loop->stderr_log = fct_stderr_log_create(x->r, x->params, x->policy->response.max_stderr);
    fct_outbox_init(&loop->outbox, fct_params_seal(x->params, x->request_id, x->keep_conn), x->request_id, x->body, x->r);
    fct_loop_move(loop);
    apr_socket_timeout_get(loop->socket, &loop->timeout);
    apr_socket_timeout_set(loop->socket, 0);
}

static void close_loop(fct_loop_t *loop)
{
    const fct_response_end_t *end = fct_response_end(loop->response);

    if (end) {
        loop->x->outcome->protocol_status = (int)end->protocol_status;
        loop->x->outcome->app_status = end->app_status;
    }
    fct_stderr_log_finish(loop->stderr_log);
    if (loop->buffer) {
        apr_bucket_destroy(loop->buffer);
    }
    apr_socket_timeout_set(loop->socket, loop->timeout);
}

void fct_exchange_run(fct_exchange_t *x)
{
    fct_loop_t loop;
    fct_step_t step;

    x->is_clean = 0;
    x->head = NULL;
    open_loop(&loop, x);
    step = send_request(&loop);
    while (step == FCT_STEP_GO_ON) {
        step = wait_and_serve(&loop);
    }
    if (x->end == FCT_EXCHANGE_CLIENT_LEFT || x->end == FCT_EXCHANGE_REFUSED) {
        tell_backend_to_abort(&loop);
    }
    close_loop(&loop);
}
