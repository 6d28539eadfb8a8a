/* The status of the policies in force (SPEC 8): one handler, three forms, and a section of mod_status's page. */
#ifndef FCT_STATUS_H
#define FCT_STATUS_H

#include "counters.h"
#include "rule.h"

/* Registers the handler fcgi-trust-status and, where mod_status is loaded, the section in its page. */
void fct_status_register_hooks(void);

/* --- the forms, each written to the client of r --- */

void fct_status_page(request_rec *r);        /* HTML, readable without scripts */
void fct_status_json(request_rec *r);
void fct_status_metrics(request_rec *r);     /* OpenMetrics 1.0 text */

/* The same policy, by its digest, from another file, with which this one's counters are shown: they have them in common. NULL: with this one. */
const fct_policy_slot_t *fct_status_twin(const fct_policy_slot_t *slot);

/* The name of a header rule as written ("X-App-*"), and "pass", "drop" or "refuse". */
const char *fct_status_field_name(const fct_field_rule_t *rule, apr_pool_t *p);
const char *fct_status_field_action(const fct_field_rule_t *rule);

/* Where a policy is in force. */
typedef struct fct_status_use_t {
    const char *place;                       /* "httpd.conf:12" */
    const char *section;                     /* "<Location /app>", or the server's name */
    const char *mode;                        /* "enforce", "report" or "off", as the configuration around that line says */
} fct_status_use_t;

/* The uses of a slot, of fct_status_use_t, and the places where another mode holds for it; none where it is a candidate only. */
apr_array_header_t *fct_status_uses(const fct_policy_slot_t *slot, apr_pool_t *p);

/* The policy that this line names is in mode off wherever the line counts. */
int fct_status_is_off(const ap_directive_t *use, apr_pool_t *p);

/* Its modes, "enforce" or "report, off"; "candidate" where it is that only. */
const char *fct_status_modes(const fct_policy_slot_t *slot, apr_pool_t *p);

/* Where it is a candidate. */
apr_array_header_t *fct_status_candidacies(const fct_policy_slot_t *slot, apr_pool_t *p);

#endif
