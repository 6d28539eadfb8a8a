/* The bytes of one header block as they are collected, and which fields they hold. */
#include "head_block.h"

#define ROOM_AT_FIRST 1024
#define SPANS_AT_FIRST 16

void fct_head_block_init(fct_head_block_t *block, apr_size_t max, apr_pool_t *p)
{
    memset(block, 0, sizeof(*block));
    block->pool = p;
    block->max = max;
}

/* The caller has checked that `more` stays within max. */
static void reserve(fct_head_block_t *block, apr_size_t more)
{
    apr_size_t room = block->room ? block->room : ROOM_AT_FIRST;
    char *old = block->bytes;

    if (block->used + more <= block->room) {
        return;
    }
    while (room < block->used + more) {
        room *= 2;
    }
    block->room = room < block->max ? room : block->max;
    block->bytes = (char *)apr_palloc(block->pool, block->room);
    if (block->used > 0) {
        memcpy(block->bytes, old, block->used);
    }
}

apr_size_t fct_head_block_append(fct_head_block_t *block, const char *buf, apr_size_t len, int *is_whole)
{
    apr_size_t left = block->max - block->used;
    apr_size_t n = len < left ? len : left;
    const char *end = (const char *)memchr(buf, '\n', n);

    *is_whole = end != NULL;
    if (n == 0) {
        return 0;
    }
    if (end) {
        n = (apr_size_t)(end - buf) + 1;
    }
    reserve(block, n);
    memcpy(block->bytes + block->used, buf, n);
    block->used += n;
    return n;
}

fct_bytes_t fct_head_block_line(const fct_head_block_t *block)
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

void fct_head_block_end_line(fct_head_block_t *block)
{
    block->line++;
    block->line_at = block->used;
}

static fct_head_span_t *add_span(fct_head_block_t *block)
{
    fct_head_span_t *old = block->spans;

    if (block->nspans == block->spans_room) {
        block->spans_room = old ? 2 * block->spans_room : SPANS_AT_FIRST;
        block->spans = (fct_head_span_t *)apr_palloc(block->pool, block->spans_room * sizeof(*old));
        if (old) {
            memcpy(block->spans, old, block->nspans * sizeof(*old));
        }
    }
    return &block->spans[block->nspans++];
}

void fct_head_block_keep(fct_head_block_t *block, const fct_head_field_t *field)
{
    fct_head_span_t *span = add_span(block);

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

const fct_head_span_t *fct_head_block_last(const fct_head_block_t *block, fct_head_field_kind_t kind)
{
    return block->seen[kind] ? &block->spans[block->seen[kind] - 1] : NULL;
}

fct_bytes_t fct_head_block_name(const fct_head_block_t *block, const fct_head_span_t *span)
{
    return fct_bytes_make(block->bytes + span->name_at, span->name_len);
}

fct_bytes_t fct_head_block_value(const fct_head_block_t *block, const fct_head_span_t *span)
{
    return fct_bytes_make(block->bytes + span->value_at, span->value_len);
}
