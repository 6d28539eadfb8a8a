/* The gateway: decides about a request once, takes a connection, runs the exchange, ends the request in one of three ways. */
#include "gateway.h"

#include <apr_poll.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_request.h>
#include <mod_proxy.h>
#include <util_script.h>

#include "connection.h"
#include "decision.h"
#include "exchange.h"
#include "request.h"
#include "request_facts.h"

#define SCHEME "FCGI"
#define PARAMS_EXPECTED 3000
#define PARAMS_MAX (1024 * 1024)

/* What was decided about a request; kept over balancer attempts, so that nothing is evaluated or read twice. */
struct fct_gateway_t {
    const fct_policy_t *policy;
    fct_params_t *params;
    fct_body_t *body;
    int status;              /* how the request ended once a backend had it: no other attempt follows; 0: it did not, or it was served */
};

/* --- endings --- */

/* mod_proxy reacts to statuses (a 500 marks a worker, a 503 tries the next); this note makes it leave our answer alone. */
static int answer(request_rec *r, int status)
{
    apr_table_setn(r->notes, "proxy-error-override", "1");
    if (ap_is_HTTP_ERROR(status)) {
        apr_table_setn(r->notes, "error-notes",
                       apr_pstrcat(r->pool, "\nRequest id: ", ap_escape_html(r->pool, fct_request_id(r)), NULL));
        apr_table_setn(r->notes, "verbose-error-to", "*");
    }
    return status;
}

static void set_allowed(request_rec *r, const char *methods)
{
    char *list = apr_pstrdup(r->pool, methods), *last, *method;

    ap_clear_method_list(r->allowed_methods);
    r->allowed = 0;
    for (method = apr_strtok(list, ", ", &last); method; method = apr_strtok(NULL, ", ", &last)) {
        ap_method_list_add(r->allowed_methods, method);
    }
    r->allowed = r->allowed_methods->method_mask;
}

static int refuse_request(request_rec *r, const fct_verdict_t *verdict)
{
    if (verdict->file) {
        fct_log_request(r, 0, verdict->finding, "%s (status %d, %s:%d)", verdict->detail, verdict->status, verdict->file,
                        verdict->line);
    }
    else {
        fct_log_request(r, 0, verdict->finding, "%s (status %d)", verdict->detail, verdict->status);
    }
    if (verdict->status == HTTP_METHOD_NOT_ALLOWED) {
        set_allowed(r, verdict->request->allow);
    }
    return answer(r, verdict->status);
}

/* --- deciding --- */

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
    return fct_params_add(gateway->params, FCT_BYTES_LITERAL("CONTENT_LENGTH"), &text, 1) == FCT_PARAMS_OK
           ? OK : HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
}

/* Says why the body is not there; a client that left is no fault of anybody here. */
static void log_body_fault(fct_gateway_t *gateway, request_rec *r, int status)
{
    int client_left = 0;

    fct_body_error(gateway->body, &client_left);
    if (client_left) {
        fct_log_request(r, 0, FCT_FINDING_CLIENT_LEFT, "the client left in the middle of its request body");
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
        return status == AP_FILTER_ERROR ? status : answer(r, status);
    }
    return add_content_length(gateway, r);
}

/* Facts → evaluation → parameters; then the body as far as it must be read first. OK, or the status of the refusal. */
static int decide(fct_gateway_t **decided, request_rec *r, const fct_policy_t *policy)
{
    fct_gateway_t *gateway = apr_pcalloc(r->pool, sizeof(*gateway));
    fct_facts_t facts;
    fct_verdict_t verdict;
    int status = check_malformed(r);

    fct_decision_end(r, FCT_ENDING_REFUSED);
    gather_facts(&facts, r);
    if (status != OK) {
        fct_body_abandon_unread(r, facts.body, facts.body_length);
        return answer(r, status);
    }
    gateway->policy = policy;
    gateway->params = fct_params_create(PARAMS_EXPECTED, PARAMS_MAX, r->pool);
    verdict = fct_decision_evaluate(fct_decision_begin(r), &facts, gateway->params);
    if (verdict.status != 0) {
        fct_body_abandon_unread(r, facts.body, facts.body_length);
        return refuse_request(r, &verdict);
    }
    gateway->body = fct_body_create(r, facts.body, facts.body_length, verdict.request);
    status = read_body(gateway, r);
    *decided = gateway;
    return status;
}

