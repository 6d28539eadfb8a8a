/* The sections of a page about a policy, each written into a sheet. */
#ifndef FCT_SHOW_PAGE_H
#define FCT_SHOW_PAGE_H

#include "plan.h"
#include "sheet.h"

/* What the application is told: parameters, with their way from the source. */
void fct_show_page_params(fct_sheet_t *sheet, const fct_plan_t *plan);

/* Header fields: which pass, which are dropped, and for which a request is refused. */
void fct_show_page_fields(fct_sheet_t *sheet, const fct_plan_t *plan);

/* What rules refer to: identities, maps, upstreams, the trust anchor. */
void fct_show_page_identities(fct_sheet_t *sheet, const fct_plan_t *plan);
void fct_show_page_maps(fct_sheet_t *sheet, const fct_plan_t *plan);
void fct_show_page_upstreams(fct_sheet_t *sheet, const fct_plan_t *plan);
void fct_show_page_anchor(fct_sheet_t *sheet, const fct_anchor_rule_t *anchor);

/* What a trust anchor does, and what it leaves to others; for every format. */
#define FCT_SHOW_PAGE_ANCHOR \
    "A certificate of a client counts as verified only if its path leads to exactly this certificate. Whether a certificate was revoked " \
    "(CRL, OCSP) is not asked here: revocation stays mod_ssl's."

/* What requests, responses and the backend may be like. */
void fct_show_page_limits(fct_sheet_t *sheet, const fct_plan_t *plan);

/* A cell of conditions and what else is said of when a rule acts: `when` as it is written, and in words. */
void fct_show_page_when(fct_sheet_t *sheet, const char *when);

/* A cell with the reasons of a rule; `remark` is another line of it, NULL: none. */
void fct_show_page_reasons(fct_sheet_t *sheet, const char *why, const char *assert_, const char *control, const char *remark);

#endif
