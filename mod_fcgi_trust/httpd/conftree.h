/* httpd's parsed configuration: small questions about its directives. Configuration time only. */
#ifndef FCT_CONFTREE_H
#define FCT_CONFTREE_H

#include "mod_fcgi_trust.h"

/* The directive (or "<Section") has this name. */
int fct_conftree_is(const ap_directive_t *d, const char *name);

/* The <VirtualHost> it stands in; NULL: the main server. */
const ap_directive_t *fct_conftree_vhost(const ap_directive_t *d);

/* Some request can meet both: one of them stands in the main server, or both in the same virtual host. */
int fct_conftree_meet(const ap_directive_t *a, const ap_directive_t *b);

/* Its n-th argument (from 0) without quotes and a section's closing '>'; "" where there are fewer. In p. */
const char *fct_conftree_word(const ap_directive_t *d, int n, apr_pool_t *p);

/* Calls visit for every directive, those in sections included, in their order. */
void fct_conftree_walk(void (*visit)(void *context, const ap_directive_t *d), void *context);

#endif
