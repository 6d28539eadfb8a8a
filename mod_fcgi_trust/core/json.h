/* JSON (RFC 8259) written member by member into one run of bytes: never invalid, whatever bytes the values have. */
#ifndef FCT_JSON_H
#define FCT_JSON_H

#include <apr_time.h>

#include "bytes.h"

#define FCT_JSON_DIGITS 20               /* of the largest 64-bit number */

/* Keys are written as they are: they must be literals of this program without characters that need escaping. NULL: an element of
 * an array, or the whole. */
typedef struct fct_json_t {
    apr_pool_t *pool;
    char *at;                        /* not NUL-terminated */
    apr_size_t len;
    apr_size_t room;
    int needs_comma;
} fct_json_t;

/* An empty text that grows in p; `expected` is a hint in bytes. */
void fct_json_init(fct_json_t *json, apr_size_t expected, apr_pool_t *p);

/* An empty text that begins in the caller's `room` bytes and moves to p when they do not suffice. */
void fct_json_init_in(fct_json_t *json, char *at, apr_size_t room, apr_pool_t *p);

void fct_json_begin_object(fct_json_t *json, const char *key);
void fct_json_end_object(fct_json_t *json);
void fct_json_begin_array(fct_json_t *json, const char *key);
void fct_json_end_array(fct_json_t *json);

/* The key of the member that comes next (with NULL for its key), whatever bytes it has. */
void fct_json_key(fct_json_t *json, fct_bytes_t key);

/* A string; absent bytes: null. Bytes that are no UTF-8 become U+FFFD each, control characters (C0, DEL, C1) are escaped. */
void fct_json_string(fct_json_t *json, const char *key, fct_bytes_t value);
void fct_json_text(fct_json_t *json, const char *key, const char *value);

/* "text:number", as places in files are written. */
void fct_json_place(fct_json_t *json, const char *key, const char *text, int number);

void fct_json_integer(fct_json_t *json, const char *key, apr_int64_t value);

/* Microseconds as seconds with six decimals. */
void fct_json_seconds(fct_json_t *json, const char *key, apr_int64_t microseconds);

/* RFC 3339, with six decimals; `at` in UTC. */
void fct_json_time(fct_json_t *json, const char *key, const apr_time_exp_t *at);

void fct_json_boolean(fct_json_t *json, const char *key, int value);

/* What fct_json_* made before, as it is. */
void fct_json_raw(fct_json_t *json, const char *key, fct_bytes_t made);

/* Where the caller writes a value itself, at most `most` bytes, the key included where the value is a member; fct_json_end_raw says where they
 * end. What is written must be JSON. */
char *fct_json_begin_raw(fct_json_t *json, apr_size_t most);
void fct_json_end_raw(fct_json_t *json, const char *end);

/* The decimal digits of value; where they end. `to` has room for FCT_JSON_DIGITS bytes. */
char *fct_json_write_digits(char *to, apr_uint64_t value);

/* Bytes that are no part of the value: a line end, a blank between values. */
void fct_json_append(fct_json_t *json, fct_bytes_t bytes);

static inline fct_bytes_t fct_json_bytes(const fct_json_t *json)
{
    return fct_bytes_make(json->at, json->len);
}

#endif
