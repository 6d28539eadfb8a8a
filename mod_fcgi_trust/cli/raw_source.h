/* What the sources say of a raw request: request_facts.c of the module, from a file and options. */
#ifndef FCT_RAW_SOURCE_H
#define FCT_RAW_SOURCE_H

#include "raw_facts.h"

/* As fct_facts_t.source; the context is the fct_raw_facts_t. */
fct_bytes_t fct_raw_source_read(void *context, const fct_source_ref_t *ref);

/* What was given, or else. */
const char *fct_raw_source_given(const fct_raw_facts_t *made, fct_given_id_t id, const char *otherwise);

/* The scheme that the server speaks, as configured. */
const char *fct_raw_source_scheme(const fct_raw_facts_t *made);

#endif
