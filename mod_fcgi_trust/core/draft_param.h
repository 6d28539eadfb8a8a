/* <param> and <server-header>: a declaration becomes a rule. */
#ifndef FCT_DRAFT_PARAM_H
#define FCT_DRAFT_PARAM_H

#include "draft.h"

/* NULL, with findings, where the declaration has faults. */
const fct_param_rule_t *fct_draft_param_read(fct_draft_t *draft, const fct_declaration_t *declaration);

#endif
