/* The reply: the hold, its release, its three ways to end. */
#include "reply.h"

#include <http_core.h>
#include <http_request.h>
#include <mod_proxy.h>

#include "reply_abort.h"
#include "reply_head.h"

#define SHARE_MIN 4096      /* fewer bytes than this are copied: a shared slice would pin the whole read buffer */

typedef enum state_t {
    STATE_HELD,             /* nothing of r has changed */
    STATE_DISCARDED,        /* committed, and an error page or an empty response takes the body's place */
    STATE_PASSED,           /* the client has the head */
    STATE_ENDED,
    STATE_ABORTED
} state_t;

struct fct_reply_t {
    request_rec *r;
    const fct_response_rules_t *rules;
    fct_flush_t flush;
    state_t state;
    const fct_head_t *head;
    apr_bucket_brigade *bb;          /* held, or about to be passed */
    apr_size_t held;                 /* bytes in bb */
    apr_off_t passed;                /* bytes of body that left bb */
    int is_unread;                   /* the client left before the end was passed */
    int is_replaced;                 /* an output filter refused it, and httpd sent that filter's error page instead */
    int is_unflushed;                /* something was passed and may wait in a filter's buffer */
    int status;                      /* STATE_DISCARDED: what the handler returns, DONE for the empty response */
    fct_reply_head_backup_t backup;
    fct_sendfile_t sendfile;         /* file NULL: the body is the backend's */
};

fct_reply_t *fct_reply_create(request_rec *r, const fct_response_rules_t *rules, fct_flush_t flush)
{
    fct_reply_t *reply = apr_pcalloc(r->pool, sizeof(*reply));

    reply->r = r;
    reply->rules = rules;
    reply->flush = flush;
    reply->bb = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    return reply;
}

static int is_event_stream(const fct_head_t *head)
{
    fct_bytes_t type = FCT_BYTES_LITERAL("text/event-stream");

    return head->content_type.len >= type.len
           && fct_bytes_equal_nocase(fct_bytes_make(head->content_type.at, type.len), type);
}

void fct_reply_head(fct_reply_t *reply, const fct_head_t *head)
{
    reply->head = head;
    if (is_event_stream(head)) {
        reply->flush = FCT_FLUSH_ALWAYS;
    }
}

void fct_reply_file(fct_reply_t *reply, const fct_sendfile_t *sendfile)
{
    reply->sendfile = *sendfile;
}

void fct_reply_interim(fct_reply_t *reply, const fct_head_t *head)
{
    if (reply->rules->forward_interim && head->status != HTTP_CONTINUE) {
        fct_reply_head_send_interim(reply->r, head, reply->rules);
    }
}

/* Where the last bucket is a slice of the very buffer that is being read, apr_brigade_write would append to it in that buffer. */
static void append_copy(fct_reply_t *reply, fct_bytes_t data, const apr_bucket *backing)
{
    apr_bucket *last = APR_BRIGADE_LAST(reply->bb);

    if (!APR_BRIGADE_EMPTY(reply->bb) && last->data == backing->data) {
        APR_BRIGADE_INSERT_TAIL(reply->bb, apr_bucket_heap_create(data.at, data.len, NULL, reply->bb->bucket_alloc));
        return;
    }
    apr_brigade_write(reply->bb, NULL, NULL, data.at, data.len);
}

void fct_reply_body(fct_reply_t *reply, fct_bytes_t data, apr_bucket *backing)
{
    apr_bucket *slice;

    if (reply->state == STATE_DISCARDED || reply->sendfile.file) {
        return;
    }
    reply->held += data.len;
    if (data.len < SHARE_MIN || apr_bucket_copy(backing, &slice) != APR_SUCCESS) {
        append_copy(reply, data, backing);
        return;
    }
    slice->start += data.at - ((apr_bucket_heap *)backing->data)->base;
    slice->length = data.len;
    APR_BRIGADE_INSERT_TAIL(reply->bb, slice);
}

static apr_status_t pass_as_told(fct_reply_t *reply)
{
    int status = reply->r->status;
    apr_status_t rv = ap_pass_brigade(reply->r->output_filters, reply->bb);

    reply->is_replaced = rv == AP_FILTER_ERROR && reply->r->status != status;      /* ap_die has set it */
    apr_brigade_cleanup(reply->bb);
    reply->passed += (apr_off_t)reply->held;
    reply->held = 0;
    return rv;
}

static apr_status_t pass(fct_reply_t *reply)
{
    apr_status_t rv = pass_as_told(reply);

    return rv == APR_SUCCESS && reply->r->connection->aborted ? APR_ECONNABORTED : rv;
}

/* mod_http2 calls a stream's connection aborted as soon as the client has all of it. */
static apr_status_t pass_end(fct_reply_t *reply)
{
    const conn_rec *c = reply->r->connection;
    apr_status_t rv = c->master ? pass_as_told(reply) : pass(reply);

    reply->is_unread = rv != APR_SUCCESS && c->aborted;
    return rv;
}

static int may_have_body(const fct_reply_t *reply)
{
    return !reply->r->header_only && reply->head->status != HTTP_NO_CONTENT && reply->head->status != HTTP_NOT_MODIFIED;
}

/* The body will be one that httpd may cut into ranges: a file, or with a 304 perhaps what mod_cache has kept. */
static int is_of_this_server(const fct_reply_t *reply)
{
    return reply->sendfile.file || reply->r->status == HTTP_NOT_MODIFIED;
}

