/* What AllowOverride and AllowOverrideList let a .htaccess do. */
#ifndef FCT_CHECK_OVERRIDE_H
#define FCT_CHECK_OVERRIDE_H

#include "mod_fcgi_trust.h"

/* This directive lets a .htaccess configure authentication or authorization (AuthConfig, All, or such directives by name). */
int fct_check_override_is_auth(const ap_directive_t *d, apr_pool_t *p);

/* This directive lets a .htaccess write environment entries and request fields (FileInfo, All, or such directives by name). */
int fct_check_override_is_writing(const ap_directive_t *d, apr_pool_t *p);

/* This directive lets a .htaccess say which client certificates mod_ssl takes (AuthConfig, All, or SSLVerifyClient by name). */
int fct_check_override_is_verifying(const ap_directive_t *d, apr_pool_t *p);

/* This directive lets a .htaccess send requests to another server (FileInfo, All, or such directives by name). */
int fct_check_override_is_forwarding(const ap_directive_t *d, apr_pool_t *p);

/* Adds a finding for each place where a .htaccess may configure authentication in scope of a policy that uses auth.* and does not accept
 * that. POLICY 1. */
void fct_check_override(fct_findings_t *findings, apr_pool_t *ptemp);

#endif
