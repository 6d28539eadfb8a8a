/* core/params.c: pairs are encoded as FastCGI has them and never split over two records. */
#include "params.h"

#include "aborts.h"
#include "tap.h"

static apr_pool_t *pool;

static fct_params_status_t add(fct_params_t *params, const char *name, const char *value)
{
    fct_bytes_t piece = fct_bytes_of(value);

    return fct_params_add(params, fct_bytes_of(name), &piece, value != NULL);
}

static fct_bytes_t run_of(char c, apr_size_t n)
{
    char *s = (char *)apr_palloc(pool, n + 1);

    memset(s, c, n);
    return fct_bytes_make(s, n);
}

static void test_golden(void)
{
    static const char none[] = "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0"
                               "\1\4\0\1\0\0\0\0";
    static const char some[] = "\1\1\2\3\0\10\0\0\0\1\1\0\0\0\0\0"
                               "\1\4\2\3\0\25\0\0" "\4\3NAMEone" "\1\0A" "\2\5BCpiece"
                               "\1\4\2\3\0\0\0\0";
    static const char again[] = "\1\1\0\5\0\10\0\0\0\1\0\0\0\0\0\0"
                                "\1\4\0\5\0\25\0\0" "\4\3NAMEone" "\1\0A" "\2\5BCpiece"
                                "\1\4\0\5\0\0\0\0";
    fct_bytes_t pieces[] = { FCT_BYTES_LITERAL("p"), FCT_BYTES_LITERAL(""), FCT_BYTES_ABSENT, FCT_BYTES_LITERAL("iece") };
    fct_params_t *params = fct_params_create(0, 1000, pool);
    fct_bytes_t out = fct_params_seal(params, 1, 0);

    tap_is_mem(out.at, out.len, none, sizeof(none) - 1, "without a pair there is only the empty PARAMS record");

    params = fct_params_create(0, 1000, pool);
    add(params, "NAME", "one");
    add(params, "A", NULL);
    fct_params_add(params, FCT_BYTES_LITERAL("BC"), pieces, 4);
    tap_is_int((long long)fct_params_size(params), 21, "the size is that of the pairs with their lengths");
    out = fct_params_seal(params, 0x0203, 1);
    tap_is_mem(out.at, out.len, some, sizeof(some) - 1, "BEGIN_REQUEST, PARAMS and the empty PARAMS record are one run of bytes");
    out = fct_params_seal(params, 5, 0);
    tap_is_mem(out.at, out.len, again, sizeof(again) - 1, "sealed again, only id and FCGI_KEEP_CONN differ");
}

/* The pairs of the sealed bytes, read by a decoder of this test's own. Counts records and checks that each holds whole pairs. */
typedef struct reading_t {
    int records, pairs, faults;
    apr_size_t last_name_len, last_value_len, largest_record;
} reading_t;

static apr_size_t read_length(const unsigned char **at)
{
    apr_size_t length = *(*at)++;

    if (length & 0x80) {
        length = (length & 0x7F) << 24 | (apr_size_t)(*at)[0] << 16 | (apr_size_t)(*at)[1] << 8 | (*at)[2];
        *at += 3;
    }
    return length;
}

static void read_pairs(reading_t *reading, const unsigned char *at, const unsigned char *end)
{
    while (at < end) {
        reading->last_name_len = read_length(&at);
        reading->last_value_len = read_length(&at);
        at += reading->last_name_len + reading->last_value_len;
        reading->pairs++;
    }
    reading->faults += at != end;
}

static reading_t read_sealed(fct_bytes_t out)
{
    reading_t reading = { 0, 0, 0, 0, 0, 0 };
    const unsigned char *at = (const unsigned char *)out.at + FCT_RECORD_BEGIN_LEN;
    const unsigned char *end = (const unsigned char *)out.at + out.len;

    while (end - at >= 8) {
        apr_size_t len = (apr_size_t)at[4] << 8 | at[5];

        reading.faults += at[0] != 1 || at[1] != 4 || at[2] != 0 || at[3] != 9 || at[6] != 0 || at[7] != 0;
        reading.faults += (len == 0) != (at + 8 == end);      /* only the last one is empty */
        reading.largest_record = len > reading.largest_record ? len : reading.largest_record;
        reading.records++;
        read_pairs(&reading, at + 8, at + 8 + len);
        at += 8 + len;
    }
    reading.faults += at != end;
    return reading;
}

