/* The memory of what is decided about a request while it is served. */
#include "decision.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <unistd.h>

#include "audit_key.h"
#include "drops.h"
#include "plan.h"

#define FIELDS_EXPECTED 16
#define CANDIDATE_PARAMS_EXPECTED 3000
#define CANDIDATE_PARAMS_MAX (1024 * 1024)
#define STDERR_SAYS "the backend wrote to FCGI_STDERR; the error log has its lines"
#define HEAD_SAYS "%s; the error log says more"

const char *fct_ending_name(fct_ending_t ending)
{
    static const char *const names[FCT_ENDING_COUNT] = {
        "unknown", "passed", "refused", "reply-refused", "aborted", "client-left", "reported"
    };

    return names[ending];
}

fct_decision_t *fct_decision_of(request_rec *r)
{
    fct_request_t *request = ap_get_module_config(r->request_config, &fcgi_trust_module);

    return request ? request->decision : NULL;
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

static apr_status_t finish_subrequest(void *data)
{
    fct_decision_t *decision = data;

    fct_decision_finish(decision, decision->r);
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

/* Name and value are in the parameters. */
static void record_emission(void *context, fct_bytes_t name, fct_bytes_t value, const char *source, fct_class_t class_,
                            const fct_place_t *rule)
{
    const watch_t *watch = context;

    (void)name;
    (void)value;
    (void)source;
    (void)class_;
    APR_ARRAY_PUSH(watch->evaluated->rules, const fct_place_t *) = rule;
}

static void record_drop(void *context, fct_bytes_t name)
{
    watch_t *watch = context;
    fct_decision_t *decision = watch->decision;

    if (watch->evaluated->dropped) {
        APR_ARRAY_PUSH(watch->evaluated->dropped, fct_bytes_t) = name;
    }
    if (watch->evaluated == &decision->policy) {
        fct_counters_add_dropped(fct_decision_counters(decision), name);
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
    evaluated->params = params;
    if (decision->config->log || decision->config->candidate) {
        evaluated->rules = apr_array_make(p, (int)policy->plan->nparams + FIELDS_EXPECTED, sizeof(const fct_place_t *));
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
    fct_decision_t *decision = fct_decision_of(r);

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

/* --- while it is served --- */

int fct_decision_wants_details(request_rec *r)
{
    const fct_decision_t *decision = fct_decision_of(r);

    return decision && decision->config->log && !decision->finished;
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

/* The sentence for a log that others read: nothing of what an application wrote, to its error output or among its fields. */
static const char *without_quotes(const fct_decision_t *decision, fct_finding_id_t id, const char *detail)
{
    const fct_finding_info_t *info = fct_finding_info(id);

    return id == FCT_FINDING_BACKEND_STDERR ? STDERR_SAYS
           : strcmp(info->area, "head") == 0 ? apr_psprintf(decision->r->pool, HEAD_SAYS, info->sentence) : detail;
}

void fct_decision_note_finding(request_rec *r, fct_finding_id_t id, const char *detail)
{
    fct_decision_t *decision = fct_decision_of(r);

    if (!decision) {
        return;
    }
    fct_counters_add_finding(fct_decision_counters(decision), id);
    if (!is_told(decision, id)) {
        add_finding(decision, id, without_quotes(decision, id, detail));
    }
}

void fct_decision_end(request_rec *r, fct_ending_t ending)
{
    fct_decision_t *decision = fct_decision_of(r);

    if (decision) {
        decision->ending = ending;
    }
}

void fct_decision_answer(request_rec *r, int status)
{
    fct_decision_t *decision = fct_decision_of(r);

    if (decision) {
        decision->answered = status;
    }
}
