/* What only watches must have something to watch: FcgiTrustMode report a module that serves, FcgiTrustCandidate a policy that decides. */
#include "check_report.h"

#include "conftree.h"

/* --- report --- */

typedef struct report_t {
    fct_findings_t *findings;
    const ap_directive_t *mode;      /* a FcgiTrustMode report */
    int has_route;                   /* some directive names fcgi:// where that is in force */
} report_t;

static void find_route(void *context, const ap_directive_t *d)
{
    report_t *report = context;

    report->has_route |= strstr(d->args, "fcgi://") != NULL && fct_conftree_meet(d, report->mode);
}

static void check_mode(void *context, const ap_directive_t *d)
{
    report_t *report = context;

    if (!fct_conftree_is(d, "FcgiTrustMode") || ap_cstr_casecmp(d->args, "report") != 0) {
        return;
    }
    report->mode = d;
    report->has_route = 0;
    fct_conftree_walk(find_route, report);
    if (report->has_route) {
        fct_findings_add(report->findings, FCT_FINDING_REPORT_ALONE, d->filename, d->line_num, NULL);
    }
}

/* --- candidates --- */

static int is_beside_policy(const ap_directive_t *candidate)
{
    int i;

    for (i = 0; i < fct_directives_uses()->nelts; i++) {
        if (fct_conftree_meet(APR_ARRAY_IDX(fct_directives_uses(), i, const ap_directive_t *), candidate)) {
            return 1;
        }
    }
    return 0;
}

static void check_candidates(fct_findings_t *findings)
{
    int i;

    for (i = 0; i < fct_directives_candidates()->nelts; i++) {
        const ap_directive_t *candidate = APR_ARRAY_IDX(fct_directives_candidates(), i, const ap_directive_t *);

        if (!is_beside_policy(candidate)) {
            fct_findings_add(findings, FCT_FINDING_POLICY_UNREACHABLE, candidate->filename, candidate->line_num,
                             "FcgiTrustCandidate %s stands beside no FcgiTrustPolicy, so that it is never evaluated; to try a first policy on "
                             "live traffic, say FcgiTrustPolicy with FcgiTrustMode report", candidate->args);
        }
    }
}

void fct_check_report(fct_findings_t *findings)
{
    report_t report = { findings, NULL, 0 };

    if (!ap_find_linked_module("mod_proxy_fcgi.c")) {
        fct_conftree_walk(check_mode, &report);
    }
    check_candidates(findings);
}
