/* Conditions as text again, one text for each meaning. */
#include <apr_strings.h>

#include "condition_test.h"
#include "words.h"

static const char *const names[] = {
    [FCT_TEST_TLS] = "tls", [FCT_TEST_TLS_CLIENT_VERIFIED] = "tls.client.verified", [FCT_TEST_AUTHENTICATED] = "authenticated", [FCT_TEST_AUTH_TYPE] = "auth-type:",
    [FCT_TEST_METHOD] = "method:", [FCT_TEST_PATH] = "path:", [FCT_TEST_PEER] = "peer:", [FCT_TEST_CLIENT] = "client:",
};

static const char *text_of_word(fct_test_kind_t kind, fct_bytes_t word, apr_pool_t *p)
{
    char *text = fct_bytes_string(word, p);
    char *at;

    for (at = text; kind == FCT_TEST_AUTH_TYPE && *at; at++) {
        *at = (char)fct_bytes_lower((unsigned char)*at);
    }
    return text;
}

static const char *text_of_test(const fct_test_t *test, apr_pool_t *p)
{
    apr_array_header_t *words = apr_array_make(p, 4, sizeof(const char *));
    int has_ranges = test->kind == FCT_TEST_PEER || test->kind == FCT_TEST_CLIENT;
    apr_size_t i;

    for (i = 0; i < test->n; i++) {
        APR_ARRAY_PUSH(words, const char *) = has_ranges ? fct_range_text(&test->ranges[i], p)
                                                       : text_of_word(test->kind, test->words[i], p);
    }
    fct_words_sort(words);
    return apr_pstrcat(p, test->is_negated ? "!" : "", names[test->kind], fct_words_join(words, ",", p), NULL);
}

const char *fct_condition_text(const fct_condition_t *condition, apr_pool_t *p)
{
    apr_array_header_t *tests;
    apr_size_t i;

    if (condition == NULL) {
        return NULL;
    }
    tests = apr_array_make(p, 4, sizeof(const char *));
    for (i = 0; i < condition->ntests; i++) {
        APR_ARRAY_PUSH(tests, const char *) = text_of_test(&condition->tests[i], p);
    }
    fct_words_sort(tests);
    return fct_words_join(tests, " ", p);
}
