/* Header fields that a policy drops: each name is told once (POLICY 4). */
#ifndef FCT_DROPS_H
#define FCT_DROPS_H

#include "mod_fcgi_trust.h"

/* A process has begun to serve: nothing was told yet. */
void fct_drops_child_init(apr_pool_t *pchild, server_rec *s);

/* Logs at info, once for this policy and name in this process, the line that would admit the field. Safe in threads; at most
 * 256 names are told. */
void fct_drops_tell(request_rec *r, const fct_policy_t *policy, fct_bytes_t name);

#endif
