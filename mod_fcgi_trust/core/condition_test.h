/* What a condition is made of; for condition*.c alone. */
#ifndef FCT_CONDITION_TEST_H
#define FCT_CONDITION_TEST_H

#include "address.h"
#include "condition.h"

typedef enum fct_test_kind_t {
    FCT_TEST_TLS,
    FCT_TEST_TLS_CLIENT_VERIFIED,
    FCT_TEST_AUTHENTICATED,
    FCT_TEST_AUTH_TYPE,       /* words, without regard to case: so httpd compares the names of mechanisms */
    FCT_TEST_METHOD,          /* words */
    FCT_TEST_PATH,            /* one word, without a final slash */
    FCT_TEST_PEER,            /* ranges */
    FCT_TEST_CLIENT           /* ranges */
} fct_test_kind_t;

/* One test holds if any of its words or ranges does; negated, if none does. */
typedef struct fct_test_t {
    fct_test_kind_t kind;
    int is_negated;
    const fct_bytes_t *words;
    const fct_range_t *ranges;
    apr_size_t n;
} fct_test_t;

struct fct_condition_t {
    const fct_test_t *tests;
    apr_size_t ntests;
};

/* Whole segments: /public is above /public and /public/x, not above /publicity; / is above all. */
static inline int fct_test_path_is_above(fct_bytes_t above, fct_bytes_t path)
{
    return fct_bytes_starts_with(path, above)
        && (above.len == 1 || path.len == above.len || path.at[above.len] == '/');
}

static inline int fct_test_is_same_word(fct_test_kind_t kind, fct_bytes_t a, fct_bytes_t b)
{
    return kind == FCT_TEST_AUTH_TYPE ? fct_bytes_equal_nocase(a, b) : fct_bytes_equal(a, b);
}

#endif
