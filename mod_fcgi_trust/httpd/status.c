/* Which form of the status a client gets, and the section in mod_status's page. */
#include "status.h"

#include <apr_optional_hooks.h>
#include <apr_strings.h>
#include <http_core.h>
#include <mod_status.h>

#define HANDLER "fcgi-trust-status"

typedef struct form_t {
    const char *name;
    const char *content_type;
    void (*write)(request_rec *r);
} form_t;

static const form_t forms[] = {
    { "html", "text/html; charset=UTF-8", fct_status_page },
    { "json", "application/json", fct_status_json },
    { "openmetrics", "application/openmetrics-text; version=1.0.0; charset=utf-8", fct_status_metrics },
};

/* --- rules of header fields --- */

const char *fct_status_field_name(const fct_field_rule_t *rule, apr_pool_t *p)
{
    return apr_pstrcat(p, fct_bytes_string(rule->name, p), rule->is_prefix ? "*" : "", NULL);
}

const char *fct_status_field_action(const fct_field_rule_t *rule)
{
    return rule->action == FCT_FIELD_PASS ? "pass" : rule->action == FCT_FIELD_DROP ? "drop" : "refuse";
}

/* --- the handler --- */

/* ?format=NAME, else what Accept asks for by name, else HTML; NULL: there is no such form. */
static const form_t *choose_form(request_rec *r)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");
    const char *name = r->args && strncmp(r->args, "format=", 7) == 0 ? r->args + 7 : NULL;
    apr_size_t i;

    if (!name && !r->args) {
        name = accept && ap_strstr_c(accept, "application/openmetrics-text") ? "openmetrics"
               : accept && ap_strstr_c(accept, "application/json") && !ap_strstr_c(accept, "text/html") ? "json" : "html";
    }
    for (i = 0; name && i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strcmp(forms[i].name, name) == 0) {
            return &forms[i];
        }
    }
    return NULL;
}

static int answer(request_rec *r)
{
    const form_t *form;

    if (!r->handler || strcmp(r->handler, HANDLER) != 0) {
        return DECLINED;
    }
    r->allowed = AP_METHOD_BIT << M_GET;
    if (r->method_number != M_GET) {
        return r->method_number == M_OPTIONS ? DECLINED : HTTP_METHOD_NOT_ALLOWED;
    }
    form = choose_form(r);
    if (!form) {
        apr_table_setn(r->notes, "error-notes", "\nThe status is to be had with ?format=html, ?format=json or ?format=openmetrics.");
        apr_table_setn(r->notes, "verbose-error-to", "*");
        return HTTP_BAD_REQUEST;
    }
    ap_set_content_type(r, form->content_type);
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    apr_table_setn(r->headers_out, "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    if (!r->header_only) {
        form->write(r);
    }
    return OK;
}

/* --- mod_status --- */

static apr_uint64_t all_of(const fct_counters_reading_t *reading)
{
    return reading->values[FCT_COUNTER_PASSED] + reading->values[FCT_COUNTER_REFUSED] + reading->values[FCT_COUNTER_REPLY_REFUSED]
           + reading->values[FCT_COUNTER_ABORTED] + reading->values[FCT_COUNTER_CLIENT_LEFT] + reading->values[FCT_COUNTER_REPORTED];
}

static const fct_policy_slot_t *counted(int i)
{
    const fct_policy_slot_t *slot = APR_ARRAY_IDX(fct_directives_slots(), i, const fct_policy_slot_t *);

    return slot->policy && slot->counters && !fct_status_twin(slot) ? slot : NULL;
}

/* For machines each name stands there once, whatever its versions are. */
static void write_sum(request_rec *r, int first)
{
    const fct_policy_slot_t *of = counted(first), *slot;
    apr_uint64_t all = 0, refused = 0;
    int i;

    for (i = 0; i < fct_directives_slots()->nelts; i++) {
        fct_counters_reading_t reading;

        slot = counted(i);
        if (!slot || strcmp(slot->policy->name, of->policy->name) != 0) {
            continue;
        }
        if (i < first) {
            return;
        }
        fct_counters_read(&reading, slot->counters, r->pool);
        all += all_of(&reading);
        refused += reading.values[FCT_COUNTER_REFUSED];
    }
    ap_rprintf(r, "FcgiTrustRequests-%s: %" APR_UINT64_T_FMT "\nFcgiTrustRefused-%s: %" APR_UINT64_T_FMT "\n", of->policy->name, all,
               of->policy->name, refused);
}

static void write_row(request_rec *r, const fct_policy_slot_t *slot)
{
    fct_counters_reading_t reading;

    fct_counters_read(&reading, slot->counters, r->pool);
    ap_rprintf(r, "<tr><td>%s</td><td>%s</td><td>%" APR_UINT64_T_FMT "</td><td>%" APR_UINT64_T_FMT "</td><td>%" APR_UINT64_T_FMT
               "</td><td>%" APR_UINT64_T_FMT "</td><td>%" APR_UINT64_T_FMT "</td></tr>\n",
               ap_escape_html(r->pool, slot->policy->name), ap_escape_html(r->pool, slot->policy->version), all_of(&reading),
               reading.values[FCT_COUNTER_PASSED], reading.values[FCT_COUNTER_REFUSED], reading.values[FCT_COUNTER_REPLY_REFUSED],
               reading.values[FCT_COUNTER_ABORTED]);
}

static int extend_status(request_rec *r, int flags)
{
    int is_short = flags & AP_STATUS_SHORT;
    int i, n = fct_directives_slots()->nelts;

    if (n && !is_short) {
        ap_rputs("<hr />\n<h2>FastCGI policies</h2>\n<table border=\"0\"><tr><th>policy</th><th>version</th><th>requests</th><th>passed</th>"
                 "<th>refused</th><th>reply refused</th><th>aborted</th></tr>\n", r);
    }
    for (i = 0; i < n; i++) {
        if (counted(i) && is_short) {
            write_sum(r, i);
        }
        else if (counted(i)) {
            write_row(r, counted(i));
        }
    }
    if (n && !is_short) {
        ap_rputs("</table>\n", r);
    }
    return OK;
}

/* mod_status's page is an optional hook: it is there or not. */
static int extend_mod_status(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)plog;
    (void)ptemp;
    (void)pconf;
    APR_OPTIONAL_HOOK(ap, status_hook, extend_status, NULL, NULL, APR_HOOK_MIDDLE);
    return OK;
}

void fct_status_register_hooks(void)
{
    ap_hook_handler(answer, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_pre_config(extend_mod_status, NULL, NULL, APR_HOOK_LAST);
}
