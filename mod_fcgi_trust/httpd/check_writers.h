/* Directives by which a client writes environment entries and request fields: they copy what it sent, or set something because of it. */
#ifndef FCT_CHECK_WRITERS_H
#define FCT_CHECK_WRITERS_H

#include "mod_fcgi_trust.h"

typedef enum fct_written_t {
    FCT_WRITTEN_ENV,              /* env.NAME */
    FCT_WRITTEN_HEADER            /* set-header.NAME */
} fct_written_t;

typedef struct fct_writers_t fct_writers_t;

/* Gathers them from the parsed configuration. */
const fct_writers_t *fct_check_writers_gather(apr_pool_t *p);

/* A directive in scope of the slot by which a client writes this name; NULL: none that can be seen. */
const ap_directive_t *fct_check_writers_find(const fct_writers_t *writers, fct_written_t written, fct_bytes_t name,
                                             const fct_policy_slot_t *slot);

#endif
