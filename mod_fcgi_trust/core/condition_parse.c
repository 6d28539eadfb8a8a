/* The text of when="…": words → tests. */
#include <apr_strings.h>

#include "condition_test.h"
#include "name.h"

typedef struct test_info_t {
    const char *text;                       /* with a final ':' if it takes words */
    fct_test_kind_t kind;
} test_info_t;

static const test_info_t known[] = {
    { "tls", FCT_TEST_TLS },
    { "tls.client.verified", FCT_TEST_TLS_CLIENT_VERIFIED },
    { "authenticated", FCT_TEST_AUTHENTICATED },
    { "auth-type:", FCT_TEST_AUTH_TYPE },
    { "method:", FCT_TEST_METHOD },
    { "path:", FCT_TEST_PATH },
    { "peer:", FCT_TEST_PEER },
    { "client:", FCT_TEST_CLIENT },
};

typedef struct parser_t {
    fct_place_t place;
    fct_findings_t *findings;
    apr_pool_t *p;
    int errors;
} parser_t;

static void complain(parser_t *parser, fct_finding_id_t id, const char *word, const char *why)
{
    fct_findings_add(parser->findings, id, parser->place.file, parser->place.line, "when: '%s' %s", word, why);
    parser->errors++;
}

/* *rest is what follows the ':', NULL for a test without words. */
static const test_info_t *find_test(const char *word, const char **rest)
{
    apr_size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        apr_size_t len = strlen(known[i].text);
        int takes_words = known[i].text[len - 1] == ':';

        if (takes_words ? strncmp(word, known[i].text, len) == 0 : strcmp(word, known[i].text) == 0) {
            *rest = takes_words ? word + len : NULL;
            return &known[i];
        }
    }
    return NULL;
}

/* A path is one word whatever it contains; the others are lists. */
static apr_array_header_t *split_words(fct_test_kind_t kind, const char *rest, apr_pool_t *p)
{
    apr_array_header_t *words = apr_array_make(p, 4, sizeof(fct_bytes_t));
    const char *at = rest;

    for (;;) {
        apr_size_t len = kind == FCT_TEST_PATH ? strlen(at) : strcspn(at, ",");

        APR_ARRAY_PUSH(words, fct_bytes_t) = fct_bytes_make(apr_pstrmemdup(p, at, len), len);
        if (at[len] == '\0') {
            return words;
        }
        at += len + 1;
    }
}

/* An empty segment, or one of dots: in a normalised path there is none. */
static int has_odd_segment(fct_bytes_t path)
{
    apr_size_t i, start = 1;

    for (i = 1; path.len > 1 && i <= path.len; i++) {
        fct_bytes_t segment = fct_bytes_make(path.at + start, i - start);

        if (i < path.len && path.at[i] != '/') {
            continue;
        }
        if (segment.len == 0 || fct_bytes_equal(segment, FCT_BYTES_LITERAL(".")) || fct_bytes_equal(segment, FCT_BYTES_LITERAL(".."))) {
            return 1;
        }
        start = i + 1;
    }
    return 0;
}

/* A path that no request has would make its negation hold for all. */
static void parse_path(parser_t *parser, const char *word, fct_bytes_t *path)
{
    if (path->len == 0 || path->at[0] != '/') {
        complain(parser, FCT_FINDING_WHEN_INVALID, word, "needs a path that begins with /");
        return;
    }
    while (path->len > 1 && path->at[path->len - 1] == '/') {
        path->len--;
    }
    if (has_odd_segment(*path)) {
        complain(parser, FCT_FINDING_WHEN_INVALID, word, "has an empty segment or one of dots, and the path of a request has none");
    }
    if (strstr(path->at, ",/")) {
        complain(parser, FCT_FINDING_WHEN_INVALID, word, "is one path, commas included; write a rule for each path, or !path:/a !path:/b");
    }
}

static void parse_words(parser_t *parser, const char *word, const char *rest, fct_test_t *test)
{
    apr_array_header_t *words = split_words(test->kind, rest, parser->p);
    fct_range_t *ranges = apr_pcalloc(parser->p, sizeof(*ranges) * (apr_size_t)words->nelts);
    int i;

    for (i = 0; i < words->nelts; i++) {
        fct_bytes_t *one = &APR_ARRAY_IDX(words, i, fct_bytes_t);

        if (test->kind == FCT_TEST_PATH) {
            parse_path(parser, word, one);
        }
        else if (test->kind == FCT_TEST_PEER || test->kind == FCT_TEST_CLIENT) {
            if (!fct_range_parse(*one, &ranges[i])) {
                complain(parser, FCT_FINDING_WHEN_INVALID, word,
                         "has an address that is none; write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32");
            }
        }
        else if (!fct_name_is_token(*one)) {
            complain(parser, FCT_FINDING_WHEN_INVALID, word, "has an empty or impossible word; write method:POST,PUT");
        }
    }
    test->words = (const fct_bytes_t *)words->elts;
    test->ranges = ranges;
    test->n = (apr_size_t)words->nelts;
}

static void parse_test(parser_t *parser, const char *word, apr_array_header_t *tests)
{
    const char *bare = word[0] == '!' ? word + 1 : word;
    const char *rest = NULL;
    const test_info_t *info = find_test(bare, &rest);
    fct_test_t test = { FCT_TEST_TLS, bare != word, NULL, NULL, 0 };

    if (info == NULL) {
        complain(parser, FCT_FINDING_WHEN_INVALID, word,
                 "is none of tls, tls.client.verified, authenticated, auth-type:, method:, path:, peer:, client:");
        return;
    }
    test.kind = info->kind;
    if (rest) {
        parse_words(parser, word, rest, &test);
    }
    APR_ARRAY_PUSH(tests, fct_test_t) = test;
}

const fct_condition_t *fct_condition_parse(const char *text, fct_place_t place, fct_findings_t *findings, apr_pool_t *p)
{
    parser_t parser = { place, findings, p, 0 };
    apr_array_header_t *tests = apr_array_make(p, 4, sizeof(fct_test_t));
    fct_condition_t *condition = apr_palloc(p, sizeof(*condition));
    char *state = NULL;
    char *word = apr_strtok(apr_pstrdup(p, text), " \t\r\n", &state);

    if (word == NULL) {
        complain(&parser, FCT_FINDING_WHEN_INVALID, text, "tests nothing; leave the attribute out");
    }
    for (; word; word = apr_strtok(NULL, " \t\r\n", &state)) {
        parse_test(&parser, word, tests);
    }
    condition->tests = (const fct_test_t *)tests->elts;
    condition->ntests = (apr_size_t)tests->nelts;
    return parser.errors ? NULL : condition;
}