static void test_lengths(void)
{
    static const apr_size_t lengths[] = { 0, 1, 126, 127, 128, 255, 256, 32767, 65524, 65525 };
    apr_size_t i;

    for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        apr_size_t len = lengths[i];
        fct_bytes_t name = run_of('N', len), value = run_of('v', len);
        fct_params_t *named = fct_params_create(10, 1000000, pool), *valued = fct_params_create(10, 1000000, pool);
        reading_t of_name, of_value;

        fct_params_add(named, name, NULL, 0);
        fct_params_add(valued, FCT_BYTES_LITERAL("NAME"), &value, 1);
        tap_is_int((long long)fct_params_size(named), (long long)(len + (len > 127 ? 5 : 2)), "a name of %lu has a length of %s",
                   (unsigned long)len, len > 127 ? "four bytes" : "one byte");
        tap_is_int((long long)fct_params_size(valued), (long long)(len + 4 + (len > 127 ? 5 : 2)), "so has a value");
        of_name = read_sealed(fct_params_seal(named, 9, 0));
        of_value = read_sealed(fct_params_seal(valued, 9, 0));
        tap_ok(of_name.faults == 0 && of_name.pairs == 1 && of_name.last_name_len == len && of_name.last_value_len == 0,
               "a name of %lu bytes is read back", (unsigned long)len);
        tap_ok(of_value.faults == 0 && of_value.pairs == 1 && of_value.last_name_len == 4 && of_value.last_value_len == len,
               "a value of %lu bytes is read back", (unsigned long)len);
    }
}

/* name 1 + 4 length bytes + "N" + value: a pair of exactly `size` bytes. */
static fct_params_status_t add_sized(fct_params_t *params, apr_size_t size)
{
    fct_bytes_t value = run_of('v', size - 6);

    return fct_params_add(params, FCT_BYTES_LITERAL("N"), &value, 1);
}

static void test_pair_limit(void)
{
    fct_params_t *params = fct_params_create(0, 1000000, pool);
    fct_bytes_t half = run_of('v', 40000), halves[2];
    fct_bytes_t whole;

    halves[0] = halves[1] = half;
    tap_is_int(add_sized(params, 65536), FCT_PARAMS_PAIR_TOO_LARGE, "a pair of 65536 bytes is refused");
    tap_is_int(fct_params_add(params, FCT_BYTES_LITERAL("N"), halves, 2), FCT_PARAMS_PAIR_TOO_LARGE,
               "so is one whose pieces add up to more");
    halves[0] = run_of('v', 65536);
    tap_is_int(fct_params_add(params, FCT_BYTES_LITERAL("N"), halves, 1), FCT_PARAMS_PAIR_TOO_LARGE,
               "and one with a single piece of 65536 bytes");
    tap_is_int(fct_params_add(params, run_of('N', 65536), NULL, 0), FCT_PARAMS_PAIR_TOO_LARGE, "so is a name of 65536 bytes");
    tap_is_int((long long)fct_params_size(params), 0, "nothing of it was added");
    tap_is_int(add_sized(params, 65535), FCT_PARAMS_OK, "a pair of 65535 bytes is not");
    whole = fct_params_seal(params, 9, 0);
    tap_is_int(read_sealed(whole).records, 2, "it fills one record");
    tap_is_int(fct_params_finding(FCT_PARAMS_PAIR_TOO_LARGE), FCT_FINDING_PARAM_TOO_LARGE, "it has its finding");
    tap_is_int(fct_params_finding(FCT_PARAMS_TOO_LARGE), FCT_FINDING_PARAMS_TOO_LARGE, "so has too much together");
    tap_is_int(fct_params_finding(FCT_PARAMS_OK), FCT_FINDING_NONE, "what is right has none");
}

