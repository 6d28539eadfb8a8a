/* One exchange with a backend: the request out, the records in, over one connected socket. */
#ifndef FCT_EXCHANGE_H
#define FCT_EXCHANGE_H

#include <mod_proxy.h>

#include "body.h"
#include "outcome.h"
#include "params.h"
#include "reply.h"
#include "response.h"

typedef enum fct_exchange_end_t {
    FCT_EXCHANGE_COMPLETE,       /* END_REQUEST came; the reply can be finished */
    FCT_EXCHANGE_FAULT,          /* the response is not to be believed: finding, status, detail */
    FCT_EXCHANGE_LOST,           /* the connection ended before the first response byte: perhaps replay, else a fault (502) */
    FCT_EXCHANGE_CLIENT_LEFT,    /* nobody is there to answer */
    FCT_EXCHANGE_REFUSED         /* the request body turned out bad: status */
} fct_exchange_end_t;

typedef struct fct_exchange_t {
    /* set by the caller */
    request_rec *r;
    proxy_conn_rec *backend;
    const fct_policy_t *policy;
    fct_params_t *params;
    fct_body_t *body;
    fct_reply_t *reply;
    unsigned request_id;
    int keep_conn;
    fct_outcome_t *outcome;      /* told as it happens */

    /* the result */
    fct_exchange_end_t end;
    fct_finding_id_t finding;
    int status;                  /* 4xx with REFUSED; 502, 503 or 504 with FAULT and LOST */
    const char *detail;
    int is_clean;                /* the whole request was sent and ended, END_REQUEST came, nothing after it: may be kept */
    const fct_head_t *head;      /* the final header block, once seen */
} fct_exchange_t;

/* Runs it to its end. The socket is non-blocking during the call and has its time-out again afterwards. SPEC 4, 5. */
void fct_exchange_run(fct_exchange_t *exchange);

#endif
