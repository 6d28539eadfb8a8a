/* An <upstream> whose word this server itself can speak. */
#ifndef FCT_CHECK_UPSTREAMS_H
#define FCT_CHECK_UPSTREAMS_H

#include "mod_fcgi_trust.h"

/* Adds a finding for each <upstream> whose peers include an address of this server, where a .htaccess may send requests on: to that very
 * address, with header fields of its author's choice. */
void fct_check_upstreams(fct_findings_t *findings, apr_pool_t *ptemp);

#endif