static void test_total_limit(void)
{
    fct_params_t *params = fct_params_create(0, 20, pool);

    tap_is_int(add(params, "NAME", "12345678"), FCT_PARAMS_OK, "14 of 20 bytes fit");
    tap_is_int(add(params, "NAME", "1"), FCT_PARAMS_TOO_LARGE, "7 more do not");
    tap_is_int((long long)fct_params_size(params), 14, "nothing of it was added");
    tap_is_int(add(params, "NAME", ""), FCT_PARAMS_OK, "6 more do");
    tap_is_int(add(params, "", ""), FCT_PARAMS_TOO_LARGE, "then not even an empty pair does");
    tap_is_int(read_sealed(fct_params_seal(params, 9, 0)).pairs, 2, "two pairs go out");
}

static void test_records(void)
{
    static const struct {
        apr_size_t first, second;
        int records;
    } rows[] = {
        { 65529, 6, 2 }, { 65530, 6, 3 }, { 65535, 6, 3 }, { 6, 65529, 2 }, { 6, 65530, 3 }, { 40000, 40000, 3 }, { 140, 140, 2 },
    };
    apr_size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fct_params_t *params = fct_params_create(0, 1000000, pool);
        fct_bytes_t small = FCT_BYTES_LITERAL("val");
        reading_t reading;

        if (rows[i].first == 6) {
            fct_params_add(params, FCT_BYTES_LITERAL("N"), &small, 1);
        }
        else {
            add_sized(params, rows[i].first);
        }
        if (rows[i].second == 6) {
            fct_params_add(params, FCT_BYTES_LITERAL("N"), &small, 1);
        }
        else {
            add_sized(params, rows[i].second);
        }
        reading = read_sealed(fct_params_seal(params, 9, 0));
        tap_ok(reading.faults == 0 && reading.pairs == 2 && reading.records == rows[i].records,
               "pairs of %lu and %lu bytes: %d records with the empty one, none splits a pair", (unsigned long)rows[i].first,
               (unsigned long)rows[i].second, rows[i].records);
    }
}

static void test_growth(void)
{
    fct_params_t *params = fct_params_create(1, 10000000, pool);
    fct_bytes_t name, value;
    apr_size_t cookie = 0;
    reading_t reading;
    int i, wrong = 0;

    for (i = 0; i < 3000; i++) {
        fct_bytes_t piece = run_of((char)('a' + i % 26), (apr_size_t)(i % 300));

        wrong += fct_params_add(params, run_of((char)('A' + i % 26), (apr_size_t)(i % 130 + 1)), &piece, 1) != FCT_PARAMS_OK;
    }
    tap_is_int(wrong, 0, "3000 pairs are added, the buffer grows from one byte");
    for (i = 0; fct_params_next(params, &cookie, &name, &value); i++) {
        wrong += name.len != (apr_size_t)(i % 130 + 1) || value.len != (apr_size_t)(i % 300) || name.at[0] != 'A' + i % 26 ||
                 (value.len && value.at[value.len - 1] != 'a' + i % 26);
    }
    tap_is_int(i, 3000, "walking them finds each");
    tap_is_int(wrong, 0, "in their order, with their bytes, over the ends of records");
    reading = read_sealed(fct_params_seal(params, 9, 0));
    tap_ok(reading.faults == 0 && reading.pairs == 3000 && reading.records > 9, "they go out in %d records, whole",
           reading.records);
    cookie = 0;
    for (i = 0; fct_params_next(params, &cookie, &name, &value); i++) {
    }
    tap_is_int(i, 3000, "they can be walked after sealing too");
}

static void test_walk_of_nothing(void)
{
    fct_params_t *params = fct_params_create(0, 10, pool);
    fct_bytes_t name, value;
    apr_size_t cookie = 0;

    tap_ok(!fct_params_next(params, &cookie, &name, &value), "there is nothing to walk where nothing was added");
}

static void add_late(void *argument)
{
    add((fct_params_t *)argument, "LATE", "1");
}

static void test_sealed(void)
{
    fct_params_t *params = fct_params_create(0, 100, pool);

    tap_ok(!aborts(add_late, params), "before sealing a pair can be added");
    fct_params_seal(params, 1, 0);
    tap_ok(aborts(add_late, params), "after sealing it aborts");
}

int main(void)
{
    pool = tap_begin();
    test_golden();
    test_lengths();
    test_pair_limit();
    test_total_limit();
    test_records();
    test_growth();
    test_walk_of_nothing();
    test_sealed();
    return tap_end();
}
