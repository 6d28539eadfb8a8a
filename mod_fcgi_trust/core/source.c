/* Sources and classes (POLICY 1): where a value comes from, and how far it can be trusted. */
#include "source.h"

#include "name.h"

static const fct_source_info_t sources[FCT_SOURCE_COUNT] = {
#define FCT_SOURCE(name, text, class_, argument) \
    [FCT_SOURCE_##name] = { FCT_SOURCE_##name, text, FCT_CLASS_##class_, FCT_ARGUMENT_##argument },
#include "source.def"
#undef FCT_SOURCE
};

/* Sources of the language that this version does not have. */
static const char *const later[] = {
    "auth.env.", "auth.header.", "auth.realm", "env.", "set-header.", "tls.client.",
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

static int has_argument_form(const fct_source_info_t *info, fct_bytes_t text)
{
    fct_bytes_t prefix = fct_bytes_of(info->text);

    return info->argument == FCT_ARGUMENT_NAME && fct_bytes_starts_with(text, prefix)
        && fct_name_is_token(fct_bytes_from(text, prefix.len));
}

int fct_source_parse(fct_bytes_t text, fct_source_ref_t *ref)
{
    int id;

    for (id = FCT_SOURCE_NONE + 1; id < FCT_SOURCE_COUNT; id++) {
        const fct_source_info_t *info = &sources[id];

        if (info->argument == FCT_ARGUMENT_NONE && fct_bytes_equal(text, fct_bytes_of(info->text))) {
            *ref = (fct_source_ref_t){ info->id, FCT_BYTES_ABSENT };
            return 1;
        }
        if (has_argument_form(info, text)) {
            *ref = (fct_source_ref_t){ info->id, fct_bytes_from(text, strlen(info->text)) };
            return 1;
        }
    }
    return 0;
}

int fct_source_is_later(fct_bytes_t text)
{
    apr_size_t i;

    for (i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        if (fct_bytes_starts_with(text, fct_bytes_of(later[i]))) {
            return 1;
        }
    }
    return 0;
}
