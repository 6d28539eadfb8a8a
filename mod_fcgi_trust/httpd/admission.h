/* Whether a request is let through to a backend, and what the backend is told. */
#ifndef FCT_ADMISSION_H
#define FCT_ADMISSION_H

#include "gateway.h"

/* Facts → evaluation → parameters; then the body as far as it must be read first. Sets *decided also where the body is refused. Returns
 * OK, or the status of the refusal, which the scheme handler must return. */
int fct_admission_decide(fct_gateway_t **decided, request_rec *r, const fct_policy_t *policy);

/* FcgiTrustMode report: decides and leaves the request as it was, to whoever serves it without this module. is_own: its route is fcgi://, which
 * enforcing would serve, or refuse where no policy is in scope. */
void fct_admission_report(request_rec *r, int is_own);

#endif
