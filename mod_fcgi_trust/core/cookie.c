/* The pairs of a Cookie field (RFC 6265 §4.2). */
#include "cookie.h"

#include "name.h"

static fct_bytes_t trim(fct_bytes_t b)
{
    while (b.len > 0 && (b.at[0] == ' ' || b.at[0] == '\t')) {
        b = fct_bytes_from(b, 1);
    }
    while (b.len > 0 && (b.at[b.len - 1] == ' ' || b.at[b.len - 1] == '\t')) {
        b.len--;
    }
    return b;
}

/* Everything up to the next ';', which is consumed. */
static fct_bytes_t take_pair(fct_bytes_t *rest)
{
    const char *end = memchr(rest->at, ';', rest->len);
    apr_size_t len = end ? (apr_size_t)(end - rest->at) : rest->len;
    fct_bytes_t pair = fct_bytes_make(rest->at, len);

    *rest = fct_bytes_from(*rest, end ? len + 1 : len);
    return trim(pair);
}

int fct_cookie_next(fct_bytes_t *rest, fct_cookie_t *cookie)
{
    while (rest->len > 0) {
        fct_bytes_t pair = take_pair(rest);
        const char *equals = pair.len ? memchr(pair.at, '=', pair.len) : NULL;
        apr_size_t len = equals ? (apr_size_t)(equals - pair.at) : pair.len;

        if (pair.len == 0) {
            continue;
        }
        cookie->pair = pair;
        cookie->name = fct_bytes_make(pair.at, len);
        cookie->value = equals ? fct_bytes_from(pair, len + 1) : FCT_BYTES_ABSENT;
        cookie->is_valid = equals != NULL && fct_name_is_token(cookie->name);
        return 1;
    }
    return 0;
}

fct_cookie_found_t fct_cookie_find(fct_bytes_t field, fct_bytes_t name, fct_bytes_t *value)
{
    fct_cookie_found_t found = FCT_COOKIE_NONE;
    fct_cookie_t cookie;

    while (fct_cookie_next(&field, &cookie)) {
        if (!cookie.is_valid || !fct_bytes_equal(cookie.name, name)) {
            continue;
        }
        if (found == FCT_COOKIE_ONE && !fct_bytes_equal(*value, cookie.value)) {
            return FCT_COOKIE_AMBIGUOUS;
        }
        *value = cookie.value;
        found = FCT_COOKIE_ONE;
    }
    return found;
}
