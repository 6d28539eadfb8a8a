/* ASN.1 strings of certificates as UTF-8. */
#ifndef FCT_CERTIFICATE_TEXT_H
#define FCT_CERTIFICATE_TEXT_H

#include <openssl/asn1.h>

#include "bytes.h"

/* The characters of a string as UTF-8, in p; absent if its type has no characters, or its bytes are none of its type: UTF8String that is
 * not RFC 3629, BMPString and UniversalString with anything but characters, the others (T61String too, whose upper half nobody agrees
 * on) with a byte above 7F. NUL and control bytes are kept. Never absent for an empty string. */
fct_bytes_t fct_certificate_text_utf8(const ASN1_STRING *string, apr_pool_t *p);

/* The same for a string of a type that the caller knows: the name of a SAN is an IA5String without saying so. */
fct_bytes_t fct_certificate_text_ia5(const ASN1_STRING *string, apr_pool_t *p);

#endif
