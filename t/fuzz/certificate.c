/* tls/client_certificate.c: any bytes are one certificate or none; what is one has its fields, each text in UTF-8, and comes out again
 * from each form that an upstream could write it in. The first byte chooses: DER, or one of the three forms. */
#include "client_certificate.h"

#include "certificate_decode.h"
#include "encode.h"
#include "fuzz.h"
#include "text.h"

static const fct_certificate_value_t *value_of(const fct_client_certificate_t *certificate, fct_certificate_field_id_t id)
{
    apr_size_t i;

    for (i = 0; i < certificate->nvalues; i++) {
        if (certificate->values[i].id == id) {
            return &certificate->values[i];
        }
    }
    return NULL;
}

static void check_fields(const fct_client_certificate_t *certificate)
{
    static const fct_certificate_field_id_t always[] = {
        FCT_CERTIFICATE_SERIAL, FCT_CERTIFICATE_NOT_BEFORE, FCT_CERTIFICATE_NOT_AFTER,
        FCT_CERTIFICATE_CERTIFICATE_PEM, FCT_CERTIFICATE_CERTIFICATE_DER_BASE64, FCT_CERTIFICATE_CERTIFICATE_RFC9440,
    };
    apr_size_t i;

    REQUIRE(strlen(certificate->sha256) == 64);
    for (i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        REQUIRE(value_of(certificate, always[i]) != NULL);
    }
    for (i = 0; i < certificate->nvalues; i++) {
        const fct_certificate_value_t *v = &certificate->values[i];
        int has_attribute = v->id == FCT_CERTIFICATE_SUBJECT_ATTRIBUTE || v->id == FCT_CERTIFICATE_ISSUER_ATTRIBUTE;

        REQUIRE(v->value.at != NULL && fct_text_is_utf8(v->value));
        REQUIRE(fct_bytes_is_absent(v->attribute) != has_attribute);
        REQUIRE(!v->is_invalid || v->value.len == 0);
        if ((v->id == FCT_CERTIFICATE_SUBJECT || v->id == FCT_CERTIFICATE_ISSUER) && !v->is_invalid) {
            REQUIRE(fct_text_is_dn(v->value));
        }
    }
}

/* Whoever writes it, it stays the same certificate. */
static void check_forms(const fct_client_certificate_t *certificate, apr_pool_t *p)
{
    fct_bytes_t texts[] = {
        fct_encode_apply(FCT_ENCODE_PERCENT, value_of(certificate, FCT_CERTIFICATE_CERTIFICATE_PEM)->value, p),
        value_of(certificate, FCT_CERTIFICATE_CERTIFICATE_DER_BASE64)->value, value_of(certificate, FCT_CERTIFICATE_CERTIFICATE_RFC9440)->value,
    };
    int i;

    for (i = 0; i < 3; i++) {
        const fct_client_certificate_t *again = fct_client_certificate_decode(texts[i], (fct_certificate_format_t)(i + 1), p);

        REQUIRE(again != NULL && strcmp(again->sha256, certificate->sha256) == 0);
    }
}

static void take_der(fct_bytes_t der, apr_pool_t *p)
{
    const fct_client_certificate_t *certificate = fct_client_certificate_from_der(der, &der, 1, p);

    if (certificate) {
        check_fields(certificate);
        REQUIRE(value_of(certificate, FCT_CERTIFICATE_CHAIN) == NULL);    /* what signed itself leads up to nothing */
        REQUIRE(value_of(certificate, FCT_CERTIFICATE_VERIFY) == NULL);   /* not the certificate's own word */
        check_forms(certificate, p);
    }
}

static void take_text(fct_bytes_t text, fct_certificate_format_t format, apr_pool_t *p)
{
    const fct_client_certificate_t *certificate = fct_client_certificate_decode(text, format, p);
    fct_bytes_t der = fct_certificate_decode_text(text, format, p);

    REQUIRE(certificate == NULL || !fct_bytes_is_absent(der));
    if (certificate) {
        check_fields(certificate);
    }
    if (!fct_bytes_is_absent(der)) {
        take_der(der, p);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_pool();
    fct_bytes_t rest = fct_bytes_make((const char *)data + 1, size ? size - 1 : 0);

    if (size > 0 && data[0] % 4 == FCT_CERTIFICATE_FORMAT_NONE) {
        take_der(rest, p);
    }
    else if (size > 0) {
        take_text(rest, (fct_certificate_format_t)(data[0] % 4), p);
    }
    apr_pool_destroy(p);
    return 0;
}
