/* Whether a TLS session may be resumed in another virtual host than the one that verified its certificate. */
#ifndef FCT_CHECK_RESUMPTION_H
#define FCT_CHECK_RESUMPTION_H

#include "mod_fcgi_trust.h"

/* A <VirtualHost> that verifies client certificates by other settings than one before it, where sessions may pass from one to the other:
 * both have the same ServerName or one has none (mod_ssl tells sessions apart by it), or httpd is older than 2.4.64 (CVE-2025-23048; a
 * distribution may have mended an older one, which cannot be seen). NULL: none. */
const ap_directive_t *fct_check_resumption_find(apr_pool_t *p);

#endif
