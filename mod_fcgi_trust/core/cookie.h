/* The pairs of a Cookie field (RFC 6265 §4.2). */
#ifndef FCT_COOKIE_H
#define FCT_COOKIE_H

#include "bytes.h"

typedef struct fct_cookie_t {
    fct_bytes_t name;
    fct_bytes_t value;
    fct_bytes_t pair;            /* name=value, as received, without blanks around it */
    int is_valid;                /* the name is a token and an '=' follows it */
} fct_cookie_t;

/* Takes the next pair off the front of *rest; empty ones are skipped. Returns 0 at the end. */
int fct_cookie_next(fct_bytes_t *rest, fct_cookie_t *cookie);

typedef enum fct_cookie_found_t {
    FCT_COOKIE_NONE,
    FCT_COOKIE_ONE,              /* once, or several times with one value */
    FCT_COOKIE_AMBIGUOUS         /* several times with different values: which one an application takes is its own affair */
} fct_cookie_found_t;

/* Looks for a name, byte for byte. *value is set with FCT_COOKIE_ONE. */
fct_cookie_found_t fct_cookie_find(fct_bytes_t field, fct_bytes_t name, fct_bytes_t *value);

/* One word of cookies="…": a whole name, or the beginning of names. */
typedef struct fct_cookie_pattern_t {
    fct_bytes_t name;
    int is_prefix;
    int excludes;
} fct_cookie_pattern_t;

typedef struct fct_cookie_filter_t {
    const fct_cookie_pattern_t *patterns;
    apr_size_t n;
} fct_cookie_filter_t;

/* Parses "session wp-* !wp-admin-*". Returns NULL where a word is none, or nothing is let through. Lives in p. */
const fct_cookie_filter_t *fct_cookie_filter_parse(const char *text, apr_pool_t *p);

/* The name is let through, and is not merely taken for one that is: the filter names "session", and this is "Session". */
int fct_cookie_filter_passes(const fct_cookie_filter_t *filter, fct_bytes_t name);

#endif
