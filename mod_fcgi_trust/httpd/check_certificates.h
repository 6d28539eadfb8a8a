/* What the parsed configuration says of client certificates: approximate for <If>, regular expressions and .htaccess. */
#ifndef FCT_CHECK_CERTIFICATES_H
#define FCT_CHECK_CERTIFICATES_H

#include "mod_fcgi_trust.h"

/* Looks at the configuration that was just read, and holds the loaded policies against it: one that requires a verified certificate where
 * mod_ssl verifies none does not start. Sets what the two below answer. */
void fct_check_certificates(fct_findings_t *findings, apr_pool_t *pconf, apr_pool_t *ptemp);

/* mod_ssl may have accepted an unverified certificate for a session, or one that another virtual host's CA verified, and say SUCCESS when
 * that is resumed: SSLVerifyClient optional_no_ca stands somewhere, a .htaccess may say it, or check_resumption.h has one. */
int fct_check_certificates_may_be_inherited(void);

/* Some policy asks for the client's certificate, so that it is worth remembering. */
int fct_check_certificates_are_asked(void);

#endif
