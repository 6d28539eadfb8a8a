/* The endings of a request that a backend had: its answer passed, refused or broken off. SPEC 3. */
#include "attempt.h"

#include <http_request.h>

#include "answer.h"
#include "decision.h"

static int abort_reply(fct_exchange_t *x)
{
    x->outcome->hold = FCT_HOLD_PASSED;
    fct_decision_end(x->r, x->end == FCT_EXCHANGE_CLIENT_LEFT ? FCT_ENDING_CLIENT_LEFT : FCT_ENDING_ABORTED);
    return fct_reply_abort(x->reply);
}

static int end_fault(fct_exchange_t *x)
{
    const fct_finding_info_t *info = fct_finding_info(x->finding);

    fct_log_request(x->r, 0, x->finding, "%s; backend %s", x->detail ? x->detail : info->sentence, x->outcome->backend);
    if (x->status == HTTP_GATEWAY_TIME_OUT) {
        apr_table_setn(x->r->notes, "proxy_timedout", "1");
    }
    fct_body_abandon(x->body);
    if (fct_reply_has_begun(x->reply)) {
        return abort_reply(x);
    }
    fct_decision_end(x->r, FCT_ENDING_REPLY_REFUSED);
    fct_reply_drop(x->reply);
    return fct_answer_status(x->r, x->status);
}

static int end_without_request(fct_exchange_t *x)
{
    int client_left, status = fct_body_error(x->body, &client_left);

    fct_log_request(x->r, 0, x->finding, NULL);
    fct_body_abandon(x->body);
    if (x->status) {
        status = x->status;
    }
    if (fct_reply_has_begun(x->reply)) {
        return abort_reply(x);
    }
    fct_decision_end(x->r, x->end == FCT_EXCHANGE_CLIENT_LEFT ? FCT_ENDING_CLIENT_LEFT : FCT_ENDING_REFUSED);
    fct_reply_drop(x->reply);
    x->r->connection->keepalive = AP_CONN_CLOSE;
    return status == 0 ? OK : status == AP_FILTER_ERROR ? status : fct_answer_status(x->r, status);
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

/* An output filter may have failed at the end, or the client may have left before it. */
static void note_passed(fct_exchange_t *x, int had_begun)
{
    int is_aborted = fct_reply_is_aborted(x->reply);

    x->outcome->hold = had_begun ? FCT_HOLD_PASSED : FCT_HOLD_WHOLE;
    if (is_aborted) {
        x->outcome->finding = FCT_FINDING_FILTER_FAILED;
    }
    fct_decision_end(x->r, is_aborted ? FCT_ENDING_ABORTED : fct_reply_is_unread(x->reply) ? FCT_ENDING_CLIENT_LEFT : FCT_ENDING_PASSED);
}

static int end_complete(fct_exchange_t *x)
{
    int status, had_begun = fct_reply_has_begun(x->reply);

    fct_body_abandon(x->body);
    if (x->head->is_local_redirect) {
        fct_decision_end(x->r, FCT_ENDING_PASSED);
        fct_reply_drop(x->reply);
        return follow_local_redirect(x->r, x->head);
    }
    status = fct_reply_finish(x->reply);
    note_passed(x, had_begun);
    return status == OK ? OK : fct_answer_override(x->r, status);
}

int fct_attempt_end(fct_exchange_t *x)
{
    switch (x->end) {
    case FCT_EXCHANGE_COMPLETE:
        return end_complete(x);
    case FCT_EXCHANGE_CLIENT_LEFT:
    case FCT_EXCHANGE_REFUSED:
        return end_without_request(x);
    default:
        return end_fault(x);
    }
}
