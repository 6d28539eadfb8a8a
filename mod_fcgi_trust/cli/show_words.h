/* What a policy says, in words for somebody who does not know httpd. */
#ifndef FCT_SHOW_WORDS_H
#define FCT_SHOW_WORDS_H

#include "plan.h"

/* A remark about how a value is made: words, then perhaps something to be read byte by byte, then perhaps more words. */
typedef struct fct_show_remark_t {
    const char *words;
    fct_bytes_t code;            /* absent: none */
    const char *more;            /* "": none */
} fct_show_remark_t;

/* "who logged in …" for "auth.user"; NULL for what is no source. In p. */
const char *fct_show_source_words(fct_bytes_t source, apr_pool_t *p);

/* "Is somebody else's word; …" */
const char *fct_show_class_words(fct_class_t class_);

/* One sentence for each test of a condition as it is written, "the connection is encrypted"; of const char *, in p. */
apr_array_header_t *fct_show_condition_words(const char *when, apr_pool_t *p);

/* The steps from the source to the parameter and what the result must be, in their order; of fct_show_remark_t, in p. */
apr_array_header_t *fct_show_steps(const fct_plan_param_t *param, apr_pool_t *p);

/* "64 KiB", "1000 bytes"; in p. */
const char *fct_show_size(apr_int64_t bytes, apr_pool_t *p);

#endif
