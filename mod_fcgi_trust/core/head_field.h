/* One line of a CGI header block: its grammar, and which fields mean something to a gateway. For head.c and its tests. */
#ifndef FCT_HEAD_FIELD_H
#define FCT_HEAD_FIELD_H

#include "bytes.h"
#include "finding.h"

#define FCT_HEAD_FIELD_OPTIONS_MAX 32      /* that all Connection fields of a block may list */

typedef enum fct_head_field_kind_t {
    FCT_HEAD_FIELD_PLAIN,                  /* passed on as it is */
    FCT_HEAD_FIELD_STATUS,
    FCT_HEAD_FIELD_CONTENT_LENGTH,
    FCT_HEAD_FIELD_CONTENT_TYPE,
    FCT_HEAD_FIELD_LOCATION,
    FCT_HEAD_FIELD_TRANSFER_ENCODING,
    FCT_HEAD_FIELD_CONNECTION,
    FCT_HEAD_FIELD_HOP_BY_HOP,             /* Keep-Alive, TE, Trailer, Upgrade, Proxy-Connection */
    FCT_HEAD_FIELD_KINDS
} fct_head_field_kind_t;

/* Slices of the line; value has no surrounding blanks. */
typedef struct fct_head_field_t {
    fct_bytes_t name;
    fct_bytes_t value;
    fct_head_field_kind_t kind;
} fct_head_field_t;

/* Takes a non-empty line without its line end apart: token ":" OWS value OWS. The value may have visible ASCII, blanks, tabs and
 * bytes from 0x80. Returns FCT_FINDING_NONE and *field, or what is wrong. RFC 9110 §5, RFC 9112 §5.1. */
fct_finding_id_t fct_head_field_parse(fct_bytes_t line, fct_head_field_t *field);

/* The number of a Content-Length: 1 to 18 digits and nothing else; -1 for anything else. */
apr_int64_t fct_head_field_length(fct_bytes_t value);

/* The code of a Status: 100–599, then nothing, or a blank and a reason; 0 for anything else. RFC 3875 §6.3.3. */
int fct_head_field_status(fct_bytes_t value);

/* Not empty, and only bytes a field name may have. */
int fct_head_field_is_token(fct_bytes_t bytes);

/* scheme ":" and something after it. RFC 3986 §3. */
int fct_head_field_is_absolute_uri(fct_bytes_t bytes);

/* Takes the next element of a comma-separated list off *rest, without blanks; empty elements are passed over. 0: no more. */
int fct_head_field_next_option(fct_bytes_t *rest, fct_bytes_t *option);

/* A field that Connection must not name: without it the response would mean something else. */
int fct_head_field_is_end_to_end(fct_bytes_t name);

#endif
