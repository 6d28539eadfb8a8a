/* What the decision log says of one parameter. */
#ifndef FCT_AUDIT_PARAMETER_H
#define FCT_AUDIT_PARAMETER_H

#include "audit_origins.h"
#include "decision.h"
#include "json.h"

/* Writes a member of an object: "NAME":[source, class, rule, length, hash], or where the policy lets logs have the value [source, class, rule,
 * length, null, value]. The engine's own parameters have no rule: null. slot: of the policy. */
void fct_audit_parameter_add(fct_json_t *json, const fct_emission_t *emission, const fct_policy_slot_t *slot);

#endif
