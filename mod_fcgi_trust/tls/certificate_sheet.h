/* The list of a certificate's values while it grows. */
#ifndef FCT_CERTIFICATE_SHEET_H
#define FCT_CERTIFICATE_SHEET_H

#include "certificate.h"

typedef struct fct_certificate_sheet_t {
    apr_array_header_t *values;        /* of fct_certificate_value_t */
    apr_pool_t *p;
} fct_certificate_sheet_t;

/* attribute: absent where the field has none. An absent value is one that cannot be understood: present and invalid. */
static inline void fct_certificate_sheet_add(fct_certificate_sheet_t *sheet, fct_certificate_field_id_t id, fct_bytes_t attribute, fct_bytes_t value)
{
    fct_certificate_value_t *at = apr_array_push(sheet->values);

    at->id = id;
    at->attribute = attribute;
    at->is_invalid = fct_bytes_is_absent(value);
    at->value = at->is_invalid ? FCT_BYTES_LITERAL("") : value;
}

#endif
