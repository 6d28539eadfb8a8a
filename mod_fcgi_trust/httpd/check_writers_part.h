/* What check_writers*.c share: who writes what, as far as the configuration shows. For these files alone. */
#ifndef FCT_CHECK_WRITERS_PART_H
#define FCT_CHECK_WRITERS_PART_H

#include "check_writers.h"

#define FCT_WRITERS_ANY_NAME "*"

typedef enum fct_share_t {
    FCT_SHARE_NONE,               /* the configuration alone says what is written, and when */
    FCT_SHARE_ALL,                /* the client's request does */
    FCT_SHARE_OF_ENTRY            /* as far as it does for the environment entry of this name */
} fct_share_t;

typedef struct fct_writer_t {
    fct_written_t written;
    const char *name;             /* perhaps with a final '*'; FCT_WRITERS_ANY_NAME: not known */
    fct_share_t share;
    const char *entry;
    const ap_directive_t *directive;
} fct_writer_t;

struct fct_writers_t {
    apr_array_header_t *all;      /* of fct_writer_t */
    const ap_directive_t *condition;      /* a RewriteCond about the client's request, until its RewriteRule */
    const ap_directive_t *fork;           /* a RewriteRule under such a condition that decides whether those behind it are asked */
    apr_pool_t *p;
};

/* Adds one writer. Where it stands in an <If> on what the client sends, all of it is the client's. */
void fct_check_writers_add(fct_writers_t *writers, fct_written_t written, const char *name, fct_share_t share, const char *entry,
                           const ap_directive_t *directive);

/* check_writers_rewrite.c: the directives of mod_rewrite. */
void fct_check_writers_add_rewrite_engine(fct_writers_t *writers, const ap_directive_t *d);
void fct_check_writers_keep_rewrite_condition(fct_writers_t *writers, const ap_directive_t *d);
void fct_check_writers_add_rewrite_rule(fct_writers_t *writers, const ap_directive_t *d);

/* check_writers_headers.c: RequestHeader and AuthBasicFake. */
void fct_check_writers_add_request_header(fct_writers_t *writers, const ap_directive_t *d);
void fct_check_writers_add_fake(fct_writers_t *writers, const ap_directive_t *d);

#endif
