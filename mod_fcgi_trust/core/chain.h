/* The steps between a source and a parameter (POLICY 3), in their one order. */
#ifndef FCT_CHAIN_H
#define FCT_CHAIN_H

#include "encode.h"
#include "map.h"
#include "pattern.h"
#include "value.h"

#define FCT_CHAIN_MAX_ITEMS 1000       /* of a list, where max-items says nothing */

typedef enum fct_chain_pick_t {
    FCT_CHAIN_PICK_ALL,                /* no pick */
    FCT_CHAIN_PICK_ONLY,
    FCT_CHAIN_PICK_INDEX,
    FCT_CHAIN_PICK_MATCHING            /* the one that `pattern` matches */
} fct_chain_pick_t;

typedef enum fct_chain_case_t {
    FCT_CHAIN_CASE_KEEP,
    FCT_CHAIN_CASE_LOWER,
    FCT_CHAIN_CASE_UPPER
} fct_chain_case_t;

typedef struct fct_chain_t {
    fct_bytes_t split;                 /* absent: the value is one item */
    fct_chain_pick_t pick;
    apr_size_t index;
    fct_bytes_t strip_suffix;
    const fct_pattern_t *extract;
    fct_chain_case_t letter_case;
    const fct_map_t *map;
    fct_bytes_t join;
    apr_size_t max_items;              /* 0: none given */
    fct_value_type_t type;
    const fct_pattern_t *pattern;
    apr_size_t max_length;             /* 0: none */
    fct_encode_kind_t encode;
} fct_chain_t;

typedef enum fct_chain_result_t {
    FCT_CHAIN_VALUE,
    FCT_CHAIN_ABSENT,                  /* nothing was left: a map omits it, an index has no item */
    FCT_CHAIN_INVALID,
    FCT_CHAIN_TOO_LONG
} fct_chain_result_t;

/* What a source says. */
typedef struct fct_chain_input_t {
    const fct_bytes_t *values;
    apr_size_t n;                      /* at least 1. More than one: a list, of which one is picked, or all are joined; else it is invalid */
    int has_lines;                     /* line feeds belong to it (PEM) */
} fct_chain_input_t;

/* Takes the input through all steps; *value is what is to be sent. *why tells, with INVALID and TOO_LONG, which step ended it and how;
 * it has nothing of the value. */
fct_chain_result_t fct_chain_apply(const fct_chain_t *chain, const fct_chain_input_t *input, fct_bytes_t *value, const char **why,
                                   apr_pool_t *p);

#endif
