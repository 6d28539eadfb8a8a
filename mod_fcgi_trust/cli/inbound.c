/* What a web server sends to an application: records checked, put into their order, requests made whole.
 *
 *   BEGIN_REQUEST → PARAMS … PARAMS(empty) → STDIN … STDIN(empty) → the request is whole
 *   ABORT_REQUEST may come at any place between; id 0 carries GET_VALUES and types to come. FastCGI 1.0, sections 3 to 5
 */
#include <apr_strings.h>
#include <apr_tables.h>

#include "inbound.h"

#define GET_VALUES_MAX 4096
#define BEGIN_BODY_LEN 8

typedef enum part_t { PART_HEADER, PART_CONTENT, PART_PADDING, PART_FAULT } part_t;

typedef enum phase_t { PHASE_IDLE, PHASE_PARAMS, PHASE_STDIN, PHASE_WHOLE } phase_t;

struct fct_inbound_t {
    fct_inbound_limits_t limits;
    apr_pool_t *pool;
    apr_uint64_t records;
    unsigned last_id;                  /* of the last request that ended, 0: none */
    unsigned rejected_id;              /* of the last one rejected while another was active */

    part_t part;                       /* of the record at hand */
    unsigned char header[FCT_RECORD_HEADER_LEN];
    unsigned header_len;
    unsigned char begin[BEGIN_BODY_LEN];
    unsigned begin_len;
    unsigned type;
    unsigned id;
    apr_size_t content_len;
    apr_size_t content_left;
    apr_size_t padding_left;
    int is_skipped;                    /* belongs to a request that is no more */

    phase_t phase;                     /* of the request at hand */
    fct_inbound_request_t request;
    fct_out_t params;
    apr_array_header_t *offsets;       /* of pair_offset_t */
    apr_size_t scanned;                /* pairs are known up to here in params */
    apr_size_t split_at;               /* the pair counted as split last begins here */
    fct_out_t excerpt;
    apr_sha1_ctx_t sha1;
    fct_out_t names;                  /* of GET_VALUES */
};

typedef struct pair_offset_t {
    apr_size_t name;
    apr_size_t name_len;
    apr_size_t value_len;
} pair_offset_t;

fct_inbound_t *fct_inbound_create(const fct_inbound_limits_t *limits, apr_pool_t *p)
{
    fct_inbound_t *in = apr_pcalloc(p, sizeof(*in));

    in->limits = *limits;
    in->pool = p;
    fct_out_init(&in->names, p);
    return in;
}

static void set_fault(fct_inbound_t *in, fct_inbound_event_t *event, const char *why)
{
    in->part = PART_FAULT;
    event->seen = FCT_INBOUND_FAULT;
    event->why = apr_psprintf(in->pool, "record %" APR_UINT64_T_FMT " (%s, id %u, %" APR_SIZE_T_FMT " bytes): %s", in->records,
                              fct_record_type_name(in->type), in->id, in->content_len, why);
}

/* --- the request at hand --- */

static void begin_request(fct_inbound_t *in)
{
    fct_inbound_request_t *request = &in->request;

    memset(request, 0, sizeof(*request));
    apr_pool_create(&request->pool, in->pool);
    request->id = in->id;
    request->role = ((unsigned)in->begin[0] << 8) | in->begin[1];
    request->flags = in->begin[2];
    request->has_reserved = in->header[7] || (request->flags & ~1u) || memcmp(in->begin + 3, "\0\0\0\0\0", 5) != 0;
    request->records = 1;
    fct_out_init(&in->params, request->pool);
    fct_out_init(&in->excerpt, request->pool);
    in->offsets = apr_array_make(request->pool, 32, sizeof(pair_offset_t));
    in->scanned = 0;
    in->split_at = APR_SIZE_MAX;
    apr_sha1_init(&in->sha1);
    in->phase = PHASE_PARAMS;
}

void fct_inbound_next(fct_inbound_t *in)
{
    if (in->phase != PHASE_IDLE) {
        in->last_id = in->request.id;
        apr_pool_destroy(in->request.pool);
        in->phase = PHASE_IDLE;
    }
}

