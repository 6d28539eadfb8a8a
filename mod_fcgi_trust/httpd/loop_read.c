/* From the backend: one read, the events in it, and what each of them does to the reply. */
#include "clock.h"
#include "loop.h"

#define UNWANTED_MAX (1024 * 1024)           /* bytes read of a body that nobody gets, before the backend is left */

static fct_step_t take_head(fct_loop_t *loop, const fct_head_t *head)
{
    fct_exchange_t *x = loop->x;
    const char *detail = NULL;
    fct_sendfile_t sendfile;
    fct_finding_id_t finding = fct_sendfile_open(&sendfile, x->r, &x->policy->response, head, &detail);

    if (finding) {
        return fct_loop_stop(loop, FCT_EXCHANGE_FAULT, finding, HTTP_BAD_GATEWAY, detail);
    }
    fct_reply_head(x->reply, head);
    if (sendfile.file) {
        fct_response_discard_body(loop->response);
        fct_reply_file(x->reply, &sendfile);
    }
    return FCT_STEP_GO_ON;
}

static fct_step_t take_event(fct_loop_t *loop, const fct_response_event_t *event)
{
    fct_exchange_t *x = loop->x;

    switch (event->seen) {
    case FCT_SEEN_INTERIM:
        fct_reply_interim(x->reply, event->head);
        return FCT_STEP_GO_ON;
    case FCT_SEEN_HEAD:
        x->head = event->head;
        if (event->head->is_local_redirect && !x->policy->response.follow_local_redirect) {
            return fct_loop_stop(loop, FCT_EXCHANGE_FAULT, FCT_FINDING_LOCAL_REDIRECT_REFUSED, HTTP_BAD_GATEWAY, NULL);
        }
        return take_head(loop, event->head);
    case FCT_SEEN_BODY:
        if (x->policy->response.refuse_missing_content_type && fct_bytes_is_absent(x->head->content_type)) {
            return fct_loop_stop(loop, FCT_EXCHANGE_FAULT, FCT_FINDING_CONTENT_TYPE_MISSING, HTTP_BAD_GATEWAY, NULL);
        }
        fct_reply_body(x->reply, event->data, loop->buffer);
        return FCT_STEP_GO_ON;
    case FCT_SEEN_STDERR:
        fct_stderr_log_write(loop->stderr_log, event->data);
        return FCT_STEP_GO_ON;
    case FCT_SEEN_END:
        if (event->app_status != 0) {
            fct_log_request(x->r, 0, FCT_FINDING_APP_STATUS, "the application ended with status %u",
                            (unsigned)event->app_status);
        }
        return fct_loop_stop(loop, FCT_EXCHANGE_COMPLETE, FCT_FINDING_NONE, 0, NULL);
    case FCT_SEEN_FAULT:
        return fct_loop_stop(loop, FCT_EXCHANGE_FAULT, event->finding, event->status, event->detail);
    default:
        return FCT_STEP_GO_ON;
    }
}

/* After END_REQUEST: its padding may still be there; anything else must not, or the connection is not kept. */
static void judge(fct_loop_t *loop, const char *at, apr_size_t len)
{
    fct_exchange_t *x = loop->x;
    fct_response_event_t event;
    fct_finding_id_t tolerated = fct_response_tolerated(loop->response);

    if (x->end != FCT_EXCHANGE_COMPLETE) {
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

static fct_step_t take_bytes(fct_loop_t *loop, const char *at, apr_size_t len)
{
    while (len > 0) {
        fct_response_event_t event;
        apr_size_t n = fct_response_consume(loop->response, at, len, &event);

        if (event.seen != FCT_SEEN_NOTHING) {
            fct_loop_move(loop);
        }
        if (take_event(loop, &event) == FCT_STEP_STOP) {
            judge(loop, at + n, len - n);
            return FCT_STEP_STOP;
        }
        at += n;
        len -= n;
    }
    return FCT_STEP_GO_ON;
}

static int buffer_is_shared(const apr_bucket *buffer)
{
    return ((const apr_bucket_heap *)buffer->data)->refcount.refcount > 1;
}

/* A buffer whose bytes the client's side still holds is left to it. */
static void renew_buffer(fct_loop_t *loop)
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
static fct_step_t bound_unwanted(fct_loop_t *loop, apr_size_t len)
{
    if (!fct_reply_wants_no_body(loop->x->reply)) {
        return FCT_STEP_GO_ON;
    }
    if (!loop->unwanted_since) {
        loop->unwanted_since = fct_clock_now();
    }
    loop->unwanted += len;
    fct_loop_move(loop);
    if (loop->unwanted <= UNWANTED_MAX && (loop->timeout < 0 || fct_clock_now() - loop->unwanted_since < loop->timeout)) {
        return FCT_STEP_GO_ON;
    }
    fct_log_request(loop->x->r, 0, FCT_FINDING_BODY_UNWANTED, NULL);
    return fct_loop_stop(loop, FCT_EXCHANGE_COMPLETE, FCT_FINDING_NONE, 0, NULL);
}

fct_step_t fct_loop_pass_on(fct_loop_t *loop, apr_status_t (*pass)(fct_reply_t *reply))
{
    apr_time_t before = fct_clock_now();
    apr_status_t rv = pass(loop->x->reply);

    loop->moved += fct_clock_now() - before;
    return rv == APR_SUCCESS ? FCT_STEP_GO_ON : fct_loop_stop_on_reply(loop);
}

fct_step_t fct_loop_read(fct_loop_t *loop)
{
    char *base;
    apr_size_t len = loop->read_size;
    apr_status_t rv;

    renew_buffer(loop);
    base = ((apr_bucket_heap *)loop->buffer->data)->base;
    rv = apr_socket_recv(loop->socket, base, &len);
    if (APR_STATUS_IS_EAGAIN(rv) || APR_STATUS_IS_EINTR(rv)) {
        return FCT_STEP_GO_ON;
    }
    if (len == 0 || rv != APR_SUCCESS) {
        return fct_loop_stop_on_input(loop, rv == APR_SUCCESS ? APR_EOF : rv);
    }
    loop->has_read = 1;
    loop->heard = fct_clock_now();
    loop->x->backend->worker->s->read += (apr_off_t)len;
    fct_outcome_receive(loop->x->outcome, len);
    if (take_bytes(loop, base, len) == FCT_STEP_STOP || bound_unwanted(loop, len) == FCT_STEP_STOP) {
        return FCT_STEP_STOP;
    }
    return fct_loop_pass_on(loop, fct_reply_advance);
}
