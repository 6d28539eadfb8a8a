/* Names: how they fold, which bytes they may have, and patterns that end with "*". */
#include "name.h"

apr_uint32_t fct_name_hash(fct_bytes_t name)
{
    apr_uint32_t hash = FCT_NAME_HASH_START;
    apr_size_t i;

    for (i = 0; i < name.len; i++) {
        hash = fct_name_hash_byte(hash, (unsigned char)name.at[i]);
    }
    return hash;
}

static int is_alpha(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static int is_alphanumeric(unsigned char c)
{
    return is_alpha(c) || (c >= '0' && c <= '9');
}

int fct_name_is_token(fct_bytes_t name)
{
    apr_size_t i;

    for (i = 0; i < name.len; i++) {
        if (!(fct_octet_class[(unsigned char)name.at[i]] & FCT_OCTET_TOKEN)) {
            return 0;
        }
    }
    return name.len > 0;
}

int fct_name_is_param(fct_bytes_t name)
{
    apr_size_t i;

    for (i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.at[i];

        if (!is_alpha(c) && (i == 0 || (!is_alphanumeric(c) && c != '_' && c != '-'))) {
            return 0;
        }
    }
    return name.len > 0;
}

int fct_name_is_folded(fct_bytes_t name)
{
    apr_size_t i;

    for (i = 0; i < name.len; i++) {
        if (fct_name_fold_byte((unsigned char)name.at[i]) != (unsigned char)name.at[i]) {
            return 0;
        }
    }
    return 1;
}

int fct_name_folds_equal(fct_bytes_t a, fct_bytes_t b)
{
    apr_size_t i;

    if (a.len != b.len) {
        return 0;
    }
    for (i = 0; i < a.len; i++) {
        if (fct_name_fold_byte((unsigned char)a.at[i]) != fct_name_fold_byte((unsigned char)b.at[i])) {
            return 0;
        }
    }
    return 1;
}

fct_bytes_t fct_name_fold(fct_bytes_t name, apr_pool_t *p)
{
    char *folded = apr_palloc(p, name.len + 1);
    apr_size_t i;

    for (i = 0; i < name.len; i++) {
        folded[i] = (char)fct_name_fold_byte((unsigned char)name.at[i]);
    }
    folded[name.len] = '\0';
    return fct_bytes_make(folded, name.len);
}

int fct_name_matches(fct_bytes_t folded, const char *pattern)
{
    fct_bytes_t fixed = fct_bytes_of(pattern);

    if (fixed.len > 0 && fixed.at[fixed.len - 1] == '*') {
        fixed.len--;
        return fct_bytes_starts_with(folded, fixed);
    }
    return fct_bytes_equal(folded, fixed);
}
