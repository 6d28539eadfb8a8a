/* The record of what came of a request at its backends. */
#include "outcome.h"

#include "clock.h"
#include "request.h"

const fct_outcome_t *fct_outcome_of(request_rec *r)
{
    fct_request_t *request = ap_get_module_config(r->request_config, &fcgi_trust_module);

    return request ? request->outcome : NULL;
}

static fct_outcome_t *make(request_rec *r)
{
    fct_outcome_t *outcome = apr_pcalloc(r->pool, sizeof(*outcome));

    outcome->began = fct_clock_now();
    outcome->connected = outcome->answered = -1;
    outcome->protocol_status = -1;
    return outcome;
}

fct_outcome_t *fct_outcome_begin_attempt(request_rec *r)
{
    fct_request_t *request = fct_request_of(r);

    if (!request->outcome) {
        request->outcome = make(r);
    }
    request->outcome->attempts++;
    return request->outcome;
}

static apr_interval_time_t time_since(const fct_outcome_t *outcome)
{
    return fct_clock_now() - outcome->began;
}

void fct_outcome_connect(fct_outcome_t *outcome, int is_reused)
{
    outcome->is_reused = is_reused;
    outcome->opened += !is_reused;
    outcome->connected = time_since(outcome);
}

void fct_outcome_begin_exchange(fct_outcome_t *outcome)
{
    outcome->exchanges++;
    outcome->reused += (unsigned)outcome->is_reused;
    outcome->answered = -1;
    outcome->protocol_status = -1;
    outcome->app_status = 0;
}

void fct_outcome_receive(fct_outcome_t *outcome, apr_size_t len)
{
    if (outcome->answered < 0) {
        outcome->answered = time_since(outcome);
    }
    outcome->received += (apr_off_t)len;
}

void fct_outcome_end(fct_outcome_t *outcome, fct_finding_id_t finding)
{
    outcome->finding = finding;
    outcome->ended = time_since(outcome);
}

void fct_outcome_trace(const fct_outcome_t *outcome, request_rec *r)
{
    static const char *const holds[] = { "nothing passed", "held whole", "passed on" };

    ap_log_rerror(APLOG_MARK, APLOG_TRACE1, 0, r,
                  "backend %s: attempts %u, exchanges %u, opened %u, reused %u, replays %u, last %s, connected %" APR_TIME_T_FMT
                  ", answered %" APR_TIME_T_FMT ", ended %" APR_TIME_T_FMT " us, sent %" APR_OFF_T_FMT ", received %" APR_OFF_T_FMT
                  ", protocolStatus %d, appStatus %u, finding %d, %s",
                  outcome->backend ? outcome->backend : "?", outcome->attempts, outcome->exchanges, outcome->opened, outcome->reused,
                  outcome->replays, outcome->is_reused ? "reused" : "opened", outcome->connected, outcome->answered, outcome->ended,
                  outcome->sent, outcome->received, outcome->protocol_status, (unsigned)outcome->app_status, (int)outcome->finding,
                  holds[outcome->hold]);
}
