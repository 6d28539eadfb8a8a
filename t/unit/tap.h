/* TAP for unit tests: tap_begin(), assertions whose text is a sentence that is true when they pass, return tap_end(). */
#ifndef TAP_H
#define TAP_H

#include <apr_general.h>
#include <apr_pools.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAP_FORMAT(n) __attribute__((format(printf, n, n + 1)))

static struct {
    int count, failed;
    apr_pool_t *pool;
} tap;

/* Starts APR; returns a pool that lives until tap_end. */
static inline apr_pool_t *tap_begin(void)
{
    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&tap.pool, NULL) != APR_SUCCESS) {
        printf("Bail out! APR does not start\n");
        exit(2);
    }
    return tap.pool;
}

/* Prints the plan; returns main's exit code. No assertion at all is a failure. */
static inline int tap_end(void)
{
    printf("1..%d\n", tap.count);
    apr_pool_destroy(tap.pool);
    apr_terminate();
    return tap.failed > 0 || tap.count == 0;
}

static inline void tap_diag(const char *fmt, ...) TAP_FORMAT(1);
static inline void tap_diag(const char *fmt, ...)
{
    va_list args;

    printf("# ");
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    printf("\n");
}

static inline int tap_say(int passed, const char *fmt, va_list args) __attribute__((format(printf, 2, 0)));
static inline int tap_say(int passed, const char *fmt, va_list args)
{
    printf("%s %d - ", passed ? "ok" : "not ok", ++tap.count);
    vprintf(fmt, args);
    printf("\n");
    tap.failed += !passed;
    return passed;
}

/* All assertions return whether they passed, so that a test can tap_diag more. */
static inline int tap_ok(int passed, const char *fmt, ...) TAP_FORMAT(2);
static inline int tap_ok(int passed, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    tap_say(passed, fmt, args);
    va_end(args);
    return passed;
}

static inline int tap_is_int(long long got, long long expected, const char *fmt, ...) TAP_FORMAT(3);
static inline int tap_is_int(long long got, long long expected, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    tap_say(got == expected, fmt, args);
    va_end(args);
    if (got != expected) {
        tap_diag("got %lld, expected %lld", got, expected);
    }
    return got == expected;
}

static inline void tap_show(const char *what, const char *at, size_t len)
{
    size_t i;

    if (at == NULL) {
        tap_diag("%s NULL", what);
        return;
    }
    printf("# %s %lu bytes \"", what, (unsigned long)len);
    for (i = 0; i < len && i < 512; i++) {
        unsigned char c = (unsigned char)at[i];

        if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
            putchar(c);
        }
        else {
            printf("\\x%02x", c);
        }
    }
    printf("\"\n");
}

/* Bytes; NULL is equal to NULL only. */
static inline int tap_is_mem(const char *got, size_t got_len, const char *expected, size_t expected_len, const char *fmt, ...)
    TAP_FORMAT(5);
static inline int tap_is_mem(const char *got, size_t got_len, const char *expected, size_t expected_len, const char *fmt, ...)
{
    int same = (got == NULL) == (expected == NULL) && got_len == expected_len &&
               (got_len == 0 || memcmp(got, expected, got_len) == 0);
    va_list args;

    va_start(args, fmt);
    tap_say(same, fmt, args);
    va_end(args);
    if (!same) {
        tap_show("got     ", got, got_len);
        tap_show("expected", expected, expected_len);
    }
    return same;
}

/* Strings; NULL is equal to NULL only. */
#define tap_is_str(got, expected, ...) \
    tap_is_mem((got), tap_length(got), (expected), tap_length(expected), __VA_ARGS__)

static inline size_t tap_length(const char *s)
{
    return s ? strlen(s) : 0;
}

/* True where `part` stands in `whole`. */
static inline int tap_has(const char *whole, const char *part, const char *fmt, ...) TAP_FORMAT(3);
static inline int tap_has(const char *whole, const char *part, const char *fmt, ...)
{
    int found = whole != NULL && strstr(whole, part) != NULL;
    va_list args;

    va_start(args, fmt);
    tap_say(found, fmt, args);
    va_end(args);
    if (!found) {
        tap_diag("'%s' does not stand in: %s", part, whole ? whole : "(NULL)");
    }
    return found;
}

#endif
