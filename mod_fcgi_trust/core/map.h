/* <map>: from one text to another, byte for byte. */
#ifndef FCT_MAP_H
#define FCT_MAP_H

#include "bytes.h"

typedef struct fct_map_entry_t {
    fct_bytes_t from;
    fct_bytes_t to;                  /* absent: omit="yes" */
    int line;
} fct_map_entry_t;

/* Sorted by `from`, each once. */
typedef struct fct_map_t {
    const fct_map_entry_t *entries;
    apr_size_t n;
} fct_map_t;

/* Sorts entries for fct_map_find. Returns NULL, or an entry whose `from` stands there twice. */
const fct_map_entry_t *fct_map_sort(fct_map_entry_t *entries, apr_size_t n);

/* NULL: the map has no such entry. */
const fct_map_entry_t *fct_map_find(const fct_map_t *map, fct_bytes_t from);

#endif