/* The head takes effect on r; decides whether the body does too. */
static void commit(fct_reply_t *reply, int is_whole)
{
    request_rec *r = reply->r;

    if (reply->state != STATE_HELD) {
        return;
    }
    fct_reply_head_save(&reply->backup, r);
    if (reply->sendfile.file) {
        ap_update_mtime(r, reply->sendfile.info.mtime);
    }
    reply->status = fct_reply_head_apply(r, reply->head, reply->rules,
                                         reply->held > 0 || reply->sendfile.file || (!is_whole && may_have_body(reply)));
    if (!is_of_this_server(reply)) {
        fct_reply_head_keep_whole(r);
    }
    if (reply->status == OK) {
        reply->state = STATE_PASSED;
        return;
    }
    reply->state = STATE_DISCARDED;
    apr_brigade_cleanup(reply->bb);
    reply->held = 0;
}

/* A client that knows the length takes the body for whole with its last byte, so that byte waits for END_REQUEST. */
static apr_size_t kept_back(const fct_reply_t *reply)
{
    apr_int64_t announced = reply->head->content_length;

    return announced > 0 && reply->held > 0 && reply->passed + (apr_off_t)reply->held >= announced ? 1 : 0;
}

static apr_status_t release(fct_reply_t *reply, int flush)
{
    apr_bucket *last = NULL;
    apr_size_t kept;
    apr_status_t rv;

    commit(reply, 0);
    if (reply->state == STATE_DISCARDED) {
        return APR_SUCCESS;
    }
    kept = kept_back(reply);
    if (kept) {
        apr_brigade_partition(reply->bb, (apr_off_t)(reply->held - kept), &last);
        APR_BUCKET_REMOVE(last);
        reply->held -= kept;
    }
    if (flush) {
        APR_BRIGADE_INSERT_TAIL(reply->bb, apr_bucket_flush_create(reply->r->connection->bucket_alloc));
    }
    reply->is_unflushed = !flush;
    rv = pass(reply);
    if (last) {
        APR_BRIGADE_INSERT_TAIL(reply->bb, last);
        reply->held = kept;
    }
    return rv;
}

/* Where no byte of a body follows, the head alone is the whole response: it waits until it is proven. */
static int may_go_early(const fct_reply_t *reply)
{
    return may_have_body(reply) && reply->head->content_length != 0 && !reply->sendfile.file;
}

apr_status_t fct_reply_advance(fct_reply_t *reply)
{
    int flush = reply->flush == FCT_FLUSH_ALWAYS;

    if (!reply->head || reply->state == STATE_DISCARDED) {
        return APR_SUCCESS;
    }
    if (reply->state == STATE_HELD ? ((flush && may_go_early(reply)) || reply->held > reply->rules->hold) : reply->held > kept_back(reply)) {
        return release(reply, flush);
    }
    return APR_SUCCESS;
}

apr_status_t fct_reply_idle(fct_reply_t *reply)
{
    return fct_reply_is_waiting(reply) ? release(reply, 1) : APR_SUCCESS;
}

int fct_reply_is_waiting(const fct_reply_t *reply)
{
    return reply->head && ((reply->state == STATE_HELD && may_go_early(reply)) || (reply->state == STATE_PASSED && reply->is_unflushed));
}

int fct_reply_wants_no_body(const fct_reply_t *reply)
{
    return reply->head && (reply->state == STATE_DISCARDED || reply->sendfile.file || !may_have_body(reply));
}

int fct_reply_abort(fct_reply_t *reply)
{
    reply->state = STATE_ABORTED;
    apr_brigade_cleanup(reply->bb);
    fct_reply_abort_send(reply->r, reply->bb);
    return OK;
}

/* The file in the body's place: its length and date, and none of the fields that were about the place. */
static void put_file(fct_reply_t *reply)
{
    request_rec *r = reply->r;

    apr_table_unset(r->err_headers_out, "X-Sendfile");
    ap_set_content_length(r, reply->sendfile.info.size);
    if (r->status == HTTP_OK) {
        ap_set_last_modified(r);
        ap_set_accept_ranges(r);
    }
    apr_brigade_insert_file(reply->bb, reply->sendfile.file, 0, reply->sendfile.info.size, r->pool);
}

int fct_reply_finish(fct_reply_t *reply)
{
    request_rec *r = reply->r;

    if (reply->is_replaced) {
        return OK;
    }
    commit(reply, 1);
    if (reply->state == STATE_DISCARDED && reply->status != DONE) {
        reply->state = STATE_ENDED;
        r->status = HTTP_OK;      /* the line stays: without one httpd makes 418 a 500 */
        return reply->status;
    }
    if (reply->sendfile.file && reply->state == STATE_PASSED) {
        put_file(reply);
    }
    reply->state = STATE_ENDED;
    APR_BRIGADE_INSERT_TAIL(reply->bb, apr_bucket_eos_create(r->connection->bucket_alloc));
    if (pass_end(reply) != APR_SUCCESS && !reply->is_unread && !reply->is_replaced) {
        fct_log_request(r, 0, FCT_FINDING_FILTER_FAILED, NULL);
        return fct_reply_abort(reply);      /* its end may not have arrived either */
    }
    return OK;
}

int fct_reply_has_begun(const fct_reply_t *reply)
{
    return reply->state >= STATE_PASSED;
}

int fct_reply_is_aborted(const fct_reply_t *reply)
{
    return reply->state == STATE_ABORTED;
}

int fct_reply_is_replaced(const fct_reply_t *reply)
{
    return reply->is_replaced;
}

int fct_reply_is_unread(const fct_reply_t *reply)
{
    return reply->is_unread;
}

void fct_reply_drop(fct_reply_t *reply)
{
    apr_brigade_cleanup(reply->bb);
    reply->held = 0;
    if (reply->state == STATE_DISCARDED) {
        fct_reply_head_restore(&reply->backup, reply->r);
    }
    reply->state = STATE_HELD;
    reply->head = NULL;
}
