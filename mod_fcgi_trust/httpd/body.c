/* The request body. Two shapes: kept (complete, in memory or in a temporary file, can be sent again) and live (handed out once). */
#include "body_state.h"

#include <http_connection.h>
#include <http_core.h>
#include <http_request.h>

#include "record.h"

#define MEMORY_MAX (128 * 1024)      /* bytes of a spooled body kept in memory */
#define PREFETCH_MAX FCT_RECORD_CONTENT_MAX     /* bytes read before the connection is taken */
#define DRAIN_MAX (64 * 1024)        /* bytes of an unread body that are dropped to keep the client's connection */

/* An error document gets a GET without a body, whatever the request that failed had. */
static int is_error_document(const request_rec *r)
{
    return r->prev && ap_is_HTTP_ERROR(r->prev->status);
}

fct_body_kind_t fct_body_kind_of(request_rec *r, apr_off_t *length)
{
    const char *announced;

    *length = 0;
    if (r->main || is_error_document(r) || r->method_number == M_TRACE) {
        return FCT_BODY_NONE;
    }
    if (apr_table_get(r->headers_in, "Transfer-Encoding")) {
        return FCT_BODY_UNKNOWN;
    }
    announced = apr_table_get(r->headers_in, "Content-Length");
    if (!announced) {
        return FCT_BODY_NONE;
    }
    if (r->input_filters != r->proto_input_filters || !ap_parse_strict_length(length, announced)) {
        return FCT_BODY_UNKNOWN;      /* an input filter may change it; a malformed length is refused when read */
    }
    return FCT_BODY_LENGTH;
}

fct_body_t *fct_body_create(request_rec *r, fct_body_kind_t kind, apr_off_t length, const fct_request_rules_t *rules)
{
    fct_body_t *body = apr_pcalloc(r->pool, sizeof(*body));

    body->r = r;
    body->kind = kind;
    body->announced = length;
    body->rules = rules;
    body->memory = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    body->incoming = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    body->is_received = body->is_kept = kind == FCT_BODY_NONE || (kind == FCT_BODY_LENGTH && length == 0);
    body->memory_at = APR_BRIGADE_SENTINEL(body->memory);
    return body;
}

/* --- spooling --- */

/* Writes what is in memory to the end of the spool. */
static int spill(fct_body_t *body)
{
    body->small = NULL;
    if (!body->spool) {
        body->spool = fct_spool_open(body->r);
    }
    if (body->spool && fct_spool_write(body->spool, body->memory)) {
        return OK;
    }
    return fct_body_refuse(body, HTTP_INTERNAL_SERVER_ERROR, APR_EGENERAL);
}

/* Reads the whole body; it may block, since no backend waits for it yet. */
static int spool(fct_body_t *body)
{
    int status = OK;

    while (status == OK && !body->is_received) {
        if (body->received - fct_spool_size(body->spool) >= MEMORY_MAX) {
            status = spill(body);
        }
        if (status == OK) {
            status = fct_body_receive(body, APR_BLOCK_READ, PREFETCH_MAX);
        }
        if (status == SUSPENDED) {
            status = OK;
        }
    }
    if (status == OK && body->spool) {
        status = spill(body);
    }
    return status;
}

static void keep(fct_body_t *body)
{
    body->is_kept = 1;
    fct_body_rewind(body);
}

int fct_body_prepare(fct_body_t *body)
{
    int status = OK;

    if (!body->is_kept) {
        status = body->r->expecting_100 ? SUSPENDED : fct_body_receive_available(body, PREFETCH_MAX);
    }
    if ((status == OK || status == SUSPENDED) && !body->is_received && body->kind == FCT_BODY_UNKNOWN
        && body->rules->chunked == FCT_CHUNKED_SPOOL) {
        status = spool(body);
    }
    if (status != OK && status != SUSPENDED) {
        return status;
    }
    if (body->is_received) {
        keep(body);
    }
    return OK;
}

apr_off_t fct_body_length(const fct_body_t *body)
{
    if (body->kind == FCT_BODY_NONE) {
        return -1;
    }
    if (body->is_received) {
        return body->kind == FCT_BODY_LENGTH ? body->announced : body->received;
    }
    return body->kind == FCT_BODY_LENGTH ? body->announced : -1;
}

/* --- handing out --- */

static fct_body_status_t read_spool(fct_body_t *body, apr_bucket_brigade *bb, apr_size_t max)
{
    apr_bucket *b = fct_spool_read(body->spool, max);

    if (!b) {
        fct_body_refuse(body, HTTP_INTERNAL_SERVER_ERROR, APR_EGENERAL);
        return FCT_BODY_LOST;
    }
    APR_BRIGADE_INSERT_TAIL(bb, b);
    return FCT_BODY_READY;
}