/* --- one attempt --- */

static int is_idempotent(const request_rec *r)      /* RFC 9110 §9.2.2 */
{
    switch (r->method_number) {
    case M_GET:                                     /* and HEAD */
    case M_PUT:
    case M_DELETE:
    case M_OPTIONS:
        return 1;
    default:
        return 0;
    }
}

static fct_flush_t flush_of(const proxy_worker *worker)
{
    return worker->s->flush_packets == flush_on ? FCT_FLUSH_ALWAYS : FCT_FLUSH_WHEN_IDLE;
}

static int may_replay(const fct_exchange_t *x, int was_kept)
{
    return x->outcome == FCT_EXCHANGE_LOST && was_kept && is_idempotent(x->r) && fct_body_is_at_hand(x->body);
}

static void run_once(fct_exchange_t *x)
{
    x->request_id = fct_connection_next_id(x->backend, x->policy->backend.fixed_request_id);
    fct_exchange_run(x);
}

/* Connects if need be and runs the exchange, twice if the first met a kept connection that was closed. OK, or the bare 503 of a
 * connection that was never established. */
static int converse(fct_exchange_t *x)
{
    int was_kept = fct_connection_reuse(x->backend, x->r);

    if (!was_kept && fct_connection_open(x->backend, x->r) != OK) {
        return HTTP_SERVICE_UNAVAILABLE;
    }
    run_once(x);
    if (may_replay(x, was_kept)) {
        fct_log_request(x->r, 0, FCT_FINDING_BACKEND_REPLAYED, NULL);
        fct_connection_drop(x->backend);
        fct_body_rewind(x->body);
        if (fct_connection_open(x->backend, x->r) == OK) {
            run_once(x);
        }
    }
    return OK;
}

static int end_fault(fct_exchange_t *x)
{
    const fct_finding_info_t *info = fct_finding_info(x->finding);

    fct_log_request(x->r, 0, x->finding, "%s; backend %s", x->detail ? x->detail : info->sentence, x->backend_name);
    if (x->status == HTTP_GATEWAY_TIME_OUT) {
        apr_table_setn(x->r->notes, "proxy_timedout", "1");
    }
    fct_body_abandon(x->body);
    if (fct_reply_has_begun(x->reply)) {
        fct_decision_end(x->r, FCT_ENDING_ABORTED);
        return fct_reply_abort(x->reply);
    }
    fct_decision_end(x->r, FCT_ENDING_REPLY_REFUSED);
    fct_reply_drop(x->reply);
    return answer(x->r, x->status);
}

static int end_without_request(fct_exchange_t *x)
{
    int client_left, status = fct_body_error(x->body, &client_left);

    fct_log_request(x->r, 0, x->finding, NULL);
    fct_decision_end(x->r, x->outcome == FCT_EXCHANGE_CLIENT_LEFT ? FCT_ENDING_CLIENT_LEFT : FCT_ENDING_REFUSED);
    fct_body_abandon(x->body);
    if (x->status) {
        status = x->status;
    }
    if (fct_reply_has_begun(x->reply)) {
        return fct_reply_abort(x->reply);
    }
    fct_reply_drop(x->reply);
    x->r->connection->keepalive = AP_CONN_CLOSE;
    return status == 0 ? OK : status == AP_FILTER_ERROR ? status : answer(x->r, status);
}

/* The local redirect of RFC 3875 §6.2.2: the server answers as if the client had asked for that path. */
static int follow_local_redirect(request_rec *r, const fct_head_t *head)
{
    r->method = "GET";
    r->method_number = M_GET;
    apr_table_unset(r->headers_in, "Content-Length");
    apr_table_unset(r->headers_in, "Transfer-Encoding");
    ap_internal_redirect_handler(head->location.at, r);
    return OK;
}

static int end_complete(fct_exchange_t *x)
{
    int status;

    fct_body_abandon(x->body);
    fct_decision_end(x->r, FCT_ENDING_PASSED);
    if (x->head->is_local_redirect) {
        fct_reply_drop(x->reply);
        return follow_local_redirect(x->r, x->head);
    }
    status = fct_reply_finish(x->reply);
    if (status != OK) {
        fct_decision_end(x->r, FCT_ENDING_REPLY_REFUSED);
    }
    return status == OK ? OK : answer(x->r, status);
}

