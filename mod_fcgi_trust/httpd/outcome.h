/* What came of a request at its backends: the members asked, the exchanges, their bytes and times. Filled by the gateway as it happens,
 * read when the request is counted and logged (SPEC 7). How the request ended towards the client is the decision's (decision.h). */
#ifndef FCT_OUTCOME_H
#define FCT_OUTCOME_H

#include "mod_fcgi_trust.h"

typedef enum fct_hold_t {
    FCT_HOLD_NONE,                       /* nothing of an answer went to the client */
    FCT_HOLD_WHOLE,                      /* it was proven whole before a byte of it went out */
    FCT_HOLD_PASSED                      /* it began to go out before its end was seen */
} fct_hold_t;

typedef struct fct_outcome_t {
    const char *backend;                 /* the last one asked: "fcgi://host:port" or "unix:/path"; lives as long as the request */
    unsigned attempts;                   /* connections asked for: one for each member of a balancer tried, one for a replay */
    unsigned exchanges;                  /* requests sent, the replay included */
    unsigned opened;                     /* connections opened */
    unsigned reused;                     /* exchanges that ran on a kept connection */
    unsigned replays;                    /* requests sent once more, since the kept connection turned out closed: 0 or 1 a member */
    int is_reused;                       /* the last exchange ran on a kept connection */
    apr_time_t began;                    /* fct_clock_now() when the first backend was asked for */
    apr_interval_time_t connected;       /* from then until the last connection was there; -1: none ever was */
    apr_interval_time_t answered;        /* from then until the first byte of the last exchange's answer; -1: none came */
    apr_interval_time_t ended;           /* from then until the last exchange was over, or the last connection failed */
    apr_off_t sent;                      /* bytes to backends, record headers included, over all exchanges */
    apr_off_t received;                  /* bytes from them */
    int protocol_status;                 /* of END_REQUEST, FastCGI 1.0 §5.5; -1: none came in the last exchange */
    apr_uint32_t app_status;             /* with it */
    fct_finding_id_t finding;            /* what ended the last attempt other than a whole answer; FCT_FINDING_NONE: it was one */
    fct_hold_t hold;
} fct_outcome_t;

/* The outcome of r so far; NULL: no backend was asked for. */
const fct_outcome_t *fct_outcome_of(request_rec *r);

/* A backend is asked for: returns the outcome of r, made on first use. */
fct_outcome_t *fct_outcome_begin_attempt(request_rec *r);

/* A connection is there, opened just now or kept. */
void fct_outcome_connect(fct_outcome_t *outcome, int is_reused);

/* The request is sent over it, from its beginning. */
void fct_outcome_begin_exchange(fct_outcome_t *outcome);

/* Bytes came. */
void fct_outcome_receive(fct_outcome_t *outcome, apr_size_t len);

/* The attempt is over. */
void fct_outcome_end(fct_outcome_t *outcome, fct_finding_id_t finding);

/* Traces it all in one line of the error log (LogLevel fcgi_trust:trace1). */
void fct_outcome_trace(const fct_outcome_t *outcome, request_rec *r);

#endif
