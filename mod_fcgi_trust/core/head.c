/* The CGI header block of a response (RFC 3875 §6): bytes in, checked fields out.
 *
 * Bytes are appended to one block and looked at once: for the line end as they arrive, for the grammar when their line is whole.
 * Fields are kept as offsets until the block is complete, because the block moves when it grows. */
#include "head.h"

#include "escape.h"
#include "head_field.h"

#include <apr_strings.h>

#define BLOCK_ROOM_AT_FIRST 1024
#define FIELDS_ROOM_AT_FIRST 16
#define EXCERPT_MAX 64

/* One field as offsets into the block. */
typedef struct span_t {
    apr_size_t name_at, name_len;
    apr_size_t value_at, value_len;
    int line;
    int is_removed;
    fct_head_field_kind_t kind;
} span_t;

/* What is known of the block at hand. */
typedef struct block_t {
    char *bytes;
    apr_size_t used, room;
    apr_size_t line_at;                          /* where the line at hand begins */
    int line;                                    /* its number, from 0 */
    span_t *spans;
    apr_size_t nspans, spans_room;
    int status;                                  /* 0: none yet */
    apr_int64_t content_length;                  /* -1: none yet */
    apr_size_t seen[FCT_HEAD_FIELD_KINDS];       /* index + 1 of the last span of each kind; 0: none */
} block_t;

struct fct_head_parser_t {
    apr_pool_t *pool;
    fct_head_limits_t limits;
    block_t block;
    int is_complete;                             /* the next byte begins another block */
    fct_head_t *head;                            /* of the last complete block */
    fct_finding_id_t fault;
    int fault_line;
    const char *excerpt;
};

fct_head_parser_t *fct_head_parser_create(const fct_head_limits_t *limits, apr_pool_t *p)
{
    fct_head_parser_t *parser = (fct_head_parser_t *)apr_pcalloc(p, sizeof(*parser));

    parser->pool = p;
    parser->limits = *limits;
    parser->block.content_length = -1;
    parser->excerpt = "";
    return parser;
}

/* The last block and its head stay in the pool: the caller may still hold them. */
static void begin_block(fct_head_parser_t *parser)
{
    memset(&parser->block, 0, sizeof(parser->block));
    parser->block.content_length = -1;
    parser->is_complete = 0;
}

/* Of a line, as much as a log may have: what follows an equals sign may be a cookie or a token. */
static const char *excerpt_of(fct_bytes_t line, apr_pool_t *p)
{
    const char *equals = line.len ? (const char *)memchr(line.at, '=', line.len) : NULL;
    apr_size_t max = equals && equals - line.at < EXCERPT_MAX ? (apr_size_t)(equals - line.at) + 1 : EXCERPT_MAX;

    return fct_escape_copy(line, max, p);
}

static fct_finding_id_t fail(fct_head_parser_t *parser, fct_finding_id_t finding, int line, fct_bytes_t text)
{
    parser->fault = finding;
    parser->fault_line = line + 1;
    parser->excerpt = excerpt_of(text, parser->pool);
    return finding;
}

static fct_finding_id_t fail_line(fct_head_parser_t *parser, fct_finding_id_t finding, fct_bytes_t line)
{
    return fail(parser, finding, parser->block.line, line);
}

static fct_bytes_t span_name(const block_t *block, const span_t *span)
{
    return fct_bytes_make(block->bytes + span->name_at, span->name_len);
}

static fct_bytes_t span_value(const block_t *block, const span_t *span)
{
    return fct_bytes_make(block->bytes + span->value_at, span->value_len);
}

/* A fault that shows only once the block is complete. */
static fct_finding_id_t fail_span(fct_head_parser_t *parser, fct_finding_id_t finding, const span_t *span)
{
    const char *line = apr_pstrcat(parser->pool, span_name(&parser->block, span).at, ": ",
                                   span_value(&parser->block, span).at, NULL);

    return fail(parser, finding, span->line, fct_bytes_of(line));
}

