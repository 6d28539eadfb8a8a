/* Distinguished names of certificates: as a whole, and attribute by attribute. */
#ifndef FCT_CERTIFICATE_NAME_H
#define FCT_CERTIFICATE_NAME_H

#include <openssl/x509.h>

#include "certificate_sheet.h"

/* Where the values of one name go: subject or issuer. */
typedef struct fct_certificate_name_fields_t {
    fct_certificate_field_id_t whole;
    fct_certificate_field_id_t legacy;
    fct_certificate_field_id_t attribute;
} fct_certificate_name_fields_t;

/* Adds what a name says; nothing for an empty one.
 * Whole: RFC 4514 in UTF-8, the last RDN first, as SSL_CLIENT_S_DN has it. Invalid if a string in it cannot become UTF-8.
 * Legacy: "/C=DE/O=…", as OpenSSL 3 writes it on one line and SSLOptions +LegacyDNStringFormat has it: '/' and '+' in a value escaped as
 * "\/" and "\+", what is not ASCII byte by byte as "\xC3". Invalid, too, where a backslash of the value itself reads like such an escape,
 * or its bytes like those of another type of string.
 * Attributes: those that policies can name (certificate_attribute.def), known by their OID, in the certificate's order. */
void fct_certificate_name_read(fct_certificate_sheet_t *sheet, const X509_NAME *name, const fct_certificate_name_fields_t *fields);

#endif
