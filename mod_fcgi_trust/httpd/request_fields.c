/* Header fields and where they came from. */
#include "request_fields.h"

/* The value a client sent under this name; NULL if it sent none. */
static const char *received_value(const fct_received_set_t *received, const char *name)
{
    int i;

    for (i = 0; i < received->nentries; i++) {
        if (ap_cstr_casecmp(received->entries[i].key, name) == 0) {
            return received->entries[i].val;
        }
    }
    return NULL;
}

const char *fct_request_fields_received(request_rec *r, const char *name)
{
    return received_value(fct_request_of(r)->received, name);
}

static fct_field_origin_t origin_of(const fct_received_set_t *received, int i, const apr_table_entry_t *entry)
{
    const char *value;

    if (i < received->nentries && received->entries[i].key == entry->key && received->entries[i].val == entry->val) {
        return FCT_ORIGIN_CLIENT;           /* the table's own strings, still in their place: the usual case */
    }
    value = received_value(received, entry->key);
    if (!value) {
        return FCT_ORIGIN_SERVER;
    }
    return strcmp(value, entry->val) == 0 ? FCT_ORIGIN_CLIENT : FCT_ORIGIN_CHANGED;
}

static fct_received_t *add(apr_array_header_t *fields, const char *name, fct_bytes_t value, fct_field_origin_t origin, fct_joined_t joined)
{
    fct_received_t *field = apr_array_push(fields);

    field->name = fct_bytes_of(name);
    field->value = value;
    field->origin = origin;
    field->joined = joined;
    field->is_by_auth = 0;
    return field;
}

/* "a, b" with the further lines: does the value end with ", " and each of them in turn? *first is what stands before. */
static int ends_with_lines(const fct_field_lines_t *lines, const char *name, fct_bytes_t value, fct_bytes_t *first)
{
    const char *further;
    apr_size_t len = 0;
    int i;

    for (i = 0; (further = fct_field_lines_further(lines, name, i)) != NULL; i++) {
        len += 2 + strlen(further);
    }
    if (len > value.len) {
        return 0;
    }
    *first = fct_bytes_make(value.at, value.len - len);
    value = fct_bytes_from(value, first->len);
    for (i = 0; (further = fct_field_lines_further(lines, name, i)) != NULL; i++) {
        apr_size_t n = strlen(further);

        if (memcmp(value.at, ", ", 2) != 0 || memcmp(value.at + 2, further, n) != 0) {
            return 0;
        }
        value = fct_bytes_from(value, 2 + n);
    }
    return 1;
}

/* Each line again. A folded line does not come apart as it was put together. */
static void add_lines(apr_array_header_t *fields, const fct_field_lines_t *lines, const apr_table_entry_t *entry)
{
    fct_bytes_t first;
    const char *further;
    int i;

    if (!ends_with_lines(lines, entry->key, fct_bytes_of(entry->val), &first)) {
        add(fields, entry->key, fct_bytes_of(entry->val), FCT_ORIGIN_CLIENT, FCT_JOINED_CERTAINLY);
        return;
    }
    add(fields, entry->key, first, FCT_ORIGIN_CLIENT, FCT_JOINED_NOT);
    for (i = 0; (further = fct_field_lines_further(lines, entry->key, i)) != NULL; i++) {
        add(fields, entry->key, fct_bytes_of(further), FCT_ORIGIN_CLIENT, FCT_JOINED_NOT);
    }
}

/* HTTP/2 has no lines: its fields are joined before anybody sees them. */
static fct_joined_t joined_of(const fct_field_lines_t *lines, const apr_table_entry_t *entry)
{
    if (!lines) {
        return strstr(entry->val, ", ") ? FCT_JOINED_PERHAPS : FCT_JOINED_NOT;
    }
    return fct_field_lines_further(lines, entry->key, 0) ? FCT_JOINED_CERTAINLY : FCT_JOINED_NOT;
}

void fct_request_fields_fill(fct_facts_t *facts, request_rec *r)
{
    const fct_received_set_t *received = fct_request_of(r)->received;
    const apr_array_header_t *table = apr_table_elts(r->headers_in);
    apr_array_header_t *fields = apr_array_make(r->pool, table->nelts + 1, sizeof(fct_received_t));
    int i;

    for (i = 0; i < table->nelts; i++) {
        const apr_table_entry_t *entry = &APR_ARRAY_IDX(table, i, apr_table_entry_t);
        fct_field_origin_t origin;
        fct_joined_t joined;

        if (!entry->key) {
            continue;
        }
        if (fct_provenance_header(r, entry->key) == entry->val) {
            add(fields, entry->key, fct_bytes_of(entry->val), origin_of(received, i, entry), FCT_JOINED_NOT)->is_by_auth = 1;
            continue;
        }
        origin = origin_of(received, i, entry);
        joined = joined_of(received->lines, entry);
        if (origin == FCT_ORIGIN_CLIENT && joined == FCT_JOINED_CERTAINLY) {
            add_lines(fields, received->lines, entry);
        }
        else {
            add(fields, entry->key, fct_bytes_of(entry->val), origin, joined);
        }
    }
    facts->fields = (const fct_received_t *)fields->elts;
    facts->nfields = (apr_size_t)fields->nelts;
}
