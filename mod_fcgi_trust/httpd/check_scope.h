/* Where a policy is in force, as far as the parsed configuration shows: whether a directive elsewhere can bear upon the same request. */
#ifndef FCT_CHECK_SCOPE_H
#define FCT_CHECK_SCOPE_H

#include "mod_fcgi_trust.h"

/* Some request can meet this directive and a FcgiTrustPolicy or FcgiTrustCandidate line that names the slot: they stand in the same virtual host, or one of them
 * in the server. Sections keep nothing apart, for a DirectoryIndex or FallbackResource carries what one place wrote, and who logged in
 * there, into another; <If>, regular expressions and .htaccess files are open questions, which count as yes. */
int fct_check_scope_reaches(const fct_policy_slot_t *slot, const ap_directive_t *d);

/* "httpd.conf:12 (SetEnvIf)", for a message, which says so where it is open whether a request meets it. In p. */
const char *fct_check_scope_line(const ap_directive_t *d, apr_pool_t *p);

#endif
