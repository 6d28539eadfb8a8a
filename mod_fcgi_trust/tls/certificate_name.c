/* X.501 names → values. */
#include "certificate_name.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "certificate_text.h"

#define OID_MAX 128

static const struct {
    const char *name;
    const char *oid;
} attributes[] = {
#define FCT_CERTIFICATE_ATTRIBUTE(name, oid) { name, oid },
#include "certificate_attribute.def"
#undef FCT_CERTIFICATE_ATTRIBUTE
};

/* The name that policies have for an attribute; absent: none. */
static fct_bytes_t attribute_of(const ASN1_OBJECT *object)
{
    char oid[OID_MAX];
    apr_size_t i;
    int len = OBJ_obj2txt(oid, sizeof(oid), object, 1);

    for (i = 0; len > 0 && len < OID_MAX && i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (strcmp(attributes[i].oid, oid) == 0) {
            return fct_bytes_of(attributes[i].name);
        }
    }
    return FCT_BYTES_ABSENT;
}

static int is_string(const ASN1_STRING *value)
{
    switch (ASN1_STRING_type(value)) {
    case V_ASN1_UTF8STRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_NUMERICSTRING:
    case V_ASN1_VISIBLESTRING:
    case V_ASN1_T61STRING:
    case V_ASN1_BMPSTRING:
    case V_ASN1_UNIVERSALSTRING:
    case V_ASN1_GENERALSTRING:
        return 1;
    default:
        return 0;
    }
}

/* --- the old form --- */

/* A backslash of the value itself that reads like one of the old form: "\/", "\+", "\x41", or a last one, before what separates RDNs. */
static int is_escape(fct_bytes_t text)
{
    if (text.at[0] != '\\') {
        return 0;
    }
    return text.len == 1 || text.at[1] == '/' || text.at[1] == '+'
           || (text.len >= 4 && text.at[1] == 'x' && apr_isxdigit(text.at[2]) && apr_isxdigit(text.at[3]));
}

/* The old form shows bytes and not their type: U+6161 of a BMPString is "aa" in it. Without a NUL it is read as characters of one byte, with one
 * as a BMPString, which has one in all but some languages; anything else might be either. */
static int shows_type(const ASN1_STRING *value, fct_bytes_t text)
{
    int has_nul = text.len && memchr(text.at, '\0', text.len);

    switch (ASN1_STRING_type(value)) {
    case V_ASN1_BMPSTRING:
        return has_nul;
    case V_ASN1_UNIVERSALSTRING:
        return 0;
    default:
        return is_string(value) && !has_nul;
    }
}

static int is_ambiguous(const ASN1_STRING *value)
{
    fct_bytes_t text = fct_bytes_make((const char *)ASN1_STRING_get0_data(value), (apr_size_t)ASN1_STRING_length(value));

    if (!shows_type(value, text)) {
        return 1;
    }
    for (; text.len; text = fct_bytes_from(text, 1)) {
        if (is_escape(text)) {
            return 1;
        }
    }
    return 0;
}

static fct_bytes_t legacy_text(const X509_NAME *name, apr_pool_t *p)
{
    char *text = X509_NAME_oneline(name, NULL, 0);
    fct_bytes_t copy = fct_bytes_of(apr_pstrdup(p, text));

    OPENSSL_free(text);
    return copy;
}

/* --- RFC 4514 --- */

static fct_bytes_t whole_text(const X509_NAME *name, apr_pool_t *p)
{
    BIO *bio = BIO_new(BIO_s_mem());
    fct_bytes_t text = FCT_BYTES_ABSENT;
    char *at = NULL;

    if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        long len = BIO_get_mem_data(bio, &at);

        text = len > 0 ? fct_bytes_make(apr_pstrmemdup(p, at, (apr_size_t)len), (apr_size_t)len) : text;
    }
    BIO_free(bio);
    return text;
}

void fct_certificate_name_read(fct_certificate_sheet_t *sheet, const X509_NAME *name, const fct_certificate_name_fields_t *fields)
{
    int i, n = X509_NAME_entry_count(name), is_text = 1, is_clear = 1;

    for (i = 0; i < n; i++) {
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        const ASN1_STRING *value = X509_NAME_ENTRY_get_data(entry);
        fct_bytes_t attribute = attribute_of(X509_NAME_ENTRY_get_object(entry));
        fct_bytes_t text = fct_certificate_text_utf8(value, sheet->p);

        is_text = is_text && !(fct_bytes_is_absent(text) && is_string(value));
        is_clear = is_clear && !is_ambiguous(value);
        if (!fct_bytes_is_absent(attribute)) {
            fct_certificate_sheet_add(sheet, fields->attribute, attribute, text);
        }
    }
    if (n > 0) {
        fct_certificate_sheet_add(sheet, fields->whole, FCT_BYTES_ABSENT, is_text ? whole_text(name, sheet->p) : FCT_BYTES_ABSENT);
        fct_certificate_sheet_add(sheet, fields->legacy, FCT_BYTES_ABSENT,
                                  is_text && is_clear ? legacy_text(name, sheet->p) : FCT_BYTES_ABSENT);
    }
}
