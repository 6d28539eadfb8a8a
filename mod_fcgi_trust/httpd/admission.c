/* Admission: framing that no policy allows, the policy's verdict, the body as far as it is read before a connection is taken. */
#include "admission.h"

#include <apr_strings.h>
#include <mod_proxy.h>

#include "answer.h"
#include "decision.h"
#include "request_facts.h"

#define PARAMS_EXPECTED 3000
#define PARAMS_MAX (1024 * 1024)

/* Framing that two parsers could read differently (RFC 9112 §6.1). On HTTP/2 a synthetic "chunked" stands for a body without a length. */
static int is_framing_doubtful(request_rec *r)
{
    const char *coding = apr_table_get(r->headers_in, "Transfer-Encoding");

    if (!coding || r->connection->master || r->main) {
        return 0;
    }
    return fct_request_of(r)->received->te_with_length || r->proto_num < HTTP_VERSION(1, 1) || ap_cstr_casecmp(coding, "chunked") != 0;
}

/* What no policy allows. */
static fct_finding_id_t find_malformed(request_rec *r)
{
    int is_valid;

    if (is_framing_doubtful(r)) {
        return FCT_FINDING_TRANSFER_ENCODING;
    }
    fct_request_facts_authority(r, &is_valid);
    return is_valid ? FCT_FINDING_NONE : FCT_FINDING_AUTHORITY;
}

static int check_malformed(request_rec *r)
{
    fct_finding_id_t found = find_malformed(r);

    if (found) {
        fct_log_request(r, 0, found, "%s (status 400)", fct_finding_info(found)->sentence);
    }
    if (found == FCT_FINDING_TRANSFER_ENCODING) {
        r->connection->keepalive = AP_CONN_CLOSE;
    }
    return found ? HTTP_BAD_REQUEST : OK;
}

static void gather_facts(fct_facts_t *facts, request_rec *r)
{
    fct_request_facts_fill(facts, r);
    facts->body = fct_body_kind_of(r, &facts->body_length);
}

/* CONTENT_LENGTH equals the bytes of STDIN or is absent. */
static int add_content_length(fct_gateway_t *gateway, request_rec *r)
{
    apr_off_t length = fct_body_length(gateway->body);
    fct_bytes_t text;

    if (length < 0) {
        return OK;
    }
    text = fct_bytes_of(apr_off_t_toa(r->pool, length));
    fct_decision_note_length(r, text);
    return fct_params_add(gateway->params, FCT_BYTES_LITERAL("CONTENT_LENGTH"), &text, 1) == FCT_PARAMS_OK
           ? OK : fct_answer_status(r, HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE);
}

/* Says why the body is not there; a client that left is no fault of anybody here. */
static void log_body_fault(fct_gateway_t *gateway, request_rec *r, int status)
{
    int client_left = 0;

    fct_body_error(gateway->body, &client_left);
    if (client_left) {
        fct_log_request(r, 0, FCT_FINDING_CLIENT_LEFT, "the client left in the middle of its request body");
        fct_decision_end(r, FCT_ENDING_CLIENT_LEFT);
    }
    else if (status == HTTP_REQUEST_ENTITY_TOO_LARGE) {
        fct_log_request(r, 0, FCT_FINDING_BODY_OVER_LIMIT, "the request body is longer than max-body allows; see <request max-body> "
                        "(status %d)", status);
    }
    else if (status != HTTP_INTERNAL_SERVER_ERROR) {      /* that was a temporary file, and has been told */
        fct_log_request(r, 0, FCT_FINDING_BODY_UNREADABLE, "the request body could not be read (status %d)", status);
    }
}

static int read_body(fct_gateway_t *gateway, request_rec *r)
{
    int status = fct_body_prepare(gateway->body);

    if (status != OK) {
        log_body_fault(gateway, r, status);
        return status == AP_FILTER_ERROR ? status : fct_answer_status(r, status);
    }
    return add_content_length(gateway, r);
}

int fct_admission_decide(fct_gateway_t **decided, request_rec *r, const fct_policy_t *policy)
{
    fct_gateway_t *gateway = apr_pcalloc(r->pool, sizeof(*gateway));
    fct_facts_t facts;
    fct_verdict_t verdict;
    int status = check_malformed(r);

    fct_decision_end(r, FCT_ENDING_REFUSED);
    gather_facts(&facts, r);
    if (status != OK) {
        fct_body_abandon_unread(r, facts.body, facts.body_length);
        return fct_answer_status(r, status);
    }
    gateway->policy = policy;
    gateway->params = fct_params_create(PARAMS_EXPECTED, PARAMS_MAX, r->pool);
    verdict = fct_decision_evaluate(fct_decision_begin(r), &facts, gateway->params);
    if (verdict.status != 0) {
        fct_body_abandon_unread(r, facts.body, facts.body_length);
        return fct_answer_refusal(r, &verdict);
    }
    gateway->body = fct_body_create(r, facts.body, facts.body_length, verdict.request);
    status = read_body(gateway, r);
    *decided = gateway;
    return status;
}

static void evaluate_for_report(fct_decision_t *decision, request_rec *r)
{
    fct_facts_t facts;
    fct_finding_id_t malformed = find_malformed(r);

    gather_facts(&facts, r);
    fct_decision_evaluate(decision, &facts, fct_params_create(PARAMS_EXPECTED, PARAMS_MAX, r->pool));
    if (malformed) {
        fct_decision_refuse_any(decision, malformed, HTTP_BAD_REQUEST);
    }
}

void fct_admission_report(request_rec *r, int is_own)
{
    const fct_config_t *config = fct_config_of(r);
    int has_policy = config->slot && config->slot->policy;
    fct_decision_t *decision = has_policy || is_own ? fct_decision_begin(r) : NULL;

    if (!decision || decision->ending == FCT_ENDING_REPORTED) {
        return;                          /* nothing to say, or the next member of a balancer */
    }
    if (is_own && r->proxyreq == PROXYREQ_PROXY) {
        fct_decision_refuse_any(decision, FCT_FINDING_FORWARD_PROXY, HTTP_FORBIDDEN);
    }
    else if (!has_policy) {
        fct_decision_refuse_any(decision, FCT_FINDING_NO_POLICY, HTTP_INTERNAL_SERVER_ERROR);
    }
    else {
        evaluate_for_report(decision, r);
    }
    fct_decision_report(decision);
    fct_decision_end(r, FCT_ENDING_REPORTED);
}