/* Doubles, up to the cap. The caller has checked that `more` stays within it. */
static void reserve(fct_head_parser_t *parser, apr_size_t more)
{
    block_t *block = &parser->block;
    apr_size_t room = block->room ? block->room : BLOCK_ROOM_AT_FIRST;
    char *old = block->bytes;

    if (block->used + more <= block->room) {
        return;
    }
    while (room < block->used + more) {
        room *= 2;
    }
    block->room = room < parser->limits.max_bytes ? room : parser->limits.max_bytes;
    block->bytes = (char *)apr_palloc(parser->pool, block->room);
    if (block->used > 0) {
        memcpy(block->bytes, old, block->used);
    }
}

static span_t *add_span(fct_head_parser_t *parser)
{
    block_t *block = &parser->block;
    span_t *old = block->spans;

    if (block->nspans == block->spans_room) {
        block->spans_room = old ? 2 * block->spans_room : FIELDS_ROOM_AT_FIRST;
        block->spans = (span_t *)apr_palloc(parser->pool, block->spans_room * sizeof(span_t));
        if (old) {
            memcpy(block->spans, old, block->nspans * sizeof(span_t));
        }
    }
    return &block->spans[block->nspans++];
}

static void keep_field(fct_head_parser_t *parser, const fct_head_field_t *field)
{
    block_t *block = &parser->block;
    span_t *span = add_span(parser);

    span->name_at = (apr_size_t)(field->name.at - block->bytes);
    span->name_len = field->name.len;
    span->value_at = (apr_size_t)(field->value.at - block->bytes);
    span->value_len = field->value.len;
    span->line = block->line;
    span->kind = field->kind;
    span->is_removed = field->kind == FCT_HEAD_FIELD_CONNECTION || field->kind == FCT_HEAD_FIELD_HOP_BY_HOP;
    block->bytes[span->name_at + span->name_len] = '\0';      /* was the colon */
    block->bytes[span->value_at + span->value_len] = '\0';    /* was a blank or the line end */
    block->seen[field->kind] = block->nspans;
}

/* Content-Type, Location: once, or again with the same value, which is then left out. */
static fct_finding_id_t take_single(fct_head_parser_t *parser, const fct_head_field_t *field, fct_finding_id_t repeated)
{
    const block_t *block = &parser->block;

    if (block->seen[field->kind] == 0) {
        keep_field(parser, field);
        return FCT_FINDING_NONE;
    }
    return fct_bytes_equal(span_value(block, &block->spans[block->seen[field->kind] - 1]), field->value) ? FCT_FINDING_NONE
                                                                                                        : repeated;
}

static fct_finding_id_t take_content_length(fct_head_parser_t *parser, const fct_head_field_t *field)
{
    apr_int64_t length = fct_head_field_length(field->value);

    if (length < 0) {
        return FCT_FINDING_HEAD_CONTENT_LENGTH;
    }
    if (parser->block.content_length < 0) {
        parser->block.content_length = length;
        keep_field(parser, field);
    }
    return parser->block.content_length == length ? FCT_FINDING_NONE : FCT_FINDING_HEAD_CONTENT_LENGTH_REPEATED;
}

static fct_finding_id_t take_status(fct_head_parser_t *parser, const fct_head_field_t *field)
{
    int status = fct_head_field_status(field->value);

    if (status == 0) {
        return FCT_FINDING_HEAD_STATUS;
    }
    if (status == 101) {
        return FCT_FINDING_HEAD_STATUS_SWITCHING;
    }
    if (parser->block.status != 0 && parser->block.status != status) {
        return FCT_FINDING_HEAD_STATUS_REPEATED;
    }
    parser->block.status = status;
    return FCT_FINDING_NONE;
}

