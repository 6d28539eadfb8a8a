/* Sources, classes, conditions and sizes in words. */
#include <apr_strings.h>

#include "show_words.h"

/* --- sources --- */

static const struct {
    const char *source;
    const char *words;
} sources[] = {
#define FCT_SHOW_SOURCE(source, words) { source, words },
#include "show_source.def"
#undef FCT_SHOW_SOURCE
};

static int is_prefix(const char *source)
{
    return source[strlen(source) - 1] == '.';
}

/* The words with the argument in the place of %s. */
static const char *fill_in(const char *words, const char *argument, apr_pool_t *p)
{
    const char *mark = strstr(words, "%s");

    return mark ? apr_pstrcat(p, apr_pstrmemdup(p, words, (apr_size_t)(mark - words)), argument, mark + 2, NULL) : words;
}

const char *fct_show_source_words(fct_bytes_t source, apr_pool_t *p)
{
    apr_size_t i;

    for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        fct_bytes_t name = fct_bytes_of(sources[i].source);

        if (is_prefix(sources[i].source) ? fct_bytes_starts_with(source, name) : fct_bytes_equal(source, name)) {
            return fill_in(sources[i].words, fct_bytes_string(fct_bytes_from(source, name.len), p), p);
        }
    }
    return NULL;
}

/* --- classes --- */

const char *fct_show_class_words(fct_class_t class_)
{
    static const char *const words[] = {
        [FCT_CLASS_CLIENT] = "The client wrote it or chose it. Nothing vouches for it.",
        [FCT_CLASS_ASSERTED] = "It is somebody else's word. The policy says why it may be taken on trust.",
        [FCT_CLASS_VERIFIED] = "It was established for this very request, by cryptography or by logging in.",
        [FCT_CLASS_SERVER] = "It comes from this server's own configuration or from its own end of the connection.",
    };

    return words[class_];
}

/* --- conditions --- */

static const struct {
    const char *test;                /* ends with ':' where words follow */
    const char *holds;
    const char *holds_not;
} tests[] = {
    { "tls", "the connection is encrypted", "the connection is not encrypted" },
    { "tls.client.verified", "the client's certificate was verified", "no certificate of the client was verified" },
    { "authenticated", "a user has logged in and was allowed in", "no user has logged in" },
    { "auth-type:", "the user logged in by %s", "the user did not log in by %s" },
    { "method:", "the method is %s", "the method is not %s" },
    { "path:", "the path is %s or below it", "the path is neither %s nor below it" },
    { "peer:", "the other end of the connection is in %s", "the other end of the connection is not in %s" },
    { "client:", "the client's address is in %s", "the client's address is not in %s" },
};

/* "GET or HEAD" for "GET,HEAD". */
static const char *alternatives(const char *list, apr_pool_t *p)
{
    const char *comma = strchr(list, ',');

    return comma ? apr_pstrcat(p, apr_pstrmemdup(p, list, (apr_size_t)(comma - list)), " or ", alternatives(comma + 1, p), NULL) : list;
}

static const char *words_of_test(const char *test, apr_pool_t *p)
{
    int is_negated = test[0] == '!';
    fct_bytes_t text = fct_bytes_of(test + is_negated);
    apr_size_t i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        fct_bytes_t name = fct_bytes_of(tests[i].test);
        int has_words = name.at[name.len - 1] == ':';

        if (has_words ? fct_bytes_starts_with(text, name) : fct_bytes_equal(text, name)) {
            return fill_in(is_negated ? tests[i].holds_not : tests[i].holds, alternatives(text.at + name.len, p), p);
        }
    }
    return test;
}

apr_array_header_t *fct_show_condition_words(const char *when, apr_pool_t *p)
{
    apr_array_header_t *sentences = apr_array_make(p, 4, sizeof(const char *));
    char *state = NULL;
    char *test = when ? apr_strtok(apr_pstrdup(p, when), " \t\r\n", &state) : NULL;

    for (; test; test = apr_strtok(NULL, " \t\r\n", &state)) {
        APR_ARRAY_PUSH(sentences, const char *) = words_of_test(test, p);
    }
    return sentences;
}

/* --- sizes --- */

const char *fct_show_size(apr_int64_t bytes, apr_pool_t *p)
{
    static const char *const units[] = { "bytes", "KiB", "MiB", "GiB" };
    int unit = 0;

    while (bytes && bytes % 1024 == 0 && unit < 3) {
        bytes /= 1024;
        unit++;
    }
    return apr_psprintf(p, "%" APR_INT64_T_FMT " %s", bytes, bytes == 1 && !unit ? "byte" : units[unit]);
}
