/* What a policy requires of the configuration must be said there. */
#ifndef FCT_CHECK_SETTINGS_H
#define FCT_CHECK_SETTINGS_H

#include "rule.h"

/* Adds a finding for each rule that requires config.NAME where no FcgiTrustSet NAME can be met. Configuration time only. */
void fct_check_settings(fct_findings_t *findings, apr_pool_t *p);

#endif
