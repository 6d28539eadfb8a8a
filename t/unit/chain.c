/* core/chain.c and its steps: the value attributes of POLICY 3 in their order, as a policy writes them. */
#include "chain.h"

#include "policy.h"
#include "request.h"

static apr_pool_t *pool;

#define MAP "<map name=\"m\"><entry from=\"CN=HR,DC=x\" to=\"hr\"/><entry from=\"b\" to=\"B\"/><entry from=\"drop\" omit=\"yes\"/></map>"

/* What APP_X is with these attributes and this value: "=value", "absent", "invalid" or "too long". */
static const char *run(const char *attributes, const char *value)
{
    const fct_policy_t *policy = policy_must_load(
        apr_psprintf(pool, MAP "<param name=\"APP_X\" from=\"tls.sni\" trust=\"client\" on-missing=\"refuse:404\" on-invalid=\"refuse\" %s/>", attributes),
        pool);
    request_t *request = request_make("/", pool);
    const char *said;

    request_set(request, "tls.sni", value);
    said = request_run(request, policy);
    if (strncmp(said, "APP_X=", 6) == 0) {
        return apr_pstrmemdup(pool, said + 5, strlen(said) - 6);
    }
    return strncmp(said, "404 2015", 8) == 0 ? "absent" : strncmp(said, "400 2016", 8) == 0 ? "invalid"
        : strncmp(said, "431 2017", 8) == 0 ? "too long" : said;
}

