/* Client certificates as policies see them (POLICY 1, tls.client.*): the names of their fields, and what one certificate says in each. */
#include "certificate.h"

#include <apr_strings.h>

#define INDEX_DIGITS 3

typedef enum form_t { ONE, LIST, ATTRIBUTE } form_t;

typedef struct field_info_t {
    const char *text;
    form_t form;
} field_info_t;

static const field_info_t fields[FCT_CERTIFICATE_FIELD_COUNT] = {
#define FCT_CERTIFICATE_FIELD(name, text, form) [FCT_CERTIFICATE_##name] = { text, form },
#include "certificate.def"
#undef FCT_CERTIFICATE_FIELD
};

static const char *const attributes[] = {
#define FCT_CERTIFICATE_ATTRIBUTE(name, oid) name,
#include "certificate_attribute.def"
#undef FCT_CERTIFICATE_ATTRIBUTE
};

#define ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

/* --- names --- */

/* "[12]" at the end: *index is set, *name is what stands before. Returns 0 where brackets hold no index. */
static int split_index(fct_bytes_t *name, int *index)
{
    const char *open = name->len ? memchr(name->at, '[', name->len) : NULL;
    apr_size_t before = open ? (apr_size_t)(open - name->at) : 0;
    apr_size_t i, digits = open ? name->len - before : 0;

    *index = FCT_CERTIFICATE_NO_INDEX;
    if (open == NULL) {
        return 1;
    }
    if (name->at[name->len - 1] != ']' || digits < 3 || digits > INDEX_DIGITS + 2 || (open[1] == '0' && digits > 3)) {
        return 0;
    }
    *index = 0;
    for (i = before + 1; i + 1 < name->len; i++) {
        if (name->at[i] < '0' || name->at[i] > '9') {
            return 0;
        }
        *index = *index * 10 + (name->at[i] - '0');
    }
    name->len = before;
    return 1;
}

static int is_attribute(fct_bytes_t name)
{
    apr_size_t i;

    for (i = 0; i < ATTRIBUTES; i++) {
        if (fct_bytes_equal(name, fct_bytes_of(attributes[i]))) {
            return 1;
        }
    }
    return 0;
}

static int find_field(fct_bytes_t name, fct_certificate_field_t *field)
{
    int id;

    for (id = 0; id < FCT_CERTIFICATE_FIELD_COUNT; id++) {
        fct_bytes_t text = fct_bytes_of(fields[id].text);
        int is_dn = fields[id].form == ATTRIBUTE;

        if (is_dn ? fct_bytes_starts_with(name, text) && is_attribute(fct_bytes_from(name, text.len)) : fct_bytes_equal(name, text)) {
            field->id = (fct_certificate_field_id_t)id;
            field->attribute = is_dn ? fct_bytes_from(name, text.len) : FCT_BYTES_ABSENT;
            return 1;
        }
    }
    return 0;
}

int fct_certificate_field_parse(fct_bytes_t text, fct_certificate_field_t *field)
{
    fct_certificate_field_t found;

    if (!split_index(&text, &found.index) || !find_field(text, &found)
        || (found.index != FCT_CERTIFICATE_NO_INDEX && fields[found.id].form == ONE)) {
        return 0;
    }
    *field = found;
    return 1;
}

int fct_certificate_field_is_list(const fct_certificate_field_t *field)
{
    return fields[field->id].form != ONE && field->index == FCT_CERTIFICATE_NO_INDEX;
}

int fct_certificate_field_has_lines(const fct_certificate_field_t *field)
{
    return field->id == FCT_CERTIFICATE_CERTIFICATE_PEM || field->id == FCT_CERTIFICATE_CHAIN;
}

const char *fct_certificate_field_name(apr_size_t i, apr_pool_t *p)
{
    apr_size_t id;

    for (id = 0; id < FCT_CERTIFICATE_FIELD_COUNT; id++) {
        apr_size_t n = fields[id].form == ATTRIBUTE ? ATTRIBUTES : 1;

        if (i < n) {
            return fields[id].form == ATTRIBUTE ? apr_pstrcat(p, fields[id].text, attributes[i], NULL) : fields[id].text;
        }
        i -= n;
    }
    return NULL;
}