int fct_inbound_read_length(fct_bytes_t bytes, apr_size_t *at, apr_size_t *len)
{
    const unsigned char *s = (const unsigned char *)bytes.at;

    if (*at >= bytes.len) {
        return 0;
    }
    if (s[*at] < 0x80) {
        *len = s[(*at)++];
        return 1;
    }
    if (bytes.len - *at < 4) {
        return 0;
    }
    *len = ((apr_size_t)(s[*at] & 0x7F) << 24) | ((apr_size_t)s[*at + 1] << 16) | ((apr_size_t)s[*at + 2] << 8) | s[*at + 3];
    *at += 4;
    return 1;
}

/* Notes every pair that is there completely, and whether the one after them lies over the end of the record. */
static void scan_pairs(fct_inbound_t *in)
{
    fct_bytes_t bytes = fct_out_bytes(&in->params);

    for (;;) {
        apr_size_t at = in->scanned;
        apr_size_t name_len, value_len;
        pair_offset_t *pair;

        if (!fct_inbound_read_length(bytes, &at, &name_len) || !fct_inbound_read_length(bytes, &at, &value_len)
            || name_len > bytes.len - at || value_len > bytes.len - at - name_len) {
            break;
        }
        pair = apr_array_push(in->offsets);
        pair->name = at;
        pair->name_len = name_len;
        pair->value_len = value_len;
        in->scanned = at + name_len + value_len;
    }
    if (in->scanned < bytes.len && in->split_at != in->scanned) {
        in->split_at = in->scanned;
        in->request.split_pairs++;
    }
}

static void finish_request(fct_inbound_t *in)
{
    fct_inbound_request_t *request = &in->request;
    fct_inbound_pair_t *pairs = apr_palloc(request->pool, ((apr_size_t)in->offsets->nelts + 1) * sizeof(*pairs));
    int i;

    for (i = 0; i < in->offsets->nelts; i++) {
        const pair_offset_t *pair = &APR_ARRAY_IDX(in->offsets, i, pair_offset_t);

        pairs[i].name = fct_bytes_make(in->params.at + pair->name, pair->name_len);
        pairs[i].value = fct_bytes_make(in->params.at + pair->name + pair->name_len, pair->value_len);
    }
    request->pairs = pairs;
    request->npairs = in->offsets->nelts;
    request->stdin_excerpt = fct_out_bytes(&in->excerpt);
    apr_sha1_final(request->stdin_sha1, &in->sha1);
    in->phase = PHASE_WHOLE;
}

fct_bytes_t fct_inbound_param(const fct_inbound_request_t *request, const char *name)
{
    fct_bytes_t wanted = fct_bytes_of(name);
    int i;

    for (i = request->npairs - 1; i >= 0; i--) {
        if (fct_bytes_equal(request->pairs[i].name, wanted)) {
            return request->pairs[i].value;
        }
    }
    return FCT_BYTES_ABSENT;
}

const char *fct_inbound_unfinished(const fct_inbound_t *in, apr_pool_t *p)
{
    if (in->part == PART_FAULT || (in->phase == PHASE_IDLE && in->part == PART_HEADER && in->header_len == 0)) {
        return NULL;
    }
    if (in->phase == PHASE_IDLE) {
        return apr_psprintf(p, "the connection ended inside record %" APR_UINT64_T_FMT, in->records + (in->part == PART_HEADER));
    }
    return apr_psprintf(p, "the connection ended in the middle of request %u, after %" APR_UINT64_T_FMT " records", in->request.id,
                        in->request.records);
}

/* --- may this record come now? --- */

/* Records of a request that has ended, or was rejected, may still be under way (FastCGI 1.0, 3.3). */
static const char *skip_or_refuse(fct_inbound_t *in)
{
    in->is_skipped = in->id == in->last_id || in->id == in->rejected_id;
    return in->is_skipped ? NULL : "no request of this id was begun";
}

static const char *check_begin(const fct_inbound_t *in)
{
    if (in->content_len != BEGIN_BODY_LEN) {
        return "BEGIN_REQUEST has 8 bytes";
    }
    return in->phase != PHASE_IDLE && in->id == in->request.id ? "this request was begun already" : NULL;
}

static const char *check_params(const fct_inbound_t *in)
{
    if (in->phase != PHASE_PARAMS) {
        return "PARAMS after their end";
    }
    if (in->params.len + in->content_len > in->limits.max_params) {
        return "more bytes of PARAMS than --max-params allows";
    }
    return in->content_len == 0 && in->scanned != in->params.len ? "PARAMS end in the middle of a pair" : NULL;
}

