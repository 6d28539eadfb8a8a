/* One raw HTTP/1.x request as text → its parts, by the rules that httpd itself has for it (HttpProtocolOptions Strict). */
#ifndef FCT_RAW_REQUEST_H
#define FCT_RAW_REQUEST_H

#include <apr_tables.h>

#include "bytes.h"

/* httpd's own limits as it ships (LimitRequestLine, LimitRequestFieldSize, LimitRequestFields). */
#define FCT_RAW_LINE_MAX 8190
#define FCT_RAW_FIELDS_MAX 100

/* Why a text gets no further than httpd. */
typedef struct fct_raw_refusal_t {
    int status;                      /* httpd's answer; 0: the text is not one request, so that nobody can tell */
    int line;                        /* of the text, from 1; 0: none in particular */
    const char *why;                 /* a sentence without a full stop; foreign bytes are escaped */
} fct_raw_refusal_t;

/* One field as it came; what folded it over several lines is one blank each. */
typedef struct fct_raw_field_t {
    fct_bytes_t name;                /* a token */
    fct_bytes_t value;               /* without blanks around it; no control bytes but HTAB */
    int line;
    int is_folded;
} fct_raw_field_t;

typedef struct fct_raw_request_t {
    const char *method;
    const char *target;              /* as received */
    int version;                     /* 9 (without a version), 10, 11, … */
    apr_array_header_t *fields;      /* of fct_raw_field_t, in their order */
    fct_bytes_t rest;                /* what stands behind the header: the body as it was sent */
    int rest_line;                   /* the line that it begins in */
    int has_crlf;                    /* lines end with CR LF; else all of them with LF, as people write by hand */
} fct_raw_request_t;

/* Takes a text apart. Lines end with CR LF, or all with LF alone; the end of the text ends the header too. Returns 1; 0 and *refusal
 * where httpd would not have gone on. Everything points into the text or into p. RFC 9112 §2–§5. */
int fct_raw_request_parse(fct_bytes_t text, fct_raw_request_t *request, fct_raw_refusal_t *refusal, apr_pool_t *p);

/* The value that httpd has under a name: the fields of it, joined with ", ". NULL: there is none. */
const char *fct_raw_request_field(const fct_raw_request_t *request, const char *name, apr_pool_t *p);

/* Fills in a refusal; returns 0. */
int fct_raw_request_refuse(fct_raw_refusal_t *refusal, int status, int line, const char *why);

/* Reads one line at *at, without its end. Returns 0 and *refusal where the line does not end as `has_crlf` demands (-1: either, and is
 * set), or has a zero byte. At the end of the text a line may lack its end. */
int fct_raw_request_take_line(fct_bytes_t *rest, int *has_crlf, int number, fct_bytes_t *line, fct_raw_refusal_t *refusal);

/* Reads fields up to the empty line or the end of the text, adding to request->fields; used for trailers too. */
int fct_raw_request_take_fields(fct_raw_request_t *request, fct_raw_refusal_t *refusal, apr_pool_t *p);

#endif
