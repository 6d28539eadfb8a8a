/* The attempt: a connection, the exchange over it, its repetition where a kept connection was closed. */
#include "attempt.h"

#include "answer.h"
#include "connection.h"
#include "decision.h"

#define SCHEME "FCGI"

/* --- the connection --- */

/* A name that cannot be resolved is a connection that was never established: a balancer may try its next member. */
static int is_unresolved(int status)
{
    return status == HTTP_INTERNAL_SERVER_ERROR || status == HTTP_BAD_GATEWAY;
}

/* Why there is no connection: the name cannot be resolved, or mod_proxy gives none (which it has told). */
static int end_without_connection(fct_exchange_t *x, int status, const char *hostname)
{
    x->finding = FCT_FINDING_BACKEND_UNREACHABLE;
    x->outcome->backend = hostname;
    if (!is_unresolved(status)) {
        fct_decision_note_finding(x->r, x->finding, "mod_proxy gave no connection to the backend; its own line in the error log says why");
        return status;
    }
    fct_log_request(x->r, 0, x->finding, "%s; backend %s", fct_finding_info(x->finding)->sentence, hostname ? hostname : "?");
    return HTTP_SERVICE_UNAVAILABLE;
}

/* The backend itself is asked for, also where ProxyRemote names a proxy for every scheme: proxies speak no FastCGI. */
static int take_connection(fct_exchange_t *x, proxy_worker *worker, proxy_server_conf *conf, char *url)
{
    char port[32];
    request_rec *r = x->r;
    apr_uri_t *uri = apr_pcalloc(r->pool, sizeof(*uri));
    int status = ap_proxy_acquire_connection(SCHEME, &x->backend, worker, r->server);

    if (status == OK) {
        x->backend->is_ssl = 0;
        fct_connection_forget_path(x->backend, r);
        status = ap_proxy_determine_connection(r->pool, r, conf, worker, x->backend, uri, &url, NULL, 0, port, sizeof(port));
    }
    if (status == OK) {
        return OK;
    }
    if (x->backend) {
        fct_connection_release(x->backend, 0, r);
    }
    return end_without_connection(x, status, uri->hostname);
}

/* The address is one that the policy may be used with. */
static int check_pinned(fct_exchange_t *x)
{
    if (fct_connection_is_pinned(x->backend, &x->policy->backend, x->r->pool)) {
        return OK;
    }
    fct_decision_end(x->r, FCT_ENDING_REFUSED);
    x->finding = FCT_FINDING_BACKEND_NOT_PINNED;
    fct_log_request(x->r, 0, x->finding, "policy %s does not allow this backend; see workers of its <backend>; backend %s",
                    x->policy->name, x->outcome->backend);
    return fct_answer_status(x->r, HTTP_INTERNAL_SERVER_ERROR);
}

static int open_connection(fct_exchange_t *x)
{
    int status = fct_connection_open(x->backend, x->r);

    if (status == OK) {
        fct_outcome_connect(x->outcome, 0);
    }
    return status;
}

/* --- the exchange --- */

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
    return x->end == FCT_EXCHANGE_LOST && was_kept && is_idempotent(x->r) && fct_body_is_at_hand(x->body);
}

static void run_once(fct_exchange_t *x)
{
    fct_outcome_begin_exchange(x->outcome);
    x->request_id = fct_connection_next_id(x->backend, x->policy->backend.fixed_request_id);
    fct_exchange_run(x);
}

static void replay(fct_exchange_t *x)
{
    fct_log_request(x->r, 0, FCT_FINDING_BACKEND_REPLAYED, NULL);
    fct_connection_drop(x->backend);
    fct_body_rewind(x->body);
    x->outcome->attempts++;
    if (open_connection(x) == OK) {
        x->outcome->replays++;
        run_once(x);
    }
}

/* Connects if need be and runs the exchange, twice if the first met a kept connection that was closed. OK, or the bare 503 of a
 * connection that was never established. */
static int converse(fct_exchange_t *x)
{
    int was_kept = fct_connection_reuse(x->backend, x->r);

    if (was_kept) {
        fct_outcome_connect(x->outcome, 1);
    }
    else if (open_connection(x) != OK) {
        x->finding = FCT_FINDING_BACKEND_UNREACHABLE;
        return HTTP_SERVICE_UNAVAILABLE;
    }
    run_once(x);
    if (may_replay(x, was_kept)) {
        replay(x);
    }
    return OK;
}

static void prepare(fct_exchange_t *x, const fct_gateway_t *gateway)
{
    x->policy = gateway->policy;
    x->params = gateway->params;
    x->body = gateway->body;
    x->reply = fct_reply_create(x->r, &gateway->policy->response, flush_of(x->backend->worker));
    x->keep_conn = !gateway->policy->backend.never_kept && fct_connection_may_be_kept(x->backend);
    x->outcome->backend = fct_connection_name(x->backend, x->r->pool);
    fct_body_rewind(gateway->body);
}

/* Once a connection is released, others may have it, or nobody. */
static void give_back(fct_exchange_t *x)
{
    proxy_conn_rec *backend = x->backend;

    x->backend = NULL;
    fct_connection_release(backend, x->keep_conn && x->is_clean, x->r);
}

int fct_attempt_run(fct_gateway_t *gateway, request_rec *r, proxy_worker *worker, proxy_server_conf *conf, char *url)
{
    fct_exchange_t x = { 0 };
    int status;

    x.r = r;
    x.outcome = fct_outcome_begin_attempt(r);
    fct_decision_end(r, FCT_ENDING_REPLY_REFUSED);      /* unless a connection is to be had */
    status = take_connection(&x, worker, conf, url);
    if (status == OK) {
        prepare(&x, gateway);
        status = check_pinned(&x);
        if (status == OK) {
            status = converse(&x);
        }
        give_back(&x);
    }
    fct_outcome_end(x.outcome, x.finding);
    if (status == OK) {
        gateway->status = status = fct_attempt_end(&x);
    }
    fct_outcome_trace(x.outcome, r);
    return status;
}
