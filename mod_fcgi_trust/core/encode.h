/* encode="…" (POLICY 3): bytes as text that any header or parameter can carry. */
#ifndef FCT_ENCODE_H
#define FCT_ENCODE_H

#include "bytes.h"

typedef enum fct_encode_kind_t {
    FCT_ENCODE_NONE,
    FCT_ENCODE_BASE64,           /* RFC 4648 §4, padded */
    FCT_ENCODE_BASE64URL,        /* RFC 4648 §5, not padded */
    FCT_ENCODE_PERCENT           /* RFC 3986 §2.1, all but unreserved */
} fct_encode_kind_t;

/* The kind that encode="…" names; NONE for NULL. */
fct_encode_kind_t fct_encode_parse(const char *text);

const char *fct_encode_name(fct_encode_kind_t kind);

/* The encoded bytes, in p. */
fct_bytes_t fct_encode_apply(fct_encode_kind_t kind, fct_bytes_t value, apr_pool_t *p);

#endif
