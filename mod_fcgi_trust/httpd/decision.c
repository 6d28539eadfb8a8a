/* The memory of what was decided about a request, and its end: counters, notes, a line in the decision log. */
#include "decision.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <unistd.h>

#include "audit_key.h"
#include "audit_line.h"
#include "drops.h"
#include "outcome.h"

#define EMISSIONS_EXPECTED 64
#define CANDIDATE_PARAMS_EXPECTED 3000
#define CANDIDATE_PARAMS_MAX (1024 * 1024)
#define STDERR_SAYS "the backend wrote to FCGI_STDERR; the error log has its lines"

const char *fct_ending_name(fct_ending_t ending)
{
    static const char *const names[FCT_ENDING_COUNT] = {
        "unknown", "passed", "refused", "reply-refused", "aborted", "client-left", "reported"
    };

    return names[ending];
}

static fct_decision_t *decision_of(request_rec *r)
{
    fct_request_t *request = ap_get_module_config(r->request_config, &fcgi_trust_module);

    return request ? request->decision : NULL;
}

static fct_counters_t *counters_of(const fct_decision_t *decision)
{
    return decision->slot ? decision->slot->counters : NULL;
}

/* --- beginning --- */

/* One of each N in a row, at a place that no client can foresee, so that what comes at every Nth request is neither always nor never seen. */
static int is_sampled(fct_sample_t *sample)
{
    apr_uint32_t seen = apr_atomic_inc32(&sample->seen);
    const apr_uint32_t row[2] = { seen / sample->one_in, (apr_uint32_t)getpid() };

    return seen % sample->one_in == fct_audit_key_number(row, sizeof(row)) % sample->one_in;
}

static int is_wanted(const fct_config_t *config)
{
    switch (config->log ? config->audit : FCT_AUDIT_FINDINGS) {
    case FCT_AUDIT_FINDINGS:
        return 0;
    case FCT_AUDIT_SAMPLE:
        return is_sampled(config->sample);
    default:
        return 1;
    }
}

static void finish(fct_decision_t *decision, request_rec *final);

static apr_status_t finish_subrequest(void *data)
{
    fct_decision_t *decision = data;

    finish(decision, decision->r);
    return APR_SUCCESS;
}

fct_decision_t *fct_decision_begin(request_rec *r)
{
    fct_request_t *request = fct_request_of(r);
    fct_decision_t *decision = request->decision;

    if (decision) {
        return decision;
    }
    decision = apr_pcalloc(r->pool, sizeof(*decision));
    decision->r = r;
    decision->config = fct_config_of(r);
    decision->slot = decision->config->slot;
    decision->is_wanted = is_wanted(decision->config);
    request->decision = decision;
    if (r->main) {
        apr_pool_pre_cleanup_register(r->pool, decision, finish_subrequest);
    }
    return decision;
}

/* --- evaluating --- */

/* What an observer is told about: one policy's share of one decision. */
typedef struct watch_t {
    fct_decision_t *decision;
    fct_evaluated_t *evaluated;
} watch_t;

static void record_emission(void *context, fct_bytes_t name, fct_bytes_t value, const char *source, fct_class_t class_,
                            const fct_place_t *rule)
{
    watch_t *watch = context;
    fct_emission_t *emission = apr_array_push(watch->evaluated->emissions);

    emission->name = name;
    emission->value = value;
    emission->source = source;
    emission->class_ = class_;
    emission->rule = rule;
}

static void record_drop(void *context, fct_bytes_t name)
{
    watch_t *watch = context;
    fct_decision_t *decision = watch->decision;

    if (watch->evaluated->dropped) {
        APR_ARRAY_PUSH(watch->evaluated->dropped, fct_bytes_t) = name;
    }
    if (watch->evaluated == &decision->policy) {
        fct_counters_add_dropped(counters_of(decision), name);
        fct_drops_tell(decision->r, watch->evaluated->policy, name);
    }
}

/* Parameters are recorded where a log or a comparison needs them. */
static fct_verdict_t evaluate(fct_decision_t *decision, fct_evaluated_t *evaluated, const fct_policy_t *policy, const fct_facts_t *facts,
                              fct_params_t *params)
{
    watch_t watch = { decision, evaluated };
    fct_observer_t observer = { NULL, record_drop, &watch };
    apr_pool_t *p = decision->r->pool;

    evaluated->policy = policy;
    if (decision->config->log || decision->config->candidate) {
        evaluated->emissions = apr_array_make(p, EMISSIONS_EXPECTED, sizeof(fct_emission_t));
        evaluated->dropped = apr_array_make(p, 4, sizeof(fct_bytes_t));
        observer.emitted = record_emission;
    }
    evaluated->verdict = fct_eval_request(policy, facts, params, &observer, p);
    return evaluated->verdict;
}

static void evaluate_candidate(fct_decision_t *decision, const fct_facts_t *facts)
{
    const fct_policy_slot_t *slot = decision->config->candidate;
    fct_request_t *request = fct_request_of(decision->r);
    apr_pool_t *p = decision->r->pool;

    if (!slot || !slot->policy || slot == decision->slot) {
        return;
    }
    decision->candidate = apr_pcalloc(p, sizeof(*decision->candidate));
    request->is_candidates_turn = 1;
    evaluate(decision, decision->candidate, slot->policy, facts, fct_params_create(CANDIDATE_PARAMS_EXPECTED, CANDIDATE_PARAMS_MAX, p));
    request->is_candidates_turn = 0;
}

fct_verdict_t fct_decision_evaluate(fct_decision_t *decision, const fct_facts_t *facts, fct_params_t *params)
{
    evaluate(decision, &decision->policy, decision->slot->policy, facts, params);
    evaluate_candidate(decision, facts);
    return decision->policy.verdict;
}