static fct_finding_id_t take_field(fct_head_parser_t *parser, const fct_head_field_t *field)
{
    switch (field->kind) {
    case FCT_HEAD_FIELD_STATUS:
        return take_status(parser, field);
    case FCT_HEAD_FIELD_CONTENT_LENGTH:
        return take_content_length(parser, field);
    case FCT_HEAD_FIELD_CONTENT_TYPE:
        return take_single(parser, field, FCT_FINDING_HEAD_CONTENT_TYPE_REPEATED);
    case FCT_HEAD_FIELD_LOCATION:
        return take_single(parser, field, FCT_FINDING_HEAD_LOCATION_REPEATED);
    case FCT_HEAD_FIELD_TRANSFER_ENCODING:
        return FCT_FINDING_HEAD_TRANSFER_ENCODING;
    default:
        keep_field(parser, field);
        return FCT_FINDING_NONE;
    }
}

static fct_finding_id_t take_line(fct_head_parser_t *parser, fct_bytes_t line)
{
    fct_head_field_t field;
    fct_finding_id_t finding = fct_head_field_parse(line, &field);

    if (finding == FCT_FINDING_NONE && (apr_size_t)parser->block.line >= parser->limits.max_fields) {
        finding = FCT_FINDING_HEAD_TOO_MANY_FIELDS;
    }
    if (finding == FCT_FINDING_NONE) {
        finding = take_field(parser, &field);
    }
    return finding == FCT_FINDING_NONE ? FCT_FINDING_NONE : fail_line(parser, finding, line);
}

/* Marks the fields of one option of Connection. */
static void remove_named(block_t *block, fct_bytes_t name)
{
    apr_size_t i;

    for (i = 0; i < block->nspans; i++) {
        if (fct_bytes_equal_nocase(span_name(block, &block->spans[i]), name)) {
            block->spans[i].is_removed = 1;
        }
    }
}

/* RFC 9110 §7.6.1. The count of options is capped over the whole block, so that the time stays linear. */
static fct_finding_id_t remove_nominated(fct_head_parser_t *parser)
{
    block_t *block = &parser->block;
    apr_size_t i, options = 0;

    for (i = 0; i < block->nspans; i++) {
        fct_bytes_t rest = span_value(block, &block->spans[i]), option;

        while (block->spans[i].kind == FCT_HEAD_FIELD_CONNECTION && fct_head_field_next_option(&rest, &option)) {
            if (!fct_head_field_is_token(option) || ++options > FCT_HEAD_FIELD_OPTIONS_MAX) {
                return fail_span(parser, FCT_FINDING_HEAD_CONNECTION, &block->spans[i]);
            }
            if (fct_head_field_is_end_to_end(option)) {
                return fail_span(parser, FCT_FINDING_HEAD_CONNECTION_NOMINATES, &block->spans[i]);
            }
            remove_named(block, option);
        }
    }
    return FCT_FINDING_NONE;
}

static fct_bytes_t single_value(const block_t *block, fct_head_field_kind_t kind)
{
    return block->seen[kind] ? span_value(block, &block->spans[block->seen[kind] - 1]) : FCT_BYTES_ABSENT;
}

static const fct_field_t *copy_fields(fct_head_parser_t *parser, int removed, apr_size_t *n)
{
    const block_t *block = &parser->block;
    fct_field_t *fields = (fct_field_t *)apr_palloc(parser->pool, (block->nspans + 1) * sizeof(*fields));
    apr_size_t i;

    *n = 0;
    for (i = 0; i < block->nspans; i++) {
        if (block->spans[i].is_removed == removed) {
            fields[*n].name = span_name(block, &block->spans[i]);
            fields[(*n)++].value = span_value(block, &block->spans[i]);
        }
    }
    return fields;
}

static fct_finding_id_t set_status(fct_head_parser_t *parser, fct_head_t *head)
{
    const block_t *block = &parser->block;

    head->has_status = block->status != 0;
    head->status = block->status ? block->status : 200;
    if (!head->has_status && !fct_bytes_is_absent(head->location)) {
        head->status = 302;
        head->is_local_redirect = fct_bytes_starts_with(head->location, FCT_BYTES_LITERAL("/"));
        if (!head->is_local_redirect && !fct_head_field_is_absolute_uri(head->location)) {
            return fail_span(parser, FCT_FINDING_HEAD_LOCATION, &block->spans[block->seen[FCT_HEAD_FIELD_LOCATION] - 1]);
        }
    }
    return FCT_FINDING_NONE;
}

