/* What somebody who wrote a word that is none probably meant. */
#ifndef FCT_NEAREST_H
#define FCT_NEAREST_H

#include <apr_tables.h>

#include "bytes.h"

/* Of an array of const char * the word that the text comes nearest to, by the bytes that must be changed, without regard to case; NULL
 * where a third of it would have to change. */
const char *fct_nearest_word(fct_bytes_t text, const apr_array_header_t *words);

#endif
