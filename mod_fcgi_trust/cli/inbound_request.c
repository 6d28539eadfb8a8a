/* The request that a web server is sending: its pairs noted as they come, its body counted and digested. */
#include "inbound_state.h"

/* Where a pair stands in the bytes of PARAMS. */
typedef struct pair_offset_t {
    apr_size_t name;
    apr_size_t name_len;
    apr_size_t value_len;
} pair_offset_t;

void fct_inbound_request_begin(fct_inbound_t *in)
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
    in->phase = FCT_INBOUND_PHASE_PARAMS;
}

void fct_inbound_next(fct_inbound_t *in)
{
    if (in->phase != FCT_INBOUND_PHASE_IDLE) {
        in->last_id = in->request.id;
        apr_pool_destroy(in->request.pool);
        in->phase = FCT_INBOUND_PHASE_IDLE;
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

int fct_inbound_request_scan(fct_inbound_t *in)
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
    return in->offsets->nelts;
}

void fct_inbound_request_take_stdin(fct_inbound_t *in, const char *at, apr_size_t len)
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

void fct_inbound_request_finish(fct_inbound_t *in)
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
    in->phase = FCT_INBOUND_PHASE_WHOLE;
}

/* What grows leaves its smaller selves in the pool: together as much again. */
apr_size_t fct_inbound_held(const fct_inbound_t *in)
{
    return in->phase == FCT_INBOUND_PHASE_IDLE ? 0 : 2 * (in->params.room + (apr_size_t)in->offsets->nalloc * sizeof(pair_offset_t));
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
