/* From a raw request, and what a user says beside it, to the facts that a policy is evaluated over: the module's request_facts.c for
 * the tool. */
#ifndef FCT_RAW_FACTS_H
#define FCT_RAW_FACTS_H

#include "eval.h"
#include "given.h"
#include "raw_body.h"
#include "raw_target.h"

/* One request as the tool knows it; it lives as long as the pool it was made in. */
typedef struct fct_raw_facts_t {
    fct_facts_t facts;
    fct_raw_request_t request;
    fct_raw_target_t target;
    fct_raw_body_t body;
    const fct_given_t *given;
    const char *cert_fault;              /* there is a certificate, but tls.client.* says nothing: why; else NULL */
    struct fct_raw_connection_t *connection;
    apr_pool_t *p;
} fct_raw_facts_t;

/* What came of a request. */
typedef struct fct_raw_outcome_t {
    int is_by_httpd;                     /* httpd ends it before the module sees it: status and why are all there is */
    int status;                          /* 0: it may go to the backend */
    fct_finding_id_t finding;            /* with a status that is not httpd's */
    const char *why;                     /* with a status: a sentence */
    const char *file;                    /* the rule's place; NULL: none */
    int line;
    const fct_params_t *params;          /* with status 0: all that is sent */
    fct_bytes_t body;                    /* with status 0: decoded; absent: the text has none of it */
} fct_raw_outcome_t;

/* Makes the facts. Returns 1; 0 and *refusal where httpd ends the request by itself (status not 0), or what is given makes no sense, or
 * the text is not one request (status 0). The anchor of the policy verifies the certificate again; policy may be NULL. */
int fct_raw_facts_make(fct_bytes_t text, const fct_given_t *given, const fct_policy_t *policy, fct_raw_facts_t *made,
                       fct_raw_refusal_t *refusal, apr_pool_t *p);

/* Evaluates the policy over the facts as the module does from here on: framing and authority first, then the rules, then the body.
 * Returns 1; 0 and *refusal where the text has a part of its body, or more than that. observer may be NULL. */
int fct_raw_facts_evaluate(const fct_raw_facts_t *made, const fct_policy_t *policy, const fct_observer_t *observer,
                           fct_raw_outcome_t *outcome, fct_raw_refusal_t *refusal);

/* Both in one: a request that httpd ends is an outcome too. Returns 1; 0 and *refusal, whose status is 0 then. */
int fct_raw_facts_run(fct_bytes_t text, const fct_given_t *given, const fct_policy_t *policy, const fct_observer_t *observer,
                      fct_raw_facts_t *made, fct_raw_outcome_t *outcome, fct_raw_refusal_t *refusal, apr_pool_t *p);

#endif
