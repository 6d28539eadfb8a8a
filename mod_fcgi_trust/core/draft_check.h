/* The parts of fct_draft_check; each adds findings. */
#ifndef FCT_DRAFT_CHECK_H
#define FCT_DRAFT_CHECK_H

#include "draft.h"
#include "flow.h"

/* A folded parameter name, HTTP_ names included, that an <identity> of the draft declares. */
int fct_draft_check_is_identity(const fct_draft_t *draft, fct_bytes_t folded);

/* The rule's group of names, with what an <identity> of the draft declares, and server headers. */
fct_name_group_t fct_draft_check_group(const fct_draft_t *draft, const fct_param_rule_t *rule);

void fct_draft_check_params(const fct_draft_t *draft);
void fct_draft_check_fields(const fct_draft_t *draft);

#endif
