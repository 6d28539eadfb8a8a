/* The fixups of authentication modules that publish there what they know: each is called between two looks, so that no other module's can
 * fall inside, wherever the order of hooks has put them. */
#ifndef FCT_PROVENANCE_FIXUPS_H
#define FCT_PROVENANCE_FIXUPS_H

#include "mod_fcgi_trust.h"

#include <http_request.h>

/* Puts a function of this file in the place of each listed module's in httpd's sorted list of fixups, which calls it. A post_config hook;
 * httpd makes the list anew for every reading of the configuration. */
int fct_provenance_fixups_wrap(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

/* provenance.c: calls these fixups, and takes what they write for the word of authentication. Returns what they return. */
int fct_provenance_run_fixups(request_rec *r, ap_HOOK_fixups_t *fixups);

#endif
