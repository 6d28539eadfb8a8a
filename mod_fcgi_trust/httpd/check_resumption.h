/* Whether what one virtual host verified of a client's certificate may come to count in another. */
#ifndef FCT_CHECK_RESUMPTION_H
#define FCT_CHECK_RESUMPTION_H

#include "mod_fcgi_trust.h"

/* A <VirtualHost> that verifies client certificates by other settings than one before it, where sessions may pass from one to the other:
 * both have the same ServerName or one has none (mod_ssl tells sessions apart by it), or httpd is older than 2.4.64 (CVE-2025-23048; a
 * distribution may have mended an older one, which cannot be seen). NULL: none. */
const ap_directive_t *fct_check_resumption_find(apr_pool_t *pconf, apr_pool_t *ptemp);

/* mod_ssl may serve requests for one virtual host on a connection whose handshake was with another that verifies otherwise: SSLVHostSNIPolicy is
 * insecure, or httpd is older than 2.4.66, whose mod_ssl compares CAs, but not, for one, what they revoked. */
int fct_check_resumption_may_be_misdirected(void);

/* Two virtual hosts (or the main server) verify client certificates by the same settings, as the configuration says that was looked at last. */
int fct_check_resumption_is_alike(const server_rec *a, const server_rec *b);

#endif
