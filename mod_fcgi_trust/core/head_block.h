/* The bytes of one header block as they are collected, and which fields they hold. For head.c.
 *
 * Fields are kept as offsets until the block is complete, because the block moves when it grows. */
#ifndef FCT_HEAD_BLOCK_H
#define FCT_HEAD_BLOCK_H

#include "head_field.h"

/* One field as offsets into the block. */
typedef struct fct_head_span_t {
    apr_size_t name_at, name_len;
    apr_size_t value_at, value_len;
    int line;                                    /* from 0 */
    int is_removed;                              /* not passed on */
    fct_head_field_kind_t kind;
} fct_head_span_t;

typedef struct fct_head_block_t {
    apr_pool_t *pool;
    char *bytes;
    apr_size_t used, room, max;
    apr_size_t line_at;                          /* where the line at hand begins */
    int line;                                    /* its number, from 0 */
    fct_head_span_t *spans;
    apr_size_t nspans, spans_room;
    apr_size_t seen[FCT_HEAD_FIELD_KINDS];       /* index + 1 of the last span of each kind; 0: none */
} fct_head_block_t;

/* An empty block of at most max bytes; what it holds is allocated in p, doubling. */
void fct_head_block_init(fct_head_block_t *block, apr_size_t max, apr_pool_t *p);

/* Appends up to and including a line end, and no more than the block may hold. Returns how many bytes: 0 only where it is full.
 * *is_whole: the line is. Each byte is looked at once. */
apr_size_t fct_head_block_append(fct_head_block_t *block, const char *buf, apr_size_t len, int *is_whole);

/* The line at hand without its line end: LF or CR LF. Moves with the next append. */
fct_bytes_t fct_head_block_line(const fct_head_block_t *block);

/* The line at hand was dealt with: the next byte begins another. */
void fct_head_block_end_line(fct_head_block_t *block);

/* Keeps a field of the line at hand, which must be whole: NULs are written behind its name and its value. */
void fct_head_block_keep(fct_head_block_t *block, const fct_head_field_t *field);

/* The last field of a kind; NULL: none was kept. */
const fct_head_span_t *fct_head_block_last(const fct_head_block_t *block, fct_head_field_kind_t kind);

fct_bytes_t fct_head_block_name(const fct_head_block_t *block, const fct_head_span_t *span);
fct_bytes_t fct_head_block_value(const fct_head_block_t *block, const fct_head_span_t *span);

#endif
