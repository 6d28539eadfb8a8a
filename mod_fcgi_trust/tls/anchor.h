/* A PEM file → the certificates of CAs in it. */
#ifndef FCT_ANCHOR_H
#define FCT_ANCHOR_H

#include "crypto.h"

#define FCT_ANCHOR_MAX_BYTES (1024 * 1024)

/* As fct_crypto_t.read_authorities says. */
apr_array_header_t *fct_anchor_read(const char *path, const char *name, int max, fct_place_t place, fct_findings_t *findings,
                                    apr_pool_t *p);

#endif
