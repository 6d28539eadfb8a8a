/* The gateway's hooks: which requests are its own, in which mode, and what mod_proxy makes of their URLs. */
#include "gateway.h"

#include <apr_strings.h>
#include <mod_proxy.h>

#include "admission.h"
#include "answer.h"
#include "attempt.h"
#include "decision.h"

static int is_fcgi(const char *url)
{
    return ap_cstr_casecmpn(url, "fcgi:", 5) == 0;
}

/* A balancer with members of several protocols: what one module read of the body is not there for the next. */
static int refuse_divided_body(request_rec *r)
{
    fct_log_request(r, 0, FCT_FINDING_BODY_ELSEWHERE, NULL);
    fct_decision_end(r, FCT_ENDING_REFUSED);
    r->connection->keepalive = AP_CONN_CLOSE;
    return fct_answer_status(r, HTTP_SERVICE_UNAVAILABLE);
}

static int refuse(request_rec *r, fct_finding_id_t finding, int status)
{
    fct_log_request(r, 0, finding, "%s (status %d)", fct_finding_info(finding)->sentence, status);
    fct_decision_end(r, FCT_ENDING_REFUSED);
    return fct_answer_status(r, status);
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
    if (request->gateway && fct_body_has_begun(request->gateway->body)) {
        return refuse_divided_body(r);
    }
    fct_decision_end(r, FCT_ENDING_UNKNOWN);
    return DECLINED;
}

static int serve(request_rec *r, proxy_worker *worker, proxy_server_conf *conf, char *url, const char *proxyname,
                 apr_port_t proxyport)
{
    const fct_config_t *config = fct_config_of(r);
    fct_request_t *request;
    int status;

    (void)proxyname;
    (void)proxyport;
    if (fct_config_is_off(config)) {
        return DECLINED;
    }
    if (fct_config_is_report(config)) {
        fct_admission_report(r, is_fcgi(url));
        return DECLINED;
    }
    if (!is_fcgi(url)) {
        return leave(r);
    }
    fct_decision_begin(r);
    if (r->proxyreq == PROXYREQ_PROXY) {
        return refuse(r, FCT_FINDING_FORWARD_PROXY, HTTP_FORBIDDEN);
    }
    if (!config->slot || !config->slot->policy) {
        return refuse(r, FCT_FINDING_NO_POLICY, HTTP_INTERNAL_SERVER_ERROR);
    }
    request = fct_request_of(r);
    if (request->was_elsewhere && has_body(r)) {
        return refuse_divided_body(r);
    }
    status = request->gateway ? request->gateway->status : fct_admission_decide(&request->gateway, r, config->slot->policy);
    return status == OK ? fct_attempt_run(request->gateway, r, worker, conf, url) : status;
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
