/* A backend's answer to one request: records → grammar → header block → body, as a sequence of events. No sockets, no httpd.
 *
 * It follows the one table state × event of SPEC 5 (response_grammar.h). It never copies body bytes: they are slices of the caller's buffer. */
#ifndef FCT_RESPONSE_H
#define FCT_RESPONSE_H

#include "bytes.h"
#include "finding.h"
#include "head.h"

typedef struct fct_response_t fct_response_t;

typedef struct fct_response_limits_t {
    fct_head_limits_t head;
    unsigned max_interim;              /* interim (1xx) blocks before the final one */
} fct_response_limits_t;

typedef enum fct_seen_t {
    FCT_SEEN_NOTHING,                  /* all bytes consumed, nothing to report: read more */
    FCT_SEEN_INTERIM,                  /* event.head: a 1xx block */
    FCT_SEEN_HEAD,                     /* event.head: the final header block */
    FCT_SEEN_BODY,                     /* event.data: the next body bytes (never for HEAD, 204, 304: discarded) */
    FCT_SEEN_STDERR,                   /* event.data: the next bytes of FCGI_STDERR */
    FCT_SEEN_END,                      /* END_REQUEST: the response is proven whole; event.app_status */
    FCT_SEEN_FAULT                     /* event.finding, event.status: the response is not to be believed */
} fct_seen_t;

typedef struct fct_response_event_t {
    fct_seen_t seen;
    const fct_head_t *head;
    fct_bytes_t data;                  /* points into the caller's buffer */
    apr_uint32_t app_status;
    fct_finding_id_t finding;
    int status;                        /* what the client gets if nothing went out: 502 or 503 */
    const char *detail;                /* "record 7 (STDOUT, id 3, 120 bytes): …", in the response's pool */
} fct_response_event_t;

/* What END_REQUEST said (FastCGI 1.0 §5.5). */
typedef struct fct_response_end_t {
    apr_uint32_t app_status;
    unsigned protocol_status;          /* other than 0 (REQUEST_COMPLETE): the response is not to be believed */
} fct_response_end_t;

/* Expects the answer to request `request_id` (1–65535). `body_is_discarded`: the method was HEAD. */
fct_response_t *fct_response_create(const fct_response_limits_t *limits, unsigned request_id, int body_is_discarded,
                                    apr_pool_t *p);

/* Consumes up to and including the first event; returns how many bytes. After END and after FAULT nothing is consumed. */
apr_size_t fct_response_consume(fct_response_t *response, const char *buf, apr_size_t len, fct_response_event_t *event);

/* The connection ended (EOF or reset). Always FAULT unless END was seen. */
void fct_response_end_of_input(fct_response_t *response, fct_response_event_t *event);

/* Any byte of a response was seen. Before it, a lost kept connection may be replayed (SPEC 4, Replay). */
int fct_response_has_begun(const fct_response_t *response);

/* What END_REQUEST said; NULL: none came. */
const fct_response_end_t *fct_response_end(const fct_response_t *response);

/* END was seen, its padding consumed, and nothing illegal but tolerable (STDOUT after its end) happened: the backend kept to the
 * protocol. What is left in the caller's buffer after that is the caller's to see: such a connection must not be kept. */
int fct_response_is_clean(const fct_response_t *response);

/* The first thing that was illegal but tolerable: why a complete response is not clean. FCT_FINDING_NONE: nothing. */
fct_finding_id_t fct_response_tolerated(const fct_response_t *response);

/* True if only padding of the END_REQUEST is outstanding: consume further (up to 255 bytes) before judging is_clean. */
int fct_response_awaits_padding(const fct_response_t *response);

/* After FCT_SEEN_HEAD: something else takes the body's place. What comes of it is discarded, and Content-Length is not compared. */
void fct_response_discard_body(fct_response_t *response);

/* Body bytes announced by Content-Length that are still to come; -1 if not announced or discarded. */
apr_int64_t fct_response_body_left(const fct_response_t *response);

#endif
