/* <map>: from one text to another, byte for byte. */
#include "map.h"

#include <stdlib.h>

static int compare_bytes(fct_bytes_t a, fct_bytes_t b)
{
    apr_size_t len = a.len < b.len ? a.len : b.len;
    int order = len ? memcmp(a.at, b.at, len) : 0;

    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_entries(const void *a, const void *b)
{
    return compare_bytes(((const fct_map_entry_t *)a)->from, ((const fct_map_entry_t *)b)->from);
}

static int compare_key(const void *key, const void *entry)
{
    return compare_bytes(*(const fct_bytes_t *)key, ((const fct_map_entry_t *)entry)->from);
}

const fct_map_entry_t *fct_map_sort(fct_map_entry_t *entries, apr_size_t n)
{
    apr_size_t i;

    if (n > 1) {
        qsort(entries, n, sizeof(*entries), compare_entries);
    }
    for (i = 1; i < n; i++) {
        if (fct_bytes_equal(entries[i - 1].from, entries[i].from)) {
            return &entries[i];
        }
    }
    return NULL;
}

const fct_map_entry_t *fct_map_find(const fct_map_t *map, fct_bytes_t from)
{
    return map->n ? bsearch(&from, map->entries, map->n, sizeof(*map->entries), compare_key) : NULL;
}
