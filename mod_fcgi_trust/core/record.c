/* FastCGI records on the wire: encoding of headers, and a strict decoder for what a backend may send. */
#include "record.h"

#include <apr_strings.h>
#include <stdlib.h>

#define ID_MAX 65535
#define ROLE_RESPONDER 1
#define FLAG_KEEP_CONN 1

static void put16(unsigned char *out, apr_size_t value)
{
    out[0] = (unsigned char)(value >> 8);
    out[1] = (unsigned char)value;
}

static unsigned get16(const unsigned char *in)
{
    return (unsigned)in[0] << 8 | in[1];
}

static apr_uint32_t get32(const unsigned char *in)
{
    return (apr_uint32_t)get16(in) << 16 | get16(in + 2);
}

void fct_record_put_header(unsigned char out[FCT_RECORD_HEADER_LEN], fct_record_type_t type, unsigned request_id,
                           apr_size_t content_len)
{
    if (content_len > FCT_RECORD_CONTENT_MAX || request_id == 0 || request_id > ID_MAX) {
        abort();
    }
    out[0] = FCT_RECORD_VERSION;
    out[1] = (unsigned char)type;
    put16(out + 2, request_id);
    put16(out + 4, content_len);
    out[6] = 0;
    out[7] = 0;
}

void fct_record_put_begin(unsigned char out[FCT_RECORD_BEGIN_LEN], unsigned request_id, int keep_conn)
{
    unsigned char *body = out + FCT_RECORD_HEADER_LEN;

    fct_record_put_header(out, FCT_RECORD_BEGIN_REQUEST, request_id, FCT_RECORD_BEGIN_LEN - FCT_RECORD_HEADER_LEN);
    memset(body, 0, FCT_RECORD_BEGIN_LEN - FCT_RECORD_HEADER_LEN);
    put16(body, ROLE_RESPONDER);
    body[2] = keep_conn ? FLAG_KEEP_CONN : 0;
}

void fct_record_decoder_init(fct_record_decoder_t *d, unsigned request_id)
{
    memset(d, 0, sizeof(*d));
    d->request_id = request_id;
}

static fct_finding_id_t check_type(unsigned type)
{
    switch (type) {
    case FCT_RECORD_STDOUT:
    case FCT_RECORD_STDERR:
    case FCT_RECORD_END_REQUEST:
        return FCT_FINDING_NONE;
    case FCT_RECORD_BEGIN_REQUEST:
    case FCT_RECORD_ABORT_REQUEST:
    case FCT_RECORD_PARAMS:
    case FCT_RECORD_STDIN:
    case FCT_RECORD_DATA:
    case FCT_RECORD_GET_VALUES:
        return FCT_FINDING_RECORD_FROM_SERVER;
    case FCT_RECORD_GET_VALUES_RESULT:
    case FCT_RECORD_UNKNOWN_TYPE:
        return FCT_FINDING_RECORD_UNASKED;
    default:
        return FCT_FINDING_RECORD_TYPE;
    }
}

static fct_finding_id_t check_header(const fct_record_decoder_t *d)
{
    fct_finding_id_t finding;

    if (d->version != FCT_RECORD_VERSION) {
        return FCT_FINDING_RECORD_VERSION;
    }
    finding = check_type(d->type);
    if (finding != FCT_FINDING_NONE) {
        return finding;
    }
    if (d->received_id == 0) {
        return FCT_FINDING_RECORD_ID_ZERO;
    }
    if (d->received_id != d->request_id) {
        return FCT_FINDING_RECORD_ID;
    }
    if (d->type == FCT_RECORD_END_REQUEST && d->content_len != FCT_RECORD_END_BODY_LEN) {
        return FCT_FINDING_RECORD_END_LENGTH;
    }
    return FCT_FINDING_NONE;
}

static void report(fct_record_decoder_t *d, fct_record_event_t *event, fct_record_event_kind_t kind)
{
    event->kind = kind;
    event->type = (fct_record_type_t)d->type;
    event->finding = d->fault;
}

static void begin_record(fct_record_decoder_t *d, const unsigned char *header, fct_record_event_t *event)
{
    d->version = header[0];
    d->type = header[1];
    d->received_id = get16(header + 2);
    d->content_len = get16(header + 4);
    d->records++;
    d->fault = check_header(d);
    if (d->fault != FCT_FINDING_NONE) {
        report(d, event, FCT_RECORD_FAULT);
        return;
    }
    d->content_left = d->content_len;
    d->padding_left = header[6];
    if (d->content_len == 0) {
        report(d, event, FCT_RECORD_STREAM_END);
    }
}

