/* What FcgiTrustMode report needs of the configuration. */
#ifndef FCT_CHECK_REPORT_H
#define FCT_CHECK_REPORT_H

#include "mod_fcgi_trust.h"

/* Adds a finding for every FcgiTrustMode report where routes to fcgi:// exist and nobody is there to serve them: mod_proxy_fcgi is not
 * loaded. SPEC 1. */
void fct_check_report(fct_findings_t *findings);

#endif
