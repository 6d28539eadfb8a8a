/* The outbox: gathers records into one vectored write. */
#include "outbox.h"

void fct_outbox_init(fct_outbox_t *outbox, fct_bytes_t head, unsigned request_id, fct_body_t *body, request_rec *r)
{
    memset(outbox, 0, sizeof(*outbox));
    outbox->request_id = request_id;
    outbox->body = body;
    outbox->content = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    outbox->iov[0].iov_base = (void *)head.at;
    outbox->iov[0].iov_len = head.len;
    outbox->n = 1;
}

static void push(fct_outbox_t *outbox, const void *at, apr_size_t len)
{
    outbox->iov[outbox->n].iov_base = (void *)at;
    outbox->iov[outbox->n].iov_len = len;
    outbox->n++;
}

static void push_end(fct_outbox_t *outbox)
{
    fct_record_put_header(outbox->stdin_end, FCT_RECORD_STDIN, outbox->request_id, 0);
    push(outbox, outbox->stdin_end, sizeof(outbox->stdin_end));
    outbox->end_is_queued = 1;
}

/* One record of the buckets in `content`; what does not fit into iov goes back to be flattened, and so does what turns out empty: such a
 * record would be the end of STDIN. */
static int push_content(fct_outbox_t *outbox)
{
    apr_bucket *b;
    apr_size_t total = 0, len;
    int header = outbox->n;
    const char *data;

    push(outbox, outbox->stdin_header, sizeof(outbox->stdin_header));
    for (b = APR_BRIGADE_FIRST(outbox->content); b != APR_BRIGADE_SENTINEL(outbox->content); b = APR_BUCKET_NEXT(b)) {
        if (apr_bucket_read(b, &data, &len, APR_BLOCK_READ) != APR_SUCCESS || outbox->n == FCT_OUTBOX_IOV - 1) {
            outbox->n = header;
            return 0;
        }
        if (len) {
            push(outbox, data, len);
            total += len;
        }
    }
    if (total == 0) {
        outbox->n = header;
        return 0;
    }
    fct_record_put_header(outbox->stdin_header, FCT_RECORD_STDIN, outbox->request_id, total);
    return 1;
}

/* Many small buckets become one. */
static int flatten(fct_outbox_t *outbox)
{
    apr_bucket_alloc_t *allocator = outbox->content->bucket_alloc;
    apr_size_t len = FCT_RECORD_CONTENT_MAX;
    char *bytes = apr_bucket_alloc(len, allocator);
    apr_status_t rv = apr_brigade_flatten(outbox->content, bytes, &len);

    apr_brigade_cleanup(outbox->content);
    APR_BRIGADE_INSERT_TAIL(outbox->content, apr_bucket_heap_create(bytes, len, apr_bucket_free, allocator));
    return rv == APR_SUCCESS;
}

fct_body_status_t fct_outbox_fill(fct_outbox_t *outbox)
{
    fct_body_status_t status;

    if (outbox->end_is_queued) {
        return FCT_BODY_END;
    }
    if (!APR_BRIGADE_EMPTY(outbox->content)) {
        return FCT_BODY_READY;
    }
    status = fct_body_read(outbox->body, outbox->content, FCT_RECORD_CONTENT_MAX);
    if (status == FCT_BODY_READY && !push_content(outbox) && !(flatten(outbox) && push_content(outbox))) {
        return FCT_BODY_LOST;
    }
    if (status == FCT_BODY_END || (status == FCT_BODY_READY && fct_body_is_complete(outbox->body))) {
        push_end(outbox);
    }
    return status;
}

static void advance(fct_outbox_t *outbox, apr_size_t written)
{
    while (outbox->first < outbox->n && written >= outbox->iov[outbox->first].iov_len) {
        written -= outbox->iov[outbox->first].iov_len;
        outbox->first++;
    }
    if (outbox->first < outbox->n) {
        outbox->iov[outbox->first].iov_base = (char *)outbox->iov[outbox->first].iov_base + written;
        outbox->iov[outbox->first].iov_len -= written;
    }
    else {
        outbox->first = outbox->n = 0;
        apr_brigade_cleanup(outbox->content);
    }
}

apr_status_t fct_outbox_write(fct_outbox_t *outbox, apr_socket_t *socket)
{
    while (!fct_outbox_is_empty(outbox)) {
        apr_size_t written = 0;
        apr_status_t rv = apr_socket_sendv(socket, outbox->iov + outbox->first, outbox->n - outbox->first, &written);

        outbox->sent += (apr_off_t)written;
        advance(outbox, written);
        if (APR_STATUS_IS_EAGAIN(rv)) {
            return APR_SUCCESS;
        }
        if (rv != APR_SUCCESS && !APR_STATUS_IS_EINTR(rv)) {
            return rv;
        }
    }
    return APR_SUCCESS;
}

int fct_outbox_is_empty(const fct_outbox_t *outbox)
{
    return outbox->first == outbox->n;
}

int fct_outbox_is_done(const fct_outbox_t *outbox)
{
    return outbox->end_is_queued && fct_outbox_is_empty(outbox);
}
