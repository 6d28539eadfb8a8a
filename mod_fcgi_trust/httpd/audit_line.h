/* One decision as one line of JSON (SPEC 7; policies/decision.schema.json says the same to readers). */
#ifndef FCT_AUDIT_LINE_H
#define FCT_AUDIT_LINE_H

#include "decision.h"

/* Bytes that lines seldom need more of. */
#define FCT_AUDIT_LINE_EXPECTED 4096

/* The line, its line end included, in `room` (FCT_AUDIT_LINE_EXPECTED bytes) or the pool of the request: at most `max` bytes. Where it would be longer, parts are left out, least
 * needed first, and "left_out" names them; what is left is whole. final: the request that was answered, at the end of internal redirects. */
fct_bytes_t fct_audit_line_make(const fct_decision_t *decision, request_rec *final, apr_size_t max, char *room);

#endif
