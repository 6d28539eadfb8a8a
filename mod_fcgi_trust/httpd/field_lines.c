/* Watching header lines: which names came more than once. */
#include "field_lines.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <util_filter.h>

#define FILTER "FCGI_TRUST_FIELD_LINES"
#define LINE_MAX_LEN (1024 * 1024)     /* httpd's own limits are far below */
#define NAMES_MAX 1024

typedef enum state_t {
    STATE_REQUEST_LINE,                /* and the empty lines that may come before it */
    STATE_FIELDS
} state_t;

struct fct_field_lines_t {
    request_rec *r;
    state_t state;
    apr_array_header_t *hashes;        /* of apr_uint32_t: the names so far */
    apr_array_header_t *repeated;      /* of fct_repeated_line_t; NULL: none */
    char *part;                        /* a line that comes in pieces; NULL: none has begun */
    apr_size_t part_len, part_size;
};

static ap_filter_rec_t *filter_record;

static apr_uint32_t hash_of(const char *name, apr_size_t len)
{
    apr_uint32_t hash = 2166136261u;   /* FNV-1a */

    while (len--) {
        hash = (hash ^ fct_bytes_lower((unsigned char)*name++)) * 16777619u;
    }
    return hash;
}

static int is_known(const fct_field_lines_t *lines, apr_uint32_t hash)
{
    int i;

    for (i = 0; i < lines->hashes->nelts; i++) {
        if (APR_ARRAY_IDX(lines->hashes, i, apr_uint32_t) == hash) {
            return 1;
        }
    }
    return 0;
}

/* Two names of one hash are told apart by who asks: fct_field_lines_further compares names. */
static void add_repeated(fct_field_lines_t *lines, const char *line, apr_size_t name_len, apr_size_t len)
{
    apr_pool_t *p = lines->r->pool;
    fct_repeated_line_t *repeated;
    const char *value = line + name_len + 1, *end = line + len;

    while (value < end && (*value == ' ' || *value == '\t')) {
        value++;
    }
    while (end > value && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    if (!lines->repeated) {
        lines->repeated = apr_array_make(p, 2, sizeof(fct_repeated_line_t));
    }
    repeated = apr_array_push(lines->repeated);
    repeated->name = apr_pstrmemdup(p, line, name_len);
    repeated->value = apr_pstrmemdup(p, value, (apr_size_t)(end - value));
}

static void take_field(fct_field_lines_t *lines, const char *line, apr_size_t len)
{
    const char *colon = memchr(line, ':', len);
    apr_uint32_t hash;

    if (!colon || lines->hashes->nelts >= NAMES_MAX) {
        return;                        /* httpd refuses such a line, and so many of them */
    }
    hash = hash_of(line, (apr_size_t)(colon - line));
    if (is_known(lines, hash)) {
        add_repeated(lines, line, (apr_size_t)(colon - line), len);
    }
    else {
        APR_ARRAY_PUSH(lines->hashes, apr_uint32_t) = hash;
    }
}

/* Returns 0 when the header is over. */
static int take_line(fct_field_lines_t *lines, const char *line, apr_size_t len)
{
    if (len && line[len - 1] == '\n') {
        len--;
    }
    if (len && line[len - 1] == '\r') {
        len--;
    }
    if (lines->state == STATE_REQUEST_LINE) {
        lines->state = len ? STATE_FIELDS : STATE_REQUEST_LINE;
        return 1;
    }
    if (len) {
        take_field(lines, line, len);
    }
    return len > 0;
}

static void add_part(fct_field_lines_t *lines, const char *data, apr_size_t len)
{
    if (lines->part_len + len > LINE_MAX_LEN) {
        return;
    }
    if (lines->part_len + len > lines->part_size) {
        char *part = apr_palloc(lines->r->pool, 2 * (lines->part_len + len));

        if (lines->part_len) {
            memcpy(part, lines->part, lines->part_len);
        }
        lines->part = part;
        lines->part_size = 2 * (lines->part_len + len);
    }
    memcpy(lines->part + lines->part_len, data, len);
    lines->part_len += len;
}

/* Returns 0 when the header is over. */
static int take_data(fct_field_lines_t *lines, const char *data, apr_size_t len)
{
    int goes_on = 1;

    if (len == 0) {
        return 1;
    }
    if (lines->part_len == 0 && data[len - 1] == '\n') {
        return take_line(lines, data, len);
    }
    add_part(lines, data, len);
    if (data[len - 1] == '\n') {
        goes_on = take_line(lines, lines->part, lines->part_len);
        lines->part_len = 0;
    }
    return goes_on;
}

static apr_status_t watch(ap_filter_t *f, apr_bucket_brigade *bb, ap_input_mode_t mode, apr_read_type_e block, apr_off_t readbytes)
{
    fct_field_lines_t *lines = f->ctx;
    apr_status_t rv = ap_get_brigade(f->next, bb, mode, block, readbytes);
    apr_bucket *b;
    int goes_on = mode == AP_MODE_GETLINE;

    for (b = APR_BRIGADE_FIRST(bb); rv == APR_SUCCESS && goes_on && b != APR_BRIGADE_SENTINEL(bb); b = APR_BUCKET_NEXT(b)) {
        const char *data;
        apr_size_t len;

        if (!APR_BUCKET_IS_METADATA(b) && apr_bucket_read(b, &data, &len, APR_BLOCK_READ) == APR_SUCCESS) {
            goes_on = take_data(lines, data, len);
        }
    }
    if (!goes_on) {
        ap_remove_input_filter(f);
    }
    return rv;
}

void fct_field_lines_register_hooks(void)
{
    filter_record = ap_register_input_filter(FILTER, watch, NULL, AP_FTYPE_PROTOCOL);
}

fct_field_lines_t *fct_field_lines_watch(request_rec *r)
{
    fct_field_lines_t *lines;

    if (r->connection->master) {
        return NULL;
    }
    lines = apr_pcalloc(r->pool, sizeof(*lines));
    lines->r = r;
    lines->hashes = apr_array_make(r->pool, 24, sizeof(apr_uint32_t));
    ap_add_input_filter_handle(filter_record, lines, r, r->connection);
    return lines;
}

const char *fct_field_lines_further(const fct_field_lines_t *lines, const char *name, int i)
{
    int k;

    for (k = 0; lines && lines->repeated && k < lines->repeated->nelts; k++) {
        const fct_repeated_line_t *line = &APR_ARRAY_IDX(lines->repeated, k, fct_repeated_line_t);

        if (ap_cstr_casecmp(line->name, name) == 0 && i-- == 0) {
            return line->value;
        }
    }
    return NULL;
}

const fct_field_lines_t *fct_field_lines_copy(const fct_field_lines_t *lines, apr_pool_t *p)
{
    fct_field_lines_t *copy = apr_pcalloc(p, sizeof(*copy));
    int i;

    if (lines->repeated) {
        copy->repeated = apr_array_copy(p, lines->repeated);
    }
    for (i = 0; copy->repeated && i < copy->repeated->nelts; i++) {
        fct_repeated_line_t *line = &APR_ARRAY_IDX(copy->repeated, i, fct_repeated_line_t);

        line->name = apr_pstrdup(p, line->name);
        line->value = apr_pstrdup(p, line->value);
    }
    return copy;
}
