/* A file that a command reads whole. */
#ifndef FCT_TEXT_FILE_H
#define FCT_TEXT_FILE_H

#include "bytes.h"

#define FCT_TEXT_FILE_MAX (64 * 1024 * 1024)

/* Reads all of it; "-" is standard input. NULL and *text in p, or why not. */
const char *fct_text_file_read(const char *path, fct_bytes_t *text, apr_pool_t *p);

#endif
