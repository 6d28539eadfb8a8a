/* FastCGI records as a backend writes them, for tests; also those it must not write. */
#ifndef WIRE_H
#define WIRE_H

#include <apr_pools.h>
#include <string.h>

#define WIRE_STDOUT 6
#define WIRE_STDERR 7
#define WIRE_END 3

typedef struct wire_t {
    apr_pool_t *pool;
    char *bytes;
    apr_size_t len, room;
} wire_t;

static inline void wire_begin(wire_t *wire, apr_pool_t *p)
{
    memset(wire, 0, sizeof(*wire));
    wire->pool = p;
}

static inline char *wire_reserve(wire_t *wire, apr_size_t more)
{
    char *old = wire->bytes;

    if (wire->len + more > wire->room) {
        wire->room = 2 * (wire->len + more);
        wire->bytes = (char *)apr_palloc(wire->pool, wire->room);
        if (wire->len) {
            memcpy(wire->bytes, old, wire->len);
        }
    }
    wire->len += more;
    return wire->bytes + wire->len - more;
}

/* One record of an id; the reserved byte and the padding are anything. */
static inline void wire_record_of(wire_t *wire, unsigned type, unsigned id, const char *content, apr_size_t len, unsigned padding)
{
    char *at = wire_reserve(wire, 8 + len + padding);

    at[0] = 1;
    at[1] = (char)type;
    at[2] = (char)(id >> 8);
    at[3] = (char)id;
    at[4] = (char)(len >> 8);
    at[5] = (char)len;
    at[6] = (char)padding;
    at[7] = 0x5A;
    memcpy(at + 8, content, len);
    memset(at + 8 + len, 0x01, padding);      /* looks like a header's first byte */
}

/* One record of id 1 without padding. */
static inline void wire_record(wire_t *wire, unsigned type, const char *content, apr_size_t len)
{
    wire_record_of(wire, type, 1, content, len, 0);
}

#define wire_stdout(wire, s) wire_record(wire, WIRE_STDOUT, s, sizeof(s) - 1)
#define wire_stderr(wire, s) wire_record(wire, WIRE_STDERR, s, sizeof(s) - 1)

/* Bytes over as many records as it takes, each of at most `most` bytes. */
static inline void wire_stdout_in(wire_t *wire, const char *content, apr_size_t len, apr_size_t most)
{
    while (len > 0) {
        apr_size_t n = len < most ? len : most;

        wire_record(wire, WIRE_STDOUT, content, n);
        content += n;
        len -= n;
    }
}

static inline void wire_end(wire_t *wire, unsigned app_status, unsigned protocol_status)
{
    char body[8] = { 0, 0, 0, 0, 0, 0, 0, 0 };

    body[0] = (char)(app_status >> 24);
    body[1] = (char)(app_status >> 16);
    body[2] = (char)(app_status >> 8);
    body[3] = (char)app_status;
    body[4] = (char)protocol_status;
    wire_record(wire, WIRE_END, body, 8);
}

#endif
