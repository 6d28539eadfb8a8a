/* From the client: input filters → memory, as the bytes are, small pieces together. */
#include "body_state.h"

#include <http_core.h>

#define SMALL_MAX 1024               /* shorter pieces (chunks of a byte) are copied together: a bucket costs more than it holds */
#define SMALL_ROOM 4000

int fct_body_refuse(fct_body_t *body, int status, apr_status_t rv)
{
    body->error = status;
    body->client_left = APR_STATUS_IS_EOF(rv) || rv == APR_INCOMPLETE || APR_STATUS_IS_ECONNRESET(rv)
                        || APR_STATUS_IS_ECONNABORTED(rv) || APR_STATUS_IS_EPIPE(rv);
    body->r->connection->keepalive = AP_CONN_CLOSE;
    return status;
}

static int is_over_limit(const fct_body_t *body)
{
    return body->rules->max_body != FCT_BODY_UNLIMITED && body->received > body->rules->max_body;
}

/* Not apr_brigade_write: the last bucket may share its bytes with input that nobody has read yet. */
static void append_copy(fct_body_t *body, const char *data, apr_size_t len)
{
    char *room;

    if (!body->small || body->small->length + len > SMALL_ROOM) {
        room = apr_bucket_alloc(SMALL_ROOM, body->memory->bucket_alloc);
        body->small = apr_bucket_heap_create(room, SMALL_ROOM, apr_bucket_free, body->memory->bucket_alloc);
        body->small->length = 0;
        APR_BRIGADE_INSERT_TAIL(body->memory, body->small);
    }
    room = ((apr_bucket_heap *)body->small->data)->base;
    memcpy(room + body->small->length, data, len);
    body->small->length += len;
}

static void append_bucket(fct_body_t *body, apr_bucket *b)
{
    APR_BUCKET_REMOVE(b);
    APR_BRIGADE_INSERT_TAIL(body->memory, b);
    body->small = NULL;
}

/* Takes one data bucket off `incoming`, set aside or copied. */
static int take_data(fct_body_t *body, apr_bucket *b)
{
    const char *data = NULL;
    apr_size_t len = b->length;

    if ((len < SMALL_MAX || len == (apr_size_t)-1 || apr_bucket_setaside(b, body->r->pool) == APR_ENOTIMPL)
        && apr_bucket_read(b, &data, &len, APR_BLOCK_READ) != APR_SUCCESS) {
        return fct_body_refuse(body, HTTP_BAD_REQUEST, APR_EGENERAL);
    }
    body->received += (apr_off_t)len;
    if (!data || len >= SMALL_MAX) {
        append_bucket(body, b);
        return OK;
    }
    if (len > 0) {      /* an input filter may pass an empty bucket; an empty STDIN record would be the body's end */
        append_copy(body, data, len);
    }
    apr_bucket_delete(b);
    return OK;
}

/* Moves the data buckets of `incoming` behind `memory`; notes the end. */
static int take_incoming(fct_body_t *body)
{
    while (!APR_BRIGADE_EMPTY(body->incoming)) {
        apr_bucket *b = APR_BRIGADE_FIRST(body->incoming);

        if (APR_BUCKET_IS_EOS(b)) {
            body->is_received = 1;
        }
        if (APR_BUCKET_IS_METADATA(b)) {
            apr_bucket_delete(b);
        }
        else if (take_data(body, b) != OK) {
            return body->error;
        }
    }
    if (is_over_limit(body)) {
        return fct_body_refuse(body, HTTP_REQUEST_ENTITY_TOO_LARGE, APR_SUCCESS);
    }
    if (body->is_received && body->kind == FCT_BODY_LENGTH && body->received != body->announced) {
        return fct_body_refuse(body, HTTP_BAD_REQUEST, APR_INCOMPLETE);
    }
    return OK;
}

int fct_body_receive(fct_body_t *body, apr_read_type_e block, apr_size_t max)
{
    apr_status_t rv;
    apr_off_t before = body->received;

    rv = ap_get_brigade(body->r->input_filters, body->incoming, AP_MODE_READBYTES, block, (apr_off_t)max);
    if (rv == APR_SUCCESS) {
        int status = take_incoming(body);

        return (status == OK && body->received == before && !body->is_received) ? SUSPENDED : status;
    }
    apr_brigade_cleanup(body->incoming);
    if (block == APR_NONBLOCK_READ && APR_STATUS_IS_EAGAIN(rv)) {
        return SUSPENDED;
    }
    return fct_body_refuse(body, ap_map_http_request_error(rv, HTTP_BAD_REQUEST), rv);
}

int fct_body_receive_available(fct_body_t *body, apr_off_t max)
{
    int status = OK;
    apr_off_t from = body->received;

    while (status == OK && !body->is_received && body->received - from < max) {
        status = fct_body_receive(body, APR_NONBLOCK_READ, (apr_size_t)(max - (body->received - from)));
    }
    return status;
}
