/* Conditions at request time: do all tests hold for these facts. */
#include "condition_test.h"

static int has_word(const fct_test_t *test, fct_bytes_t value)
{
    apr_size_t i;

    for (i = 0; i < test->n; i++) {
        if (fct_test_is_same_word(test->kind, test->words[i], value)) {
            return 1;
        }
    }
    return 0;
}

static int is_in_range(const fct_test_t *test, const apr_sockaddr_t *address)
{
    apr_size_t i;

    for (i = 0; i < test->n; i++) {
        if (fct_range_has(&test->ranges[i], address)) {
            return 1;
        }
    }
    return 0;
}

static fct_bytes_t read_source(const fct_facts_t *facts, fct_source_id_t id)
{
    fct_source_ref_t ref = FCT_SOURCE_REF(id);

    return facts->source(facts->context, &ref);
}

static int does_hold(const fct_test_t *test, const fct_facts_t *facts)
{
    switch (test->kind) {
    case FCT_TEST_TLS:
        return facts->is_tls != 0;
    case FCT_TEST_TLS_CLIENT_VERIFIED:
        return facts->certificate && facts->certificate(facts->context);
    case FCT_TEST_AUTHENTICATED:
        return read_source(facts, FCT_SOURCE_AUTH_USER).len > 0;
    case FCT_TEST_AUTH_TYPE:
        return has_word(test, read_source(facts, FCT_SOURCE_AUTH_TYPE));
    case FCT_TEST_METHOD:
        return has_word(test, facts->method);
    case FCT_TEST_PATH:
        return fct_test_path_is_above(test->words[0], facts->path);
    case FCT_TEST_PEER:
        return is_in_range(test, facts->peer);
    case FCT_TEST_CLIENT:
        return is_in_range(test, facts->client);
    }
    return 0;
}

int fct_condition_holds(const fct_condition_t *condition, const fct_facts_t *facts)
{
    apr_size_t i;

    for (i = 0; condition && i < condition->ntests; i++) {
        if (does_hold(&condition->tests[i], facts) == condition->tests[i].is_negated) {
            return 0;
        }
    }
    return 1;
}

int fct_condition_uses(const fct_condition_t *condition, fct_source_id_t source)
{
    apr_size_t i;

    for (i = 0; condition && i < condition->ntests; i++) {
        fct_test_kind_t kind = condition->tests[i].kind;

        if ((kind == FCT_TEST_TLS_CLIENT_VERIFIED && source == FCT_SOURCE_TLS_CLIENT)
            || (kind == FCT_TEST_AUTHENTICATED && source == FCT_SOURCE_AUTH_USER)
            || (kind == FCT_TEST_AUTH_TYPE && source == FCT_SOURCE_AUTH_TYPE)) {
            return 1;
        }
    }
    return 0;
}
