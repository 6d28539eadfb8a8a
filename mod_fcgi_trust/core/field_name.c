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

/* Patterns with their lengths: every field that a prefix lets through is held against all of them. */
static const struct {
    const char *pattern;
    apr_size_t len;                /* without a final '*' */
    int is_prefix;
} reserved[] = {
#define FCT_FIELD_NAME(folded, traits)
#define FCT_FIELD_RESERVED(pattern) \
    { pattern, sizeof(pattern) - 1 - (pattern[sizeof(pattern) - 2] == '*'), pattern[sizeof(pattern) - 2] == '*' },
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

/* Every pattern has at least three bytes, and begins with one of nine letters. */
int fct_field_name_is_reserved(fct_bytes_t folded)
{
    apr_size_t i;

    if (folded.len < 3 || !memchr("XCFMOPRST", folded.at[0], 9)) {
        return 0;
    }
    for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (folded.len >= reserved[i].len && folded.at[0] == reserved[i].pattern[0] && folded.at[2] == reserved[i].pattern[2]
            && (reserved[i].is_prefix || folded.len == reserved[i].len)
            && memcmp(folded.at, reserved[i].pattern, reserved[i].len) == 0) {
            return 1;
        }
    }
    return 0;
}
