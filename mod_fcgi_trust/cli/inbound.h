/* What a web server sends to an application on one connection, taken apart strictly: bytes in, whole requests out. No sockets. */
#ifndef FCT_INBOUND_H
#define FCT_INBOUND_H

#include <apr_sha1.h>

#include "record.h"
#include "out.h"

typedef struct fct_inbound_limits_t {
    apr_size_t max_params;       /* bytes of all PARAMS records of a request */
    apr_off_t max_stdin;
} fct_inbound_limits_t;

#define FCT_INBOUND_PAIRS_MAX 10000
#define FCT_INBOUND_EXCERPT 512  /* bytes of STDIN that are kept; the others are only counted and digested */

typedef struct fct_inbound_pair_t {
    fct_bytes_t name;
    fct_bytes_t value;
} fct_inbound_pair_t;

#define FCT_INBOUND_KEEP_CONN 1
#define FCT_INBOUND_RESPONDER 1

/* One request, as it came. */
typedef struct fct_inbound_request_t {
    unsigned id;
    unsigned role;
    unsigned flags;
    apr_uint64_t records;              /* BEGIN_REQUEST, PARAMS, STDIN, their empty ones included */
    apr_uint64_t params_records;
    apr_uint64_t stdin_records;
    apr_uint64_t split_pairs;          /* pairs that lie in more than one PARAMS record */
    int has_reserved;                  /* a reserved byte or an undefined flag was not 0 */
    const fct_inbound_pair_t *pairs;   /* in the order received */
    int npairs;
    apr_off_t stdin_len;
    unsigned char stdin_sha1[APR_SHA1_DIGESTSIZE];
    fct_bytes_t stdin_excerpt;
    apr_pool_t *pool;                  /* lives until fct_inbound_next */
} fct_inbound_request_t;

typedef enum fct_inbound_seen_t {
    FCT_INBOUND_NEED_MORE,       /* everything was consumed */
    FCT_INBOUND_REQUEST,         /* event.request: a whole one. Call fct_inbound_next before consuming more */
    FCT_INBOUND_ABORTED,         /* ABORT_REQUEST for the request at hand; fct_inbound_next likewise */
    FCT_INBOUND_REJECTED,        /* a BEGIN_REQUEST to be answered with END_REQUEST: event.id, event.protocol_status */
    FCT_INBOUND_GET_VALUES,      /* event.names: pairs with empty values */
    FCT_INBOUND_UNKNOWN_TYPE,    /* a management record of event.type */
    FCT_INBOUND_FAULT            /* event.why; nothing is consumed any more */
} fct_inbound_seen_t;

typedef struct fct_inbound_event_t {
    fct_inbound_seen_t seen;
    const fct_inbound_request_t *request;
    unsigned id;
    unsigned protocol_status;
    int keep;                    /* with REJECTED: the connection is to stay open */
    unsigned type;
    fct_bytes_t names;
    const char *why;             /* "record 3 (PARAMS, id 1, 40 bytes): …" */
} fct_inbound_event_t;

typedef struct fct_inbound_t fct_inbound_t;

/* One connection; p must live as long, and each request gets a pool below it. */
fct_inbound_t *fct_inbound_create(const fct_inbound_limits_t *limits, apr_pool_t *p);

/* Consumes up to and including the first event; returns how many bytes. */
apr_size_t fct_inbound_consume(fct_inbound_t *in, const char *buf, apr_size_t len, fct_inbound_event_t *event);

/* Forgets the request at hand; another may begin. */
void fct_inbound_next(fct_inbound_t *in);

/* What would be cut off if the connection ended now, as a sentence; NULL: nothing. */
const char *fct_inbound_unfinished(const fct_inbound_t *in, apr_pool_t *p);

/* About how many bytes the request at hand takes in memory. */
apr_size_t fct_inbound_held(const fct_inbound_t *in);

/* Length of the name or value at buf[*at], stepping over it: 1, or 0 where the bytes end too early. FastCGI 1.0, 3.4 */
int fct_inbound_read_length(fct_bytes_t bytes, apr_size_t *at, apr_size_t *len);

/* The value of a parameter; absent if there is none. Where a name came twice, the last. */
fct_bytes_t fct_inbound_param(const fct_inbound_request_t *request, const char *name);

#endif
