/* The state of the loop: its time-out and the ways to stop it. */
#include "loop.h"

#include <apr_strings.h>

#include "clock.h"

/* --- time --- */

void fct_loop_move(fct_loop_t *loop)
{
    loop->moved = fct_clock_now();
}

/* How long whoever has to act next may take: the client, whose body the backend waits for, or the backend. Negative: for ever. */
static apr_interval_time_t patience(const fct_loop_t *loop)
{
    return loop->body_waits ? loop->x->r->server->timeout : loop->timeout;
}

int fct_loop_is_overdue(const fct_loop_t *loop)
{
    return patience(loop) >= 0 && fct_clock_now() - loop->moved >= patience(loop);
}

apr_interval_time_t fct_loop_time_left(const fct_loop_t *loop)
{
    apr_interval_time_t left = patience(loop) - (fct_clock_now() - loop->moved);

    return patience(loop) < 0 ? -1 : left > 0 ? left : 0;
}

/* --- stopping --- */

fct_step_t fct_loop_stop(fct_loop_t *loop, fct_exchange_end_t end, fct_finding_id_t finding, int status, const char *detail)
{
    fct_exchange_t *x = loop->x;

    x->end = end;
    x->finding = finding;
    x->status = status;
    x->detail = detail;
    return FCT_STEP_STOP;
}

static fct_step_t stop_client_left(fct_loop_t *loop)
{
    return fct_loop_stop(loop, FCT_EXCHANGE_CLIENT_LEFT, FCT_FINDING_CLIENT_LEFT, 0, NULL);
}

fct_step_t fct_loop_stop_on_body(fct_loop_t *loop)
{
    int client_left, status = fct_body_error(loop->x->body, &client_left);

    if (client_left) {
        return stop_client_left(loop);
    }
    return fct_loop_stop(loop, FCT_EXCHANGE_REFUSED, FCT_FINDING_BODY_UNREADABLE, status ? status : HTTP_INTERNAL_SERVER_ERROR, NULL);
}

/* Nothing more can be passed on: the client has an error page instead, or left, or an output filter failed that was to change the reply. */
fct_step_t fct_loop_stop_on_reply(fct_loop_t *loop)
{
    if (fct_reply_is_replaced(loop->x->reply)) {
        return fct_loop_stop(loop, FCT_EXCHANGE_COMPLETE, FCT_FINDING_NONE, 0, NULL);
    }
    if (loop->x->r->connection->aborted) {
        return stop_client_left(loop);
    }
    return fct_loop_stop(loop, FCT_EXCHANGE_FAULT, FCT_FINDING_FILTER_FAILED, HTTP_INTERNAL_SERVER_ERROR, NULL);
}

/* The backend's end is gone: by EOF, or by an error of the socket. */
fct_step_t fct_loop_stop_on_input(fct_loop_t *loop, apr_status_t rv)
{
    fct_response_event_t event;

    fct_response_end_of_input(loop->response, &event);
    if (!loop->has_read) {
        return fct_loop_stop(loop, FCT_EXCHANGE_LOST, event.finding, HTTP_BAD_GATEWAY, event.detail);
    }
    if (!APR_STATUS_IS_EOF(rv)) {
        event.detail = apr_psprintf(loop->x->r->pool, "%s (%pm)", event.detail, &rv);
    }
    return fct_loop_stop(loop, FCT_EXCHANGE_FAULT, event.finding, event.status, event.detail);
}

fct_step_t fct_loop_stop_overdue(fct_loop_t *loop)
{
    if (loop->body_waits) {
        return fct_loop_stop(loop, FCT_EXCHANGE_REFUSED, FCT_FINDING_BODY_UNREADABLE, HTTP_REQUEST_TIME_OUT, NULL);
    }
    return fct_loop_stop(loop, FCT_EXCHANGE_FAULT, FCT_FINDING_BACKEND_TIMEOUT, HTTP_GATEWAY_TIME_OUT,
                         apr_psprintf(loop->x->r->pool, "the backend sent nothing for %" APR_TIME_T_FMT
                                      " seconds; see its log, ProxyTimeout and the worker's timeout",
                                      apr_time_sec(loop->timeout)));
}
