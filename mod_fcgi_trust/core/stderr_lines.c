/* FCGI_STDERR as lines of a log: bytes in whatever pieces they come, out one escaped, capped line at a time. */
#include "stderr_lines.h"

#include "escape.h"

struct fct_stderr_lines_t {
    apr_pool_t *pool;
    fct_stderr_sink_t *sink;
    void *context;
    char *line;              /* max_line + 1 characters, once there was a byte */
    apr_size_t used;
    apr_size_t max_line;
    apr_size_t left;         /* bytes that are still taken */
    apr_uint64_t dropped;
    int has_cr;              /* a CR is held back: part of a line end if LF follows, else a byte like any other */
};

fct_stderr_lines_t *fct_stderr_lines_create(apr_size_t max_line, apr_size_t max_total, fct_stderr_sink_t *sink, void *context,
                                            apr_pool_t *p)
{
    fct_stderr_lines_t *lines = (fct_stderr_lines_t *)apr_pcalloc(p, sizeof(*lines));

    lines->pool = p;
    lines->sink = sink;
    lines->context = context;
    lines->max_line = max_line < FCT_ESCAPE_MAX ? FCT_ESCAPE_MAX : max_line;
    lines->left = max_total;
    return lines;
}

static void emit(fct_stderr_lines_t *lines)
{
    if (lines->used > 0) {
        lines->line[lines->used] = '\0';
        lines->sink(lines->context, lines->line);
        lines->used = 0;
    }
}

static void put(fct_stderr_lines_t *lines, unsigned char byte)
{
    char escaped[FCT_ESCAPE_MAX];
    apr_size_t n = fct_escape_byte(escaped, byte);

    if (lines->used + n > lines->max_line) {
        emit(lines);
    }
    memcpy(lines->line + lines->used, escaped, n);
    lines->used += n;
}

static void put_held_cr(fct_stderr_lines_t *lines)
{
    if (lines->has_cr) {
        lines->has_cr = 0;
        put(lines, '\r');
    }
}

static void take(fct_stderr_lines_t *lines, unsigned char byte)
{
    if (byte == '\n') {
        lines->has_cr = 0;
        emit(lines);
        return;
    }
    put_held_cr(lines);
    if (byte == '\r') {
        lines->has_cr = 1;
        return;
    }
    put(lines, byte);
}

void fct_stderr_lines_add(fct_stderr_lines_t *lines, fct_bytes_t bytes)
{
    apr_size_t i, taken = bytes.len < lines->left ? bytes.len : lines->left;

    if (taken > 0 && lines->line == NULL) {
        lines->line = (char *)apr_palloc(lines->pool, lines->max_line + 1);
    }
    for (i = 0; i < taken; i++) {
        take(lines, (unsigned char)bytes.at[i]);
    }
    lines->left -= taken;
    lines->dropped += bytes.len - taken;
}

void fct_stderr_lines_flush(fct_stderr_lines_t *lines)
{
    put_held_cr(lines);
    emit(lines);
}

apr_uint64_t fct_stderr_lines_dropped(const fct_stderr_lines_t *lines)
{
    return lines->dropped;
}