static const struct {
    const char *attributes, *value, *expected;
} rows[] = {
    { "", "as it is", "=as it is" },
    { "split=\",\" join=\"|\"", "a,b,c", "=a|b|c" }, { "split=\",\" join=\"|\"", "a,,b,", "=a|b" }, { "split=\",\" join=\"|\"", ",,", "absent" },
    { "split=\"; \" join=\";\"", "a; b;c; d", "invalid" }, { "split=\"; \" join=\",\"", "a; b; c", "=a,b,c" },
    { "split=\",\" join=\"|\"", "a,b|c", "invalid" }, { "split=\",\" join=\"||\"", "a,b|,|c", "invalid" }, { "split=\",\" join=\"||\"", "a,|b", "=a|||b" },
    { "split=\",\" join=\"||\"", "a|,b", "invalid" }, { "split=\",\" join=\"; \"", "a;,b", "=a;; b" }, { "split=\",\" join=\", \"", "a", "=a" },
    { "split=\",\" pick=\"only\"", "a", "=a" }, { "split=\",\" pick=\"only\"", "a,b", "invalid" }, { "split=\",\" pick=\"only\"", ",a,", "=a" },
    { "split=\",\" pick=\"0\"", "a,b", "=a" }, { "split=\",\" pick=\"1\"", "a,b", "=b" }, { "split=\",\" pick=\"2\"", "a,b", "absent" },
    { "split=\",\" pick=\"matching\" pattern=\"b.*\"", "a,bc,d", "=bc" }, { "split=\",\" pick=\"matching\" pattern=\"b.*\"", "b,bc", "invalid" },
    { "split=\",\" pick=\"matching\" pattern=\"b\"", "ab,bc", "absent" },
    { "split=\",\" pick=\"matching\" pattern=\"B@x\" case=\"lower\" strip-suffix=\"@x\"", "a,B@x", "=b" },
    { "strip-suffix=\"@CORP\"", "anna@CORP", "=anna" }, { "strip-suffix=\"@CORP\"", "anna@OTHER", "invalid" },
    { "strip-suffix=\"@CORP\"", "anna", "invalid" }, { "strip-suffix=\"@CORP\"", "@CORP", "invalid" },
    { "strip-suffix=\"@CORP\"", "a@CORP@CORP", "=a@CORP" },
    { "split=\",\" strip-suffix=\"@X\" join=\",\"", "a@X,b@X", "=a,b" }, { "split=\",\" strip-suffix=\"@X\" join=\",\"", "a@X,b@Y", "invalid" },
    { "extract=\"CN=([^,]+),.*\"", "CN=anna,O=x", "=anna" }, { "extract=\"CN=([^,]+)\"", "CN=anna,O=x", "invalid" },
    { "extract=\"([a-z]+)@x\"", "yanna@xy", "invalid" }, { "extract=\"a|(b)\"", "a", "invalid" }, { "extract=\"x(.*)\"", "x", "invalid" },
    { "case=\"lower\"", "AbC\xc3\x84", "=abc\xc3\x84" }, { "case=\"upper\"", "AbC", "=ABC" },
    { "map=\"m\"", "CN=HR,DC=x", "=hr" }, { "map=\"m\"", "b", "=B" }, { "map=\"m\"", "B", "invalid" }, { "map=\"m\"", "drop", "absent" },
    { "split=\"; \" map=\"m\" join=\",\"", "b; other; CN=HR,DC=x; drop", "=B,hr" }, { "split=\"; \" map=\"m\" join=\",\"", "x; y", "absent" },
    { "case=\"lower\" map=\"m\"", "B", "=B" },
    { "split=\",\" join=\",\" max-items=\"2\"", "a,b", "=a,b" }, { "split=\",\" join=\",\" max-items=\"2\"", "a,b,c", "invalid" },
    { "split=\",\" map=\"m\" join=\",\" max-items=\"1\"", "b,x,y", "=B" },
    { "type=\"email\" case=\"lower\"", "A@B.C", "=a@b.c" }, { "type=\"email\"", "a", "invalid" },
    { "pattern=\"[0-9]+\"", "123", "=123" }, { "pattern=\"[0-9]+\"", "123x", "invalid" }, { "pattern=\"[0-9]+\"", "x123", "invalid" },
    { "pattern=\"a|b\"", "ab", "invalid" }, { "pattern=\"a|ab\"", "ab", "=ab" }, { "pattern=\"a$\"", "a\n", "invalid" },
    { "pattern=\"(?:a*)*b\"", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", "invalid" },
    { "max-length=\"3\"", "abc", "=abc" }, { "max-length=\"3\"", "abcd", "too long" }, { "max-length=\"3\" strip-suffix=\"d\"", "abcd", "=abc" },
    { "encode=\"none\"", "a b", "=a b" }, { "encode=\"base64\"", "a", "=YQ==" }, { "encode=\"base64\"", "ab", "=YWI=" }, { "encode=\"base64\"", "abc", "=YWJj" },
    { "encode=\"base64\"", "\xff\xfe\xfd", "=//79" }, { "encode=\"base64url\"", "\xff\xfe\xfd", "=__79" }, { "encode=\"base64url\"", "a", "=YQ" },
    { "encode=\"percent\"", "a b/\xc3\xa4~", "=a%20b%2F%C3%A4~" }, { "encode=\"base64\" max-length=\"3\"", "abc", "=YWJj" },
    { "encode=\"percent\"", "a\nb", "invalid" },
};

static void test_lists(void)
{
    char many[3000];
    int i;

    for (i = 0; i < 2998; i += 2) {
        many[i] = 'a';
        many[i + 1] = ',';
    }
    many[2998] = '\0';
    tap_is_str(run("split=\",\" join=\"|\"", many), "invalid", "more than 1000 items are invalid");
    tap_is_str(run("split=\",\" pick=\"0\"", many), "invalid", "also where one is picked");
}

static void test_patterns(void)
{
    static const struct {
        const char *text;
        unsigned groups;
        int compiles;
    } texts[] = {
        { "abc", 0, 1 }, { "[^@]+@corp\\.example", 0, 1 }, { "\\d+\\w*\\S", 0, 1 }, { "(?:a|b){1,3}", 0, 1 }, { "[(?=]+", 0, 1 }, { "a\\(\\?=", 0, 1 },
        { "[]a(?=]+", 0, 1 }, { "[^]a]+", 0, 1 }, { "[[:alpha:](?=]+", 0, 1 }, { "[[(?=]+", 0, 1 }, { "[[:digit:]]+(?:x)", 0, 1 },
        { "[[](?=a)a", 0, 0 }, { "[x[](?=a)a", 0, 0 }, { "[^[](?=a)a", 0, 0 }, { "[[^](?=a)a", 0, 0 }, { "[[:alpha:][](?=a)a", 0, 0 },
        { "[]](?=a)a", 0, 0 }, { "[^]](?=a)a", 0, 0 }, { "(a)b", 1, 1 }, { "", 0, 1 },
        { "(?=a)", 0, 0 }, { "(?!a)", 0, 0 }, { "(?<=a)b", 0, 0 }, { "(?<!a)b", 0, 0 }, { "(?<n>a)", 1, 0 }, { "(?i)a", 0, 0 }, { "(?>a)", 0, 0 },
        { "(?R)", 0, 0 }, { "(?1)", 0, 0 }, { "(?C1)a", 0, 0 }, { "(*UTF)a", 0, 0 }, { "a(*SKIP)b", 0, 0 }, { "\\1", 0, 0 }, { "\\g1", 0, 0 }, { "\\k<n>", 0, 0 },
        { "\\K", 0, 0 }, { "\\C", 0, 0 }, { "\\Qa\\E", 0, 0 }, { "\\bword", 0, 0 }, { "a\\", 0, 0 }, { "[a", 0, 0 }, { "(a", 0, 0 }, { "a{2,1}", 0, 0 }, { "*a", 0, 0 },
        { "(a)", 0, 0 }, { "a", 1, 0 }, { "(a)(b)", 1, 0 }, { "((((((((((((((((((((((((a))))))))))))))))))))))))", 0, 0 },
    };
    const char *why;
    size_t i;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const fct_pattern_t *pattern = fct_pattern_compile(texts[i].text, texts[i].groups, &why, pool);

        tap_ok((pattern != NULL) == texts[i].compiles && (pattern != NULL) == (why == NULL), "'%s' with %u groups %s", texts[i].text,
               texts[i].groups, texts[i].compiles ? "is a pattern" : "is none");
    }
    tap_ok(fct_pattern_compile(memset(apr_pcalloc(pool, 1026), 'a', 1025), 0, &why, pool) == NULL, "1025 bytes are no pattern");
    tap_is_int(fct_pattern_match(fct_pattern_compile("(?:a+)+b", 0, &why, pool), fct_bytes_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaacb"), NULL),
               FCT_PATTERN_EXHAUSTED, "a value that takes too many steps is neither match nor difference");
    tap_is_int(fct_pattern_match(fct_pattern_compile("a.b", 0, &why, pool), fct_bytes_make("a\0b", 3), NULL), FCT_PATTERN_MATCHES,
               "a NUL is a byte like others to a pattern");
}

static void test_map(void)
{
    fct_map_entry_t entries[] = {
        { FCT_BYTES_LITERAL("b"), FCT_BYTES_LITERAL("1"), 1 }, { FCT_BYTES_LITERAL("a"), FCT_BYTES_LITERAL("2"), 2 },
        { FCT_BYTES_LITERAL("ab"), FCT_BYTES_LITERAL("3"), 3 }, { FCT_BYTES_LITERAL(""), FCT_BYTES_LITERAL("4"), 4 },
    };
    fct_map_t map = { entries, 4 }, empty = { entries, 0 };
    int i;

    tap_ok(fct_map_sort(entries, 4) == NULL, "four texts are four entries");
    for (i = 0; i < 4; i++) {
        tap_ok(fct_map_find(&map, entries[i].from) == &entries[i], "each is found");
    }
    tap_ok(fct_map_find(&map, fct_bytes_of("abc")) == NULL && fct_map_find(&empty, fct_bytes_of("a")) == NULL, "others are not");
    entries[1].from = entries[2].from;
    tap_ok(fct_map_sort(entries, 4) != NULL, "a text twice is told");
}

int main(void)
{
    size_t i;

    pool = tap_begin();
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_str(run(rows[i].attributes, rows[i].value), rows[i].expected, "%s: '%s' becomes '%s'", rows[i].attributes, rows[i].value,
                   rows[i].expected);
    }
    test_lists();
    test_patterns();
    test_map();
    return tap_end();
}
