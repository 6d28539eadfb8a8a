/* FcgiTrustReload keep-last: policies that outlive the configuration they were read with. */
#ifndef FCT_RELOAD_H
#define FCT_RELOAD_H

#include "mod_fcgi_trust.h"

/* A pool for a policy about to be read from path. It outlives restarts once fct_reload_keep was called, else fct_reload_discard ends it. */
apr_pool_t *fct_reload_pool(server_rec *s);
void fct_reload_discard(apr_pool_t *pool);

/* Remembers the policy, all of which lives in pool, as the last good one of this path; the one before is gone. */
void fct_reload_keep(server_rec *s, const char *path, const fct_policy_t *policy, apr_pool_t *pool);

/* The last good policy of this path; NULL: none, or it was made by another build of this module. */
const fct_policy_t *fct_reload_last(server_rec *s, const char *path);

#endif
