/* Foreign bytes made fit for one line of a log or a terminal. */
#include "escape.h"

static const char cut_mark[] = "...";

apr_size_t fct_escape_byte(char out[FCT_ESCAPE_MAX], unsigned char byte)
{
    static const char digits[] = "0123456789ABCDEF";

    if (byte >= 0x20 && byte < 0x7F) {
        out[0] = (char)byte;
        return 1;
    }
    out[0] = '<';
    out[1] = digits[byte >> 4];
    out[2] = digits[byte & 15];
    out[3] = '>';
    return FCT_ESCAPE_MAX;
}

char *fct_escape_copy(fct_bytes_t bytes, apr_size_t max, apr_pool_t *p)
{
    apr_size_t i, taken = bytes.len < max ? bytes.len : max;
    char *copy = (char *)apr_palloc(p, taken * FCT_ESCAPE_MAX + sizeof(cut_mark));
    char *at = copy;

    for (i = 0; i < taken; i++) {
        at += fct_escape_byte(at, (unsigned char)bytes.at[i]);
    }
    if (taken < bytes.len) {
        memcpy(at, cut_mark, sizeof(cut_mark) - 1);
        at += sizeof(cut_mark) - 1;
    }
    *at = '\0';
    return copy;
}
