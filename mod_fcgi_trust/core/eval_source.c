/* What a source says of one request: each source read from the place where nobody else can have written it. */
#include "cookie.h"
#include "draft.h"
#include "evaluation.h"

/* --- script.* --- */

static fct_bytes_t read_script(const fct_evaluation_t *e, fct_source_id_t id)
{
    switch (id) {
    case FCT_SOURCE_SCRIPT_NAME:
        return e->script.name;
    case FCT_SOURCE_SCRIPT_PATH_INFO:
        return e->script.path_info;
    case FCT_SOURCE_SCRIPT_FILENAME:
        return e->script.filename;
    case FCT_SOURCE_SCRIPT_PATH_TRANSLATED:
        return e->script.path_translated;
    case FCT_SOURCE_SCRIPT_DOCUMENT_ROOT:
        return e->script.document_root;
    default:
        return FCT_BYTES_ABSENT;
    }
}

/* --- what the client sent --- */

/* As far as the server left it. */
static fct_bytes_t read_header(const fct_evaluation_t *e, fct_bytes_t name)
{
    const fct_field_group_t *group = fct_evaluation_find_group(e, name);
    const fct_bytes_t *pieces;
    apr_size_t n;

    if (group == NULL || group->is_nominated || group->is_changed) {
        return FCT_BYTES_ABSENT;
    }
    pieces = fct_evaluation_join(e, group, &n);
    return fct_evaluation_concatenate(e, pieces, n);
}

static void read_cookie(const fct_evaluation_t *e, fct_bytes_t name, fct_reading_t *reading)
{
    fct_bytes_t value = FCT_BYTES_ABSENT;
    fct_cookie_found_t found = fct_cookie_find(read_header(e, FCT_BYTES_LITERAL("Cookie")), name, &value);

    reading->value = found == FCT_COOKIE_ONE ? value : FCT_BYTES_ABSENT;
    reading->invalid = found == FCT_COOKIE_AMBIGUOUS ? "it stands there with different values" : NULL;
}

/* --- what the server put into the table of request fields --- */

/* set-header.NAME, and auth.header.NAME where that happened while it authenticated. More than one of a name is no answer. */
static void read_own_header(const fct_evaluation_t *e, const fct_source_ref_t *ref, fct_reading_t *reading)
{
    apr_size_t i;

    for (i = 0; i < e->facts->nfields; i++) {
        const fct_received_t *field = &e->facts->fields[i];
        int is_it = ref->id == FCT_SOURCE_AUTH_HEADER ? field->is_by_auth : field->origin == FCT_ORIGIN_SERVER;

        if (!is_it || !fct_bytes_equal_nocase(field->name, ref->argument)) {
            continue;
        }
        if (!fct_bytes_is_absent(reading->value)) {
            reading->invalid = "the server has set it more than once";
        }
        reading->value = field->value;
    }
}

/* --- what an upstream says --- */

/* A field that stands there by the upstream's own word: fields from anyone else have ended the request already. */
static fct_bytes_t read_upstream_field(const fct_evaluation_t *e, fct_bytes_t name)
{
    const fct_field_group_t *group = fct_evaluation_find_group(e, name);
    const fct_upstream_field_t *field = group ? group->match.whole->upstream : NULL;
    fct_bytes_t value = group ? e->facts->fields[group->first].value : FCT_BYTES_ABSENT;

    if (group == NULL || group->is_changed || (field->equals.at && !fct_bytes_equal(field->equals, value))) {
        return FCT_BYTES_ABSENT;
    }
    return value;
}

/* The field, where all that it needs stands there too. */
static fct_bytes_t read_needing_field(const fct_evaluation_t *e, fct_bytes_t name)
{
    const fct_field_group_t *group = fct_evaluation_find_group(e, name);
    const char *needs = group ? group->match.whole->upstream->needs : NULL;

    while (needs && *needs) {
        apr_size_t len = strcspn(needs, FCT_DRAFT_BLANKS);

        if (len > 0 && read_upstream_field(e, fct_bytes_make(needs, len)).len == 0) {
            return FCT_BYTES_ABSENT;
        }
        needs += len + (needs[len] != '\0');
    }
    return group ? read_upstream_field(e, name) : FCT_BYTES_ABSENT;
}

