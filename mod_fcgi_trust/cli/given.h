/* What a user says of a request that its text does not: the connection, the authentication, the server's configuration. */
#ifndef FCT_GIVEN_H
#define FCT_GIVEN_H

#include "reader.h"
#include "tool.h"

typedef enum fct_given_id_t {
#define FCT_GIVEN(name, member, option, argument, help) FCT_GIVEN_##name,
#define FCT_GIVEN_PAIR(name, member, option, help)
#include "given.def"
#undef FCT_GIVEN
#undef FCT_GIVEN_PAIR
    FCT_GIVEN_COUNT
} fct_given_id_t;

/* Those that come as NAME=VALUE. */
typedef enum fct_given_pair_t {
#define FCT_GIVEN(name, member, option, argument, help)
#define FCT_GIVEN_PAIR(name, member, option, help) FCT_GIVEN_PAIR_##name,
#include "given.def"
#undef FCT_GIVEN
#undef FCT_GIVEN_PAIR
    FCT_GIVEN_PAIR_COUNT
} fct_given_pair_t;

typedef struct fct_given_t {
    fct_reader_options_t reader;                 /* first: --shipped is stored here (policy_file.h) */
    const char *value[FCT_GIVEN_COUNT];          /* NULL: not given */
    apr_table_t *pairs[FCT_GIVEN_PAIR_COUNT];    /* NULL: none */
} fct_given_t;

/* The rows of an option table; the command's settings begin with a fct_given_t. */
#define FCT_GIVEN_OPTION(member, option, argument, help) { option, argument, help, fct_given_set_##member }

#define FCT_GIVEN(name, member, option, argument, help) const char *fct_given_set_##member(void *given, const char *value, apr_pool_t *p);
#define FCT_GIVEN_PAIR(name, member, option, help) const char *fct_given_set_##member(void *given, const char *value, apr_pool_t *p);
#include "given.def"
#undef FCT_GIVEN
#undef FCT_GIVEN_PAIR

/* Nothing is given but where shipped policies are. */
void fct_given_init(fct_given_t *given);

/* A copy that can be changed without the original. In p. */
fct_given_t *fct_given_copy(const fct_given_t *given, apr_pool_t *p);

/* One value by the name of its option, or the pair `name` of it where `pair_name` is not NULL. NULL, or why not. Strings are kept. */
const char *fct_given_set(fct_given_t *given, const char *option, const char *pair_name, const char *value, apr_pool_t *p);

/* All names of options, or of those that take pairs, as words of a sentence. */
const char *fct_given_names(int are_pairs, apr_pool_t *p);

#endif
