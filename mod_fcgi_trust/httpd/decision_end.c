/* The end of a decision: counters, notes, a line in the decision log. */
#include "decision.h"

#include <apr_strings.h>

#include "audit_line.h"
#include "outcome.h"

static void count_backend(fct_counters_t *counters, const fct_outcome_t *outcome)
{
    if (!outcome) {
        return;
    }
    fct_counters_add(counters, FCT_COUNTER_EXCHANGES, outcome->exchanges);
    fct_counters_add(counters, FCT_COUNTER_CONNECTIONS, outcome->opened);
    fct_counters_add(counters, FCT_COUNTER_REUSED, outcome->reused);
    fct_counters_add(counters, FCT_COUNTER_REPLAYS, outcome->replays);
    fct_counters_add(counters, FCT_COUNTER_HELD_WHOLE, outcome->hold == FCT_HOLD_WHOLE);
    fct_counters_add(counters, FCT_COUNTER_HELD_PASSED, outcome->hold == FCT_HOLD_PASSED);
    fct_counters_add(counters, FCT_COUNTER_BYTES_OUT, (apr_uint64_t)outcome->sent);
    fct_counters_add(counters, FCT_COUNTER_BYTES_IN, (apr_uint64_t)outcome->received);
}

static void count(fct_decision_t *decision)
{
    static const int counter_of[FCT_ENDING_COUNT] = {
        -1, FCT_COUNTER_PASSED, FCT_COUNTER_REFUSED, FCT_COUNTER_REPLY_REFUSED, FCT_COUNTER_ABORTED, FCT_COUNTER_CLIENT_LEFT,
        FCT_COUNTER_REPORTED
    };
    fct_counters_t *counters = fct_decision_counters(decision);
    int counter = counter_of[decision->ending];

    if (counter >= 0) {
        fct_counters_add(counters, (fct_counter_id_t)counter, 1);
    }
    fct_counters_add(counters, FCT_COUNTER_WOULD_REFUSE, decision->ending == FCT_ENDING_REPORTED && decision->policy.verdict.status);
    fct_counters_add(counters, FCT_COUNTER_CANDIDATE_DIFFERS, (apr_uint64_t)fct_decision_differs(decision));
    count_backend(counters, fct_outcome_of(decision->r));
    fct_counters_add_duration(counters, decision->finished - decision->r->request_time);
}

/* For LogFormat: %{fcgi-trust-verdict}n, %{fcgi-trust-policy}n, %{fcgi-trust-finding}n. */
static void set_notes(const fct_decision_t *decision, request_rec *final)
{
    const fct_policy_t *policy = decision->policy.policy;

    apr_table_unset(final->notes, "fcgi-trust-policy");        /* those of an error document */
    apr_table_unset(final->notes, "fcgi-trust-finding");
    apr_table_setn(final->notes, "fcgi-trust-verdict", fct_ending_name(decision->ending));
    if (policy) {
        apr_table_setn(final->notes, "fcgi-trust-policy", apr_pstrcat(final->pool, policy->name, "/", policy->version, NULL));
    }
    if (decision->findings) {
        apr_table_setn(final->notes, "fcgi-trust-finding",
                       apr_psprintf(final->pool, "FCT%04d", (int)APR_ARRAY_IDX(decision->findings, 0, fct_decision_finding_t).id));
    }
}

void fct_decision_finish(fct_decision_t *decision, request_rec *final)
{
    fct_audit_log_t *log = decision->config->log;
    char room[FCT_AUDIT_LINE_EXPECTED];

    if (decision->finished) {
        return;
    }
    decision->finished = apr_time_now();
    count(decision);
    set_notes(decision, final);
    if (log && (decision->is_wanted || decision->findings || fct_decision_differs(decision))) {
        fct_audit_log_write(log, decision->r, fct_audit_line_make(decision, final, fct_audit_log_max(log), room));
    }
}

/* r is the request as it came; internal redirects follow it, each with a decision of its own. The notes of the first one count. */
static int finish_all(request_rec *r)
{
    request_rec *final = r, *at;

    while (final->next) {
        final = final->next;
    }
    for (at = final; at; at = at == r ? NULL : at->prev) {
        if (fct_decision_of(at)) {
            fct_decision_finish(fct_decision_of(at), final);
        }
    }
    return DECLINED;
}

void fct_decision_register_hooks(void)
{
    ap_hook_log_transaction(finish_all, NULL, NULL, APR_HOOK_REALLY_FIRST);
}
