/* Which virtual host a TLS handshake was with. */
#ifndef FCT_REQUEST_HANDSHAKE_H
#define FCT_REQUEST_HANDSHAKE_H

#include "request.h"

/* The virtual host that serves the request verifies certificates as the one did whose settings the handshake went by: the first of the
 * connection's address that the client's SNI names, else the default of that address (as mod_ssl finds it). Asked only where mod_ssl itself
 * may let others through; else they are one, or mod_ssl has compared them. */
int fct_request_handshake_is_own(request_rec *r);

#endif
