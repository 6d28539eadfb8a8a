/* What httpd mapped a request to: the decoded path, the file, and the ProxyPass path that mod_proxy followed. */
#ifndef FCT_REQUEST_MAPPING_H
#define FCT_REQUEST_MAPPING_H

#include "mod_fcgi_trust.h"
#include "script.h"

/* Fills *mapping for r. Values point into r and live as long as it. SPEC 1, POLICY 5 (<backend>). */
void fct_request_mapping_fill(fct_mapping_t *mapping, request_rec *r);

/* The path of r, decoded once, however mod_proxy mapped it. Encoded slashes may stay encoded; what cannot be decoded stays as it is, to
 * be refused for its raw form. */
const char *fct_request_mapping_path(request_rec *r);

#endif