static const char *check_stdin(const fct_inbound_t *in)
{
    if (in->phase != PHASE_STDIN) {
        return in->phase == PHASE_PARAMS ? "STDIN before PARAMS have ended" : "STDIN after its end";
    }
    return (apr_off_t)in->content_len > in->limits.max_stdin - in->request.stdin_len ? "more bytes of STDIN than --max-stdin allows"
                                                                                      : NULL;
}

static const char *check_management(const fct_inbound_t *in)
{
    if (in->type == FCT_RECORD_GET_VALUES) {
        return in->content_len > GET_VALUES_MAX ? "more GET_VALUES than anybody needs" : NULL;
    }
    if (in->type >= 1 && in->type <= FCT_RECORD_UNKNOWN_TYPE) {
        return "id 0 is for management records alone";
    }
    return NULL;
}

static const char *check_application(fct_inbound_t *in)
{
    int is_active = in->phase != PHASE_IDLE && in->id == in->request.id;

    switch (in->type) {
    case FCT_RECORD_BEGIN_REQUEST:
        return check_begin(in);
    case FCT_RECORD_ABORT_REQUEST:
        return in->content_len ? "ABORT_REQUEST has no content" : is_active ? NULL : skip_or_refuse(in);
    case FCT_RECORD_PARAMS:
        return is_active ? check_params(in) : skip_or_refuse(in);
    case FCT_RECORD_STDIN:
        return is_active ? check_stdin(in) : skip_or_refuse(in);
    case FCT_RECORD_DATA:
        return "a responder gets no DATA";
    case FCT_RECORD_GET_VALUES:
        return "GET_VALUES has id 0";
    default:
        return "a web server does not send this type";
    }
}

/* The header is whole: takes it apart and says what is wrong with it, or NULL. */
static const char *begin_record(fct_inbound_t *in)
{
    const unsigned char *h = in->header;

    in->records++;
    in->type = h[1];
    in->id = ((unsigned)h[2] << 8) | h[3];
    in->content_len = in->content_left = ((apr_size_t)h[4] << 8) | h[5];
    in->padding_left = h[6];
    in->is_skipped = 0;
    in->begin_len = 0;
    if (h[0] != FCT_RECORD_VERSION) {
        return "the version is not 1";
    }
    if (in->id == 0) {
        in->names.len = 0;
        return check_management(in);
    }
    return check_application(in);
}

/* --- content --- */

static void take_stdin(fct_inbound_t *in, const char *at, apr_size_t len)
{
    apr_size_t room = FCT_INBOUND_EXCERPT - in->excerpt.len;

    in->request.stdin_len += (apr_off_t)len;
    fct_out_add(&in->excerpt, at, len < room ? len : room);
    while (len) {
        unsigned int step = len < 65536 ? (unsigned int)len : 65536;

        apr_sha1_update_binary(&in->sha1, (const unsigned char *)at, step);
        at += step;
        len -= step;
    }
}

static void take_content(fct_inbound_t *in, const char *at, apr_size_t len)
{
    if (in->is_skipped) {
        return;
    }
    switch (in->type) {
    case FCT_RECORD_BEGIN_REQUEST:
        memcpy(in->begin + in->begin_len, at, len);
        in->begin_len += (unsigned)len;
        break;
    case FCT_RECORD_PARAMS:
        fct_out_add(&in->params, at, len);
        break;
    case FCT_RECORD_STDIN:
        take_stdin(in, at, len);
        break;
    case FCT_RECORD_GET_VALUES:
        fct_out_add(&in->names, at, len);
        break;
    default:
        break;
    }
}

/* --- the end of a record --- */

static void reject(fct_inbound_t *in, unsigned protocol_status, fct_inbound_event_t *event)
{
    in->rejected_id = in->id;
    event->seen = FCT_INBOUND_REJECTED;
    event->id = in->id;
    event->protocol_status = protocol_status;
    event->keep = in->phase != PHASE_IDLE || (in->begin[2] & FCT_INBOUND_KEEP_CONN);
}

