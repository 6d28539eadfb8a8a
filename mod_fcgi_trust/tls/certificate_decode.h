/* A certificate as a proxy in front writes it into a header field → its DER. */
#ifndef FCT_CERTIFICATE_DECODE_H
#define FCT_CERTIFICATE_DECODE_H

#include "certificate.h"

/* The bytes that text stands for, in p; absent if it is not exactly of that format: base64 (RFC 4648 §4) padded and canonical, one PEM block
 * with nothing before or behind it but its last line end, every percent sign followed by two hexadecimal digits, nothing behind the
 * closing colon of RFC 9440. Whether these bytes are a certificate is not looked at. */
fct_bytes_t fct_certificate_decode_text(fct_bytes_t text, fct_certificate_format_t format, apr_pool_t *p);

/* One PEM block of a certificate (RFC 7468) → its bytes, as strictly. */
fct_bytes_t fct_certificate_decode_pem(fct_bytes_t text, apr_pool_t *p);

#endif
