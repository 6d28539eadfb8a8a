/* The pairs of a Cookie field (RFC 6265 §4.2). */
#include "cookie.h"

#include <apr_strings.h>
#include <apr_tables.h>

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

/* --- cookies="…" --- */

/* A name, a prefix with a star, or the star alone, which is every name; "!" excludes, and does not exclude them all. */
static int parse_pattern(const char *word, fct_cookie_pattern_t *pattern)
{
    pattern->excludes = word[0] == '!';
    pattern->name = fct_bytes_of(word + pattern->excludes);
    pattern->is_prefix = pattern->name.len > 0 && pattern->name.at[pattern->name.len - 1] == '*';
    pattern->name.len -= (apr_size_t)pattern->is_prefix;
    if (pattern->is_prefix && pattern->name.len == 0) {
        return !pattern->excludes;
    }
    return fct_name_is_token(pattern->name) && !memchr(pattern->name.at, '*', pattern->name.len);
}

const fct_cookie_filter_t *fct_cookie_filter_parse(const char *text, apr_pool_t *p)
{
    apr_array_header_t *patterns = apr_array_make(p, 4, sizeof(fct_cookie_pattern_t));
    fct_cookie_filter_t *filter = apr_palloc(p, sizeof(*filter));
    char *state = NULL;
    char *word = apr_strtok(apr_pstrdup(p, text), " \t\r\n", &state);
    int admits = 0;

    for (; word; word = apr_strtok(NULL, " \t\r\n", &state)) {
        fct_cookie_pattern_t *pattern = apr_array_push(patterns);

        if (!parse_pattern(word, pattern)) {
            return NULL;
        }
        admits += !pattern->excludes;
    }
    filter->patterns = (const fct_cookie_pattern_t *)patterns->elts;
    filter->n = (apr_size_t)patterns->nelts;
    return admits ? filter : NULL;
}

static int does_match(const fct_cookie_pattern_t *pattern, fct_bytes_t name)
{
    return pattern->is_prefix ? fct_bytes_starts_with(name, pattern->name) : fct_bytes_equal(name, pattern->name);
}

int fct_cookie_filter_passes(const fct_cookie_filter_t *filter, fct_bytes_t name)
{
    int passes = 0;
    apr_size_t i;

    for (i = 0; i < filter->n; i++) {
        const fct_cookie_pattern_t *pattern = &filter->patterns[i];
        int matches = does_match(pattern, name);

        if (matches && pattern->excludes) {
            return 0;
        }
        if (!matches && !pattern->excludes && !pattern->is_prefix && fct_name_folds_equal(pattern->name, name)) {
            return 0;
        }
        passes |= matches;
    }
    return passes;
}