void fct_decision_note_length(request_rec *r, fct_bytes_t length)
{
    fct_decision_t *decision = decision_of(r);

    if (decision) {
        decision->length = length;
    }
}

static void refuse(fct_verdict_t *verdict, fct_finding_id_t finding, int status)
{
    verdict->status = status;
    verdict->finding = finding;
    verdict->detail = fct_finding_info(finding)->sentence;
    verdict->file = NULL;
}

void fct_decision_refuse_any(fct_decision_t *decision, fct_finding_id_t finding, int status)
{
    refuse(&decision->policy.verdict, finding, status);
    if (decision->candidate) {
        refuse(&decision->candidate->verdict, finding, status);
    }
}

void fct_decision_report(fct_decision_t *decision)
{
    const fct_verdict_t *verdict = &decision->policy.verdict;

    if (!verdict->status) {
        return;
    }
    fct_decision_note_finding(decision->r, verdict->finding, verdict->detail);
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, decision->r, "FCT%04d %s: would be refused with status %d: %s [request %s]",
                  (int)verdict->finding, fct_finding_info(verdict->finding)->area, verdict->status, verdict->detail,
                  fct_request_id(decision->r));
}

/* --- comparing --- */

const fct_emission_t *fct_decision_find_emission(const fct_evaluated_t *evaluated, fct_bytes_t name, int expected)
{
    const apr_array_header_t *emissions = evaluated->emissions;
    int i;

    for (i = 0; i < emissions->nelts; i++) {
        const fct_emission_t *emission = &APR_ARRAY_IDX(emissions, (expected + i) % emissions->nelts, fct_emission_t);

        if (fct_bytes_equal(emission->name, name)) {
            return emission;
        }
    }
    return NULL;
}

int fct_decision_differs(const fct_decision_t *decision)
{
    const fct_evaluated_t *a = &decision->policy, *b = decision->candidate;
    int i;

    if (!b || a->verdict.status != b->verdict.status) {
        return b != NULL;
    }
    if (a->verdict.status) {
        return 0;
    }
    for (i = 0; i < a->emissions->nelts; i++) {
        const fct_emission_t *one = &APR_ARRAY_IDX(a->emissions, i, fct_emission_t);
        const fct_emission_t *other = fct_decision_find_emission(b, one->name, i);

        if (!other || !fct_bytes_equal(one->value, other->value)) {
            return 1;
        }
    }
    return a->emissions->nelts != b->emissions->nelts;
}

/* --- while it is served --- */

int fct_decision_wants_details(request_rec *r)
{
    const fct_decision_t *decision = decision_of(r);

    return decision && decision->config->log && !decision->is_finished;
}

static void add_finding(fct_decision_t *decision, fct_finding_id_t id, const char *detail)
{
    fct_decision_finding_t *finding;

    if (!decision->findings) {
        decision->findings = apr_array_make(decision->r->pool, 2, sizeof(fct_decision_finding_t));
    }
    finding = apr_array_push(decision->findings);
    finding->id = id;
    finding->detail = detail;
}

/* What an application writes to its error output is its own, may be anything, and has as many lines as it likes: it is said once that there is
 * some, and the error log has it. */
static int is_told(const fct_decision_t *decision, fct_finding_id_t id)
{
    int i;

    for (i = 0; id == FCT_FINDING_BACKEND_STDERR && decision->findings && i < decision->findings->nelts; i++) {
        if (APR_ARRAY_IDX(decision->findings, i, fct_decision_finding_t).id == id) {
            return 1;
        }
    }
    return 0;
}

void fct_decision_note_finding(request_rec *r, fct_finding_id_t id, const char *detail)
{
    fct_decision_t *decision = decision_of(r);

    if (!decision) {
        return;
    }
    fct_counters_add_finding(counters_of(decision), id);
    if (!is_told(decision, id)) {
        add_finding(decision, id, id == FCT_FINDING_BACKEND_STDERR ? STDERR_SAYS : detail);
    }
}

void fct_decision_end(request_rec *r, fct_ending_t ending)
{
    fct_decision_t *decision = decision_of(r);

    if (decision) {
        decision->ending = ending;
    }
}

/* --- the end --- */

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
    fct_counters_t *counters = counters_of(decision);
    int counter = counter_of[decision->ending];

    if (counter >= 0) {
        fct_counters_add(counters, (fct_counter_id_t)counter, 1);
    }
    fct_counters_add(counters, FCT_COUNTER_WOULD_REFUSE, decision->ending == FCT_ENDING_REPORTED && decision->policy.verdict.status);
    fct_counters_add(counters, FCT_COUNTER_CANDIDATE_DIFFERS, (apr_uint64_t)fct_decision_differs(decision));
    count_backend(counters, fct_outcome_of(decision->r));
    fct_counters_add_duration(counters, apr_time_now() - decision->r->request_time);
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

static void finish(fct_decision_t *decision, request_rec *final)
{
    fct_audit_log_t *log = decision->config->log;

    if (decision->is_finished) {
        return;
    }
    decision->is_finished = 1;
    count(decision);
    set_notes(decision, final);
    if (log && (decision->is_wanted || decision->findings || fct_decision_differs(decision))) {
        fct_audit_log_write(log, decision->r, fct_audit_line_make(decision, final, fct_audit_log_max(log)));
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
        if (decision_of(at)) {
            finish(decision_of(at), final);
        }
    }
    return DECLINED;
}

void fct_decision_register_hooks(void)
{
    ap_hook_log_transaction(finish_all, NULL, NULL, APR_HOOK_REALLY_FIRST);
}
