/* The client's certificate of a request, where it counts as verified (POLICY 1, tls.client.*; SPEC 6). */
#ifndef FCT_REQUEST_CERTIFICATE_H
#define FCT_REQUEST_CERTIFICATE_H

#include "facts.h"
#include "request.h"

/* What the certificate says; NULL: there is none, or it does not count under the policy in scope, or under the candidate while that is
 * being evaluated. To be asked when the auth phases are over: a renegotiation or post-handshake authentication in them may have brought
 * one. It counts if
 *  - mod_ssl's result is exactly SUCCESS, and
 *  - the policy's trust anchor, where it has one, verifies it anew, and
 *  - without a trust anchor, the handshake was with this request's virtual host, or with one that verifies alike, and
 *  - on a resumed session without a trust anchor, no SSLVerifyClient optional_no_ca can have made that result of an earlier session.
 * The chain is there after a full handshake only. Parsed once for each connection, verified once for each connection and anchor. */
const fct_client_certificate_t *fct_request_certificate(request_rec *r);

/* Whether a user that httpd derived from the client's certificate (SSLUserName, FakeBasicAuth) may count: that certificate does. */
int fct_request_certificate_is_verified(request_rec *r);

/* Registers the hook that makes room for certificates on a new connection. */
void fct_request_certificate_register_hooks(void);

#endif
