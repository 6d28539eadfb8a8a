/* The connection that a raw request is said to have come over: addresses, TLS, the client's certificate. */
#ifndef FCT_RAW_CONNECTION_H
#define FCT_RAW_CONNECTION_H

#include <apr_network_io.h>

#include "certificate.h"
#include "given.h"
#include "raw_request.h"

typedef struct fct_raw_connection_t {
    apr_sockaddr_t *peer;
    apr_sockaddr_t *local;
    apr_sockaddr_t *client;                          /* the peer itself where nothing replaced it */
    int is_tls;
    const char *protocol, *cipher, *sni, *session;   /* NULL where there is no TLS, or no such thing */
    const fct_client_certificate_t *certificate;     /* verified; NULL: none */
    const char *cert_fault;                          /* why there is none although one was given; else NULL */
} fct_raw_connection_t;

/* Returns 1; 0 and *refusal (status 0) where what is given makes no sense. The policy's anchor verifies the certificate; NULL: no policy. */
int fct_raw_connection_make(const fct_given_t *given, const fct_policy_t *policy, fct_raw_connection_t *connection,
                            fct_raw_refusal_t *refusal, apr_pool_t *p);

/* "192.0.2.1", as httpd writes it. */
const char *fct_raw_connection_address(apr_sockaddr_t *address);

#endif
