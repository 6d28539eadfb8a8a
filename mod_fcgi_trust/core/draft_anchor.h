/* <trust-anchor> with <intermediates>: the CA that client certificates are held against. */
#ifndef FCT_DRAFT_ANCHOR_H
#define FCT_DRAFT_ANCHOR_H

#include "draft.h"

#define FCT_DRAFT_ANCHOR_MAX_INTERMEDIATES 64

/* How many certificates the file of this element may have. */
int fct_draft_anchor_max(fct_element_t element);

/* Adds what one of the two elements says. certificates: those of its file (crypto.h), NULL if there was a fault. */
void fct_draft_anchor_declare(fct_draft_t *draft, const fct_declaration_t *declaration, const apr_array_header_t *certificates);

/* Takes the anchor of the parents, who must agree; one of the policy's own takes its place, with override if it is another. */
void fct_draft_anchor_inherit(fct_draft_t *draft, const fct_draft_t *const *parents, apr_size_t n);

#endif
