/* What is known of request header fields by their name: hop-by-hop, restricting, singleton, reserved (POLICY 4). */
#include "field_name.h"

#include "name.h"

static const fct_field_info_t known[] = {
#define FCT_FIELD_NAME(folded, traits) { folded, FCT_FIELD_##traits },
#define FCT_FIELD_RESERVED(pattern)
#include "field_name.def"
#undef FCT_FIELD_NAME
#undef FCT_FIELD_RESERVED
};

static const char *const reserved[] = {
#define FCT_FIELD_NAME(folded, traits)
#define FCT_FIELD_RESERVED(pattern) pattern,
#include "field_name.def"
#undef FCT_FIELD_NAME
#undef FCT_FIELD_RESERVED
};

const fct_field_info_t *fct_field_name_table(apr_size_t *n)
{
    *n = sizeof(known) / sizeof(known[0]);
    return known;
}

unsigned fct_field_name_traits(fct_bytes_t folded)
{
    apr_size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (fct_name_matches(folded, known[i].folded)) {
            return known[i].traits;
        }
    }
    return 0;
}

int fct_field_name_is_reserved(fct_bytes_t folded)
{
    apr_size_t i;

    for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (fct_name_matches(folded, reserved[i])) {
            return 1;
        }
    }
    return 0;
}
