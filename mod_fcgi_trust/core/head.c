/* The CGI header block of a response (RFC 3875 §6): bytes in, checked fields out.
 *
 * head_block.c collects the bytes, head_field.c knows a line's grammar; what fields mean together is decided here. */
#include "head.h"

#include "escape.h"
#include "head_block.h"

#include <apr_strings.h>

#define EXCERPT_MAX 64

struct fct_head_parser_t {
    apr_pool_t *pool;
    fct_head_limits_t limits;
    fct_head_block_t block;
    int status;                      /* of the block at hand; 0: none yet */
    apr_int64_t content_length;      /* of the block at hand; -1: none yet */
    int is_complete;                 /* the next byte begins another block */
    const fct_head_t *head;          /* of the last complete block */
    fct_finding_id_t fault;
    int fault_line;
    const char *excerpt;
};

/* A block that was complete stays in the pool with its head: the caller may still hold them. */
static void begin_block(fct_head_parser_t *parser)
{
    fct_head_block_init(&parser->block, parser->limits.max_bytes, parser->pool);
    parser->status = 0;
    parser->content_length = -1;
    parser->is_complete = 0;
}

fct_head_parser_t *fct_head_parser_create(const fct_head_limits_t *limits, apr_pool_t *p)
{
    fct_head_parser_t *parser = (fct_head_parser_t *)apr_pcalloc(p, sizeof(*parser));

    parser->pool = p;
    parser->limits = *limits;
    parser->excerpt = "";
    begin_block(parser);
    return parser;
}

/* --- faults --- */

/* Of a line, as much as a log may have: what follows an equals sign may be a cookie or a token. */
static const char *excerpt_of(fct_bytes_t line, apr_pool_t *p)
{
    const char *equals = (const char *)memchr(line.at, '=', line.len);
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

static fct_finding_id_t fail_line(fct_head_parser_t *parser, fct_finding_id_t finding)
{
    return fail(parser, finding, parser->block.line, fct_head_block_line(&parser->block));
}

/* A fault that shows only once the block is complete. */
static fct_finding_id_t fail_span(fct_head_parser_t *parser, fct_finding_id_t finding, const fct_head_span_t *span)
{
    const char *line = apr_pstrcat(parser->pool, fct_head_block_name(&parser->block, span).at, ": ",
                                   fct_head_block_value(&parser->block, span).at, NULL);

    return fail(parser, finding, span->line, fct_bytes_of(line));
}

/* --- fields as they come --- */

/* Content-Type, Location: once, or again with the same value, which is then left out. */
static fct_finding_id_t take_single(fct_head_parser_t *parser, const fct_head_field_t *field, fct_finding_id_t repeated)
{
    const fct_head_span_t *first = fct_head_block_last(&parser->block, field->kind);

    if (first == NULL) {
        fct_head_block_keep(&parser->block, field);
        return FCT_FINDING_NONE;
    }
    return fct_bytes_equal(fct_head_block_value(&parser->block, first), field->value) ? FCT_FINDING_NONE : repeated;
}

static fct_finding_id_t take_content_length(fct_head_parser_t *parser, const fct_head_field_t *field)
{
    apr_int64_t length = fct_head_field_length(field->value);

    if (length < 0) {
        return FCT_FINDING_HEAD_CONTENT_LENGTH;
    }
    if (parser->content_length < 0) {
        parser->content_length = length;
        fct_head_block_keep(&parser->block, field);
    }
    return parser->content_length == length ? FCT_FINDING_NONE : FCT_FINDING_HEAD_CONTENT_LENGTH_REPEATED;
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
    if (parser->status != 0 && parser->status != status) {
        return FCT_FINDING_HEAD_STATUS_REPEATED;
    }
    parser->status = status;
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
        fct_head_block_keep(&parser->block, field);
        return FCT_FINDING_NONE;
    }
}

static void take_line(fct_head_parser_t *parser, fct_bytes_t line)
{
    fct_head_field_t field;
    fct_finding_id_t finding = fct_head_field_parse(line, &field);

    if (finding == FCT_FINDING_NONE && (apr_size_t)parser->block.line >= parser->limits.max_fields) {
        finding = FCT_FINDING_HEAD_TOO_MANY_FIELDS;
    }
    if (finding == FCT_FINDING_NONE) {
        finding = take_field(parser, &field);
    }
    if (finding != FCT_FINDING_NONE) {
        fail_line(parser, finding);
    }
}

/* --- the block as a whole --- */

/* Marks the fields of one option of Connection. */
static void remove_named(fct_head_block_t *block, fct_bytes_t name)
{
    apr_size_t i;

    for (i = 0; i < block->nspans; i++) {
        if (fct_bytes_equal_nocase(fct_head_block_name(block, &block->spans[i]), name)) {
            block->spans[i].is_removed = 1;
        }
    }
}

/* Marks what one Connection field names. RFC 9110 §7.6.1. */
static fct_finding_id_t remove_options(fct_head_parser_t *parser, const fct_head_span_t *connection, apr_size_t *options)
{
    fct_bytes_t rest = fct_head_block_value(&parser->block, connection), option;

    while (fct_head_field_next_option(&rest, &option)) {
        if (!fct_head_field_is_token(option) || ++*options > FCT_HEAD_FIELD_OPTIONS_MAX) {
            return fail_span(parser, FCT_FINDING_HEAD_CONNECTION, connection);
        }
        if (fct_head_field_is_end_to_end(option)) {
            return fail_span(parser, FCT_FINDING_HEAD_CONNECTION_NOMINATES, connection);
        }
        remove_named(&parser->block, option);
    }
    return FCT_FINDING_NONE;
}

