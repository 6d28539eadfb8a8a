/* What the policy says of header field names, by folded name: one open-addressing table for whole names, one for prefixes.
 * Built once; the cost of a lookup depends on the field's name, not on how many rules there are. */
#ifndef FCT_FIELD_TABLE_H
#define FCT_FIELD_TABLE_H

#include "bytes.h"
#include "field_name.h"
#include "rule.h"

/* One <header>, <drop-header> or <refuse-header>, compiled. */
typedef struct fct_plan_field_t {
    const fct_field_rule_t *rule;
    fct_bytes_t emitted;                      /* HTTP_…, of a whole name */
    apr_size_t tally;                         /* which counter of a request counts its fields */
    const struct fct_plan_field_t *next;      /* the next rule of the same name, their conditions exclude each other; after the refusals
                                               * of a prefix come those of shorter ones */
} fct_plan_field_t;

/* All that is known of one folded name or prefix. */
typedef struct fct_field_entry_t {
    fct_bytes_t folded;                       /* absent: the slot is free */
    apr_uint32_t hash;
    unsigned traits;                          /* fct_field_trait_t; prefixes have none */
    int is_read;                              /* a <param> reads it as header.NAME */
    const fct_param_rule_t *server;           /* <server-header>: only the server makes it; NULL: none */
    const fct_upstream_field_t *upstream;     /* only an upstream may send it; NULL: none */
    const fct_plan_field_t *refuse;
    const fct_plan_field_t *pass;             /* <header> and <drop-header> */
} fct_field_entry_t;

typedef struct fct_field_slots_t {
    fct_field_entry_t *at;
    apr_size_t mask;                          /* the number of slots is a power of two, at least twice that of entries */
} fct_field_slots_t;

typedef struct fct_field_table_t {
    fct_field_slots_t whole;
    fct_field_slots_t prefixes;
    apr_uint64_t prefix_lengths;              /* bit n: there is a prefix of n bytes */
} fct_field_table_t;

/* What a lookup finds for one received name. */
typedef struct fct_field_match_t {
    apr_uint32_t hash;                        /* of the folded name */
    const fct_field_entry_t *whole;           /* NULL: none */
    const fct_plan_field_t *prefix;           /* of the longest prefix that the name begins with; NULL: none */
    const fct_plan_field_t *refuse_prefix;    /* of the longest prefix that the folded name begins with; NULL: none */
} fct_field_match_t;

/* Room for n whole names and n prefixes beside the names that have traits, which are put in. */
void fct_field_table_init(fct_field_table_t *table, apr_size_t n, apr_pool_t *p);

/* The entry of a folded name or prefix, made if there is none; `folded` must live as long as the table. */
fct_field_entry_t *fct_field_table_claim(fct_field_table_t *table, fct_bytes_t folded, int is_prefix);

/* Looks up a name as received; one pass over its bytes. */
void fct_field_table_match(const fct_field_table_t *table, fct_bytes_t name, fct_field_match_t *match);

#endif
