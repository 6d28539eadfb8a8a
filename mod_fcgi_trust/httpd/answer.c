/* Statuses in a reply's place. */
#include "answer.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_core.h>
#include <util_script.h>

#include "decision.h"
#include "request.h"

/* httpd has a page for each status that it knows; what "error-notes" says stands on these alone, and on that for all other statuses. */
static int has_page_with_notes(int status)
{
    return status == HTTP_BAD_REQUEST || status == HTTP_FORBIDDEN || status == HTTP_INTERNAL_SERVER_ERROR || status == HTTP_NOT_IMPLEMENTED
        || status == HTTP_BAD_GATEWAY;
}

/* The request's id, for httpd's page. */
static void set_notes(request_rec *r, const char *id)
{
    apr_table_setn(r->notes, "error-notes", apr_pstrcat(r->pool, "\nRequest id: ", id, NULL));
    apr_table_setn(r->notes, "verbose-error-to", "*");
}

/* A page of our own with the id, where httpd's has no room for it and no ErrorDocument stands in its place. */
static void set_page(request_rec *r, int status, const char *id)
{
    const char *line = ap_get_status_line(status);

    if ((int)apr_strtoi64(line, NULL, 10) != status) {
        r->status_line = apr_psprintf(r->pool, "%d Status %d", status, status);      /* httpd would say 500 */
    }
    else if (!has_page_with_notes(status) && !ap_response_code_string(r, ap_index_of_response(status))) {
        ap_custom_response(r, status, apr_psprintf(r->pool, "<!DOCTYPE html>\n<html><head>\n<title>%s</title>\n</head><body>\n<h1>%s</h1>\n"
                                                   "<p>\nRequest id: %s</p>\n</body></html>\n", line, line + strlen("NNN "), id));
    }
}

/* mod_proxy reacts to statuses (a 500 marks a worker, a 503 tries the next); the note makes it leave this one alone. */
int fct_answer_override(request_rec *r, int status)
{
    fct_decision_answer(r, status);
    apr_table_setn(r->notes, "proxy-error-override", "1");
    if (ap_is_HTTP_ERROR(status)) {
        set_notes(r, ap_escape_html(r->pool, fct_request_id(r)));
    }
    return status;
}

int fct_answer_status(request_rec *r, int status)
{
    if (ap_is_HTTP_ERROR(status)) {
        set_page(r, status, ap_escape_html(r->pool, fct_request_id(r)));
    }
    return fct_answer_override(r, status);
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

int fct_answer_refusal(request_rec *r, const fct_verdict_t *verdict)
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
    return fct_answer_status(r, verdict->status);
}
