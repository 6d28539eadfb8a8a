/* What waits to be written to the backend: the request's head, one STDIN record at a time, its end; written in as few calls as possible. */
#ifndef FCT_OUTBOX_H
#define FCT_OUTBOX_H

#include <apr_buckets.h>
#include <apr_network_io.h>

#include "body.h"
#include "record.h"

#define FCT_OUTBOX_IOV 24

typedef struct fct_outbox_t {
    unsigned request_id;
    fct_body_t *body;
    apr_bucket_brigade *content;                     /* the body bytes that iov points to */
    unsigned char stdin_header[FCT_RECORD_HEADER_LEN];
    unsigned char stdin_end[FCT_RECORD_HEADER_LEN];
    struct iovec iov[FCT_OUTBOX_IOV];
    int first, n;                                    /* iov[first..n) is unsent */
    int end_is_queued;                               /* the empty STDIN record was put into iov */
    apr_off_t sent;                                  /* bytes written */
} fct_outbox_t;

/* Begins with the sealed BEGIN_REQUEST and PARAMS. */
void fct_outbox_init(fct_outbox_t *outbox, fct_bytes_t head, unsigned request_id, fct_body_t *body, request_rec *r);

/* Adds the next STDIN record, and the empty one once the body is complete, to what is unsent of the head; nothing while body bytes
 * are unsent. Returns what fct_body_read said. */
fct_body_status_t fct_outbox_fill(fct_outbox_t *outbox);

/* Writes what it can: APR_SUCCESS with everything written or not (see is_empty), or the socket's error. */
apr_status_t fct_outbox_write(fct_outbox_t *outbox, apr_socket_t *socket);

int fct_outbox_is_empty(const fct_outbox_t *outbox);

/* The whole request, its end included, was handed to the socket. */
int fct_outbox_is_done(const fct_outbox_t *outbox);

#endif
