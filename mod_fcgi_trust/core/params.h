/* FCGI_PARAMS: name-value pairs encoded once, straight into the records that go out. */
#ifndef FCT_PARAMS_H
#define FCT_PARAMS_H

#include "bytes.h"
#include "record.h"

typedef struct fct_params_t fct_params_t;

typedef enum fct_params_status_t {
    FCT_PARAMS_OK,
    FCT_PARAMS_PAIR_TOO_LARGE,   /* a pair that does not fit into one record: nothing was added */
    FCT_PARAMS_TOO_LARGE         /* all pairs together exceed the limit given at creation: nothing was added */
} fct_params_status_t;

/* The finding of a status that is not OK. */
fct_finding_id_t fct_params_finding(fct_params_status_t status);

/* An empty list. Grows in p; `expected` is a hint in bytes, `limit` caps fct_params_size. */
fct_params_t *fct_params_create(apr_size_t expected, apr_size_t limit, apr_pool_t *p);

/* A pair of these lengths fits into one record. */
int fct_params_fits(apr_size_t name, apr_size_t value);

/* Appends one pair whose value is the concatenation of n pieces (n may be 0: an empty value). A pair is never split over
 * two records (PHP-FPM resets such a connection): a new record begins where it would not fit. FastCGI 1.0 §3.4. */
fct_params_status_t fct_params_add(fct_params_t *params, fct_bytes_t name, const fct_bytes_t *pieces, apr_size_t n);

/* The finished bytes: BEGIN_REQUEST, the PARAMS records, the empty PARAMS record. May be called again with another id or
 * keep_conn (a second attempt): the record headers are written anew, in place; the pairs are not copied. After it nothing can
 * be added (an attempt aborts the process: a caller's defect). Owned by params. */
fct_bytes_t fct_params_seal(fct_params_t *params, unsigned request_id, int keep_conn);

/* Walks the pairs in their order, for logs and tests: *cookie starts at 0; returns 0 at the end, else 1 with name and value
 * pointing into params (until the next add). */
int fct_params_next(const fct_params_t *params, apr_size_t *cookie, fct_bytes_t *name, fct_bytes_t *value);

/* Bytes of the pairs encoded so far, each with its two lengths; record headers are not counted. */
apr_size_t fct_params_size(const fct_params_t *params);

#endif
