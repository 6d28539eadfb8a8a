/* The flow rule (POLICY 2) for one rule of a policy: which class it has, and whether that will do. */
#ifndef FCT_DRAFT_FLOW_H
#define FCT_DRAFT_FLOW_H

#include "draft.h"
#include "flow.h"

/* The class of what the rule sends: the lowest of its sources, or what POLICY 1's first row makes of its literal. */
fct_class_t fct_draft_flow_class(const fct_draft_t *draft, const fct_param_rule_t *rule);

/* Adds what the flow rule has against the rule. */
void fct_draft_flow_check(const fct_draft_t *draft, const fct_param_rule_t *rule);

/* The same for a rule of a sealed policy whose sources have these classes; where they are as POLICY 1 has them, nothing is added. */
void fct_draft_flow_check_lowered(const fct_param_rule_t *rule, fct_name_group_t group, const fct_classes_t *classes,
                                  fct_findings_t *findings);

#endif
