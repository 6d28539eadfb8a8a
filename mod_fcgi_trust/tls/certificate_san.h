/* The subject alternative names of a certificate. */
#ifndef FCT_CERTIFICATE_SAN_H
#define FCT_CERTIFICATE_SAN_H

#include <openssl/x509.h>

#include "certificate_sheet.h"

/* Adds its email, DNS, URI and IP names and its UPNs (otherName 1.3.6.1.4.1.311.20.2.3), each kind in the certificate's order. Names of
 * other kinds are passed over. An extension that comes twice, or cannot be parsed as DER, makes all kinds invalid. RFC 5280 §4.2.1.6 */
void fct_certificate_san_read(fct_certificate_sheet_t *sheet, const X509 *x509);

#endif
