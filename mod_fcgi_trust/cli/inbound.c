/* What a web server sends to an application: bytes in, records and whole requests out. */
#include <apr_strings.h>

#include "inbound_state.h"

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
    in->part = FCT_INBOUND_PART_FAULT;
    event->seen = FCT_INBOUND_FAULT;
    event->why = apr_psprintf(in->pool, "record %" APR_UINT64_T_FMT " (%s, id %u, %" APR_SIZE_T_FMT " bytes): %s", in->records,
                              fct_record_type_name(in->type), in->id, in->content_len, why);
}

const char *fct_inbound_unfinished(const fct_inbound_t *in, apr_pool_t *p)
{
    if (in->part == FCT_INBOUND_PART_FAULT || (in->phase == FCT_INBOUND_PHASE_IDLE && in->part == FCT_INBOUND_PART_HEADER && in->header_len == 0)) {
        return NULL;
    }
    if (in->phase == FCT_INBOUND_PHASE_IDLE) {
        return apr_psprintf(p, "the connection ended inside record %" APR_UINT64_T_FMT, in->records + (in->part == FCT_INBOUND_PART_HEADER));
    }
    return apr_psprintf(p, "the connection ended in the middle of request %u, after %" APR_UINT64_T_FMT " records", in->request.id,
                        in->request.records);
}

/* --- a record --- */

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
    in->names.len = 0;
    return fct_inbound_check(in);
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
        fct_inbound_request_take_stdin(in, at, len);
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
    event->keep = in->phase != FCT_INBOUND_PHASE_IDLE || (in->begin[2] & FCT_INBOUND_KEEP_CONN);
}

static void finish_begin(fct_inbound_t *in, fct_inbound_event_t *event)
{
    unsigned role = ((unsigned)in->begin[0] << 8) | in->begin[1];

    if (in->phase != FCT_INBOUND_PHASE_IDLE) {
        reject(in, 1, event);                     /* CANT_MPX_CONN */
    } else if (role != FCT_INBOUND_RESPONDER) {
        reject(in, 3, event);                     /* UNKNOWN_ROLE */
    } else {
        fct_inbound_request_begin(in);
    }
}

static void finish_params(fct_inbound_t *in, fct_inbound_event_t *event)
{
    in->request.params_records++;
    if (in->content_len == 0) {
        in->phase = FCT_INBOUND_PHASE_STDIN;
        return;
    }
    if (fct_inbound_request_scan(in) > FCT_INBOUND_PAIRS_MAX) {
        set_fault(in, event, "more than " APR_STRINGIFY(FCT_INBOUND_PAIRS_MAX) " parameters");
    }
}

static void finish_stdin(fct_inbound_t *in, fct_inbound_event_t *event)
{
    in->request.stdin_records++;
    if (in->content_len == 0) {
        fct_inbound_request_finish(in);
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
    in->part = FCT_INBOUND_PART_HEADER;
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
        in->phase = FCT_INBOUND_PHASE_WHOLE;
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
        in->part = FCT_INBOUND_PART_CONTENT;
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
    case FCT_INBOUND_PART_HEADER:
        n = take_header(in, buf, len, event);
        break;
    case FCT_INBOUND_PART_CONTENT:
        n = smaller(len, in->content_left);
        take_content(in, buf, n);
        in->content_left -= n;
        break;
    case FCT_INBOUND_PART_PADDING:
        n = smaller(len, in->padding_left);
        in->padding_left -= n;
        break;
    case FCT_INBOUND_PART_FAULT:
        break;
    }
    if (in->part == FCT_INBOUND_PART_CONTENT && in->content_left == 0) {
        in->part = FCT_INBOUND_PART_PADDING;
    }
    if (in->part == FCT_INBOUND_PART_PADDING && in->padding_left == 0) {
        finish_record(in, event);
    }
    return n;
}

apr_size_t fct_inbound_consume(fct_inbound_t *in, const char *buf, apr_size_t len, fct_inbound_event_t *event)
{
    apr_size_t used = 0;

    memset(event, 0, sizeof(*event));
    event->seen = FCT_INBOUND_NEED_MORE;
    while (used < len && event->seen == FCT_INBOUND_NEED_MORE && in->part != FCT_INBOUND_PART_FAULT) {
        used += take_some(in, buf + used, len - used, event);
    }
    return used;
}
