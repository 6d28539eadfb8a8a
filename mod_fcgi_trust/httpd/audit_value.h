/* What the decision log says of one value: its length, and its hash or itself. */
#ifndef FCT_AUDIT_VALUE_H
#define FCT_AUDIT_VALUE_H

#include "json.h"

/* Writes a whole element or member: `before` (the beginning of an array, up to a comma), then length, hash and the array's end, or with
 * may_log length, null, the value and the end. */
void fct_audit_value_add(fct_json_t *json, fct_bytes_t before, fct_bytes_t value, int may_log);

#endif