static int end(fct_exchange_t *x)
{
    switch (x->outcome) {
    case FCT_EXCHANGE_COMPLETE:
        return end_complete(x);
    case FCT_EXCHANGE_CLIENT_LEFT:
    case FCT_EXCHANGE_REFUSED:
        return end_without_request(x);
    default:
        return end_fault(x);
    }
}

static int attempt(fct_gateway_t *gateway, request_rec *r, proxy_conn_rec *backend)
{
    fct_exchange_t x = { 0 };
    int status;

    x.r = r;
    x.backend = backend;
    x.policy = gateway->policy;
    x.params = gateway->params;
    x.body = gateway->body;
    x.reply = fct_reply_create(r, &gateway->policy->response, flush_of(backend->worker));
    x.keep_conn = !gateway->policy->backend.never_kept && fct_connection_may_be_kept(backend);
    fct_body_rewind(gateway->body);
    status = converse(&x);
    x.backend_name = x.outcome == FCT_EXCHANGE_COMPLETE ? NULL : fct_connection_name(backend, r->pool);
    x.backend = NULL;      /* once it is released, others may have it, or nobody */
    fct_connection_release(backend, x.keep_conn && x.is_clean, r);
    return status == OK ? (gateway->status = end(&x)) : status;
}

/* --- mod_proxy's hooks --- */

static int is_fcgi(const char *url)
{
    return ap_cstr_casecmpn(url, "fcgi:", 5) == 0;
}

/* A name that cannot be resolved is a connection that was never established: a balancer may try its next member. */
static int is_unresolved(int status)
{
    return status == HTTP_INTERNAL_SERVER_ERROR || status == HTTP_BAD_GATEWAY;
}

/* The backend itself is asked for, also where ProxyRemote names a proxy for every scheme: proxies speak no FastCGI. */
static int take_connection(proxy_conn_rec **backend, request_rec *r, proxy_worker *worker, proxy_server_conf *conf, char *url)
{
    char port[32];
    apr_uri_t *uri = apr_palloc(r->pool, sizeof(*uri));
    int status = ap_proxy_acquire_connection(SCHEME, backend, worker, r->server);

    if (status == OK) {
        (*backend)->is_ssl = 0;
        fct_connection_forget_path(*backend, r);
        status = ap_proxy_determine_connection(r->pool, r, conf, worker, *backend, uri, &url, NULL, 0, port, sizeof(port));
    }
    if (status != OK && *backend) {
        fct_connection_release(*backend, 0, r);
    }
    if (is_unresolved(status)) {
        fct_log_request(r, 0, FCT_FINDING_BACKEND_UNREACHABLE, "%s; backend %s",
                        fct_finding_info(FCT_FINDING_BACKEND_UNREACHABLE)->sentence, uri->hostname ? uri->hostname : "?");
        return HTTP_SERVICE_UNAVAILABLE;
    }
    return status;
}

/* A balancer with members of several protocols: what one module read of the body is not there for the next. */
static int refuse_divided_body(request_rec *r)
{
    fct_log_request(r, 0, FCT_FINDING_BODY_ELSEWHERE, NULL);
    r->connection->keepalive = AP_CONN_CLOSE;
    return answer(r, HTTP_SERVICE_UNAVAILABLE);
}

static int has_body(request_rec *r)
{
    apr_off_t length;
    fct_body_kind_t kind = fct_body_kind_of(r, &length);

    return kind == FCT_BODY_UNKNOWN || (kind == FCT_BODY_LENGTH && length > 0);
}

/* Another module's turn: it is left alone, unless it would send a body whose beginning is here. */
static int leave(request_rec *r)
{
    fct_request_t *request;

    if (fct_directives_slots()->nelts == 0) {
        return DECLINED;
    }
    request = fct_request_of(r);
    request->was_elsewhere = 1;
    return request->gateway && fct_body_has_begun(request->gateway->body) ? refuse_divided_body(r) : DECLINED;
}

