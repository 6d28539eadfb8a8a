/* The beginning of a request body that is too large for memory: written once, read as often as needed. */
#ifndef FCT_SPOOL_H
#define FCT_SPOOL_H

#include <apr_buckets.h>

#include "mod_fcgi_trust.h"

typedef struct fct_spool_t fct_spool_t;

/* Opens a temporary file that nobody else can open; it is gone with the request, or with this process. NULL: it could not be, which was
 * logged. */
fct_spool_t *fct_spool_open(request_rec *r);

/* Appends all of bb, which is empty afterwards. 0: it could not be written, which was logged. */
int fct_spool_write(fct_spool_t *spool, apr_bucket_brigade *bb);

/* Bytes written; of NULL: 0. */
apr_off_t fct_spool_size(const fct_spool_t *spool);

/* The next read begins with the first byte. */
void fct_spool_rewind(fct_spool_t *spool);

/* Everything was read; true of NULL. */
int fct_spool_is_at_end(const fct_spool_t *spool);

/* The next bytes, at most max, as a bucket of their own. NULL: they could not be read, which was logged. */
apr_bucket *fct_spool_read(fct_spool_t *spool, apr_size_t max);

#endif
