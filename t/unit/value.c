/* core/value.c, core/text.c, core/cookie.c: what a value of a type may be. */
#include "value.h"

#include "cookie.h"
#include "tap.h"
#include "text.h"

typedef struct row_t {
    fct_value_type_t type;
    const char *value;
    int expected;
} row_t;

static const row_t rows[] = {
    { FCT_VALUE_TOKEN, "Basic", 1 }, { FCT_VALUE_TOKEN, "a b", 0 }, { FCT_VALUE_TOKEN, "", 0 },
    { FCT_VALUE_INTEGER, "0", 1 }, { FCT_VALUE_INTEGER, "-17", 1 }, { FCT_VALUE_INTEGER, "123456789012345678", 1 },
    { FCT_VALUE_INTEGER, "1234567890123456789", 0 }, { FCT_VALUE_INTEGER, "", 0 }, { FCT_VALUE_INTEGER, "-", 0 },
    { FCT_VALUE_INTEGER, "1.0", 0 }, { FCT_VALUE_INTEGER, "+1", 0 },
    { FCT_VALUE_HOSTNAME, "www.example.com", 1 }, { FCT_VALUE_HOSTNAME, "localhost", 1 }, { FCT_VALUE_HOSTNAME, "a_b.example", 1 },
    { FCT_VALUE_HOSTNAME, "example.com.", 1 }, { FCT_VALUE_HOSTNAME, "[2001:db8::1]", 1 }, { FCT_VALUE_HOSTNAME, "192.0.2.1", 1 },
    { FCT_VALUE_HOSTNAME, "2001:db8::1", 1 }, { FCT_VALUE_HOSTNAME, "", 0 }, { FCT_VALUE_HOSTNAME, ".", 0 },
    { FCT_VALUE_HOSTNAME, "a..b", 0 }, { FCT_VALUE_HOSTNAME, "-a.b", 0 }, { FCT_VALUE_HOSTNAME, "a-.b", 0 },
    { FCT_VALUE_HOSTNAME, "a b", 0 }, { FCT_VALUE_HOSTNAME, "a/b", 0 }, { FCT_VALUE_HOSTNAME, "a:80", 0 },
    { FCT_VALUE_HOSTNAME, "[192.0.2.1]", 0 }, { FCT_VALUE_HOSTNAME, "[]", 0 }, { FCT_VALUE_HOSTNAME, "[::1", 0 },
    { FCT_VALUE_HOSTNAME, "u@h", 0 }, { FCT_VALUE_HOSTNAME, "h<script>", 0 },
    { FCT_VALUE_IP, "192.0.2.1", 1 }, { FCT_VALUE_IP, "::1", 1 }, { FCT_VALUE_IP, "[::1]", 0 }, { FCT_VALUE_IP, "unknown", 0 },
    { FCT_VALUE_IP, "", 0 },
    { FCT_VALUE_EMAIL, "anna@example.com", 1 }, { FCT_VALUE_EMAIL, "a.b+c@x.y", 1 }, { FCT_VALUE_EMAIL, "anna", 0 },
    { FCT_VALUE_EMAIL, "@x", 0 }, { FCT_VALUE_EMAIL, "a@", 0 }, { FCT_VALUE_EMAIL, "a@b@c", 0 }, { FCT_VALUE_EMAIL, "a b@c", 0 },
    { FCT_VALUE_EMAIL, ".a@c", 0 }, { FCT_VALUE_EMAIL, "a.@c", 0 }, { FCT_VALUE_EMAIL, "", 0 },
    { FCT_VALUE_DN, "CN=Anna,O=Example", 1 }, { FCT_VALUE_DN, "CN=Doe\\, Jane+L=Here,O=x", 1 }, { FCT_VALUE_DN, "2.5.4.3=x", 1 },
    { FCT_VALUE_DN, "CN=", 1 }, { FCT_VALUE_DN, "CN=\\c3\\a4", 1 }, { FCT_VALUE_DN, "CN=a=b", 1 }, { FCT_VALUE_DN, "CN", 0 },
    { FCT_VALUE_DN, "", 0 }, { FCT_VALUE_DN, "CN=a,", 0 }, { FCT_VALUE_DN, "CN=a;b", 0 }, { FCT_VALUE_DN, "CN=a\\", 0 },
    { FCT_VALUE_DN, "CN=\xff", 0 }, { FCT_VALUE_DN, "=a", 0 }, { FCT_VALUE_DN, "CN= a", 0 }, { FCT_VALUE_DN, "/C=DE/CN=a", 0 },
    { FCT_VALUE_URI, "https://example.com/a?b#c", 1 }, { FCT_VALUE_URI, "urn:x:y", 1 }, { FCT_VALUE_URI, "spiffe://d/w", 1 },
    { FCT_VALUE_URI, "a%20b:c", 0 }, { FCT_VALUE_URI, "x:%2", 0 }, { FCT_VALUE_URI, "x:%zz", 0 }, { FCT_VALUE_URI, "/path", 0 },
    { FCT_VALUE_URI, "x:", 0 }, { FCT_VALUE_URI, ":x", 0 }, { FCT_VALUE_URI, "1x:y", 0 }, { FCT_VALUE_URI, "x:a b", 0 },
    { FCT_VALUE_URI, "x:\"", 0 }, { FCT_VALUE_URI, "", 0 },
    { FCT_VALUE_BASE64, "YWJj", 1 }, { FCT_VALUE_BASE64, "YQ==", 1 }, { FCT_VALUE_BASE64, "YWI=", 1 }, { FCT_VALUE_BASE64, "YQ=", 0 },
    { FCT_VALUE_BASE64, "Y===", 0 }, { FCT_VALUE_BASE64, "YW-_", 0 }, { FCT_VALUE_BASE64, "", 0 }, { FCT_VALUE_BASE64, "Y=Jj", 0 },
    { FCT_VALUE_HEX, "00fF", 1 }, { FCT_VALUE_HEX, "0x1", 0 }, { FCT_VALUE_HEX, "", 0 },
    { FCT_VALUE_TEXT, "gr\xc3\xbc\xc3\x9f", 1 }, { FCT_VALUE_TEXT, "", 1 }, { FCT_VALUE_TEXT, "\xc3", 0 }, { FCT_VALUE_TEXT, "\x80", 0 },
    { FCT_VALUE_ON, "on", 1 }, { FCT_VALUE_ON, "On", 0 }, { FCT_VALUE_ON, "off", 0 }, { FCT_VALUE_ON, "", 0 },
    { FCT_VALUE_PORT, "1", 1 }, { FCT_VALUE_PORT, "65535", 1 }, { FCT_VALUE_PORT, "0", 0 }, { FCT_VALUE_PORT, "65536", 0 },
    { FCT_VALUE_PORT, "080", 0 }, { FCT_VALUE_PORT, "100000", 0 }, { FCT_VALUE_PORT, "", 0 }, { FCT_VALUE_PORT, "8 ", 0 },
    { FCT_VALUE_SUCCESS, "SUCCESS", 1 }, { FCT_VALUE_SUCCESS, "GENEROUS", 0 }, { FCT_VALUE_SUCCESS, "FAILED:x", 0 },
    { FCT_VALUE_SUCCESS, "NONE", 0 }, { FCT_VALUE_ANY, "", 1 }, { FCT_VALUE_ANY, "x", 1 },
};

