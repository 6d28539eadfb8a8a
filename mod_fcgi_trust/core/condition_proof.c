/* What can be proven of conditions without a request: disjoint, contradictory, entailing. */
#include "condition_test.h"

/* Two values of one kind of test: does the first cover the second, so that whatever satisfies the second satisfies the first. */
static int does_value_cover(const fct_test_t *a, apr_size_t i, const fct_test_t *b, apr_size_t k)
{
    switch (a->kind) {
    case FCT_TEST_PATH:
        return fct_test_path_is_above(a->words[i], b->words[k]);
    case FCT_TEST_PEER:
    case FCT_TEST_CLIENT:
        return fct_range_covers(&a->ranges[i], &b->ranges[k]);
    default:
        return fct_test_is_same_word(a->kind, a->words[i], b->words[k]);
    }
}

static int is_value_covered(const fct_test_t *a, const fct_test_t *b, apr_size_t k)
{
    apr_size_t i;

    for (i = 0; i < a->n; i++) {
        if (does_value_cover(a, i, b, k)) {
            return 1;
        }
    }
    return 0;
}

/* Whatever satisfies b satisfies a; both are read without their negation. */
static int does_cover(const fct_test_t *a, const fct_test_t *b)
{
    apr_size_t k;

    for (k = 0; k < b->n; k++) {
        if (!is_value_covered(a, b, k)) {
            return 0;
        }
    }
    return 1;
}

/* Some value of one covers some value of the other; what never overlaps is disjoint. */
static int does_overlap(const fct_test_t *a, const fct_test_t *b)
{
    apr_size_t i, k;

    if (a->n == 0) {
        return 1;
    }
    for (i = 0; i < a->n; i++) {
        for (k = 0; k < b->n; k++) {
            if (does_value_cover(a, i, b, k) || does_value_cover(b, k, a, i)) {
                return 1;
            }
        }
    }
    return 0;
}

/* Whatever satisfies a test of the one kind satisfies a test of the other. */
static int does_imply(fct_test_kind_t narrow, fct_test_kind_t wide)
{
    static const struct {
        fct_test_kind_t narrow, wide;
    } implications[] = {
        { FCT_TEST_TLS_CLIENT_VERIFIED, FCT_TEST_TLS },
        { FCT_TEST_AUTH_TYPE, FCT_TEST_AUTHENTICATED },
    };
    apr_size_t i;

    for (i = 0; i < sizeof(implications) / sizeof(implications[0]); i++) {
        if (implications[i].narrow == narrow && implications[i].wide == wide) {
            return 1;
        }
    }
    return 0;
}

static int is_test_disjoint(const fct_test_t *a, const fct_test_t *b)
{
    if (does_imply(a->kind, b->kind)) {
        return !a->is_negated && b->is_negated;
    }
    if (does_imply(b->kind, a->kind)) {
        return !b->is_negated && a->is_negated;
    }
    if (a->kind != b->kind || (a->is_negated && b->is_negated)) {
        return 0;
    }
    if (!a->is_negated && !b->is_negated) {
        return !does_overlap(a, b);
    }
    return a->is_negated ? does_cover(a, b) : does_cover(b, a);
}

int fct_condition_is_disjoint(const fct_condition_t *a, const fct_condition_t *b)
{
    apr_size_t i, k;

    for (i = 0; a && b && i < a->ntests; i++) {
        for (k = 0; k < b->ntests; k++) {
            if (is_test_disjoint(&a->tests[i], &b->tests[k])) {
                return 1;
            }
        }
    }
    return 0;
}

int fct_condition_is_contradictory(const fct_condition_t *condition)
{
    return fct_condition_is_disjoint(condition, condition);
}

/* Whatever satisfies a satisfies b. */
static int does_entail(const fct_test_t *a, const fct_test_t *b)
{
    if (does_imply(a->kind, b->kind)) {
        return !a->is_negated && !b->is_negated;
    }
    if (does_imply(b->kind, a->kind)) {
        return a->is_negated && b->is_negated;
    }
    if (a->kind != b->kind || (a->is_negated && !b->is_negated)) {
        return 0;
    }
    if (a->is_negated) {
        return does_cover(a, b);
    }
    return b->is_negated ? !does_overlap(a, b) : does_cover(b, a);
}

static int does_some_entail(const fct_condition_t *condition, const fct_test_t *test)
{
    apr_size_t i;

    for (i = 0; i < condition->ntests; i++) {
        if (does_entail(&condition->tests[i], test)) {
            return 1;
        }
    }
    return 0;
}

int fct_condition_entails(const fct_condition_t *a, const fct_condition_t *b)
{
    apr_size_t i;

    for (i = 0; b && i < b->ntests; i++) {
        if (a == NULL || !does_some_entail(a, &b->tests[i])) {
            return 0;
        }
    }
    return 1;
}

int fct_condition_is_same(const fct_condition_t *a, const fct_condition_t *b)
{
    return fct_condition_entails(a, b) && fct_condition_entails(b, a);
}

/* Some test, not negated, is of the kind or implies it. */
static int has_test_for(const fct_condition_t *condition, fct_test_kind_t kind)
{
    apr_size_t i;

    for (i = 0; condition && i < condition->ntests; i++) {
        const fct_test_t *test = &condition->tests[i];

        if (!test->is_negated && (test->kind == kind || does_imply(test->kind, kind))) {
            return 1;
        }
    }
    return 0;
}

int fct_condition_entails_tls(const fct_condition_t *condition)
{
    return has_test_for(condition, FCT_TEST_TLS);
}

int fct_condition_entails_verified(const fct_condition_t *condition)
{
    return has_test_for(condition, FCT_TEST_TLS_CLIENT_VERIFIED);
}
