/* What the parsed configuration tree shows of routes to fcgi:// and of policies: approximate for <If>, regular expressions and .htaccess. */
#ifndef FCT_CHECK_ROUTES_H
#define FCT_CHECK_ROUTES_H

#include "mod_fcgi_trust.h"

/* A policy is named somewhere in this server's own part of the configuration, or where it inherits from. */
int fct_check_routes_has_policy(const server_rec *s);

/* Names routes without a policy, policies that no route can reach, mounts that nothing tells, and directives without effect. */
void fct_check_routes(fct_findings_t *findings, apr_pool_t *ptemp);

#endif
