/* A client's certificate: its DER → the values that policies can name. */
#ifndef FCT_CLIENT_CERTIFICATE_H
#define FCT_CLIENT_CERTIFICATE_H

#include "certificate.h"

/* Larger certificates, of clients and in their chains, are none. (OpenSSL takes 100 KiB for a whole chain unless told otherwise.) */
#define FCT_CLIENT_CERTIFICATE_MAX_DER (128 * 1024)

/* What a certificate says that was verified for this connection. Its chain is what leads up from it of the
 * further certificates that the client sent (certificate_path.h). NULL if der is not exactly one certificate in DER (RFC 5280 §4.1), is too
 * large, or one of those is. In p. */
const fct_client_certificate_t *fct_client_certificate_from_der(fct_bytes_t der, const fct_bytes_t *chain_der, apr_size_t nchain, apr_pool_t *p);

/* What a certificate says that an upstream wrote into a field (facts.h, decode_certificate). It has no chain, and whether it
 * was verified only the upstream knows. NULL if text is not exactly one certificate in this format. In p. */
const fct_client_certificate_t *fct_client_certificate_decode(fct_bytes_t text, fct_certificate_format_t format, apr_pool_t *p);

#endif
