/* The module record, and which hooks run. */
#define FCT_MODULE_RECORD
#include "mod_fcgi_trust.h"

#include "audit_batch.h"
#include "audit_log.h"
#include "decision.h"
#include "drops.h"
#include "gateway.h"
#include "provenance.h"
#include "request.h"
#include "request_certificate.h"
#include "status.h"

static int begin_configuration(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)plog;
    (void)ptemp;
    fct_directives_reset(pconf);
    fct_provenance_reset();
    return OK;
}

static void register_hooks(apr_pool_t *p)
{
    ap_hook_pre_config(begin_configuration, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(fct_check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(fct_drops_child_init, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(fct_check_announce, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_open_logs(fct_audit_log_open, NULL, NULL, APR_HOOK_MIDDLE);
    fct_audit_batch_register_hooks();
    fct_decision_register_hooks();
    fct_status_register_hooks();
    fct_request_register_hooks(p);
    fct_request_certificate_register_hooks();
    fct_gateway_register_hooks(p);
}

AP_DECLARE_MODULE(fcgi_trust) = {
    STANDARD20_MODULE_STUFF,
    fct_directives_create,
    fct_directives_merge,
    NULL,
    NULL,
    fct_directives,
    register_hooks,
    0
};