static void finish_begin(fct_inbound_t *in, fct_inbound_event_t *event)
{
    unsigned role = ((unsigned)in->begin[0] << 8) | in->begin[1];

    if (in->phase != PHASE_IDLE) {
        reject(in, 1, event);                     /* CANT_MPX_CONN */
    } else if (role != FCT_INBOUND_RESPONDER) {
        reject(in, 3, event);                     /* UNKNOWN_ROLE */
    } else {
        begin_request(in);
    }
}

static void finish_params(fct_inbound_t *in, fct_inbound_event_t *event)
{
    in->request.params_records++;
    if (in->content_len == 0) {
        in->phase = PHASE_STDIN;
        return;
    }
    scan_pairs(in);
    if (in->offsets->nelts > FCT_INBOUND_PAIRS_MAX) {
        set_fault(in, event, "more than " APR_STRINGIFY(FCT_INBOUND_PAIRS_MAX) " parameters");
    }
}

static void finish_stdin(fct_inbound_t *in, fct_inbound_event_t *event)
{
    in->request.stdin_records++;
    if (in->content_len == 0) {
        finish_request(in);
        event->seen = FCT_INBOUND_REQUEST;
        event->request = &in->request;
    }
}

static void finish_management(const fct_inbound_t *in, fct_inbound_event_t *event)
{
    event->type = in->type;
    event->names = fct_out_bytes(&in->names);
    event->seen = in->type == FCT_RECORD_GET_VALUES ? FCT_INBOUND_GET_VALUES : FCT_INBOUND_UNKNOWN_TYPE;
}

static void finish_record(fct_inbound_t *in, fct_inbound_event_t *event)
{
    in->part = PART_HEADER;
    in->header_len = 0;
    if (in->is_skipped) {
        return;
    }
    if (in->id == 0) {
        finish_management(in, event);
        return;
    }
    if (in->type != FCT_RECORD_BEGIN_REQUEST) {
        in->request.records++;
        in->request.has_reserved |= in->header[7] != 0;
    }
    switch (in->type) {
    case FCT_RECORD_BEGIN_REQUEST:
        finish_begin(in, event);
        break;
    case FCT_RECORD_PARAMS:
        finish_params(in, event);
        break;
    case FCT_RECORD_STDIN:
        finish_stdin(in, event);
        break;
    default:                                      /* ABORT_REQUEST */
        in->phase = PHASE_WHOLE;
        event->seen = FCT_INBOUND_ABORTED;
        event->request = &in->request;
        break;
    }
}

/* --- bytes --- */

static apr_size_t smaller(apr_size_t a, apr_size_t b)
{
    return a < b ? a : b;
}

static apr_size_t take_header(fct_inbound_t *in, const char *buf, apr_size_t len, fct_inbound_event_t *event)
{
    apr_size_t n = smaller(len, FCT_RECORD_HEADER_LEN - in->header_len);
    const char *why;

    memcpy(in->header + in->header_len, buf, n);
    in->header_len += (unsigned)n;
    if (in->header_len == FCT_RECORD_HEADER_LEN) {
        in->part = PART_CONTENT;
        why = begin_record(in);
        if (why) {
            set_fault(in, event, why);
        }
    }
    return n;
}

/* One step: bytes of one part of one record. Returns how many. */
static apr_size_t take_some(fct_inbound_t *in, const char *buf, apr_size_t len, fct_inbound_event_t *event)
{
    apr_size_t n = 0;

    switch (in->part) {
    case PART_HEADER:
        n = take_header(in, buf, len, event);
        break;
    case PART_CONTENT:
        n = smaller(len, in->content_left);
        take_content(in, buf, n);
        in->content_left -= n;
        break;
    case PART_PADDING:
        n = smaller(len, in->padding_left);
        in->padding_left -= n;
        break;
    case PART_FAULT:
        break;
    }
    if (in->part == PART_CONTENT && in->content_left == 0) {
        in->part = PART_PADDING;
    }
    if (in->part == PART_PADDING && in->padding_left == 0) {
        finish_record(in, event);
    }
    return n;
}

apr_size_t fct_inbound_consume(fct_inbound_t *in, const char *buf, apr_size_t len, fct_inbound_event_t *event)
{
    apr_size_t used = 0;

    memset(event, 0, sizeof(*event));
    event->seen = FCT_INBOUND_NEED_MORE;
    while (used < len && event->seen == FCT_INBOUND_NEED_MORE && in->part != PART_FAULT) {
        used += take_some(in, buf + used, len - used, event);
    }
    return used;
}
