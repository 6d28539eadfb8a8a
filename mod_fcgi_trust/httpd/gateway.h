/* The gateway: mod_proxy's scheme and canon handlers for fcgi://. */
#ifndef FCT_GATEWAY_H
#define FCT_GATEWAY_H

#include "body.h"
#include "params.h"
#include "request.h"

/* What was decided about a request; kept over balancer attempts, so that nothing is evaluated or read twice. */
struct fct_gateway_t {
    const fct_policy_t *policy;
    fct_params_t *params;
    fct_body_t *body;
    int status;              /* how the request ended once a backend had it: no other attempt follows; 0: it did not, or it was served */
};

/* Registers both ahead of mod_proxy_fcgi's, which keeps what this module declines (FcgiTrustMode off). */
void fct_gateway_register_hooks(apr_pool_t *p);

#endif