static void test_types(void)
{
    int tried[FCT_VALUE_COUNT][2] = { { 0 } };
    size_t i;
    int type;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_int(fct_value_is(rows[i].type, fct_bytes_make(rows[i].value, strlen(rows[i].value))), rows[i].expected, "'%s' %s %s", rows[i].value,
                   rows[i].expected ? "is" : "is not", fct_value_type_sentence(rows[i].type));
        tried[rows[i].type][rows[i].expected]++;
    }
    for (type = FCT_VALUE_ANY + 1; type < FCT_VALUE_COUNT; type++) {
        tap_ok(tried[type][0] && tried[type][1], "%s was tried both ways", fct_value_type_sentence((fct_value_type_t)type));
    }
    tap_is_int(fct_value_type_parse(fct_bytes_of("email")), FCT_VALUE_EMAIL, "a policy can name email");
    tap_is_int(fct_value_type_parse(fct_bytes_of("port")), FCT_VALUE_ANY, "but not what is only built in");
}

static void test_built_in(void)
{
    static const struct {
        const char *name;
        fct_value_type_t type;
    } names[] = {
        { "HTTPS", FCT_VALUE_ON }, { "REMOTE_ADDR", FCT_VALUE_IP }, { "SERVER_ADDR", FCT_VALUE_IP }, { "APP_ADDR", FCT_VALUE_IP },
        { "SERVER_PORT", FCT_VALUE_PORT }, { "REMOTE_PORT", FCT_VALUE_PORT }, { "AUTH_TYPE", FCT_VALUE_TOKEN },
        { "SSL_CLIENT_VERIFY", FCT_VALUE_SUCCESS }, { "SERVER_NAME", FCT_VALUE_HOSTNAME }, { "REMOTE_USER", FCT_VALUE_ANY },
        { "ADDR", FCT_VALUE_ANY }, { "_PORT", FCT_VALUE_ANY }, { "HTTPSX", FCT_VALUE_ANY },
    };
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        tap_is_int(fct_value_type_of_name(fct_bytes_make(names[i].name, strlen(names[i].name))), names[i].type, "%s is %s", names[i].name,
                   fct_value_type_sentence(names[i].type));
    }
}

