/* What a log's file ends with, asked after a writer that may not have come to its end. */
#ifndef FCT_AUDIT_TAIL_H
#define FCT_AUDIT_TAIL_H

#include <apr_portable.h>

#include "bytes.h"

/* The file has these bytes from `start` on. */
int fct_audit_tail_has(apr_os_file_t fd, apr_off_t start, fct_bytes_t bytes);

/* How many of these bytes, from their front on, the file has in one run that begins at `start` or within a megabyte after it; *is_end: the file
 * ends with them. The bytes begin with a line's time and request, so that no others begin like them. */
apr_size_t fct_audit_tail_measure(apr_os_file_t fd, apr_off_t start, fct_bytes_t bytes, int *is_end);

#endif