/* Copies of the kept buckets: they share the bytes. */
static fct_body_status_t read_kept_memory(fct_body_t *body, apr_bucket_brigade *bb, apr_size_t max)
{
    apr_size_t given = 0;

    while (body->memory_at != APR_BRIGADE_SENTINEL(body->memory)) {
        apr_bucket *copy;

        if (given + body->memory_at->length > max) {
            if (given) {
                break;
            }
            apr_bucket_split(body->memory_at, max);
        }
        if (apr_bucket_copy(body->memory_at, &copy) != APR_SUCCESS) {
            fct_body_refuse(body, HTTP_INTERNAL_SERVER_ERROR, APR_EGENERAL);
            return FCT_BODY_LOST;
        }
        given += copy->length;
        APR_BRIGADE_INSERT_TAIL(bb, copy);
        body->memory_at = APR_BUCKET_NEXT(body->memory_at);
    }
    return FCT_BODY_READY;
}

static fct_body_status_t move_memory(fct_body_t *body, apr_bucket_brigade *bb, apr_size_t max)
{
    apr_size_t given = 0;

    body->small = NULL;
    while (!APR_BRIGADE_EMPTY(body->memory) && given < max) {
        apr_bucket *b = APR_BRIGADE_FIRST(body->memory);

        if (given + b->length > max) {
            apr_bucket_split(b, max - given);
        }
        given += b->length;
        APR_BUCKET_REMOVE(b);
        APR_BRIGADE_INSERT_TAIL(bb, b);
    }
    return FCT_BODY_READY;
}

static fct_body_status_t read_live(fct_body_t *body, apr_bucket_brigade *bb, apr_size_t max)
{
    int status = OK;

    if (APR_BRIGADE_EMPTY(body->memory)) {
        if (body->is_received) {
            return FCT_BODY_END;
        }
        status = fct_body_receive_available(body, (apr_off_t)max);
    }
    if (status != OK && status != SUSPENDED) {
        return FCT_BODY_LOST;
    }
    if (!APR_BRIGADE_EMPTY(body->memory)) {
        return move_memory(body, bb, max);
    }
    return body->is_received ? FCT_BODY_END : FCT_BODY_WAIT;
}

fct_body_status_t fct_body_read(fct_body_t *body, apr_bucket_brigade *bb, apr_size_t max)
{
    if (body->error) {
        return FCT_BODY_LOST;
    }
    if (!body->is_kept) {
        return read_live(body, bb, max);
    }
    if (!fct_spool_is_at_end(body->spool)) {
        return read_spool(body, bb, max);
    }
    if (body->memory_at != APR_BRIGADE_SENTINEL(body->memory)) {
        return read_kept_memory(body, bb, max);
    }
    return FCT_BODY_END;
}

void fct_body_invite(fct_body_t *body)
{
    request_rec *r = body->r;

    if (r->expecting_100 && !body->is_received && r->proto_num >= HTTP_VERSION(1, 1)) {
        int status = r->status;
        const char *line = r->status_line;

        r->status = HTTP_CONTINUE;
        r->status_line = NULL;
        ap_send_interim_response(r, 0);
        r->status = status;
        r->status_line = line;
    }
}

int fct_body_error(const fct_body_t *body, int *client_left)
{
    *client_left = body->client_left;
    return body->error;
}

apr_socket_t *fct_body_client_socket(const fct_body_t *body)
{
    const request_rec *r = body->r;

    if (r->connection->master || r->input_filters != r->proto_input_filters) {
        return NULL;      /* an input filter may have taken all there was and given nothing */
    }
    return ap_get_conn_socket(r->connection);
}

int fct_body_is_at_hand(const fct_body_t *body)
{
    return body->is_kept && !body->error;
}

void fct_body_rewind(fct_body_t *body)
{
    if (body->spool) {
        fct_spool_rewind(body->spool);
    }
    body->memory_at = APR_BRIGADE_FIRST(body->memory);
}

int fct_body_has_begun(const fct_body_t *body)
{
    return body->received > 0;
}

int fct_body_is_complete(const fct_body_t *body)
{
    if (body->is_kept) {
        return fct_spool_is_at_end(body->spool) && body->memory_at == APR_BRIGADE_SENTINEL(body->memory);
    }
    return body->is_received && APR_BRIGADE_EMPTY(body->memory);
}

/* Reads and drops what is there already. Waiting for more would keep the answer back from a client that waits for it itself. */
static void drain(fct_body_t *body)
{
    apr_off_t from = body->received;
    int status = OK;

    while (status == OK && !body->is_received && body->received - from < DRAIN_MAX) {
        status = fct_body_receive(body, APR_NONBLOCK_READ, (apr_size_t)(DRAIN_MAX - (body->received - from)));
        apr_brigade_cleanup(body->memory);
        body->small = NULL;
    }
}

void fct_body_abandon(fct_body_t *body)
{
    conn_rec *c = body->r->connection;

    if (!body->is_received && !body->error && !body->r->expecting_100 && c->keepalive != AP_CONN_CLOSE) {
        drain(body);
    }
    if (!body->is_received) {
        c->keepalive = AP_CONN_CLOSE;
    }
}

void fct_body_abandon_unread(request_rec *r, fct_body_kind_t kind, apr_off_t length)
{
    static const fct_request_rules_t any = { NULL, FCT_BODY_UNLIMITED, FCT_CHUNKED_STREAM, 0 };

    fct_body_abandon(fct_body_create(r, kind, length, &any));
}
