/* core/address.c: addresses and ranges as text. */
#include "address.h"

#include "tap.h"

static void test_addresses(void)
{
    static const char *const good[] = { "192.0.2.1", "0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::7", "::ffff:192.0.2.1" };
    static const char *const bad[] = { "", "192.0.2", "192.0.2.256", "192.0.2.1.1", "01.2.3.4", " 192.0.2.1", "192.0.2.1 ",
                                       "[::1]", "::1%eth0", "192.0.2.1:80", "1", "localhost", ":::", "12345::" };
    size_t i;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        tap_ok(fct_address_is_valid(fct_bytes_make(good[i], strlen(good[i]))), "'%s' is an address", good[i]);
    }
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        tap_ok(!fct_address_is_valid(fct_bytes_make(bad[i], strlen(bad[i]))), "'%s' is none", bad[i]);
    }
    tap_ok(!fct_address_is_valid(fct_bytes_make("192.0.2.1\0", 10)), "nor is one with a NUL behind it");
}

static void test_range_texts(void)
{
    static const char *const good[] = { "10.0.0.0/8", "192.0.2.1", "192.0.2.1/32", "0.0.0.0/0", "2001:db8::/32", "::/0", "::1/128",
                                        "192.0.2.128/25" };
    static const char *const bad[] = { "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "10.1.0.0/8", "2001:db8::1/32",
                                       "::/129", "/8", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0", "192.0.2.129/25", "" };
    fct_range_t range;
    size_t i;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        tap_ok(fct_range_parse(fct_bytes_make(good[i], strlen(good[i])), &range), "'%s' is a range", good[i]);
    }
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        tap_ok(!fct_range_parse(fct_bytes_make(bad[i], strlen(bad[i])), &range), "'%s' is none", bad[i]);
    }
}

static int has(const char *range_text, const char *address_text, apr_pool_t *p)
{
    fct_range_t range;
    apr_sockaddr_t *address;

    if (!fct_range_parse(fct_bytes_of(range_text), &range)
        || apr_sockaddr_info_get(&address, address_text, APR_UNSPEC, 80, 0, p) != APR_SUCCESS) {
        return -1;
    }
    return fct_range_has(&range, address);
}

static void test_membership(apr_pool_t *p)
{
    static const struct {
        const char *range, *address;
        int expected;
    } rows[] = {
        { "10.0.0.0/8", "10.255.0.1", 1 },    { "10.0.0.0/8", "11.0.0.1", 0 },       { "192.0.2.128/25", "192.0.2.128", 1 },
        { "192.0.2.128/25", "192.0.2.127", 0 }, { "192.0.2.1", "192.0.2.1", 1 },     { "192.0.2.1", "192.0.2.2", 0 },
        { "0.0.0.0/0", "203.0.113.9", 1 },    { "0.0.0.0/0", "2001:db8::1", 0 },     { "::/0", "192.0.2.1", 0 },
        { "2001:db8::/32", "2001:db8:1::1", 1 }, { "2001:db8::/32", "2001:db9::1", 0 },
        { "::ffff:10.0.0.0/104", "10.1.2.3", 1 }, { "::ffff:10.0.0.0/104", "::ffff:10.1.2.3", 1 }, { "::ffff:10.0.0.0/104", "11.1.2.3", 0 },
        { "::ffff:192.0.2.1", "192.0.2.1", 1 }, { "::ffff:0.0.0.0/96", "203.0.113.9", 1 }, { "::ffff:0.0.0.0/96", "2001:db8::1", 0 },
        { "10.0.0.0/8", "::ffff:10.1.2.3", 1 }, { "::/0", "::ffff:10.1.2.3", 0 },
    };
    fct_range_t all;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tap_is_int(has(rows[i].range, rows[i].address, p), rows[i].expected, "%s %s %s", rows[i].range,
                   rows[i].expected ? "has" : "does not have", rows[i].address);
    }
    fct_range_parse(fct_bytes_of("0.0.0.0/0"), &all);
    tap_ok(!fct_range_has(&all, NULL), "no address is in no range");
}

static int covers(const char *a, const char *b)
{
    fct_range_t outer, inner;

    return fct_range_parse(fct_bytes_of(a), &outer) && fct_range_parse(fct_bytes_of(b), &inner) && fct_range_covers(&outer, &inner);
}

int main(void)
{
    apr_pool_t *p = tap_begin();

    test_addresses();
    test_range_texts();
    test_membership(p);
    tap_ok(covers("10.0.0.0/8", "10.1.0.0/16"), "a wider range covers a narrower one in it");
    tap_ok(covers("10.0.0.0/8", "10.0.0.0/8"), "a range covers itself");
    tap_ok(!covers("10.1.0.0/16", "10.0.0.0/8"), "a narrower one does not cover a wider one");
    tap_ok(!covers("10.0.0.0/8", "11.0.0.0/16"), "nor one that lies elsewhere");
    tap_ok(!covers("0.0.0.0/0", "::/0"), "nor one of the other family");
    return tap_end();
}
