/* The values of a certificate as one short text. */
#ifndef VALUES_H
#define VALUES_H

#include "certificate.h"
#include "tap.h"

#include <apr_strings.h>

/* "a|b" of a field's values, "!" for an invalid one; NULL: none. An attribute's name is absent for fields without one. */
static inline const char *values_text(const fct_client_certificate_t *certificate, fct_certificate_field_id_t id, const char *attribute)
{
    const char *text = NULL;
    apr_size_t i;

    for (i = 0; certificate && i < certificate->nvalues; i++) {
        const fct_certificate_value_t *v = &certificate->values[i];

        if (v->id == id && (attribute ? fct_bytes_equal(v->attribute, fct_bytes_of(attribute)) : fct_bytes_is_empty(v->attribute))) {
            const char *value = v->is_invalid ? "!" : fct_bytes_string(v->value, tap.pool);

            text = text ? apr_pstrcat(tap.pool, text, "|", value, NULL) : value;
        }
    }
    return text;
}

#endif
