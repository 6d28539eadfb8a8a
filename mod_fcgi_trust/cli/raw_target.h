/* What httpd makes of a raw request's target and Host before any module maps it: path, query, authority, host. */
#ifndef FCT_RAW_TARGET_H
#define FCT_RAW_TARGET_H

#include "raw_request.h"

/* AllowEncodedSlashes */
typedef enum fct_raw_slashes_t {
    FCT_RAW_SLASHES_OFF,             /* %2F in a path is answered with 404 */
    FCT_RAW_SLASHES_ON,              /* it is decoded */
    FCT_RAW_SLASHES_NODECODE         /* it stays as it is */
} fct_raw_slashes_t;

typedef struct fct_raw_target_t {
    const char *path;                /* decoded once, normalised */
    const char *raw_path;            /* as received, up to the query */
    const char *query;               /* NULL: none */
    const char *scheme;              /* of an absolute target; NULL: it has none */
    const char *authority;           /* of an absolute target, else Host; NULL: none was sent */
    const char *host;                /* that name without port, in lower case; NULL: none */
    const char *replaced_host;       /* what httpd puts in the place of Host, since the target says it; NULL: nothing */
} fct_raw_target_t;

/* Resolves the target. server_scheme: "http" or "https", what the server speaks. Returns 1; 0 and *refusal where httpd answers itself.
 * Strings live in p. RFC 9112 §3.2, RFC 3986 §5.2.4, §6.2.2. */
int fct_raw_target_resolve(const fct_raw_request_t *request, const char *server_scheme, fct_raw_slashes_t slashes,
                           fct_raw_target_t *target, fct_raw_refusal_t *refusal, apr_pool_t *p);

/* Normalises a path in place as httpd does: no "." and ".." segments, no empty ones; decodes once what a path may have encoded. Returns
 * httpd's status: 0, 400 (an encoding that is none, a way out of the root) or 404 (%00, or %2F with FCT_RAW_SLASHES_OFF). */
int fct_raw_target_normalise(char *path, fct_raw_slashes_t slashes);

#endif
