/* What the parts of <extends> share; for draft_inherit*.c and draft_anchor.c alone. */
#ifndef FCT_DRAFT_INHERIT_H
#define FCT_DRAFT_INHERIT_H

#include "draft.h"

/* What became of an inherited rule (or text of a setting) in one of the parents that another one has as it was; NULL: nothing. What the
 * parent made of it counts, unless something that the rule demands was lost: then the two disagree. */
const fct_draft_replaced_t *fct_draft_inherit_find_replaced(const fct_draft_t *const *parents, apr_size_t n, const void *rule);

/* Notes that the draft replaced an inherited rule, or took it away, by what stands at `place`. */
void fct_draft_inherit_note_replaced(const fct_draft_t *draft, const void *rule, fct_place_t place, int is_loss);

/* Add findings: two parents disagree on `what`; what an inherited rule demands would be lost at `place`. */
void fct_draft_inherit_report_disagreement(const fct_draft_t *draft, const char *what, fct_place_t a, fct_place_t b);
void fct_draft_inherit_report_loss(const fct_draft_t *draft, fct_place_t place, const char *what, fct_place_t lost);

/* Merge the parents' rules into the draft's. used: one flag for each <without>, set where it takes something away. */
void fct_draft_inherit_params(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n, int *used);
void fct_draft_inherit_fields(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n, int *used);
void fct_draft_inherit_requests(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n);

/* --- rules of one kind: what parameters and header fields differ in when they are merged --- */

/* What an own rule does to an inherited one. */
typedef enum fct_draft_effect_t {
    FCT_DRAFT_EFFECT_NONE,             /* both stand */
    FCT_DRAFT_EFFECT_REPLACES,
    FCT_DRAFT_EFFECT_LOSES             /* replaces it, and something that it demands is lost */
} fct_draft_effect_t;

typedef struct fct_draft_kind_t {
    const apr_array_header_t *(*rules_of)(const fct_draft_t *draft);           /* of const void * */
    fct_place_t (*place_of)(const void *rule);
    const fct_condition_t *(*condition_of)(const void *rule);
    int (*does_override)(const void *rule);
    int (*has_same_name)(const void *a, const void *b);                         /* an application takes what they send for one */
    int (*is_same)(const void *a, const void *b);                               /* they tell an application the same; why may differ */
    int (*is_without_of)(const fct_without_rule_t *without, const void *rule);
    fct_draft_effect_t (*effect_of_without)(const void *rule);
    fct_draft_effect_t (*effect)(const void *own, const void *rule);
    const char *(*text)(const void *rule, apr_pool_t *p);                       /* the rule, for a message */
    const char *(*demand)(const void *rule, int is_by_without, apr_pool_t *p);  /* what would be lost with it, for a message */
} fct_draft_kind_t;

/* The draft's rules of the kind with those of its parents, inherited ones first. */
apr_array_header_t *fct_draft_inherit_merge(fct_draft_t *draft, const fct_draft_kind_t *kind, const fct_draft_t *const *parents, apr_size_t n,
                                            int *used);

#endif
