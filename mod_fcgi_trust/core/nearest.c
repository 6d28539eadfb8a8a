/* What somebody who wrote a word that is none probably meant. */
#include "nearest.h"

#define LEN_MAX 64

static apr_size_t least(apr_size_t a, apr_size_t b, apr_size_t c)
{
    apr_size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Levenshtein's distance: the bytes to be inserted, left out or replaced. One row of the table at a time. */
static apr_size_t distance(fct_bytes_t a, fct_bytes_t b)
{
    apr_size_t row[LEN_MAX + 1];
    apr_size_t i, k;

    for (k = 0; k <= b.len; k++) {
        row[k] = k;
    }
    for (i = 1; i <= a.len; i++) {
        apr_size_t diagonal = row[0];

        row[0] = i;
        for (k = 1; k <= b.len; k++) {
            int differs = fct_bytes_lower((unsigned char)a.at[i - 1]) != fct_bytes_lower((unsigned char)b.at[k - 1]);
            apr_size_t above = row[k];

            row[k] = least(above + 1, row[k - 1] + 1, diagonal + (differs ? 1 : 0));
            diagonal = above;
        }
    }
    return row[b.len];
}

const char *fct_nearest_word(fct_bytes_t text, const apr_array_header_t *words)
{
    apr_size_t best = text.len / 3 + 1;
    const char *nearest = NULL;
    int i;

    for (i = 0; text.len <= LEN_MAX && i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *);
        apr_size_t far = strlen(word) <= LEN_MAX ? distance(text, fct_bytes_of(word)) : best;

        if (far < best) {
            best = far;
            nearest = word;
        }
    }
    return nearest;
}
