/* What a response reported, as a trace, so that two runs over differently cut input can be compared. */
#ifndef RESPONSE_TRACE_H
#define RESPONSE_TRACE_H

#include "response.h"
#include "trace.h"

static inline void response_trace(trace_t *trace, const fct_response_event_t *event)
{
    switch (event->seen) {
    case FCT_SEEN_NOTHING:
        break;
    case FCT_SEEN_INTERIM:
        trace_event(trace, apr_psprintf(trace->pool, "interim-%d", event->head->status));
        break;
    case FCT_SEEN_HEAD:
        trace_event(trace, apr_psprintf(trace->pool, "head-%d", event->head->status));
        break;
    case FCT_SEEN_BODY:
        trace_data(trace, "body", event->data.at, event->data.len);
        break;
    case FCT_SEEN_STDERR:
        trace_data(trace, "stderr", event->data.at, event->data.len);
        break;
    case FCT_SEEN_END:
        trace_event(trace, apr_psprintf(trace->pool, "end-%u", event->app_status));
        break;
    case FCT_SEEN_FAULT:
        trace_event(trace, apr_psprintf(trace->pool, "fault-%d-%d (%s)", event->status, (int)event->finding, event->detail));
        break;
    }
}

/* Consumes what can be. Returns 0 once nothing more is taken. */
static inline int response_consume(fct_response_t *response, trace_t *trace, const char *buf, apr_size_t len)
{
    fct_response_event_t event;
    apr_size_t at = 0;

    while (at < len) {
        apr_size_t n = fct_response_consume(response, buf + at, len - at, &event);

        response_trace(trace, &event);
        if (event.seen == FCT_SEEN_FAULT || n == 0) {
            return 0;
        }
        at += n;
    }
    return 1;
}

#endif
