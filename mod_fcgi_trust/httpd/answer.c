/* Statuses in a reply's place. */
#include "answer.h"

#include <apr_strings.h>
#include <http_core.h>
#include <util_script.h>

#include "request.h"

/* mod_proxy reacts to statuses (a 500 marks a worker, a 503 tries the next); the note makes it leave this one alone. */
int fct_answer_status(request_rec *r, int status)
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
