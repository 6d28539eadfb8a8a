/* What httpd says in a reply's place: statuses that mod_proxy does not react to. SPEC 3. */
#ifndef FCT_ANSWER_H
#define FCT_ANSWER_H

#include "mod_fcgi_trust.h"

/* Returns status, which the scheme handler must return: no member of a balancer is marked for it, no other one is tried. An error page
 * names the request's id. */
int fct_answer_status(request_rec *r, int status);

/* The same for a status of the application's own (ProxyErrorOverride): the page is httpd's, in its words. */
int fct_answer_override(request_rec *r, int status);

/* The same for a policy's refusal, which is logged. */
int fct_answer_refusal(request_rec *r, const fct_verdict_t *verdict);

#endif
