/* Names: how they fold, which bytes they may have, and patterns that end with "*". */
#ifndef FCT_NAME_H
#define FCT_NAME_H

#include "bytes.h"
#include "octet.h"

/* What two names that an application may take for one have in common: [A-Z0-9_], every other byte is '_'. */
static inline unsigned char fct_name_fold_byte(unsigned char c)
{
    return (unsigned char)fct_octet_folded[c];
}

/* A hash over folded bytes (FNV-1a), so that it can be had for every prefix of a name in one pass. */
#define FCT_NAME_HASH_START 2166136261u

static inline apr_uint32_t fct_name_hash_byte(apr_uint32_t hash, unsigned char c)
{
    return (hash ^ fct_name_fold_byte(c)) * 16777619u;
}

apr_uint32_t fct_name_hash(fct_bytes_t name);

/* RFC 9110 §5.6.2: one or more tchar. */
int fct_name_is_token(fct_bytes_t name);

/* POLICY 2: [A-Za-z][A-Za-z0-9_-]* */
int fct_name_is_param(fct_bytes_t name);

/* Folding would not change it. */
int fct_name_is_folded(fct_bytes_t name);

int fct_name_folds_equal(fct_bytes_t a, fct_bytes_t b);

/* The folded name, NUL-terminated, in p. */
fct_bytes_t fct_name_fold(fct_bytes_t name, apr_pool_t *p);

/* `folded` is what the pattern says: the same, or, where the pattern ends with '*', the same up to there. */
int fct_name_matches(fct_bytes_t folded, const char *pattern);

#endif
