/* Evaluation: facts + policy → parameters, or a refusal. The module and the tool run this same code. */
#ifndef FCT_EVAL_H
#define FCT_EVAL_H

#include "facts.h"
#include "finding.h"
#include "params.h"
#include "policy.h"

/* What the policy decided. status 0: the request may go to the backend. */
typedef struct fct_verdict_t {
    int status;                   /* 0, or 400–599 for the client */
    fct_finding_id_t finding;     /* why, with status != 0 */
    const char *detail;           /* a sentence with names, never with values of secrets; NUL-terminated, escaped for a log */
    const char *file;             /* the rule's place; NULL if no rule */
    int line;
    const fct_request_rules_t *request;   /* those in force for this request: of <request>, or of a <request when> that holds */
} fct_verdict_t;

/* Told of every parameter as it is emitted and of every field dropped; all optional. For the decision log and explain. */
typedef struct fct_observer_t {
    void (*emitted)(void *context, fct_bytes_t name, fct_bytes_t value, const char *source, fct_class_t class_, const char *file, int line);
    void (*dropped)(void *context, fct_bytes_t field_name);
    void *context;
} fct_observer_t;

/* Checks what can be refused before anything is read or connected (method, upgrade, body rules, header and path rules) and
 * appends every parameter but CONTENT_LENGTH (the gateway's, once the body's length is known) to params, in the order:
 * <param> rules as written, CONTENT_TYPE, header fields as received. Linear in what the request carries. observer may be NULL.
 * A verdict with status != 0 means nothing of params may be sent. */
fct_verdict_t fct_eval_request(const fct_policy_t *policy, const fct_facts_t *facts, fct_params_t *params,
                               const fct_observer_t *observer, apr_pool_t *p);

#endif