const char *fct_certificate_field_list(apr_pool_t *p)
{
    const char *list = "";
    apr_size_t i;

    for (i = 0; i < FCT_CERTIFICATE_FIELD_COUNT; i++) {
        list = apr_pstrcat(p, list, i ? " " : "", fields[i].text, fields[i].form == ATTRIBUTE ? "ATTRIBUTE" : "", NULL);
    }
    list = apr_pstrcat(p, list, ", where ATTRIBUTE is one of", NULL);
    for (i = 0; i < ATTRIBUTES; i++) {
        list = apr_pstrcat(p, list, " ", attributes[i], NULL);
    }
    return list;
}

/* --- values --- */

static int is_of(const fct_certificate_value_t *value, const fct_certificate_field_t *field)
{
    return value->id == field->id && fct_bytes_equal(value->attribute, field->attribute);
}

/* The first one from `i` on that is of the field; nvalues: none. */
static apr_size_t next_of(const fct_client_certificate_t *certificate, const fct_certificate_field_t *field, apr_size_t i)
{
    while (i < certificate->nvalues && !is_of(&certificate->values[i], field)) {
        i++;
    }
    return i;
}

/* What every certificate says, once: that it is verified is what makes it one; absent for other fields. */
static fct_bytes_t say_of_any(const fct_client_certificate_t *certificate, fct_certificate_field_id_t id)
{
    switch (id) {
    case FCT_CERTIFICATE_VERIFY:
        return FCT_BYTES_LITERAL("SUCCESS");
    case FCT_CERTIFICATE_FINGERPRINT_SHA256:
        return fct_bytes_of(certificate->sha256);
    default:
        return FCT_BYTES_ABSENT;
    }
}

/* Whether the rule means the field's value at this position, from 0. */
static int is_meant(const fct_certificate_field_t *field, int position)
{
    return field->index == FCT_CERTIFICATE_NO_INDEX || field->index == position;
}

static const fct_bytes_t *read_listed(const fct_client_certificate_t *certificate, const fct_certificate_field_t *field, apr_size_t *n,
                                      int *is_invalid, apr_pool_t *p)
{
    fct_bytes_t *list;
    apr_size_t i, count = 0;
    int position = 0;

    for (i = next_of(certificate, field, 0); i < certificate->nvalues; i = next_of(certificate, field, i + 1)) {
        count += is_meant(field, position++);
    }
    list = count ? apr_palloc(p, sizeof(*list) * count) : NULL;
    position = 0;
    for (i = next_of(certificate, field, 0); *n < count; i = next_of(certificate, field, i + 1)) {
        if (is_meant(field, position++)) {
            list[(*n)++] = certificate->values[i].value;
            *is_invalid |= certificate->values[i].is_invalid;
        }
    }
    return list;
}

const fct_bytes_t *fct_client_certificate_read(const fct_client_certificate_t *certificate, const fct_certificate_field_t *field,
                                               apr_size_t *n, int *is_invalid, apr_pool_t *p)
{
    fct_bytes_t value = say_of_any(certificate, field->id);

    *n = 0;
    if (fct_bytes_is_absent(value)) {
        return read_listed(certificate, field, n, is_invalid, p);
    }
    *n = 1;
    return apr_pmemdup(p, &value, sizeof(value));
}

const char *fct_certificate_format_name(fct_certificate_format_t format)
{
    static const char *const names[] = {
        [FCT_CERTIFICATE_FORMAT_NONE] = NULL, [FCT_CERTIFICATE_FORMAT_PEM_PERCENT] = "pem-percent",
        [FCT_CERTIFICATE_FORMAT_DER_BASE64] = "der-base64", [FCT_CERTIFICATE_FORMAT_RFC9440] = "rfc9440",
    };

    return names[format];
}
