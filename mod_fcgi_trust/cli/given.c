/* What a user says of a request that its text does not: the connection, the authentication, the server's configuration. */
#include "given.h"

#include <string.h>

#include <apr_strings.h>

#include "crypto_openssl.h"

static const struct {
    const char *option;
    int is_pair;
    int id;
} rows[] = {
#define FCT_GIVEN(name, member, option, argument, help) { option, 0, FCT_GIVEN_##name },
#define FCT_GIVEN_PAIR(name, member, option, help) { option, 1, FCT_GIVEN_PAIR_##name },
#include "given.def"
#undef FCT_GIVEN
#undef FCT_GIVEN_PAIR
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

void fct_given_init(fct_given_t *given)
{
    memset(given, 0, sizeof(*given));
    given->reader.shipped_dir = FCT_POLICY_DIR;
    given->reader.crypto = &fct_crypto_openssl;
}

fct_given_t *fct_given_copy(const fct_given_t *given, apr_pool_t *p)
{
    fct_given_t *copy = apr_pmemdup(p, given, sizeof(*given));
    int i;

    for (i = 0; i < FCT_GIVEN_PAIR_COUNT; i++) {
        copy->pairs[i] = given->pairs[i] ? apr_table_copy(p, given->pairs[i]) : NULL;
    }
    return copy;
}

/* --- by option --- */

static const char *set_value(fct_given_t *given, fct_given_id_t id, const char *value)
{
    given->value[id] = value;
    return NULL;
}

static const char *set_pair(fct_given_t *given, fct_given_pair_t id, const char *name, const char *value, apr_pool_t *p)
{
    if (!*name) {
        return "it needs a name: NAME=VALUE";
    }
    if (!given->pairs[id]) {
        given->pairs[id] = apr_table_make(p, 4);
    }
    apr_table_set(given->pairs[id], name, value);
    return NULL;
}

static const char *split_pair(fct_given_t *given, fct_given_pair_t id, const char *text, apr_pool_t *p)
{
    const char *equals = strchr(text, '=');

    if (!equals) {
        return apr_psprintf(p, "'%s' is not NAME=VALUE", text);
    }
    return set_pair(given, id, apr_pstrmemdup(p, text, (apr_size_t)(equals - text)), equals + 1, p);
}

#define FCT_GIVEN(name, member, option, argument, help)                                    \
    const char *fct_given_set_##member(void *given, const char *value, apr_pool_t *p)      \
    {                                                                                      \
        (void)p;                                                                           \
        return set_value(given, FCT_GIVEN_##name, value);                                  \
    }
#define FCT_GIVEN_PAIR(name, member, option, help)                                         \
    const char *fct_given_set_##member(void *given, const char *value, apr_pool_t *p)      \
    {                                                                                      \
        return split_pair(given, FCT_GIVEN_PAIR_##name, value, p);                         \
    }
#include "given.def"
#undef FCT_GIVEN
#undef FCT_GIVEN_PAIR

/* --- by name --- */

const char *fct_given_names(int are_pairs, apr_pool_t *p)
{
    const char *names = "";
    size_t i;

    for (i = 0; i < ROWS; i++) {
        if (rows[i].is_pair == are_pairs) {
            names = apr_pstrcat(p, names, *names ? ", " : "", rows[i].option, NULL);
        }
    }
    return names;
}

const char *fct_given_set(fct_given_t *given, const char *option, const char *pair_name, const char *value, apr_pool_t *p)
{
    size_t i;

    for (i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].option, option) == 0 && rows[i].is_pair == (pair_name != NULL)) {
            return pair_name ? set_pair(given, (fct_given_pair_t)rows[i].id, pair_name, value, p)
                             : set_value(given, (fct_given_id_t)rows[i].id, value);
        }
    }
    return apr_psprintf(p, "'%s' is not one of %s", option, fct_given_names(pair_name != NULL, p));
}
