/* core/json.c: what is written is JSON, whatever bytes the values have. */
#include "json.h"

#include <apr_strings.h>

#include "tap.h"

static apr_pool_t *pool;

static fct_json_t make(void)
{
    fct_json_t json;

    fct_json_init(&json, 0, pool);
    return json;
}

static void is_text(const fct_json_t *json, const char *expected, const char *claim)
{
    const char *got = fct_bytes_string(fct_json_bytes(json), pool);

    tap_is_str(got, expected, "%s", claim);
}

static void string_is(const char *at, apr_size_t len, const char *expected, const char *claim)
{
    fct_json_t json = make();

    fct_json_string(&json, NULL, fct_bytes_make(at, len));
    is_text(&json, expected, claim);
}

static void test_structure(void)
{
    fct_json_t json = make();

    fct_json_begin_object(&json, NULL);
    fct_json_text(&json, "a", "b");
    fct_json_begin_array(&json, "list");
    fct_json_integer(&json, NULL, 1);
    fct_json_begin_object(&json, NULL);
    fct_json_end_object(&json);
    fct_json_integer(&json, NULL, -20);
    fct_json_end_array(&json);
    fct_json_begin_array(&json, "none");
    fct_json_end_array(&json);
    fct_json_boolean(&json, "yes", 1);
    fct_json_boolean(&json, "no", 0);
    fct_json_text(&json, "absent", NULL);
    fct_json_raw(&json, "made", FCT_BYTES_LITERAL("{\"x\":1}"));
    fct_json_end_object(&json);
    fct_json_append(&json, FCT_BYTES_LITERAL("\n"));
    is_text(&json, "{\"a\":\"b\",\"list\":[1,{},-20],\"none\":[],\"yes\":true,\"no\":false,\"absent\":null,\"made\":{\"x\":1}}\n",
            "members and elements are separated by commas, and nothing else is");
}

static void test_numbers(void)
{
    fct_json_t json = make();

    fct_json_begin_array(&json, NULL);
    fct_json_integer(&json, NULL, 0);
    fct_json_integer(&json, NULL, APR_INT64_MAX);
    fct_json_integer(&json, NULL, APR_INT64_MIN);
    fct_json_seconds(&json, NULL, 0);
    fct_json_seconds(&json, NULL, 1);
    fct_json_seconds(&json, NULL, -1500000);
    fct_json_seconds(&json, NULL, APR_INT64_C(61000001));
    fct_json_place(&json, NULL, "a\"b.xml", 120);
    fct_json_end_array(&json);
    is_text(&json, "[0,9223372036854775807,-9223372036854775808,0.000000,0.000001,-1.500000,61.000001,\"a\\\"b.xml:120\"]",
            "numbers have all their digits and no more");
}

/* In a caller's room, however much too small it is. */
static void test_room(void)
{
    char room[16];
    fct_json_t json;
    char *to;

    fct_json_init_in(&json, room, sizeof(room), pool);
    fct_json_begin_array(&json, NULL);
    fct_json_text(&json, NULL, "abc");
    tap_ok(json.at == room, "what fits stays in the caller's room");
    to = fct_json_begin_raw(&json, 20);
    fct_json_end_raw(&json, fct_json_write_digits(to, APR_UINT64_MAX));
    to = fct_json_begin_raw(&json, 20);
    fct_json_end_raw(&json, fct_json_write_digits(to, 100));
    fct_json_text(&json, NULL, "a longer text, that has to grow \n");
    fct_json_end_array(&json);
    is_text(&json, "[\"abc\",18446744073709551615,100,\"a longer text, that has to grow \\u000a\"]", "what does not moves to the pool, whole");
}

static void test_times(void)
{
    fct_json_t json = make();
    apr_time_exp_t time;

    fct_json_begin_object(&json, NULL);
    fct_json_key(&json, FCT_BYTES_LITERAL("a\"b"));
    apr_time_exp_gmt(&time, 0);
    fct_json_time(&json, NULL, &time);
    apr_time_exp_gmt(&time, APR_INT64_C(1709164799999999));
    fct_json_time(&json, "leap", &time);
    fct_json_end_object(&json);
    is_text(&json, "{\"a\\\"b\":\"1970-01-01T00:00:00.000000Z\",\"leap\":\"2024-02-28T23:59:59.999999Z\"}",
            "times have their microseconds, and a key may have any bytes");
}

static void test_strings(void)
{
    char every[256];
    fct_json_t json = make();
    int i;

    string_is("", 0, "\"\"", "an empty string is empty");
    string_is("a\0b", 3, "\"a\\u0000b\"", "a NUL is escaped");
    string_is("\"\\/", 3, "\"\\\"\\\\/\"", "quotation mark and backslash are escaped");
    string_is("\n\r\t\x1f\x7f", 5, "\"\\u000a\\u000d\\u0009\\u001f\\u007f\"", "control characters are escaped");
    string_is("\xc2\x85\xc2\xa0", 4, "\"\\u0085\xc2\xa0\"", "C1 control characters are escaped, what follows them is not");
    string_is("Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x98\x80", 13, "\"Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x98\x80\"", "UTF-8 passes");
    string_is("\xff" "a\xc3", 3, "\"\\ufffda\\ufffd\"", "what is no UTF-8 becomes U+FFFD");
    string_is("\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\"", "a surrogate becomes U+FFFD");
    for (i = 0; i < 256; i++) {
        every[i] = (char)i;
    }
    fct_json_string(&json, NULL, fct_bytes_make(every, sizeof(every)));
    for (i = 0; i < (int)json.len && (unsigned char)json.at[i] >= 0x20 && (unsigned char)json.at[i] < 0x7f; i++) {
        /* no byte of it steers anything */
    }
    tap_is_int(i, (int)json.len, "of all 256 bytes nothing is left that is not plain ASCII");
}

/* Every byte at every place of a text of 20: eight are looked at together. */
static void test_places(void)
{
    int byte, place, wrong = 0;

    for (byte = 0; byte < 256; byte++) {
        for (place = 0; place < 20; place++) {
            fct_json_t json = make();
            char text[20], expected[40], *to = expected;
            int is_plain = byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';

            memset(text, 'a', sizeof(text));
            text[place] = (char)byte;
            memset(expected, 'a', sizeof(expected));
            expected[0] = '"';
            to = expected + 1 + place;
            if (is_plain) {
                *to++ = (char)byte;
            }
            else if (byte == '"' || byte == '\\') {
                *to++ = '\\';
                *to++ = (char)byte;
            }
            else {
                memcpy(to, apr_psprintf(pool, byte >= 0x80 ? "\\ufffd" : "\\u00%02x", byte), 6);
                to += 6;
            }
            to += 19 - place;
            *to++ = '"';
            fct_json_string(&json, NULL, fct_bytes_make(text, sizeof(text)));
            wrong += !fct_bytes_equal(fct_json_bytes(&json), fct_bytes_make(expected, (apr_size_t)(to - expected)));
        }
    }
    tap_is_int(wrong, 0, "every byte is what it must be at every place");
}

int main(void)
{
    pool = tap_begin();
    test_structure();
    test_numbers();
    test_room();
    test_times();
    test_strings();
    test_places();
    return tap_end();
}