static fct_finding_id_t finish(fct_head_parser_t *parser)
{
    const block_t *block = &parser->block;
    fct_head_t *head;
    fct_finding_id_t finding;

    if (block->line == 0) {
        return fail_line(parser, FCT_FINDING_HEAD_EMPTY, FCT_BYTES_LITERAL(""));
    }
    head = (fct_head_t *)apr_pcalloc(parser->pool, sizeof(*head));
    head->content_length = block->content_length;
    head->content_type = single_value(block, FCT_HEAD_FIELD_CONTENT_TYPE);
    head->location = single_value(block, FCT_HEAD_FIELD_LOCATION);
    finding = set_status(parser, head);
    if (finding == FCT_FINDING_NONE && block->seen[FCT_HEAD_FIELD_CONNECTION]) {
        finding = remove_nominated(parser);
    }
    if (finding == FCT_FINDING_NONE) {
        head->fields = copy_fields(parser, 0, &head->nfields);
        head->removed = copy_fields(parser, 1, &head->nremoved);
        parser->head = head;
        parser->is_complete = 1;
    }
    return finding;
}

/* The line at hand without its line end: LF or CR LF. */
static fct_bytes_t line_at_hand(const block_t *block)
{
    fct_bytes_t line = FCT_BYTES_LITERAL("");

    if (block->used > 0) {
        line = fct_bytes_make(block->bytes + block->line_at, block->used - block->line_at);
    }
    if (line.len > 0 && line.at[line.len - 1] == '\n') {
        line.len--;
        line.len -= line.len > 0 && line.at[line.len - 1] == '\r';
    }
    return line;
}

/* Appends up to and including a line end. Returns how many bytes; *is_whole: the line is. */
static apr_size_t append(fct_head_parser_t *parser, const char *buf, apr_size_t len, int *is_whole)
{
    const char *end = (const char *)memchr(buf, '\n', len);
    apr_size_t n = end ? (apr_size_t)(end - buf) + 1 : len;

    reserve(parser, n);
    memcpy(parser->block.bytes + parser->block.used, buf, n);
    parser->block.used += n;
    *is_whole = end != NULL;
    return n;
}

static fct_finding_id_t end_line(fct_head_parser_t *parser)
{
    fct_bytes_t line = line_at_hand(&parser->block);
    fct_finding_id_t finding = line.len ? take_line(parser, line) : finish(parser);

    parser->block.line++;
    parser->block.line_at = parser->block.used;
    return finding;
}

fct_head_status_t fct_head_parse(fct_head_parser_t *parser, const char *buf, apr_size_t len, apr_size_t *consumed,
                                 fct_finding_id_t *finding)
{
    apr_size_t at = 0;

    if (parser->is_complete) {
        begin_block(parser);
    }
    while (at < len && parser->fault == FCT_FINDING_NONE && !parser->is_complete) {
        apr_size_t left = parser->limits.max_bytes - parser->block.used;
        int is_whole = 0;

        if (left == 0) {
            fail_line(parser, FCT_FINDING_HEAD_TOO_LARGE, line_at_hand(&parser->block));
            break;
        }
        at += append(parser, buf + at, len - at < left ? len - at : left, &is_whole);
        if (is_whole) {
            end_line(parser);
        }
    }
    *finding = parser->fault;
    *consumed = parser->fault ? len : at;
    if (parser->fault != FCT_FINDING_NONE) {
        return FCT_HEAD_FAULT;
    }
    return parser->is_complete ? FCT_HEAD_COMPLETE : FCT_HEAD_NEED_MORE;
}

const fct_head_t *fct_head_parser_head(const fct_head_parser_t *parser)
{
    return parser->head;
}

int fct_head_parser_line(const fct_head_parser_t *parser, const char **excerpt)
{
    *excerpt = parser->excerpt;
    return parser->fault_line;
}

apr_size_t fct_head_parser_bytes(const fct_head_parser_t *parser)
{
    return parser->is_complete ? 0 : parser->block.used;
}
