/* Log lines about requests: one shape for all of them. */
#include "decision.h"

#include <apr_strings.h>

static int level_of(fct_severity_t severity)
{
    switch (severity) {
    case FCT_SEVERITY_ERROR:
        return APLOG_ERR;
    case FCT_SEVERITY_WARNING:
        return APLOG_WARNING;
    default:
        return APLOG_INFO;
    }
}

void fct_log_request(request_rec *r, apr_status_t status, fct_finding_id_t id, const char *fmt, ...)
{
    const fct_finding_info_t *info = fct_finding_info(id);
    int level = level_of(info->severity);
    const char *detail = info->sentence;
    int is_logged = APLOG_R_IS_LEVEL(r, level);
    va_list args;

    if (fmt && (is_logged || fct_decision_wants_details(r))) {
        va_start(args, fmt);
        detail = apr_pvsprintf(r->pool, fmt, args);
        va_end(args);
    }
    fct_decision_note_finding(r, id, detail);
    if (!is_logged) {
        return;
    }
    ap_log_rerror(APLOG_MARK, level, status, r, "FCT%04d %s: %s [request %s]", (int)id, info->area, detail, fct_request_id(r));
}
