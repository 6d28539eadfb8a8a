/* What a decoder reported, as text, so that two runs over differently cut input can be compared. Data of one kind that comes in
 * pieces is one run: the text does not show where the input was cut. */
#ifndef TRACE_H
#define TRACE_H

#include <apr_pools.h>
#include <apr_strings.h>
#include <string.h>

typedef struct trace_t {
    apr_pool_t *pool;
    char *text;
    size_t used, room;
    const char *run;           /* the kind of data at the end of the text; NULL: none */
} trace_t;

static inline void trace_begin(trace_t *trace, apr_pool_t *p)
{
    memset(trace, 0, sizeof(*trace));
    trace->pool = p;
    trace->room = 256;
    trace->text = (char *)apr_pcalloc(p, trace->room);
}

static inline void trace_put(trace_t *trace, const char *at, size_t len)
{
    char *old = trace->text;

    if (trace->used + len + 1 > trace->room) {
        trace->room = 2 * (trace->used + len + 1);
        trace->text = (char *)apr_palloc(trace->pool, trace->room);
        memcpy(trace->text, old, trace->used);
    }
    if (len) {
        memcpy(trace->text + trace->used, at, len);
    }
    trace->used += len;
    trace->text[trace->used] = '\0';
}

/* A happening: " word". */
static inline void trace_event(trace_t *trace, const char *word)
{
    trace_put(trace, " ", 1);
    trace_put(trace, word, strlen(word));
    trace->run = NULL;
}

/* Data of a kind: " kind:bytes"; what follows of the same kind continues it. */
static inline void trace_data(trace_t *trace, const char *kind, const char *at, size_t len)
{
    if (trace->run == NULL || strcmp(trace->run, kind) != 0) {
        trace_event(trace, kind);
        trace_put(trace, ":", 1);
        trace->run = kind;
    }
    trace_put(trace, at, len);
}

static inline int trace_equal(const trace_t *a, const trace_t *b)
{
    return a->used == b->used && memcmp(a->text, b->text, a->used) == 0;
}

#endif
