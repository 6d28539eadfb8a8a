/* Lists of words in one attribute, as a text that does not depend on how they were ordered. */
#include "words.h"

#include <apr_strings.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void fct_words_sort(apr_array_header_t *words)
{
    const char **at = (const char **)words->elts;
    int i, kept = 0;

    if (words->nelts > 1) {
        qsort(at, (size_t)words->nelts, sizeof(*at), compare);
    }
    for (i = 0; i < words->nelts; i++) {
        if (kept == 0 || strcmp(at[kept - 1], at[i]) != 0) {
            at[kept++] = at[i];
        }
    }
    words->nelts = kept;
}

const char *fct_words_join(const apr_array_header_t *words, const char *separator, apr_pool_t *p)
{
    apr_size_t len = 1;
    char *text, *to;
    int i;

    for (i = 0; i < words->nelts; i++) {
        len += strlen(APR_ARRAY_IDX(words, i, const char *)) + strlen(separator);
    }
    text = to = apr_palloc(p, len);
    for (i = 0; i < words->nelts; i++) {
        const char *parts[2] = { i ? separator : "", APR_ARRAY_IDX(words, i, const char *) };

        to = (char *)memcpy(to, parts[0], strlen(parts[0])) + strlen(parts[0]);
        to = (char *)memcpy(to, parts[1], strlen(parts[1])) + strlen(parts[1]);
    }
    *to = '\0';
    return text;
}

const char *fct_words_normal(const char *text, apr_pool_t *p)
{
    apr_array_header_t *words = apr_array_make(p, 8, sizeof(const char *));
    char *state = NULL;
    char *word = text ? apr_strtok(apr_pstrdup(p, text), " \t\r\n", &state) : NULL;

    for (; word; word = apr_strtok(NULL, " \t\r\n", &state)) {
        APR_ARRAY_PUSH(words, const char *) = word;
    }
    fct_words_sort(words);
    return text ? fct_words_join(words, " ", p) : NULL;
}
