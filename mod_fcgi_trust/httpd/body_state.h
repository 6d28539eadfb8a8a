/* What the files of the request body share. Private to body*.c. */
#ifndef FCT_BODY_STATE_H
#define FCT_BODY_STATE_H

#include "body.h"
#include "spool.h"

struct fct_body_t {
    request_rec *r;
    fct_body_kind_t kind;
    apr_off_t announced;             /* Content-Length, with FCT_BODY_LENGTH */
    const fct_request_rules_t *rules;
    apr_bucket_brigade *memory;      /* read, not yet handed out; or, once complete, kept */
    apr_bucket_brigade *incoming;    /* scratch for the input filters */
    apr_bucket *small;               /* the last bucket of memory, where it is one of ours with room for small pieces; else NULL */
    apr_off_t received;              /* bytes read from the client */
    int is_received;                 /* the client's end was seen */
    int is_kept;                     /* memory and spool hold the whole body */
    fct_spool_t *spool;              /* the first bytes of a kept body; NULL: all is in memory */
    apr_bucket *memory_at;           /* next bucket of a kept body in memory */
    int error;                       /* status, with FCT_BODY_LOST */
    int client_left;
};

/* The body will never be complete; rv says whether the client left. Returns status. */
int fct_body_refuse(fct_body_t *body, int status, apr_status_t rv);

/* body_receive.c: one read from the client, appended to memory. OK, the status to refuse with, or SUSPENDED: none is there (non-blocking
 * only). */
int fct_body_receive(fct_body_t *body, apr_read_type_e block, apr_size_t max);

/* body_receive.c: what is there already. OK: the whole body was received, or max bytes were; SUSPENDED: the client has sent no more yet. */
int fct_body_receive_available(fct_body_t *body, apr_off_t max);

#endif
