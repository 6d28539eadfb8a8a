/* The body of a raw request: how it is framed, and its bytes (RFC 9112 §6, §7). */
#ifndef FCT_RAW_BODY_H
#define FCT_RAW_BODY_H

#include "facts.h"
#include "raw_request.h"

typedef struct fct_raw_body_t {
    fct_body_kind_t kind;
    apr_off_t length;                /* with FCT_BODY_LENGTH: as announced */
    int is_doubtful;                 /* two parsers could see different ends: the gateway refuses it */
} fct_raw_body_t;

/* How the header frames the body. Returns 1; 0 and *refusal where httpd refuses that by itself. */
int fct_raw_body_frame(const fct_raw_request_t *request, fct_raw_body_t *body, fct_raw_refusal_t *refusal, apr_pool_t *p);

/* The body's bytes, decoded; absent where the text has none of them. Blank lines after it are no part of it. Returns 1; 0 and *refusal:
 * status 400 or 413, what reading it would end with; 0 where the text has part of the body, or more than it. */
int fct_raw_body_read(const fct_raw_request_t *request, const fct_raw_body_t *body, fct_bytes_t *bytes, fct_raw_refusal_t *refusal,
                      apr_pool_t *p);

#endif
