/* from="…": the sources of a rule. */
#ifndef FCT_DRAFT_SOURCE_H
#define FCT_DRAFT_SOURCE_H

#include "draft.h"

/* Fills in rule->from and rule->sources; adds a finding for each word that is no source. */
void fct_draft_source_read(fct_draft_t *draft, const fct_declaration_t *declaration, fct_param_rule_t *rule);

#endif
