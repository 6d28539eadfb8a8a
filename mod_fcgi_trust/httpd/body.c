/* The request body. Two shapes: kept (complete, in memory or in a temporary file, can be sent again) and live (handed out once). */
#include "body.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <http_connection.h>
#include <http_core.h>
#include <http_request.h>

#include "record.h"

#define MEMORY_MAX (128 * 1024)      /* bytes of a spooled body kept in memory */
#define PREFETCH_MAX FCT_RECORD_CONTENT_MAX     /* bytes read before the connection is taken */
#define FILE_CHUNK (64 * 1024 - 4096)
#define SMALL_MAX 1024               /* shorter pieces (chunks of a byte) are copied together: a bucket costs more than it holds */
#define SMALL_ROOM 4000
#define DRAIN_MAX (64 * 1024)        /* bytes of an unread body that are dropped to keep the client's connection */

struct fct_body_t {
    request_rec *r;
    fct_body_kind_t kind;
    apr_off_t announced;             /* Content-Length, with FCT_BODY_LENGTH */
    const fct_request_rules_t *rules;
    apr_bucket_brigade *memory;      /* read, not yet handed out; or, once complete, kept */
    apr_bucket_brigade *incoming;    /* scratch for the input filters */
    apr_bucket *small;               /* the last bucket of memory, where it is one of ours with room for small pieces; else NULL */
    apr_off_t received;              /* bytes read from the client */
    int is_received;                 /* the client's end was seen */
    int is_kept;                     /* memory and file hold the whole body */
    apr_file_t *file;                /* the first file_size bytes of a kept body; NULL: all is in memory */
    apr_off_t file_size;
    apr_off_t file_at;
    apr_bucket *memory_at;           /* next bucket of a kept body in memory */
    int error;                       /* status, with FCT_BODY_LOST */
    int client_left;
};

static apr_bucket_alloc_t *allocator_of(const fct_body_t *body)
{
    return body->r->connection->bucket_alloc;
}

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

static int refuse(fct_body_t *body, int status, apr_status_t rv)
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
        room = apr_bucket_alloc(SMALL_ROOM, allocator_of(body));
        body->small = apr_bucket_heap_create(room, SMALL_ROOM, apr_bucket_free, allocator_of(body));
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
        return refuse(body, HTTP_BAD_REQUEST, APR_EGENERAL);
    }
    body->received += (apr_off_t)len;
    if (data && len < SMALL_MAX) {
        append_copy(body, data, len);
        apr_bucket_delete(b);
    }
    else {
        append_bucket(body, b);
    }
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
        return refuse(body, HTTP_REQUEST_ENTITY_TOO_LARGE, APR_SUCCESS);
    }
    if (body->is_received && body->kind == FCT_BODY_LENGTH && body->received != body->announced) {
        return refuse(body, HTTP_BAD_REQUEST, APR_INCOMPLETE);
    }
    return OK;
}

/* One read from the client. OK with nothing taken means: none is there (non-blocking only). */
static int receive(fct_body_t *body, apr_read_type_e block, apr_size_t max)
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
    return refuse(body, ap_map_http_request_error(rv, HTTP_BAD_REQUEST), rv);
}

/* SUSPENDED: the client has sent no more yet. OK: received or max is reached. */
static int receive_available(fct_body_t *body, apr_off_t max)
{
    int status = OK;
    apr_off_t from = body->received;

    while (status == OK && !body->is_received && body->received - from < max) {
        status = receive(body, APR_NONBLOCK_READ, (apr_size_t)(max - (body->received - from)));
    }
    return status;
}

/* --- spooling --- */

static int open_file(fct_body_t *body)
{
    const char *dir;
    char *name;
    apr_status_t rv = apr_temp_dir_get(&dir, body->r->pool);

    if (rv == APR_SUCCESS) {
        name = apr_pstrcat(body->r->pool, dir, "/fcgi_trust.XXXXXX", NULL);
        rv = apr_file_mktemp(&body->file, name, APR_FOPEN_CREATE | APR_FOPEN_READ | APR_FOPEN_WRITE | APR_FOPEN_EXCL, body->r->pool);
    }
    if (rv == APR_SUCCESS) {
        apr_file_remove(name, body->r->pool);      /* the open file is all there is of it, also if this process dies */
    }
    if (rv != APR_SUCCESS) {
        fct_log_request(body->r, rv, FCT_FINDING_BODY_SPOOL_FAILED, "no temporary file could be opened for the request body");
        return refuse(body, HTTP_INTERNAL_SERVER_ERROR, rv);
    }
    return OK;
}

