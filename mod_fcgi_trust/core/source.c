/* Sources and classes (POLICY 1): where a value comes from, and how far it can be trusted. */
#include "source.h"

#include <apr_strings.h>

#include "name.h"

#define CLIENT_PREFIX "client."        /* upstream.NAME.client.FIELD */

static const fct_source_info_t sources[FCT_SOURCE_COUNT] = {
#define FCT_SOURCE(name, text, class_, argument) \
    [FCT_SOURCE_##name] = { FCT_SOURCE_##name, text, FCT_CLASS_##class_, FCT_ARGUMENT_##argument },
#include "source.def"
#undef FCT_SOURCE
};

const char *fct_class_name(fct_class_t c)
{
    static const char *const names[] = { "client", "asserted", "verified", "server" };

    return names[c];
}

const fct_source_info_t *fct_source_info(fct_source_id_t id)
{
    return &sources[id];
}

const char *fct_source_text(const fct_source_ref_t *ref, apr_pool_t *p)
{
    return apr_pstrcat(p, sources[ref->id].text, fct_bytes_is_absent(ref->argument) ? "" : fct_bytes_string(ref->argument, p), NULL);
}

/* --- arguments --- */

/* What follows ".client." in "NAME.client.FIELD"; absent where it is "NAME.FIELD". */
static fct_bytes_t certificate_part(fct_bytes_t argument)
{
    const char *dot = argument.len ? memchr(argument.at, '.', argument.len) : NULL;
    fct_bytes_t behind = dot ? fct_bytes_from(argument, (apr_size_t)(dot - argument.at) + 1) : FCT_BYTES_ABSENT;

    return fct_bytes_starts_with(behind, FCT_BYTES_LITERAL(CLIENT_PREFIX)) ? fct_bytes_from(behind, strlen(CLIENT_PREFIX)) : FCT_BYTES_ABSENT;
}

/* An upstream hands over one certificate; whether somebody verified it and by which chain is not in it. */
static int can_upstream_have(const fct_certificate_field_t *field)
{
    return field->id != FCT_CERTIFICATE_VERIFY && field->id != FCT_CERTIFICATE_CHAIN;
}

static int has_argument_form(fct_source_argument_t form, fct_source_ref_t *ref)
{
    fct_bytes_t part;

    switch (form) {
    case FCT_ARGUMENT_NAME:
        return fct_name_is_token(ref->argument);
    case FCT_ARGUMENT_FIELD:
        return ref->has_field = fct_certificate_field_parse(ref->argument, &ref->field);
    case FCT_ARGUMENT_UPSTREAM:
        part = certificate_part(ref->argument);
        ref->has_field = !fct_bytes_is_absent(part);
        return ref->has_field ? fct_certificate_field_parse(part, &ref->field) && can_upstream_have(&ref->field)
                              : fct_name_is_token(ref->argument);
    case FCT_ARGUMENT_NONE:
        break;
    }
    return 0;
}

/* --- references --- */

int fct_source_parse(fct_bytes_t text, fct_source_ref_t *ref)
{
    int id;

    for (id = FCT_SOURCE_NONE + 1; id < FCT_SOURCE_COUNT; id++) {
        const fct_source_info_t *info = &sources[id];
        fct_source_ref_t found = FCT_SOURCE_REF(info->id);

        if (info->argument == FCT_ARGUMENT_NONE) {
            if (fct_bytes_equal(text, fct_bytes_of(info->text))) {
                *ref = found;
                return 1;
            }
        }
        else if (fct_bytes_starts_with(text, fct_bytes_of(info->text))) {
            found.argument = fct_bytes_from(text, strlen(info->text));
            if (has_argument_form(info->argument, &found)) {
                *ref = found;
                return 1;
            }
        }
    }
    return 0;
}

fct_bytes_t fct_source_certificate_part(fct_bytes_t text)
{
    fct_bytes_t upstream = fct_bytes_of(sources[FCT_SOURCE_UPSTREAM].text);
    fct_bytes_t client = fct_bytes_of(sources[FCT_SOURCE_TLS_CLIENT].text);

    if (fct_bytes_starts_with(text, client)) {
        return fct_bytes_from(text, client.len);
    }
    return fct_bytes_starts_with(text, upstream) ? certificate_part(fct_bytes_from(text, upstream.len)) : FCT_BYTES_ABSENT;
}

int fct_source_is_list(const fct_source_ref_t *ref)
{
    return ref->has_field && fct_certificate_field_is_list(&ref->field);
}

int fct_source_has_lines(const fct_source_ref_t *ref)
{
    return ref->has_field && fct_certificate_field_has_lines(&ref->field);
}

int fct_source_is_fact(const fct_source_ref_t *ref)
{
    switch (ref->id) {
    case FCT_SOURCE_HEADER:
    case FCT_SOURCE_COOKIE:
    case FCT_SOURCE_SET_HEADER:
    case FCT_SOURCE_AUTH_HEADER:
    case FCT_SOURCE_UPSTREAM:
    case FCT_SOURCE_TLS_CLIENT:
        return 0;
    default:
        return ref->id < FCT_SOURCE_SCRIPT_NAME || ref->id > FCT_SOURCE_SCRIPT_DOCUMENT_ROOT;
    }
}

int fct_source_can_be_lowered(const fct_source_ref_t *ref)
{
    return ref->id == FCT_SOURCE_CONNECTION_CLIENT_ADDRESS || ref->id == FCT_SOURCE_SERVER_MATCHED_NAME || ref->id == FCT_SOURCE_ENV
        || ref->id == FCT_SOURCE_SET_HEADER || fct_source_is_auth(ref);
}

int fct_source_is_auth(const fct_source_ref_t *ref)
{
    return ref->id >= FCT_SOURCE_AUTH_USER && ref->id <= FCT_SOURCE_AUTH_HEADER;
}
