/* FCGI_PARAMS: name-value pairs encoded once, straight into the records that go out.
 *
 *   BEGIN_REQUEST   PARAMS header  pairs …   PARAMS header  pairs …   empty PARAMS
 *   16              8              <= 65535  8              <= 65535  8
 *
 * Room for the first and the last is always there. The header of the last PARAMS record is right after every addition, so
 * that sealing only writes headers. */
#include "params.h"

#include <stdlib.h>

#define LENGTH_SHORT_MAX 127
#define LENGTH_LONG_FLAG 0x80
#define ID_BEFORE_SEAL 1      /* in headers that fct_params_seal has not written yet */
#define NO_RECORD 0           /* no PARAMS record begins at offset 0 */

struct fct_params_t {
    apr_pool_t *pool;
    unsigned char *buf;
    apr_size_t used;          /* BEGIN_REQUEST's room included, the end marker's not */
    apr_size_t room;          /* of buf, without the end marker's room */
    apr_size_t record;        /* offset of the last PARAMS record, or NO_RECORD */
    apr_size_t pairs;         /* bytes of pairs with their lengths */
    apr_size_t limit;
    int is_sealed;
};

fct_finding_id_t fct_params_finding(fct_params_status_t status)
{
    switch (status) {
    case FCT_PARAMS_PAIR_TOO_LARGE:
        return FCT_FINDING_PARAM_TOO_LARGE;
    case FCT_PARAMS_TOO_LARGE:
        return FCT_FINDING_PARAMS_TOO_LARGE;
    case FCT_PARAMS_OK:
        break;
    }
    return FCT_FINDING_NONE;
}

static unsigned char *allocate(fct_params_t *params, apr_size_t room)
{
    params->room = room;
    return (unsigned char *)apr_palloc(params->pool, room + FCT_RECORD_HEADER_LEN);
}

fct_params_t *fct_params_create(apr_size_t expected, apr_size_t limit, apr_pool_t *p)
{
    fct_params_t *params = (fct_params_t *)apr_pcalloc(p, sizeof(*params));

    params->pool = p;
    params->limit = limit;
    params->used = FCT_RECORD_BEGIN_LEN;
    params->record = NO_RECORD;
    params->buf = allocate(params, FCT_RECORD_BEGIN_LEN + FCT_RECORD_HEADER_LEN + expected);
    return params;
}

static void reserve(fct_params_t *params, apr_size_t more)
{
    unsigned char *old = params->buf;
    apr_size_t room = params->room;

    if (params->used + more <= room) {
        return;
    }
    while (params->used + more > room) {
        room *= 2;
    }
    params->buf = allocate(params, room);
    memcpy(params->buf, old, params->used);
}

static apr_size_t record_content(const fct_params_t *params)
{
    return params->used - params->record - FCT_RECORD_HEADER_LEN;
}

static apr_size_t length_size(apr_size_t length)
{
    return length <= LENGTH_SHORT_MAX ? 1 : 4;
}

/* FastCGI 1.0 §3.4: one byte up to 127, else four with the high bit set. */
static void put_length(fct_params_t *params, apr_size_t length)
{
    unsigned char *out = params->buf + params->used;

    if (length <= LENGTH_SHORT_MAX) {
        out[0] = (unsigned char)length;
    }
    else {
        out[0] = (unsigned char)(length >> 24 | LENGTH_LONG_FLAG);
        out[1] = (unsigned char)(length >> 16);
        out[2] = (unsigned char)(length >> 8);
        out[3] = (unsigned char)length;
    }
    params->used += length_size(length);
}

static void put_bytes(fct_params_t *params, fct_bytes_t bytes)
{
    if (bytes.len > 0) {
        memcpy(params->buf + params->used, bytes.at, bytes.len);
        params->used += bytes.len;
    }
}

/* The length of all pieces; anything above what a record holds where they are longer. */
static apr_size_t total_length(const fct_bytes_t *pieces, apr_size_t n)
{
    apr_size_t i, total = 0;

    for (i = 0; i < n && total <= FCT_RECORD_CONTENT_MAX; i++) {
        total += pieces[i].len > FCT_RECORD_CONTENT_MAX ? FCT_RECORD_CONTENT_MAX + 1 : pieces[i].len;
    }
    return total;
}

