/* <map> with <entry>, <upstream> with <field>: declarations that belong to the one before them. */
#ifndef FCT_DRAFT_NESTED_H
#define FCT_DRAFT_NESTED_H

#include "draft.h"

/* Each adds what a declaration says to the draft; an <entry> or <field> goes to the last <map> or <upstream>. */
void fct_draft_nested_declare_map(fct_draft_t *draft, const fct_declaration_t *declaration);
void fct_draft_nested_declare_entry(fct_draft_t *draft, const fct_declaration_t *declaration);
void fct_draft_nested_declare_upstream(fct_draft_t *draft, const fct_declaration_t *declaration);
void fct_draft_nested_declare_field(fct_draft_t *draft, const fct_declaration_t *declaration);

/* Maps and upstreams as wholes: entries of one text, needs that lead nowhere. Sorts entries for fct_map_find. */
void fct_draft_nested_finish(fct_draft_t *draft);

/* Two finished ones say the same; why they do may differ. */
int fct_draft_nested_is_same_map(const fct_named_rule_t *a, const fct_named_rule_t *b);
int fct_draft_nested_is_same_upstream(const fct_named_rule_t *a, const fct_named_rule_t *b);

/* NULL: there is none of the name. */
const fct_map_rule_t *fct_draft_nested_find_map(const fct_draft_t *draft, const char *name);

/* The field that upstream.NAME.FIELD means, for upstream.NAME.client.FIELD the one that holds the certificate; NULL: there is no such
 * upstream, or it has none. */
const fct_upstream_field_t *fct_draft_nested_find_field(const fct_draft_t *draft, const fct_source_ref_t *ref);

/* The first field, of any upstream, that folds to the name; NULL: none. */
const fct_upstream_field_t *fct_draft_nested_find_folded(const fct_draft_t *draft, fct_bytes_t folded);

#endif
