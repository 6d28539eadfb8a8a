/* Evaluation: facts + policy → parameters, or a refusal. The module and the tool run this same code. */
#ifndef FCT_EVAL_H
#define FCT_EVAL_H

#include "facts.h"
#include "finding.h"
#include "params.h"
#include "place.h"
#include "policy.h"

/* What the policy decided. status 0: the request may go to the backend. */
typedef struct fct_verdict_t {
    int status;                   /* 0, or 400–599 for the client */
    fct_finding_id_t finding;     /* why, with status != 0 */
    const char *detail;           /* a sentence with names, never with values of secrets; NUL-terminated, escaped for a log */
    const char *file;             /* the rule's place; NULL if no rule */
    int line;
    fct_bytes_t field;            /* the request header field that was refused, as it was received; absent: it was something else */
    const fct_request_rules_t *request;   /* those in force for this request: of <request>, or of a <request when> that holds */
} fct_verdict_t;

/* What became of a rule, or of a field that the client sent. */
typedef enum fct_ruling_t {
    FCT_RULING_EMITTED,           /* the rule yielded a parameter, or let the field through */
    FCT_RULING_CONDITION,         /* the rule's when does not hold */
    FCT_RULING_ABSENT,            /* its sources have no value */
    FCT_RULING_INVALID,           /* their value cannot be sent, and the rule omits it */
    FCT_RULING_REFUSED,           /* the rule ended the request */
    FCT_RULING_APPLIES,           /* a <request when> is in force; an <upstream>'s field is its word; a field is left out by <drop-header> */
    FCT_RULING_NO_RULE,           /* a field that no rule names */
    FCT_RULING_OTHER_NAME,        /* one that only folds to the rule's name */
    FCT_RULING_RESERVED,          /* one that the rule, a prefix, never lets through */
    FCT_RULING_NOMINATED,         /* one that the client named in Connection */
    FCT_RULING_CHANGED,           /* one that the server changed, without changed="yes" */
    FCT_RULING_COOKIES,           /* cookies="…" let none of its cookies through */
    FCT_RULING_ENGINE             /* one that never passes under its name: hop-by-hop, or the engine's own */
} fct_ruling_t;

/* Told of every parameter as it is emitted and of every field dropped; all optional. For the decision log and explain. Bytes and strings
 * live as long as the request. rule: as for `ruled`. */
typedef struct fct_observer_t {
    void (*emitted)(void *context, fct_bytes_t name, fct_bytes_t value, const char *source, fct_class_t class_, const fct_place_t *rule);
    void (*dropped)(void *context, fct_bytes_t field_name);
    void *context;

    /* Told of every rule that was asked and of every field; name: the parameter's, or the field's as it was received; absent where a rule
     * ended the request. rule: the place that the rule holds, so that its address says which rule; NULL: none. why: a sentence, or NULL. */
    void (*ruled)(void *context, fct_ruling_t ruling, fct_bytes_t name, const fct_place_t *rule, const char *why);
} fct_observer_t;

/* Checks what can be refused before anything is read or connected (method, upgrade, body rules, header and path rules) and
 * appends every parameter but CONTENT_LENGTH (the gateway's, once the body's length is known) to params, in the order:
 * <param> rules as written, CONTENT_TYPE, header fields as received. Linear in what the request carries. observer may be NULL.
 * A verdict with status != 0 means nothing of params may be sent. */
fct_verdict_t fct_eval_request(const fct_policy_t *policy, const fct_facts_t *facts, fct_params_t *params,
                               const fct_observer_t *observer, apr_pool_t *p);

#endif
