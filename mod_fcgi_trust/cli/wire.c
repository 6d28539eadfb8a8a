/* A stream of FastCGI bytes as lines, one a record. It judges nothing: that is the response grammar's. */
#include "inbound.h"
#include "wire.h"

#define PAIR_INDENT "     "

void fct_wire_init(fct_wire_t *wire, const char *arrow, apr_pool_t *p)
{
    memset(wire, 0, sizeof(*wire));
    wire->arrow = arrow;
    fct_out_init(&wire->pairs, p);
}

static unsigned number_at(const void *bytes, apr_size_t at)
{
    const unsigned char *b = (const unsigned char *)bytes + at;

    return ((unsigned)b[0] << 8) | b[1];
}

static const char *protocol_status_name(unsigned char status)
{
    static const char *const names[] = { "complete", "can't multiplex", "overloaded", "unknown role" };

    return status < sizeof(names) / sizeof(names[0]) ? names[status] : "unknown";
}

static const char *role_name(unsigned role)
{
    static const char *const names[] = { "unknown", "responder", "authorizer", "filter" };

    return role < sizeof(names) / sizeof(names[0]) ? names[role] : names[0];
}

static void add_begin(const char *body, fct_out_t *out)
{
    fct_out_addf(out, ": role %u (%s), flags %u%s", number_at(body, 0), role_name(number_at(body, 0)), (unsigned char)body[2], body[2] & 1 ? " (keep the connection)" : "");
}

static void add_end(const char *body, fct_out_t *out)
{
    fct_out_addf(out, ": appStatus %lu, protocolStatus %u (%s)", ((unsigned long)number_at(body, 0) << 16) | number_at(body, 2),
                 (unsigned char)body[4], protocol_status_name((unsigned char)body[4]));
}

/* --- pairs --- */

static int has_pairs(unsigned type)
{
    return type == FCT_RECORD_PARAMS || type == FCT_RECORD_GET_VALUES || type == FCT_RECORD_GET_VALUES_RESULT;
}

/* The next pair that is there completely. */
static int take_pair(fct_wire_t *wire, fct_bytes_t *name, fct_bytes_t *value)
{
    fct_bytes_t bytes = fct_out_bytes(&wire->pairs);
    apr_size_t at = wire->pairs_shown;
    apr_size_t name_len, value_len;

    if (!fct_inbound_read_length(bytes, &at, &name_len) || !fct_inbound_read_length(bytes, &at, &value_len) || name_len > bytes.len - at
        || value_len > bytes.len - at - name_len) {
        return 0;
    }
    *name = fct_bytes_make(bytes.at + at, name_len);
    *value = fct_bytes_make(bytes.at + at + name_len, value_len);
    wire->pairs_shown = at + name_len + value_len;
    return 1;
}

static int is_secret(const fct_wire_t *wire, fct_bytes_t name)
{
    int i;

    for (i = 0; wire->secrets && i < wire->secrets->nelts; i++) {
        if (fct_bytes_equal(APR_ARRAY_IDX(wire->secrets, i, fct_bytes_t), name)) {
            return 1;
        }
    }
    return 0;
}

static void add_pairs(fct_wire_t *wire, fct_out_t *out)
{
    fct_bytes_t name, value;

    while (take_pair(wire, &name, &value)) {
        fct_out_add_string(out, PAIR_INDENT);
        fct_out_add_line_escaped(out, name, "=");
        fct_out_add_string(out, "=");
        fct_out_add_line_escaped(out, is_secret(wire, name) ? FCT_BYTES_LITERAL(FCT_RULE_LIST_SECRET) : value, "");
        fct_out_add_string(out, "\n");
    }
    if (wire->pairs_shown < wire->pairs.len) {
        fct_out_addf(out, PAIR_INDENT "(%" APR_SIZE_T_FMT " bytes of a pair that goes on)\n", wire->pairs.len - wire->pairs_shown);
    } else {
        wire->pairs.len = wire->pairs_shown = 0;
    }
}

/* --- records --- */

