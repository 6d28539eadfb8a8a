/* GeneralNames → values. */
#include "certificate_san.h"

#include <apr_strings.h>
#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/x509v3.h>

#include "certificate_text.h"

static void add(fct_certificate_sheet_t *sheet, fct_certificate_field_id_t id, fct_bytes_t value)
{
    fct_certificate_sheet_add(sheet, id, FCT_BYTES_ABSENT, value);
}

/* Four bytes or sixteen, as RFC 5952 writes them. */
static fct_bytes_t address_text(const ASN1_OCTET_STRING *address, apr_pool_t *p)
{
    char text[INET6_ADDRSTRLEN];
    int len = ASN1_STRING_length(address);

    if ((len != 4 && len != 16) || !inet_ntop(len == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(address), text, sizeof(text))) {
        return FCT_BYTES_ABSENT;
    }
    return fct_bytes_of(apr_pstrdup(p, text));
}

/* [MS-WCCE]: a UPN is a UTF8String. */
static void add_other(fct_certificate_sheet_t *sheet, const OTHERNAME *other)
{
    const ASN1_TYPE *value = other->value;

    if (OBJ_obj2nid(other->type_id) != NID_ms_upn) {
        return;
    }
    add(sheet, FCT_CERTIFICATE_SAN_UPN,
        value && value->type == V_ASN1_UTF8STRING ? fct_certificate_text_utf8(value->value.utf8string, sheet->p) : FCT_BYTES_ABSENT);
}

static void add_name(fct_certificate_sheet_t *sheet, const GENERAL_NAME *name)
{
    switch (name->type) {
    case GEN_EMAIL:
        add(sheet, FCT_CERTIFICATE_SAN_EMAIL, fct_certificate_text_ia5(name->d.rfc822Name, sheet->p));
        break;
    case GEN_DNS:
        add(sheet, FCT_CERTIFICATE_SAN_DNS, fct_certificate_text_ia5(name->d.dNSName, sheet->p));
        break;
    case GEN_URI:
        add(sheet, FCT_CERTIFICATE_SAN_URI, fct_certificate_text_ia5(name->d.uniformResourceIdentifier, sheet->p));
        break;
    case GEN_IPADD:
        add(sheet, FCT_CERTIFICATE_SAN_IP, address_text(name->d.iPAddress, sheet->p));
        break;
    case GEN_OTHERNAME:
        add_other(sheet, name->d.otherName);
        break;
    default:
        break;
    }
}

/* What nobody can read might have been any of them. */
static void add_unreadable(fct_certificate_sheet_t *sheet)
{
    int id;

    for (id = FCT_CERTIFICATE_SAN_EMAIL; id <= FCT_CERTIFICATE_SAN_UPN; id++) {
        add(sheet, (fct_certificate_field_id_t)id, FCT_BYTES_ABSENT);
    }
}

/* DER has one form, and these are all the bytes of the extension. */
static int is_der(const X509 *x509, const GENERAL_NAMES *names)
{
    const X509_EXTENSION *extension = X509_get_ext(x509, X509_get_ext_by_NID(x509, NID_subject_alt_name, -1));
    const ASN1_OCTET_STRING *bytes = X509_EXTENSION_get_data((X509_EXTENSION *)extension);
    unsigned char *der = NULL;
    int len = i2d_GENERAL_NAMES(names, &der);
    int is_same = len >= 0 && len == ASN1_STRING_length(bytes) && memcmp(der, ASN1_STRING_get0_data(bytes), (size_t)len) == 0;

    OPENSSL_free(der);
    return is_same;
}

void fct_certificate_san_read(fct_certificate_sheet_t *sheet, const X509 *x509)
{
    int state, i;
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, &state, NULL);

    if (names ? !is_der(x509, names) : state != -1) {
        add_unreadable(sheet);
        GENERAL_NAMES_free(names);
        return;
    }
    for (i = 0; names && i < sk_GENERAL_NAME_num(names); i++) {
        add_name(sheet, sk_GENERAL_NAME_value(names, i));
    }
    GENERAL_NAMES_free(names);
}
