/* Log lines of findings: one shape for all of them. */
#include "decision.h"

#include <apr_strings.h>
#include <http_main.h>

#define SERVER_LINE_MAX 1024

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

static void log_request(request_rec *r, apr_status_t status, fct_finding_id_t id, const char *fmt, va_list args)
{
    const fct_finding_info_t *info = fct_finding_info(id);
    int level = level_of(info->severity);
    const char *detail = info->sentence;
    int is_logged = APLOG_R_IS_LEVEL(r, level);

    if (fmt && (is_logged || fct_decision_wants_details(r))) {
        detail = apr_pvsprintf(r->pool, fmt, args);
    }
    fct_decision_note_finding(r, id, detail);
    if (!is_logged) {
        return;
    }
    ap_log_rerror(APLOG_MARK, level, status, r, "FCT%04d %s: %s [request %s]", (int)id, info->area, detail, fct_request_id(r));
}

static void log_server(apr_status_t status, fct_finding_id_t id, const char *fmt, va_list args)
{
    const fct_finding_info_t *info = fct_finding_info(id);
    char detail[SERVER_LINE_MAX];

    if (fmt) {
        apr_vsnprintf(detail, sizeof(detail), fmt, args);
    }
    ap_log_error(APLOG_MARK, level_of(info->severity), status, ap_server_conf, "FCT%04d %s: %s", (int)id, info->area,
                 fmt ? detail : info->sentence);
}

void fct_log_request(request_rec *r, apr_status_t status, fct_finding_id_t id, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    if (r) {
        log_request(r, status, id, fmt, args);
    }
    else {
        log_server(status, id, fmt, args);
    }
    va_end(args);
}
