/* Expressions and formats of other modules' directives: what they take from a request. */
#ifndef FCT_CHECK_FORMATS_H
#define FCT_CHECK_FORMATS_H

#include "mod_fcgi_trust.h"

/* An expression, or a format of mod_rewrite or mod_headers, makes use of something that a client sends or chooses. What is not known to
 * be this server's own counts as the client's. */
int fct_check_formats_is_clients(const char *text);

/* The same of an expression in which the environment (%{reqenv:NAME}, %{ENV:NAME}) is somebody else's word: an authorizer's, say. */
int fct_check_formats_is_clients_beside_env(const char *text);

#endif
