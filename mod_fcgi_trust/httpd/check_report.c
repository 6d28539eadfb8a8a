/* FcgiTrustMode report leaves requests to another module, which must be there. */
#include "check_report.h"

#include "conftree.h"

typedef struct report_t {
    fct_findings_t *findings;
    int has_route;                   /* some directive names fcgi:// */
} report_t;

static void find_route(void *context, const ap_directive_t *d)
{
    report_t *report = context;

    report->has_route |= strstr(d->args, "fcgi://") != NULL;
}

static void check_mode(void *context, const ap_directive_t *d)
{
    const report_t *report = context;

    if (fct_conftree_is(d, "FcgiTrustMode") && ap_cstr_casecmp(d->args, "report") == 0) {
        fct_findings_add(report->findings, FCT_FINDING_REPORT_ALONE, d->filename, d->line_num, NULL);
    }
}

void fct_check_report(fct_findings_t *findings)
{
    report_t report = { findings, 0 };

    if (ap_find_linked_module("mod_proxy_fcgi.c")) {
        return;
    }
    fct_conftree_walk(find_route, &report);
    if (report.has_route) {
        fct_conftree_walk(check_mode, &report);
    }
}
