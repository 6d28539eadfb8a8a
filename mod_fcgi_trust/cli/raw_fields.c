/* The header fields of a raw request as the module finds them: the client's, and what the server is said to have done to them. */
#include "raw_fields.h"

#include <string.h>

#include <apr_strings.h>

static const fct_raw_field_t *field_at(const fct_raw_facts_t *made, int i)
{
    return &APR_ARRAY_IDX(made->request.fields, i, fct_raw_field_t);
}

static int first_of_name(const fct_raw_facts_t *made, int i)
{
    int k;

    for (k = 0; k < i; k++) {
        if (fct_bytes_equal_nocase(field_at(made, k)->name, field_at(made, i)->name)) {
            return k;
        }
    }
    return i;
}

static fct_received_t *add(apr_array_header_t *fields, fct_bytes_t name, fct_bytes_t value, fct_field_origin_t origin)
{
    fct_received_t *field = apr_array_push(fields);

    memset(field, 0, sizeof(*field));
    field->name = name;
    field->value = value;
    field->origin = origin;
    return field;
}

/* The module takes repeated fields apart again, but not where a line after the first was folded. */
static int comes_apart(const fct_raw_facts_t *made, int first)
{
    int i;

    for (i = first + 1; i < made->request.fields->nelts; i++) {
        if (field_at(made, i)->is_folded && first_of_name(made, i) == first) {
            return 0;
        }
    }
    return 1;
}

/* All fields of one name stand where the first stood. */
static void add_name(const fct_raw_facts_t *made, apr_array_header_t *fields, int first)
{
    fct_bytes_t name = field_at(made, first)->name;
    int i;

    if (!comes_apart(made, first)) {
        const char *joined = fct_raw_request_field(&made->request, fct_bytes_string(name, made->p), made->p);

        add(fields, name, fct_bytes_of(joined), FCT_ORIGIN_CLIENT)->joined = FCT_JOINED_CERTAINLY;
        return;
    }
    for (i = first; i < made->request.fields->nelts; i++) {
        if (first_of_name(made, i) == first) {
            add(fields, name, field_at(made, i)->value, FCT_ORIGIN_CLIENT);
        }
    }
}

/* A module put a value under a name: one that the client sent is changed, unless it is the same. */
static void set_field(apr_array_header_t *fields, const char *name, const char *value, int is_by_auth)
{
    fct_received_t *found = NULL;
    int i, kept = 0;

    for (i = 0; i < fields->nelts; i++) {
        fct_received_t *field = &APR_ARRAY_IDX(fields, i, fct_received_t);
        int is_same = fct_bytes_equal_nocase(field->name, fct_bytes_of(name));

        if (is_same && found) {
            continue;                    /* one value stands for all of them now */
        }
        APR_ARRAY_IDX(fields, kept, fct_received_t) = *field;
        found = is_same ? &APR_ARRAY_IDX(fields, kept, fct_received_t) : found;
        kept++;
    }
    if (!found) {
        add(fields, fct_bytes_of(name), fct_bytes_of(value), FCT_ORIGIN_SERVER)->is_by_auth = is_by_auth;
        return;
    }
    if (kept < fields->nelts || !fct_bytes_equal(found->value, fct_bytes_of(value))) {
        found->origin = found->origin == FCT_ORIGIN_SERVER ? FCT_ORIGIN_SERVER : FCT_ORIGIN_CHANGED;
        found->joined = FCT_JOINED_NOT;
    }
    found->value = fct_bytes_of(value);
    found->is_by_auth = is_by_auth;
    fields->nelts = kept;
}

static void set_pairs(apr_array_header_t *fields, const apr_table_t *pairs, int is_by_auth)
{
    const apr_array_header_t *entries = pairs ? apr_table_elts(pairs) : NULL;
    int i;

    for (i = 0; entries && i < entries->nelts; i++) {
        const apr_table_entry_t *entry = &APR_ARRAY_IDX(entries, i, apr_table_entry_t);

        set_field(fields, entry->key, entry->val, is_by_auth);
    }
}

/* mod_proxy counts Max-Forwards down (RFC 9110 §7.6.2). */
static int count_forwards(const fct_raw_facts_t *made, apr_array_header_t *fields, fct_raw_refusal_t *refusal)
{
    const char *text = fct_raw_request_field(&made->request, "Max-Forwards", made->p);
    apr_int64_t forwards;
    char *end;

    if (!text) {
        return 1;
    }
    forwards = apr_strtoi64(text, &end, 10);
    if (forwards < 0 || forwards == APR_INT64_MAX || *end) {
        return fct_raw_request_refuse(refusal, 400, 0, "Max-Forwards is no number");
    }
    if (forwards == 0 && (strcmp(made->request.method, "TRACE") == 0 || strcmp(made->request.method, "OPTIONS") == 0)) {
        return fct_raw_request_refuse(refusal, 200, 0, "with Max-Forwards: 0 this request asks for the server itself, which answers");
    }
    if (forwards == 0) {
        return fct_raw_request_refuse(refusal, 400, 0, "Max-Forwards has reached zero");
    }
    set_field(fields, "Max-Forwards", apr_psprintf(made->p, "%" APR_INT64_T_FMT, forwards - 1), 0);
    return 1;
}

int fct_raw_fields_fill(fct_raw_facts_t *made, fct_raw_refusal_t *refusal)
{
    apr_array_header_t *fields = apr_array_make(made->p, made->request.fields->nelts + 8, sizeof(fct_received_t));
    int i;

    for (i = 0; i < made->request.fields->nelts; i++) {
        if (first_of_name(made, i) == i) {
            add_name(made, fields, i);
        }
    }
    if (made->target.replaced_host) {
        set_field(fields, "Host", made->target.replaced_host, 0);
    }
    set_pairs(fields, made->given->pairs[FCT_GIVEN_PAIR_SET_HEADER], 0);
    set_pairs(fields, made->given->pairs[FCT_GIVEN_PAIR_AUTH_HEADER], 1);
    if (!count_forwards(made, fields, refusal)) {
        return 0;
    }
    made->facts.fields = (const fct_received_t *)fields->elts;
    made->facts.nfields = (apr_size_t)fields->nelts;
    return 1;
}