/* FcgiTrustMode report: decides and leaves the request as it was, to whoever serves it without this module. */
static int report(request_rec *r)
{
    fct_decision_t *decision = fct_decision_begin(r);
    fct_facts_t facts;

    if (decision->slot && decision->slot->policy && !decision->policy.policy) {
        gather_facts(&facts, r);
        fct_decision_evaluate(decision, &facts, fct_params_create(PARAMS_EXPECTED, PARAMS_MAX, r->pool));
        fct_decision_report(decision, find_malformed(r));
    }
    fct_decision_end(r, FCT_ENDING_REPORTED);
    return DECLINED;
}

static int serve(request_rec *r, proxy_worker *worker, proxy_server_conf *conf, char *url, const char *proxyname,
                 apr_port_t proxyport)
{
    const fct_config_t *config = fct_config_of(r);
    fct_request_t *request;
    proxy_conn_rec *backend = NULL;
    int status;

    (void)proxyname;
    (void)proxyport;
    if (fct_config_is_off(config)) {
        return DECLINED;
    }
    if (fct_config_is_report(config)) {
        return report(r);
    }
    if (!is_fcgi(url)) {
        return leave(r);
    }
    fct_decision_begin(r);
    if (r->proxyreq == PROXYREQ_PROXY) {
        fct_log_request(r, 0, FCT_FINDING_FORWARD_PROXY, "%s (status 403)", fct_finding_info(FCT_FINDING_FORWARD_PROXY)->sentence);
        return answer(r, HTTP_FORBIDDEN);
    }
    if (!config->slot || !config->slot->policy) {
        fct_log_request(r, 0, FCT_FINDING_NO_POLICY, NULL);
        return answer(r, HTTP_INTERNAL_SERVER_ERROR);
    }
    request = fct_request_of(r);
    if (request->was_elsewhere && has_body(r)) {
        return refuse_divided_body(r);
    }
    status = request->gateway ? request->gateway->status : decide(&request->gateway, r, config->slot->policy);
    if (status == OK) {
        status = take_connection(&backend, r, worker, conf, url);
    }
    if (status != OK) {
        return status;
    }
    if (!fct_connection_is_pinned(backend, &request->gateway->policy->backend, r->pool)) {
        fct_log_request(r, 0, FCT_FINDING_BACKEND_NOT_PINNED, "%s; backend %s",
                        fct_finding_info(FCT_FINDING_BACKEND_NOT_PINNED)->sentence, fct_connection_name(backend, r->pool));
        fct_connection_release(backend, 0, r);
        return answer(r, HTTP_INTERNAL_SERVER_ERROR);
    }
    return attempt(request->gateway, r, backend);
}

/* Only the address matters to this module: parameters derive from facts, never from the URL. */
static int canonicalise(request_rec *r, char *url)
{
    char *host, *path;
    const char *error;
    apr_port_t port = ap_proxy_port_of_scheme("fcgi"), given = port;

    if (!is_fcgi(url) || fct_config_is_off(fct_config_of(r)) || fct_config_is_report(fct_config_of(r))) {
        return DECLINED;
    }
    url += 5;
    error = ap_proxy_canon_netloc(r->pool, &url, NULL, NULL, &host, &given);
    if (error) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "fcgi:%s is not a valid backend URL: %s", url, error);
        return HTTP_BAD_REQUEST;
    }
    path = ap_proxy_canonenc(r->pool, url, (int)strlen(url), enc_path, 0, r->proxyreq);
    if (!path) {
        return HTTP_BAD_REQUEST;
    }
    if (ap_strchr_c(host, ':')) {
        host = apr_pstrcat(r->pool, "[", host, "]", NULL);
    }
    r->filename = given == port ? apr_pstrcat(r->pool, "proxy:fcgi://", host, "/", path, NULL)
                                : apr_pstrcat(r->pool, "proxy:fcgi://", host, ":", apr_itoa(r->pool, given), "/", path, NULL);
    return OK;
}

void fct_gateway_register_hooks(apr_pool_t *p)
{
    static const char *const before[] = { "mod_proxy_fcgi.c", NULL };

    (void)p;
    proxy_hook_scheme_handler(serve, NULL, before, APR_HOOK_REALLY_FIRST);      /* of every protocol: see leave */
    proxy_hook_canon_handler(canonicalise, NULL, before, APR_HOOK_FIRST);
}
