/* The header fields of a raw request as the module finds them: the client's, and what the server is said to have done to them. */
#ifndef FCT_RAW_FIELDS_H
#define FCT_RAW_FIELDS_H

#include "raw_facts.h"

/* Fills made->facts.fields and nfields; request, target and given are there. Returns 1; 0 and *refusal where mod_proxy ends the request
 * for its Max-Forwards. SPEC 6. */
int fct_raw_fields_fill(fct_raw_facts_t *made, fct_raw_refusal_t *refusal);

#endif
