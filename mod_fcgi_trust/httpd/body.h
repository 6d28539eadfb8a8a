/* The request body: how long it is, where it waits, and the next bytes of it, never read blocking while the backend may answer. */
#ifndef FCT_BODY_H
#define FCT_BODY_H

#include <apr_buckets.h>

#include "facts.h"
#include "mod_fcgi_trust.h"

typedef struct fct_body_t fct_body_t;

typedef enum fct_body_status_t {
    FCT_BODY_READY,        /* bytes were appended */
    FCT_BODY_WAIT,         /* none are there yet: poll the client, or tick */
    FCT_BODY_END,          /* the body is complete; nothing was appended */
    FCT_BODY_LOST          /* it will never be complete: the client left or broke its framing; see fct_body_error */
} fct_body_status_t;

/* What kind of body r has, without reading it; *length is set with FCT_BODY_LENGTH. Sub-requests and error documents have none. */
fct_body_kind_t fct_body_kind_of(request_rec *r, apr_off_t *length);

/* A body that nothing was read of yet. */
fct_body_t *fct_body_create(request_rec *r, fct_body_kind_t kind, apr_off_t length, const fct_request_rules_t *rules);

/* Before a connection is taken: reads what is there already, and a body without a length whole where the rules say spool (memory,
 * then a temporary file). Returns OK or the status to refuse with (400, 408, 411, 413, 500; AP_FILTER_ERROR if httpd has answered). */
int fct_body_prepare(fct_body_t *body);

/* CONTENT_LENGTH as it must be sent: the exact number of bytes of STDIN; -1: none is sent (no body, or streamed without one). */
apr_off_t fct_body_length(const fct_body_t *body);

/* Appends up to max bytes to bb, set aside so that they outlive the next call. Never blocks. */
fct_body_status_t fct_body_read(fct_body_t *body, apr_bucket_brigade *bb, apr_size_t max);

/* Sends 100 Continue if the client waits for it. To be called once the backend has the request and the body is needed. */
void fct_body_invite(fct_body_t *body);

/* The status to refuse with after FCT_BODY_LOST, and whether it was the client's leaving (then nobody is there to be told). */
int fct_body_error(const fct_body_t *body, int *client_left);

/* The socket to poll for more; NULL where that cannot tell of more (HTTP/2, input filters). */
apr_socket_t *fct_body_client_socket(const fct_body_t *body);

/* Every byte sent so far is still at hand, so that the request can be sent once more after fct_body_rewind. SPEC 4, Replay. */
int fct_body_is_at_hand(const fct_body_t *body);
void fct_body_rewind(fct_body_t *body);

/* Something of the body was read from the client: no other module finds it whole. */
int fct_body_has_begun(const fct_body_t *body);

/* The whole body was handed out. */
int fct_body_is_complete(const fct_body_t *body);

/* What is unread will not be used: it is dropped if all of it is there and small, else the connection is closed after the response. */
void fct_body_abandon(fct_body_t *body);

/* The same for a request that is refused before there is a fct_body_t. */
void fct_body_abandon_unread(request_rec *r, fct_body_kind_t kind, apr_off_t length);

#endif
