/* Request header fields as the server left them, each with its origin (SPEC 6). */
#ifndef FCT_REQUEST_FIELDS_H
#define FCT_REQUEST_FIELDS_H

#include "facts.h"
#include "request.h"

/* Fills facts->fields and nfields. A field that httpd joined from several lines, and that nobody touched since, comes apart again. */
void fct_request_fields_fill(fct_facts_t *facts, request_rec *r);

/* What the client sent under this name (the first of several); NULL: nothing. */
const char *fct_request_fields_received(request_rec *r, const char *name);

#endif
