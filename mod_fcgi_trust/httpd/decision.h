/* What was decided about a request, and why: remembered while it is served, then counted, noted and logged once (SPEC 7). */
#ifndef FCT_DECISION_H
#define FCT_DECISION_H

#include "audit_log.h"
#include "counters.h"
#include "request.h"

/* How a request ended. */
typedef enum fct_ending_t {
    FCT_ENDING_UNKNOWN,              /* the gateway did not end it: another module or httpd itself did */
    FCT_ENDING_PASSED,               /* the application's answer went to the client */
    FCT_ENDING_REFUSED,              /* refused before a backend had it */
    FCT_ENDING_REPLY_REFUSED,        /* 502, 503 or 504 in place of the answer */
    FCT_ENDING_ABORTED,              /* broken off after something had gone out */
    FCT_ENDING_CLIENT_LEFT,
    FCT_ENDING_REPORTED,             /* report mode: left to the module that would serve it without this one */
    FCT_ENDING_COUNT
} fct_ending_t;

/* "passed", "refused", … as the decision log and the notes have it. */
const char *fct_ending_name(fct_ending_t ending);

/* One parameter that a policy yielded, and where in the row of them it stands: { 0 } is before the first. */
typedef struct fct_emission_t {
    fct_bytes_t name;                /* both in the bytes that go out */
    fct_bytes_t value;
    const fct_place_t *rule;         /* NULL: the engine's own */
    apr_size_t cookie;               /* of fct_params_next */
    int number;                      /* counted from 1 */
} fct_emission_t;

/* What one policy made of the request. */
typedef struct fct_evaluated_t {
    const fct_policy_t *policy;
    fct_verdict_t verdict;
    const fct_params_t *params;      /* what it yielded; the engine may have added to that */
    apr_array_header_t *rules;       /* of const fct_place_t *, one for each parameter that it yielded; NULL: nobody asks */
    apr_array_header_t *dropped;     /* of fct_bytes_t, field names; NULL: nobody asks */
} fct_evaluated_t;

typedef struct fct_decision_finding_t {
    fct_finding_id_t id;
    const char *detail;
} fct_decision_finding_t;

typedef struct fct_decision_t {
    request_rec *r;
    const fct_config_t *config;
    const fct_policy_slot_t *slot;   /* NULL: no policy is in scope */
    int is_wanted;                   /* logged even without a finding */
    fct_evaluated_t policy;
    fct_bytes_t length;              /* CONTENT_LENGTH; absent: none was sent */
    fct_evaluated_t *candidate;      /* NULL: none */
    apr_array_header_t *findings;    /* of fct_decision_finding_t; NULL: none so far */
    fct_ending_t ending;
    int answered;                    /* the status in the answer's place; 0: none */
    apr_time_t finished;             /* when it was counted, noted and logged; 0: it is not yet */
} fct_decision_t;

/* The counters of the decision's policy; NULL: none is in scope. */
static inline fct_counters_t *fct_decision_counters(const fct_decision_t *decision)
{
    return decision->slot ? decision->slot->counters : NULL;
}

/* NULL: nothing was begun for r. */
fct_decision_t *fct_decision_of(request_rec *r);

/* Remembers what is decided about r from here on. It is counted, noted and logged when httpd logs the request; a sub-request's, when its
 * pool ends. */
fct_decision_t *fct_decision_begin(request_rec *r);

/* Evaluates the policy in scope (which must exist) into params, and the candidate beside it, whose result goes nowhere but to the log. */
fct_verdict_t fct_decision_evaluate(fct_decision_t *decision, const fct_facts_t *facts, fct_params_t *params);

/* CONTENT_LENGTH, which the engine sends once it knows it. */
void fct_decision_note_length(request_rec *r, fct_bytes_t length);

/* What no policy allows is refused by any, the candidate included. */
void fct_decision_refuse_any(fct_decision_t *decision, fct_finding_id_t finding, int status);

/* Report mode: the refusal that enforcing would have been is a finding of the decision; the error log has it as information. */
void fct_decision_report(fct_decision_t *decision);

/* Something was found about r; detail lives as long as it. Nothing happens where nothing was begun for r. */
void fct_decision_note_finding(request_rec *r, fct_finding_id_t id, const char *detail);

/* Whether the details of findings about r are wanted even where the error log does not take them. */
int fct_decision_wants_details(request_rec *r);

/* How r ended; the last word counts. Nothing happens where nothing was begun for r. */
void fct_decision_end(request_rec *r, fct_ending_t ending);

/* This status stands in the answer's place. Nothing happens where nothing was begun for r. */
void fct_decision_answer(request_rec *r, int status);

/* Goes on to the next parameter that the policy yielded, in the order they go out. Returns 0 if there is none. Only where `rules` were asked for. */
int fct_decision_next_emission(const fct_evaluated_t *evaluated, fct_emission_t *emission);

/* Goes to the parameter of this name, the first one looked at being the one after `emission`. Returns 0 if there is none. */
int fct_decision_find_emission(const fct_evaluated_t *evaluated, fct_bytes_t name, fct_emission_t *emission);

/* The candidate would have decided otherwise: another status, or other parameters. */
int fct_decision_differs(const fct_decision_t *decision);

/* Counts, notes and logs the decision, once; the status of `final` is what the client got. */
void fct_decision_finish(fct_decision_t *decision, request_rec *final);

/* Registers the hook that counts, notes and logs, ahead of httpd's own logs. */
void fct_decision_register_hooks(void);

#endif