/* NAME of "NAME.FIELD". */
static apr_size_t upstream_len(fct_bytes_t argument)
{
    return (apr_size_t)((const char *)memchr(argument.at, '.', argument.len) - argument.at);
}

/* --- certificates --- */

static void read_certificate(const fct_evaluation_t *e, const fct_client_certificate_t *certificate, const fct_source_ref_t *ref,
                             fct_reading_t *reading)
{
    int is_invalid = 0;
    apr_size_t i;

    reading->values = fct_client_certificate_read(certificate, &ref->field, &reading->n, &is_invalid, e->p);
    for (i = 0; i < reading->n && reading->value.len == 0; i++) {
        reading->value = reading->values[i];
    }
    reading->has_lines = fct_certificate_field_has_lines(&ref->field);
    if (is_invalid) {
        reading->invalid = "what the certificate has there is no text";
    }
}

static void read_client(const fct_evaluation_t *e, const fct_source_ref_t *ref, fct_reading_t *reading)
{
    const fct_client_certificate_t *certificate = e->facts->certificate ? e->facts->certificate(e->facts->context) : NULL;

    if (certificate) {
        read_certificate(e, certificate, ref, reading);
    }
}

/* Decoded once, however many rules ask. */
static const fct_client_certificate_t *decode(fct_evaluation_t *e, const fct_upstream_rule_t *upstream, fct_bytes_t text)
{
    fct_decoded_certificate_t *decoded = e->decoded;

    while (decoded && decoded->upstream != upstream) {
        decoded = decoded->next;
    }
    if (decoded == NULL) {
        decoded = apr_palloc(e->p, sizeof(*decoded));
        decoded->upstream = upstream;
        decoded->certificate = e->facts->decode_certificate ? e->facts->decode_certificate(text, upstream->format, e->p) : NULL;
        decoded->next = e->decoded;
        e->decoded = decoded;
    }
    return decoded->certificate;
}

/* upstream.NAME.client.FIELD; a policy that loads has the upstream. */
static void read_upstream_client(fct_evaluation_t *e, const fct_source_ref_t *ref, fct_reading_t *reading)
{
    fct_bytes_t name = fct_bytes_make(ref->argument.at, upstream_len(ref->argument));
    const fct_upstream_rule_t *upstream = fct_plan_find_upstream(e->plan, name);
    fct_bytes_t text = read_needing_field(e, upstream->certificate);
    const fct_client_certificate_t *certificate = text.len ? decode(e, upstream, text) : NULL;

    if (certificate) {
        read_certificate(e, certificate, ref, reading);
    }
    else if (text.len) {
        reading->invalid = "the field that the upstream sent holds no certificate of the format that it has";
    }
}

/* --- all --- */

void fct_evaluation_read(fct_evaluation_t *e, const fct_source_ref_t *ref, fct_reading_t *reading)
{
    memset(reading, 0, sizeof(*reading));
    switch (ref->id) {
    case FCT_SOURCE_COOKIE:
        read_cookie(e, ref->argument, reading);
        break;
    case FCT_SOURCE_HEADER:
        reading->value = read_header(e, ref->argument);
        break;
    case FCT_SOURCE_SET_HEADER:
    case FCT_SOURCE_AUTH_HEADER:
        read_own_header(e, ref, reading);
        break;
    case FCT_SOURCE_TLS_CLIENT:
        read_client(e, ref, reading);
        break;
    case FCT_SOURCE_UPSTREAM:
        if (ref->has_field) {
            read_upstream_client(e, ref, reading);
        }
        else {
            reading->value = read_needing_field(e, fct_bytes_from(ref->argument, upstream_len(ref->argument) + 1));
        }
        break;
    case FCT_SOURCE_SCRIPT_NAME:
    case FCT_SOURCE_SCRIPT_PATH_INFO:
    case FCT_SOURCE_SCRIPT_FILENAME:
    case FCT_SOURCE_SCRIPT_PATH_TRANSLATED:
    case FCT_SOURCE_SCRIPT_DOCUMENT_ROOT:
        reading->value = read_script(e, ref->id);
        break;
    default:
        reading->value = e->facts->source(e->facts->context, ref);
        break;
    }
}