/* Writes what is in memory to the end of the file. */
static int spill(fct_body_t *body)
{
    int status = body->file ? OK : open_file(body);

    body->small = NULL;
    while (status == OK && !APR_BRIGADE_EMPTY(body->memory)) {
        apr_bucket *b = APR_BRIGADE_FIRST(body->memory);
        const char *data;
        apr_size_t len;
        apr_status_t rv = apr_bucket_read(b, &data, &len, APR_BLOCK_READ);

        if (rv == APR_SUCCESS) {
            rv = apr_file_write_full(body->file, data, len, NULL);
        }
        if (rv != APR_SUCCESS) {
            fct_log_request(body->r, rv, FCT_FINDING_BODY_SPOOL_FAILED,
                            "the request body could not be written to a temporary file after %" APR_OFF_T_FMT " bytes",
                            body->file_size);
            return refuse(body, HTTP_INTERNAL_SERVER_ERROR, rv);
        }
        body->file_size += (apr_off_t)len;
        apr_bucket_delete(b);
    }
    return status;
}

/* Reads the whole body; it may block, since no backend waits for it yet. */
static int spool(fct_body_t *body)
{
    int status = OK;

    while (status == OK && !body->is_received) {
        if (body->received - body->file_size >= MEMORY_MAX) {
            status = spill(body);
        }
        if (status == OK) {
            status = receive(body, APR_BLOCK_READ, PREFETCH_MAX);
        }
        if (status == SUSPENDED) {
            status = OK;
        }
    }
    if (status == OK && body->file) {
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
        status = body->r->expecting_100 ? SUSPENDED : receive_available(body, PREFETCH_MAX);
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

static fct_body_status_t read_file(fct_body_t *body, apr_bucket_brigade *bb, apr_size_t max)
{
    apr_off_t left = body->file_size - body->file_at;
    apr_size_t len = left < FILE_CHUNK ? (apr_size_t)left : FILE_CHUNK;
    apr_off_t at = body->file_at;
    apr_status_t rv;
    char *chunk;

    if (len > max) {
        len = max;
    }
    chunk = apr_bucket_alloc(len, allocator_of(body));
    rv = apr_file_seek(body->file, APR_SET, &at);
    if (rv == APR_SUCCESS) {
        rv = apr_file_read_full(body->file, chunk, len, NULL);
    }
    if (rv != APR_SUCCESS) {
        apr_bucket_free(chunk);
        fct_log_request(body->r, rv, FCT_FINDING_BODY_SPOOL_FAILED, "the request body could not be read back from its temporary file");
        refuse(body, HTTP_INTERNAL_SERVER_ERROR, APR_EGENERAL);
        return FCT_BODY_LOST;
    }
    body->file_at += (apr_off_t)len;
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_heap_create(chunk, len, apr_bucket_free, allocator_of(body)));
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
            refuse(body, HTTP_INTERNAL_SERVER_ERROR, APR_EGENERAL);
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
        status = receive_available(body, (apr_off_t)max);
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
    if (body->file_at < body->file_size) {
        return read_file(body, bb, max);
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
    conn_rec *c = body->r->connection;

    return c->master ? NULL : ap_get_conn_socket(c);
}

int fct_body_is_at_hand(const fct_body_t *body)
{
    return body->is_kept && !body->error;
}

void fct_body_rewind(fct_body_t *body)
{
    body->file_at = 0;
    body->memory_at = APR_BRIGADE_FIRST(body->memory);
}

int fct_body_has_begun(const fct_body_t *body)
{
    return body->received > 0;
}

int fct_body_is_complete(const fct_body_t *body)
{
    if (body->is_kept) {
        return body->file_at == body->file_size && body->memory_at == APR_BRIGADE_SENTINEL(body->memory);
    }
    return body->is_received && APR_BRIGADE_EMPTY(body->memory);
}

/* Reads and drops what is there already. Waiting for more would keep the answer back from a client that waits for it itself. */
static void drain(fct_body_t *body)
{
    apr_off_t from = body->received;
    int status = OK;

    while (status == OK && !body->is_received && body->received - from < DRAIN_MAX) {
        status = receive(body, APR_NONBLOCK_READ, (apr_size_t)(DRAIN_MAX - (body->received - from)));
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
