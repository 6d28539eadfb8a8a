/* core/name.c: folding, tokens, patterns, hashes. */
#include "name.h"

#include "tap.h"

static void test_fold(apr_pool_t *p)
{
    static const char *const rows[][2] = {
        { "X-Remote-User", "X_REMOTE_USER" }, { "x_remote.user", "X_REMOTE_USER" }, { "a1 b", "A1_B" },
        { "", "" }, { "\xc3\xa4", "__" }, { "REMOTE_USER", "REMOTE_USER" },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_str(fct_name_fold(fct_bytes_of(rows[i][0]), p).at, rows[i][1], "'%s' folds to '%s'", rows[i][0], rows[i][1]);
        tap_ok(fct_name_folds_equal(fct_bytes_of(rows[i][0]), fct_bytes_of(rows[i][1])), "and is equal to it once folded");
        tap_ok(fct_name_hash(fct_bytes_of(rows[i][0])) == fct_name_hash(fct_bytes_of(rows[i][1])), "and has its hash");
        tap_ok(fct_name_is_folded(fct_bytes_of(rows[i][0])) == (strcmp(rows[i][0], rows[i][1]) == 0),
               "and is folded already only if that changed nothing");
    }
    tap_ok(!fct_name_folds_equal(fct_bytes_of("A"), fct_bytes_of("AB")), "a beginning is not equal");
    tap_ok(!fct_name_folds_equal(fct_bytes_of("A_B"), fct_bytes_of("A_C")), "other letters are not equal");
}

static void test_every_byte(void)
{
    static const char tchar[] = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    int c, tokens = 0, params = 0, first = 0;

    for (c = 0; c < 256; c++) {
        char alone = (char)c;
        char second[2] = { 'a', (char)c };

        tokens += fct_name_is_token(fct_bytes_make(&alone, 1)) == (c != 0 && strchr(tchar, c) != NULL);
        first += fct_name_is_param(fct_bytes_make(&alone, 1)) == ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
        params += fct_name_is_param(fct_bytes_make(second, 2))
            == ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-');
    }
    tap_is_int(tokens, 256, "exactly tchar makes a token");
    tap_is_int(first, 256, "exactly a letter begins a parameter's name");
    tap_is_int(params, 256, "exactly letters, digits, _ and - go on with it");
    tap_ok(!fct_name_is_token(FCT_BYTES_LITERAL("")), "nothing is no token");
    tap_ok(!fct_name_is_param(FCT_BYTES_LITERAL("")), "nothing is no parameter's name");
    tap_ok(!fct_name_is_token(fct_bytes_make("a\0b", 3)), "a NUL inside is no token");
}

static void test_patterns(void)
{
    tap_ok(fct_name_matches(fct_bytes_of("SSL_X"), "SSL_*"), "SSL_X is of SSL_*");
    tap_ok(fct_name_matches(fct_bytes_of("SSL_"), "SSL_*"), "SSL_ is of SSL_*");
    tap_ok(!fct_name_matches(fct_bytes_of("SSL"), "SSL_*"), "SSL is not of SSL_*");
    tap_ok(!fct_name_matches(fct_bytes_of("XSSL_X"), "SSL_*"), "XSSL_X is not of SSL_*");
    tap_ok(fct_name_matches(fct_bytes_of("HTTPS"), "HTTPS"), "HTTPS is HTTPS");
    tap_ok(!fct_name_matches(fct_bytes_of("HTTPSX"), "HTTPS"), "HTTPSX is not HTTPS");
}

int main(void)
{
    apr_pool_t *p = tap_begin();

    test_fold(p);
    test_every_byte();
    test_patterns();
    return tap_end();
}
