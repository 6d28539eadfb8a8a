/* Lists of words in one attribute, as a text that does not depend on how they were ordered. */
#ifndef FCT_WORDS_H
#define FCT_WORDS_H

#include <apr_tables.h>

#include "bytes.h"

/* Sorts an array of const char * and drops what stands there twice. */
void fct_words_sort(apr_array_header_t *words);

/* The words with `separator` between them, in p. */
const char *fct_words_join(const apr_array_header_t *words, const char *separator, apr_pool_t *p);

/* The words of a text with blanks between them, sorted, with one blank between them. NULL for NULL. In p. */
const char *fct_words_normal(const char *text, apr_pool_t *p);

#endif
