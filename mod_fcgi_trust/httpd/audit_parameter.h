/* What the decision log says of one parameter. */
#ifndef FCT_AUDIT_PARAMETER_H
#define FCT_AUDIT_PARAMETER_H

#include "audit_origins.h"
#include "decision.h"
#include "json.h"

/* Writes an object: name, source, class, rule, length, and the value where the policy lets logs have it, else its hash. origins: of the policy;
 * NULL: not made. The engine's own parameters have no rule. */
void fct_audit_parameter_add(fct_json_t *json, const fct_emission_t *emission, const fct_audit_origins_t *origins, int may_log);

#endif
