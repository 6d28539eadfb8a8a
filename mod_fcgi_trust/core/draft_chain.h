/* The value attributes of <param> and <server-header> (POLICY 3). */
#ifndef FCT_DRAFT_CHAIN_H
#define FCT_DRAFT_CHAIN_H

#include "draft.h"

/* Fills the rule's type, max_length, map and chain; adds findings for what is wrong. The rule's name, value and place are set. */
void fct_draft_chain_read(fct_draft_t *draft, const fct_declaration_t *declaration, fct_param_rule_t *rule);

/* The extract pattern would take a name out of any domain: nothing literal stands beside its group. */
int fct_draft_chain_is_any_domain(const char *extract);

#endif
