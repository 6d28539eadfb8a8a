/* Foreign bytes made fit for one line of a log or a terminal. */
#ifndef FCT_ESCAPE_H
#define FCT_ESCAPE_H

#include "bytes.h"

#define FCT_ESCAPE_MAX 4      /* characters that one byte can become */

/* Writes `byte` to out: printable ASCII as it is, anything else as <0A>, <1B>, <C3> (less's notation: a backslash would be
 * doubled by httpd's own escaping, and file names and classes would become unreadable). Returns 1 or FCT_ESCAPE_MAX. */
apr_size_t fct_escape_byte(char out[FCT_ESCAPE_MAX], unsigned char byte);

/* A NUL-terminated escaped copy in p of at most the first max bytes; "..." follows where more were there. Never NULL. */
char *fct_escape_copy(fct_bytes_t bytes, apr_size_t max, apr_pool_t *p);

#endif