/* Room for one pair of `size` bytes, in the last record or in a new one. */
static void place_pair(fct_params_t *params, apr_size_t size)
{
    reserve(params, FCT_RECORD_HEADER_LEN + size);
    if (params->record == NO_RECORD || record_content(params) + size > FCT_RECORD_CONTENT_MAX) {
        params->record = params->used;
        params->used += FCT_RECORD_HEADER_LEN;
    }
}

int fct_params_fits(apr_size_t name, apr_size_t value)
{
    return name <= FCT_RECORD_CONTENT_MAX && value <= FCT_RECORD_CONTENT_MAX
        && length_size(name) + length_size(value) + name + value <= FCT_RECORD_CONTENT_MAX;
}

fct_params_status_t fct_params_add(fct_params_t *params, fct_bytes_t name, const fct_bytes_t *pieces, apr_size_t n)
{
    apr_size_t value_len = total_length(pieces, n);
    apr_size_t size = length_size(name.len) + length_size(value_len) + name.len + value_len;
    apr_size_t i;

    if (params->is_sealed) {
        abort();
    }
    if (!fct_params_fits(name.len, value_len)) {
        return FCT_PARAMS_PAIR_TOO_LARGE;
    }
    if (size > params->limit - params->pairs) {
        return FCT_PARAMS_TOO_LARGE;
    }
    place_pair(params, size);
    put_length(params, name.len);
    put_length(params, value_len);
    put_bytes(params, name);
    for (i = 0; i < n; i++) {
        put_bytes(params, pieces[i]);
    }
    params->pairs += size;
    fct_record_put_header(params->buf + params->record, FCT_RECORD_PARAMS, ID_BEFORE_SEAL, record_content(params));
    return FCT_PARAMS_OK;
}

/* The content length in the PARAMS header at this offset. */
static apr_size_t content_at(const fct_params_t *params, apr_size_t record)
{
    return (apr_size_t)params->buf[record + 4] << 8 | params->buf[record + 5];
}

static apr_size_t next_record(const fct_params_t *params, apr_size_t record)
{
    return record + FCT_RECORD_HEADER_LEN + content_at(params, record);
}

fct_bytes_t fct_params_seal(fct_params_t *params, unsigned request_id, int keep_conn)
{
    apr_size_t at;

    params->is_sealed = 1;
    fct_record_put_begin(params->buf, request_id, keep_conn);
    for (at = FCT_RECORD_BEGIN_LEN; at < params->used; at = next_record(params, at)) {
        fct_record_put_header(params->buf + at, FCT_RECORD_PARAMS, request_id, content_at(params, at));
    }
    fct_record_put_header(params->buf + params->used, FCT_RECORD_PARAMS, request_id, 0);
    return fct_bytes_make((const char *)params->buf, params->used + FCT_RECORD_HEADER_LEN);
}

static apr_size_t get_length(const fct_params_t *params, apr_size_t *at)
{
    const unsigned char *in = params->buf + *at;

    if (in[0] <= LENGTH_SHORT_MAX) {
        *at += 1;
        return in[0];
    }
    *at += 4;
    return (apr_size_t)(in[0] & ~LENGTH_LONG_FLAG) << 24 | (apr_size_t)in[1] << 16 | (apr_size_t)in[2] << 8 | in[3];
}

/* Where the pair at or after this offset begins: behind the header if the offset is a record's. */
static apr_size_t skip_header(const fct_params_t *params, apr_size_t at)
{
    apr_size_t record = FCT_RECORD_BEGIN_LEN;

    while (record < at) {
        record = next_record(params, record);
    }
    return record == at ? at + FCT_RECORD_HEADER_LEN : at;
}

int fct_params_next(const fct_params_t *params, apr_size_t *cookie, fct_bytes_t *name, fct_bytes_t *value)
{
    apr_size_t at = *cookie ? *cookie : FCT_RECORD_BEGIN_LEN;

    if (at >= params->used) {
        return 0;
    }
    at = skip_header(params, at);
    name->len = get_length(params, &at);
    value->len = get_length(params, &at);
    name->at = (const char *)params->buf + at;
    value->at = name->at + name->len;
    *cookie = at + name->len + value->len;
    return 1;
}

apr_size_t fct_params_size(const fct_params_t *params)
{
    return params->pairs;
}
