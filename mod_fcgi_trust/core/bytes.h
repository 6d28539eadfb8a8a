/* Bytes and the cursor over them: the only way foreign bytes are read. */
#ifndef FCT_BYTES_H
#define FCT_BYTES_H

#include <apr.h>
#include <apr_pools.h>
#include <string.h>

/* A run of bytes that somebody else owns. `at` == NULL means absent, which is not the same as empty. */
typedef struct fct_bytes_t {
    const char *at;
    apr_size_t len;
} fct_bytes_t;

#define FCT_BYTES_ABSENT ((fct_bytes_t){ NULL, 0 })
#define FCT_BYTES_LITERAL(s) ((fct_bytes_t){ (s), sizeof(s) - 1 })

static inline fct_bytes_t fct_bytes_make(const char *at, apr_size_t len)
{
    return (fct_bytes_t){ at, len };
}

/* The bytes of a C string without its NUL; absent for NULL. */
static inline fct_bytes_t fct_bytes_of(const char *s)
{
    return (fct_bytes_t){ s, s ? strlen(s) : 0 };
}

static inline int fct_bytes_is_absent(fct_bytes_t b)
{
    return b.at == NULL;
}

static inline int fct_bytes_is_empty(fct_bytes_t b)
{
    return b.len == 0;
}

static inline int fct_bytes_equal(fct_bytes_t a, fct_bytes_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* ASCII only: a locale never changes what two names mean. */
static inline unsigned char fct_bytes_lower(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') ? (unsigned char)(c | 0x20) : c;
}

static inline int fct_bytes_equal_nocase(fct_bytes_t a, fct_bytes_t b)
{
    apr_size_t i;

    if (a.len != b.len) {
        return 0;
    }
    for (i = 0; i < a.len; i++) {
        if (a.at[i] != b.at[i] && fct_bytes_lower((unsigned char)a.at[i]) != fct_bytes_lower((unsigned char)b.at[i])) {
            return 0;
        }
    }
    return 1;
}

static inline int fct_bytes_starts_with(fct_bytes_t b, fct_bytes_t prefix)
{
    return b.len >= prefix.len && (prefix.len == 0 || memcmp(b.at, prefix.at, prefix.len) == 0);
}

/* What follows the first n bytes; n must not exceed b.len. */
static inline fct_bytes_t fct_bytes_from(fct_bytes_t b, apr_size_t n)
{
    return (fct_bytes_t){ b.at + n, b.len - n };
}

/* A NUL-terminated copy in p; NULL when absent. */
static inline char *fct_bytes_string(fct_bytes_t b, apr_pool_t *p)
{
    char *s;

    if (fct_bytes_is_absent(b)) {
        return NULL;
    }
    s = (char *)apr_palloc(p, b.len + 1);
    if (b.len) {
        memcpy(s, b.at, b.len);
    }
    s[b.len] = '\0';
    return s;
}

#endif