static void add_content(const fct_wire_t *wire, fct_out_t *out)
{
    unsigned type = wire->header[1];
    apr_size_t content_len = number_at(wire->header, 4);
    int is_whole_body = content_len == 8 && wire->excerpt_len == 8;

    if (type == FCT_RECORD_BEGIN_REQUEST && is_whole_body) {
        add_begin(wire->excerpt, out);
    } else if (type == FCT_RECORD_END_REQUEST && is_whole_body) {
        add_end(wire->excerpt, out);
    } else if (type == FCT_RECORD_UNKNOWN_TYPE && is_whole_body) {
        fct_out_addf(out, ": type %u", (unsigned char)wire->excerpt[0]);
    } else if (wire->excerpt_len && !has_pairs(type)) {
        fct_out_add_string(out, ": ");
        fct_out_add_line_escaped(out, fct_bytes_make(wire->excerpt, wire->excerpt_len), "");
        fct_out_add_string(out, wire->excerpt_len < content_len ? "..." : "");
    }
}

static void add_record(fct_wire_t *wire, const char *remark, fct_out_t *out)
{
    const unsigned char *h = wire->header;

    fct_out_addf(out, "%s record %lu: ", wire->arrow, wire->records);
    if (h[0] != FCT_RECORD_VERSION) {
        fct_out_addf(out, "version %u, ", h[0]);
    }
    fct_out_addf(out, "%s (type %u), id %u, content %u, padding %u", fct_record_type_name(h[1]), h[1], number_at(h, 2), number_at(h, 4), h[6]);
    if (h[7]) {
        fct_out_addf(out, ", reserved %u", h[7]);
    }
    add_content(wire, out);
    fct_out_addf(out, "%s\n", remark);
    if (has_pairs(h[1])) {
        add_pairs(wire, out);
    }
}

static apr_size_t smaller(apr_size_t a, apr_size_t b)
{
    return a < b ? a : b;
}

static apr_size_t take_header(fct_wire_t *wire, const char *at, apr_size_t len)
{
    apr_size_t n = smaller(len, FCT_RECORD_HEADER_LEN - wire->header_len);

    memcpy(wire->header + wire->header_len, at, n);
    wire->header_len += n;
    if (wire->header_len == FCT_RECORD_HEADER_LEN) {
        wire->records++;
        wire->content_left = number_at(wire->header, 4);
        wire->padding_left = wire->header[6];
        wire->excerpt_len = 0;
    }
    return n;
}

static apr_size_t take_content(fct_wire_t *wire, const char *at, apr_size_t len)
{
    apr_size_t n = smaller(len, wire->content_left);
    apr_size_t kept = smaller(n, FCT_WIRE_EXCERPT - wire->excerpt_len);

    if (has_pairs(wire->header[1])) {
        fct_out_add(&wire->pairs, at, n);
    }
    memcpy(wire->excerpt + wire->excerpt_len, at, kept);
    wire->excerpt_len += kept;
    wire->content_left -= n;
    return n;
}

void fct_wire_show(fct_wire_t *wire, const char *at, apr_size_t len, fct_out_t *out)
{
    while (len) {
        apr_size_t n;

        if (wire->header_len < FCT_RECORD_HEADER_LEN) {
            n = take_header(wire, at, len);
        } else if (wire->content_left) {
            n = take_content(wire, at, len);
        } else {
            n = smaller(len, wire->padding_left);
            wire->padding_left -= n;
        }
        if (wire->header_len == FCT_RECORD_HEADER_LEN && !wire->content_left && !wire->padding_left) {
            add_record(wire, "", out);
            wire->header_len = 0;
        }
        at += n;
        len -= n;
    }
}

void fct_wire_show_rest(fct_wire_t *wire, fct_out_t *out)
{
    if (wire->header_len == FCT_RECORD_HEADER_LEN) {
        add_record(wire, " (cut off)", out);
    } else if (wire->header_len) {
        fct_out_addf(out, "%s record %lu: %d bytes of a header (cut off)\n", wire->arrow, wire->records + 1, (int)wire->header_len);
    }
}
