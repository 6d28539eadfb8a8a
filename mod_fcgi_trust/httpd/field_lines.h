/* The lines of an HTTP/1 header as they came, before httpd joins repeated fields into one (RFC 9110 §5.3) and nothing tells any more. */
#ifndef FCT_FIELD_LINES_H
#define FCT_FIELD_LINES_H

#include "mod_fcgi_trust.h"

/* One line whose name an earlier line had, too. */
typedef struct fct_repeated_line_t {
    const char *name;
    const char *value;               /* without surrounding blanks */
} fct_repeated_line_t;

typedef struct fct_field_lines_t fct_field_lines_t;

/* Registers the input filter that looks on while httpd reads a header; it leaves with the header's last line. */
void fct_field_lines_register_hooks(void);

/* Looks on at the header that is about to be read for r (pre_read_request). NULL on HTTP/2, whose streams bring fields, not lines. */
fct_field_lines_t *fct_field_lines_watch(request_rec *r);

/* What was seen at its end, for another request: lives in p. */
const fct_field_lines_t *fct_field_lines_copy(const fct_field_lines_t *lines, apr_pool_t *p);

/* The value of the i-th further line (from 0) of this name, in the order they came; NULL: there was none. */
const char *fct_field_lines_further(const fct_field_lines_t *lines, const char *name, int i);

#endif
