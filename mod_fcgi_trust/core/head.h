/* The CGI header block of a response (RFC 3875 §6): bytes in, checked fields out. */
#ifndef FCT_HEAD_H
#define FCT_HEAD_H

#include <apr_tables.h>

#include "bytes.h"
#include "finding.h"

/* One header field. Both are NUL-terminated too; value has no surrounding blanks. */
typedef struct fct_field_t {
    fct_bytes_t name;
    fct_bytes_t value;
} fct_field_t;

typedef struct fct_head_limits_t {
    apr_size_t max_bytes;      /* of one header block, its final empty line included */
    apr_size_t max_fields;
} fct_head_limits_t;

/* A complete, valid block. Hop-by-hop fields, what Connection nominates, and the Content-Length of a 1xx or 204 are gone (listed
 * in removed); Status is not among the fields. Everything lives in the pool of the parser. */
typedef struct fct_head_t {
    int status;                       /* 200–599, or 100, 102–199 for an interim block */
    int has_status;                   /* a Status field was there */
    int is_local_redirect;            /* Location is a path and there was no Status (RFC 3875 §6.2.2) */
    apr_int64_t content_length;       /* -1: none */
    fct_bytes_t content_type;         /* absent: none */
    fct_bytes_t location;             /* absent: none */
    const fct_field_t *fields;        /* in their order; Content-Length, Content-Type and Location included */
    apr_size_t nfields;
    const fct_field_t *removed;       /* what was taken out */
    apr_size_t nremoved;
} fct_head_t;

typedef struct fct_head_parser_t fct_head_parser_t;

typedef enum fct_head_status_t {
    FCT_HEAD_NEED_MORE,
    FCT_HEAD_COMPLETE,
    FCT_HEAD_FAULT
} fct_head_status_t;

fct_head_parser_t *fct_head_parser_create(const fct_head_limits_t *limits, apr_pool_t *p);

/* Feeds bytes; *consumed tells how many belong to the block (all of them unless COMPLETE). On FAULT *finding names the rule
 * broken and fct_head_parser_line the place. Lines end with LF or CRLF, each line by itself as scripts write them; a bare
 * CR is a fault. The faults are SPEC 5's rows: over the caps, no colon, blank before the colon, empty or non-token name, NUL or
 * control byte in a value, folded line, Status malformed / repeated with different values / 101, Content-Length malformed or
 * contradictory, Content-Type or Location repeated with another value, Location without Status neither absolute nor a path,
 * Transfer-Encoding present, Connection malformed or naming a field that is not the connection's (head_field.h), an empty block.
 * A fault stays; nothing is taken after it. Time is linear in the bytes however they are split. */
fct_head_status_t fct_head_parse(fct_head_parser_t *parser, const char *buf, apr_size_t len, apr_size_t *consumed,
                                 fct_finding_id_t *finding);

/* After COMPLETE: the block; it stays as it is when the parser is fed the next one (after an interim block). NULL before. A field
 * that may stand only once and was repeated with an equal value is among the fields once. */
const fct_head_t *fct_head_parser_head(const fct_head_parser_t *parser);

/* After FAULT: number of the offending line from 1, and its first bytes escaped for a log, nothing behind an equals sign, where a
 * cookie or a token may stand (NUL-terminated, in the parser's pool). */
int fct_head_parser_line(const fct_head_parser_t *parser, const char **excerpt);

/* Bytes of the current block seen so far: 0 tells "no header block at all" from "incomplete". */
apr_size_t fct_head_parser_bytes(const fct_head_parser_t *parser);

#endif
