/* What the parts of <extends> share; for draft_inherit*.c alone. */
#ifndef FCT_DRAFT_INHERIT_H
#define FCT_DRAFT_INHERIT_H

#include "draft.h"

/* One inherited rule and which parent it comes from. */
typedef struct fct_draft_inherited_t {
    const void *rule;
    apr_size_t parent;
} fct_draft_inherited_t;

int fct_draft_inherit_has(const apr_array_header_t *inherited, const void *rule);
int fct_draft_inherit_is_same_text(const char *a, const char *b);

/* Some parent has replaced this rule (or text of a setting), which another one has as it was: the replacement counts. */
int fct_draft_inherit_is_replaced(const fct_draft_t *const *parents, apr_size_t n, const void *rule);

/* Add findings: two parents disagree on `what`; what an inherited rule demands would be lost at `place`. */
void fct_draft_inherit_report_disagreement(const fct_draft_t *draft, const char *what, fct_place_t a, fct_place_t b);
void fct_draft_inherit_report_loss(const fct_draft_t *draft, fct_place_t place, const char *what, fct_place_t lost);

/* Merge the parents' rules into the draft's. used: one flag for each <without>, set where it takes something away. */
void fct_draft_inherit_params(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n, int *used);
void fct_draft_inherit_fields(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n, int *used);

#endif