static void test_controls(void)
{
    int c, right = 0;

    for (c = 0; c < 256; c++) {
        char text[3] = { 'a', (char)c, 'b' };
        int is_control = c < 0x20 || c == 0x7f;

        right += fct_value_has_control(fct_bytes_make(text, 3), 0) == is_control
            && fct_value_has_control(fct_bytes_make(text, 3), 1) == (is_control && c != '\t');
    }
    tap_is_int(right, 256, "00-1F and 7F are control bytes, HTAB where it does not pass");
    right = 0;
    for (c = 0; c < 256 * 40; c++) {
        char text[40];
        int is_control = c / 40 < 0x20 || c / 40 == 0x7f;

        memset(text, 0xc3, sizeof(text));
        text[c % 40] = (char)(c / 40);
        right += fct_value_has_control(fct_bytes_make(text, 40), 0) == is_control
            && fct_value_has_control(fct_bytes_make(text, 40), 1) == (is_control && c / 40 != '\t')
            && !fct_value_has_control(fct_bytes_make(text, (size_t)(c % 40)), 0);
    }
    tap_is_int(right, 256 * 40, "wherever they stand");
}

static void test_utf8(void)
{
    static const struct {
        const char *text;
        int expected;
    } texts[] = {
        { "\xc2\x80", 1 }, { "\xdf\xbf", 1 }, { "\xe0\xa0\x80", 1 }, { "\xed\x9f\xbf", 1 }, { "\xee\x80\x80", 1 },
        { "\xef\xbf\xbf", 1 }, { "\xf0\x90\x80\x80", 1 }, { "\xf4\x8f\xbf\xbf", 1 },
        { "\xc0\x80", 0 }, { "\xc1\xbf", 0 }, { "\xe0\x9f\xbf", 0 }, { "\xed\xa0\x80", 0 }, { "\xf0\x8f\xbf\xbf", 0 },
        { "\xf4\x90\x80\x80", 0 }, { "\xf5\x80\x80\x80", 0 }, { "\xff", 0 }, { "\xe2\x82", 0 }, { "\xf0\x90\x80", 0 },
        { "\xe2\x28\xa1", 0 }, { "a\xbf", 0 },
    };
    size_t i;
    int right = 0;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        right += fct_text_is_utf8(fct_bytes_of(texts[i].text)) == texts[i].expected;
    }
    tap_is_int(right, (int)i, "the edges of UTF-8 are where RFC 3629 has them");
}

static void test_cookies(void)
{
    fct_bytes_t field = FCT_BYTES_LITERAL(" a=1;b=\"x y\" ;; c ;=d; e=f=g ;a b=1;last=");
    static const char *const expected[][3] = {
        { "a", "1", "1" }, { "b", "\"x y\"", "1" }, { "c", NULL, "0" }, { "", "d", "0" }, { "e", "f=g", "1" }, { "a b", "1", "0" },
        { "last", "", "1" },
    };
    fct_cookie_t cookie;
    fct_bytes_t rest = field, value;
    size_t i = 0;

    for (; fct_cookie_next(&rest, &cookie) && i < 7; i++) {
        tap_ok(fct_bytes_equal(cookie.name, fct_bytes_of(expected[i][0])) && fct_bytes_equal(cookie.value, fct_bytes_of(expected[i][1]))
               && cookie.is_valid == (*expected[i][2] == '1'), "pair %d is '%s'", (int)i, expected[i][0]);
    }
    tap_is_int((int)i, 7, "seven pairs stand there");
    tap_is_int(fct_cookie_find(field, fct_bytes_of("e"), &value), FCT_COOKIE_ONE, "a cookie is found");
    tap_is_mem(value.at, value.len, "f=g", 3, "with all of its value");
    tap_is_int(fct_cookie_find(field, fct_bytes_of("E"), &value), FCT_COOKIE_NONE, "byte for byte");
    tap_is_int(fct_cookie_find(field, fct_bytes_of("c"), &value), FCT_COOKIE_NONE, "a malformed one is none");
    tap_is_int(fct_cookie_find(FCT_BYTES_LITERAL("s=1; s=2"), fct_bytes_of("s"), &value), FCT_COOKIE_AMBIGUOUS,
               "two values of one name are ambiguous");
    tap_is_int(fct_cookie_find(FCT_BYTES_LITERAL("s=1; s=1"), fct_bytes_of("s"), &value), FCT_COOKIE_ONE, "the same twice is one");
}

int main(void)
{
    tap_begin();
    test_types();
    test_built_in();
    test_controls();
    test_utf8();
    test_cookies();
    return tap_end();
}
