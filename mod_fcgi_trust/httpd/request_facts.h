/* From a request_rec to the facts the policy is evaluated over. */
#ifndef FCT_REQUEST_FACTS_H
#define FCT_REQUEST_FACTS_H

#include "facts.h"
#include "request.h"

/* Fills *facts for r, everything but body and body_length (body.c knows them). Values point into r and live as long as it.
 * `worker_url` is not asked: nothing derives from the canonicalised URL. SPEC 1, 6. */
void fct_request_facts_fill(fct_facts_t *facts, request_rec *r);

/* The request's authority (Host, :authority or the absolute target's) if it is a valid host with an optional port; absent if none
 * was sent. *valid is 0 if one was sent that is not valid: the request must be refused. RFC 9110 §7.2. */
fct_bytes_t fct_request_facts_authority(request_rec *r, int *valid);

/* The TCP peer's address, whatever mod_remoteip's PROXY protocol makes of the connection's; in r->pool. */
fct_bytes_t fct_request_facts_peer(request_rec *r);

#endif
