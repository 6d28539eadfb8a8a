/* The gateway: mod_proxy's scheme and canon handlers for fcgi://. */
#ifndef FCT_GATEWAY_H
#define FCT_GATEWAY_H

#include "mod_fcgi_trust.h"

/* Registers both ahead of mod_proxy_fcgi's, which keeps what this module declines (FcgiTrustMode off). */
void fct_gateway_register_hooks(apr_pool_t *p);

#endif
