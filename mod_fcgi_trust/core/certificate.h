/* Client certificates as policies see them (POLICY 1, tls.client.*): the names of their fields, and what one certificate says in
 * each. Made by the floor that reads DER (tls/); here are only texts. */
#ifndef FCT_CERTIFICATE_H
#define FCT_CERTIFICATE_H

#include <apr_tables.h>

#include "bytes.h"

/* FCT_CERTIFICATE_FIELD(NAME, "text", ONE | LIST | ATTRIBUTE); ATTRIBUTE: "text" is followed by the name of an attribute of a DN. */
typedef enum fct_certificate_field_id_t {
#define FCT_CERTIFICATE_FIELD(name, text, form) FCT_CERTIFICATE_##name,
#include "certificate.def"
#undef FCT_CERTIFICATE_FIELD
    FCT_CERTIFICATE_FIELD_COUNT
} fct_certificate_field_id_t;

#define FCT_CERTIFICATE_NO_INDEX (-1)

/* One field as a rule names it: "san.email", "subject.OU[1]". */
typedef struct fct_certificate_field_t {
    fct_certificate_field_id_t id;
    fct_bytes_t attribute;             /* "OU", as in the list of attributes; absent for others */
    int index;                         /* from 0; FCT_CERTIFICATE_NO_INDEX: all of them */
} fct_certificate_field_t;

/* Parses what follows "tls.client." or "upstream.NAME.client.". Returns 0 and leaves *field alone if there is no such field. An index
 * stands only behind a field that can have several values (LIST, ATTRIBUTE), in decimal without leading zeros, at most 999. */
int fct_certificate_field_parse(fct_bytes_t text, fct_certificate_field_t *field);

/* The i-th of all names of fields, each attribute of a DN for itself: for messages. NULL behind the last. In p. */
const char *fct_certificate_field_name(apr_size_t i, apr_pool_t *p);

/* All of them in one text, the attributes of DNs once. In p. */
const char *fct_certificate_field_list(apr_pool_t *p);

/* The field can have several values, and no index says which. */
int fct_certificate_field_is_list(const fct_certificate_field_t *field);

/* The field's values have line ends (PEM: certificate.pem, chain), which only encode="…" lets through. */
int fct_certificate_field_has_lines(const fct_certificate_field_t *field);

/* One value of one field. verify and fingerprint.sha256 need none: every certificate has them. */
typedef struct fct_certificate_value_t {
    fct_certificate_field_id_t id;
    fct_bytes_t attribute;             /* the attribute's name; absent for others */
    fct_bytes_t value;                 /* UTF-8 where it is text; may hold NUL and control bytes, which the checks of values refuse */
    int is_invalid;                    /* present in the certificate, but no text that its type allows: invalid, never skipped */
} fct_certificate_value_t;

/* What one certificate says: its values field by field, each field's in the certificate's order. Immutable. */
typedef struct fct_client_certificate_t {
    const fct_certificate_value_t *values;
    apr_size_t nvalues;
    const char *sha256;                /* of its DER, 64 hexadecimal digits in lower case */
} fct_client_certificate_t;

/* What a certificate says of a field: the values in p, *n of them (0 and NULL: nothing). *is_invalid is set to 1 if one of them is,
 * else left alone. An index counts the values of its field from 0, those that are invalid too. */
const fct_bytes_t *fct_client_certificate_read(const fct_client_certificate_t *certificate, const fct_certificate_field_t *field,
                                               apr_size_t *n, int *is_invalid, apr_pool_t *p);

/* How an upstream writes a certificate into a field (POLICY 4). */
typedef enum fct_certificate_format_t {
    FCT_CERTIFICATE_FORMAT_NONE,
    FCT_CERTIFICATE_FORMAT_PEM_PERCENT,    /* PEM, percent-encoded (nginx $ssl_client_escaped_cert) */
    FCT_CERTIFICATE_FORMAT_DER_BASE64,     /* DER in base64 (HAProxy ssl_c_der,base64) */
    FCT_CERTIFICATE_FORMAT_RFC9440         /* Client-Cert: a byte sequence, ":base64:" (RFC 9440 §2.2) */
} fct_certificate_format_t;

/* As a policy writes it; NULL for NONE. */
const char *fct_certificate_format_name(fct_certificate_format_t format);

#endif
