/* FCGI_STDERR as lines of a log: bytes in whatever pieces they come, out one escaped, capped line at a time. */
#ifndef FCT_STDERR_LINES_H
#define FCT_STDERR_LINES_H

#include "bytes.h"

typedef struct fct_stderr_lines_t fct_stderr_lines_t;

/* Takes one line: `line` is escaped (escape.h), NUL-terminated, never empty, and valid only during the call. */
typedef void fct_stderr_sink_t(void *context, const char *line);

/* An assembler that allocates its one line buffer in p with the first byte.
 *   max_line   characters of a line once escaped, at least FCT_ESCAPE_MAX; a longer line comes as several
 *   max_total  bytes of STDERR that are taken; the rest is counted and dropped */
fct_stderr_lines_t *fct_stderr_lines_create(apr_size_t max_line, apr_size_t max_total, fct_stderr_sink_t *sink, void *context,
                                            apr_pool_t *p);

/* Takes bytes; calls the sink for every line they complete. A line ends with LF or CR LF; empty lines are left out. */
void fct_stderr_lines_add(fct_stderr_lines_t *lines, fct_bytes_t bytes);

/* The stream ended, or the request did: what is left is a line too. */
void fct_stderr_lines_flush(fct_stderr_lines_t *lines);

/* How many bytes were dropped because of max_total. */
apr_uint64_t fct_stderr_lines_dropped(const fct_stderr_lines_t *lines);

#endif