/* The count of options is capped over the whole block, so that the time stays linear. */
static fct_finding_id_t remove_nominated(fct_head_parser_t *parser)
{
    const fct_head_block_t *block = &parser->block;
    fct_finding_id_t finding = FCT_FINDING_NONE;
    apr_size_t i, options = 0;

    for (i = 0; i < block->nspans && finding == FCT_FINDING_NONE; i++) {
        if (block->spans[i].kind == FCT_HEAD_FIELD_CONNECTION) {
            finding = remove_options(parser, &block->spans[i], &options);
        }
    }
    return finding;
}

/* RFC 3875 §6.2: a Location without Status is a redirect, of the client or a local one. */
static fct_finding_id_t decide_status(fct_head_parser_t *parser, fct_head_t *head)
{
    const fct_head_span_t *location = fct_head_block_last(&parser->block, FCT_HEAD_FIELD_LOCATION);

    head->has_status = parser->status != 0;
    head->status = parser->status ? parser->status : 200;
    if (head->has_status || location == NULL) {
        return FCT_FINDING_NONE;
    }
    head->status = 302;
    head->is_local_redirect = fct_bytes_starts_with(head->location, FCT_BYTES_LITERAL("/"));
    if (!head->is_local_redirect && !fct_head_field_is_absolute_uri(head->location)) {
        return fail_span(parser, FCT_FINDING_HEAD_LOCATION, location);
    }
    return FCT_FINDING_NONE;
}

/* RFC 9110 §8.6: no 1xx or 204 has a Content-Length. */
static void remove_length(fct_head_parser_t *parser, fct_head_t *head)
{
    apr_size_t length = parser->block.seen[FCT_HEAD_FIELD_CONTENT_LENGTH];

    if (length > 0 && (head->status < 200 || head->status == 204)) {
        parser->block.spans[length - 1].is_removed = 1;
        head->content_length = -1;
    }
}

static fct_bytes_t single_value(const fct_head_block_t *block, fct_head_field_kind_t kind)
{
    const fct_head_span_t *span = fct_head_block_last(block, kind);

    return span ? fct_head_block_value(block, span) : FCT_BYTES_ABSENT;
}

/* Splits the spans into what is passed on and what is not, each in its order. */
static void set_fields(fct_head_parser_t *parser, fct_head_t *head)
{
    const fct_head_block_t *block = &parser->block;
    fct_field_t *fields = (fct_field_t *)apr_palloc(parser->pool, (block->nspans + 1) * sizeof(*fields));
    apr_size_t i, n = 0;
    int removed;

    head->fields = fields;
    for (removed = 0; removed <= 1; removed++) {
        for (i = 0; i < block->nspans; i++) {
            if (block->spans[i].is_removed == removed) {
                fields[n].name = fct_head_block_name(block, &block->spans[i]);
                fields[n++].value = fct_head_block_value(block, &block->spans[i]);
            }
        }
        head->nfields = removed ? head->nfields : n;
    }
    head->removed = fields + head->nfields;
    head->nremoved = n - head->nfields;
}

static void finish(fct_head_parser_t *parser)
{
    const fct_head_block_t *block = &parser->block;
    fct_head_t *head;

    if (block->line == 0) {
        fail_line(parser, FCT_FINDING_HEAD_EMPTY);
        return;
    }
    head = (fct_head_t *)apr_pcalloc(parser->pool, sizeof(*head));
    head->content_length = parser->content_length;
    head->content_type = single_value(block, FCT_HEAD_FIELD_CONTENT_TYPE);
    head->location = single_value(block, FCT_HEAD_FIELD_LOCATION);
    if (decide_status(parser, head) == FCT_FINDING_NONE && remove_nominated(parser) == FCT_FINDING_NONE) {
        remove_length(parser, head);
        set_fields(parser, head);
        parser->head = head;
        parser->is_complete = 1;
    }
}

static void end_line(fct_head_parser_t *parser)
{
    fct_bytes_t line = fct_head_block_line(&parser->block);

    if (fct_bytes_is_empty(line)) {
        finish(parser);
    }
    else {
        take_line(parser, line);
    }
    fct_head_block_end_line(&parser->block);
}

fct_head_status_t fct_head_parse(fct_head_parser_t *parser, const char *buf, apr_size_t len, apr_size_t *consumed,
                                 fct_finding_id_t *finding)
{
    apr_size_t at = 0;

    if (parser->is_complete && len > 0) {
        begin_block(parser);
    }
    while (at < len && parser->fault == FCT_FINDING_NONE && !parser->is_complete) {
        int is_whole;
        apr_size_t n = fct_head_block_append(&parser->block, buf + at, len - at, &is_whole);

        at += n;
        if (n == 0) {
            fail_line(parser, FCT_FINDING_HEAD_TOO_LARGE);
        }
        else if (is_whole) {
            end_line(parser);
        }
    }
    *finding = parser->fault;
    *consumed = parser->fault == FCT_FINDING_NONE ? at : len;
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