/* The next eight bytes in *whole: where they stand in buf, or collected in d->part; NULL while some are missing. */
static apr_size_t collect(fct_record_decoder_t *d, const char *buf, apr_size_t len, const unsigned char **whole)
{
    apr_size_t n = sizeof(d->part) - d->part_len;

    *whole = NULL;
    if (d->part_len == 0 && len >= n) {
        *whole = (const unsigned char *)buf;
        return n;
    }
    if (n > len) {
        n = len;
    }
    memcpy(d->part + d->part_len, buf, n);
    d->part_len += (unsigned)n;
    if (d->part_len == sizeof(d->part)) {
        d->part_len = 0;
        *whole = d->part;
    }
    return n;
}

static apr_size_t take_header(fct_record_decoder_t *d, const char *buf, apr_size_t len, fct_record_event_t *event)
{
    const unsigned char *header;
    apr_size_t n = collect(d, buf, len, &header);

    if (header) {
        begin_record(d, header, event);
    }
    return n;
}

/*  0          4                5          8
 *  appStatus  protocolStatus   reserved
 *  4, big e.  1                3           FastCGI 1.0 §5.5 */
static apr_size_t take_end_request(fct_record_decoder_t *d, const char *buf, apr_size_t len, fct_record_event_t *event)
{
    const unsigned char *body;
    apr_size_t n = collect(d, buf, len, &body);

    d->content_left -= n;
    if (body) {
        event->app_status = get32(body);
        event->protocol_status = body[4];
        report(d, event, FCT_RECORD_END);
    }
    return n;
}

static apr_size_t take_content(fct_record_decoder_t *d, const char *buf, apr_size_t len, fct_record_event_t *event)
{
    apr_size_t n = len < d->content_left ? len : d->content_left;

    if (d->type == FCT_RECORD_END_REQUEST) {
        return take_end_request(d, buf, n, event);
    }
    d->content_left -= n;
    event->content = fct_bytes_make(buf, n);
    report(d, event, FCT_RECORD_CONTENT);
    return n;
}

static apr_size_t skip_padding(fct_record_decoder_t *d, apr_size_t len)
{
    apr_size_t n = len < d->padding_left ? len : d->padding_left;

    d->padding_left -= n;
    return n;
}

apr_size_t fct_record_decode(fct_record_decoder_t *d, const char *buf, apr_size_t len, fct_record_event_t *event)
{
    apr_size_t at = 0;

    memset(event, 0, sizeof(*event));
    if (d->fault != FCT_FINDING_NONE) {
        report(d, event, FCT_RECORD_FAULT);
    }
    while (at < len && event->kind == FCT_RECORD_NEED_MORE) {
        if (d->content_left > 0) {
            at += take_content(d, buf + at, len - at, event);
        }
        else if (d->padding_left > 0) {
            at += skip_padding(d, len - at);
        }
        else {
            at += take_header(d, buf + at, len - at, event);
        }
    }
    return at;
}

void fct_record_decoder_unread(fct_record_decoder_t *d, apr_size_t n)
{
    d->content_left += n;
}

int fct_record_decoder_is_between(const fct_record_decoder_t *d)
{
    return d->content_left == 0 && d->padding_left == 0 && d->part_len == 0 && d->fault == FCT_FINDING_NONE;
}

const char *fct_record_type_name(unsigned type)
{
    static const char *const names[] = {
        NULL,     "BEGIN_REQUEST", "ABORT_REQUEST", "END_REQUEST", "PARAMS",            "STDIN",
        "STDOUT", "STDERR",        "DATA",          "GET_VALUES",  "GET_VALUES_RESULT", "UNKNOWN_TYPE",
    };

    if (type == 0 || type >= sizeof(names) / sizeof(names[0])) {
        return "unknown type";
    }
    return names[type];
}

const char *fct_record_decoder_place(const fct_record_decoder_t *d, apr_pool_t *p)
{
    if (d->records == 0) {
        return "before the first record";
    }
    return apr_psprintf(p, "record %" APR_UINT64_T_FMT " (%s, id %u, %" APR_SIZE_T_FMT " bytes)", d->records, fct_record_type_name(d->type),
                        d->received_id, d->content_len);
}

const char *fct_record_decoder_place_of_end(const fct_record_decoder_t *d, apr_pool_t *p)
{
    if (d->content_left + d->padding_left > 0) {
        return apr_psprintf(p, "%" APR_SIZE_T_FMT " bytes of this record missing", d->content_left + d->padding_left);
    }
    return d->part_len > 0 ? "in the middle of the next record's header" : "where a record may begin";
}
