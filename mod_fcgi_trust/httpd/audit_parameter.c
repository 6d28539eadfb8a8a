/* One parameter in a line of the decision log: what is known of its rule from the start, and its value. */
#include "audit_parameter.h"

#include "audit_value.h"

/* The engine's own, CONTENT_TYPE and CONTENT_LENGTH: no rule, and so no text that was made at the start. */
static void add_own(fct_json_t *json, const fct_emission_t *emission, const fct_policy_t *policy)
{
    int is_length = fct_bytes_equal(emission->name, FCT_BYTES_LITERAL("CONTENT_LENGTH"));
    fct_bytes_t origin = fct_audit_origins_write(policy, NULL, is_length ? "the body" : "request.content-type",
                                                 is_length ? FCT_CLASS_SERVER : FCT_CLASS_CLIENT, json->pool);

    fct_json_key(json, emission->name);
    fct_audit_value_add(json, origin, emission->value, fct_policy_may_log(policy, emission->name));
}

void fct_audit_parameter_add(fct_json_t *json, const fct_emission_t *emission, const fct_policy_slot_t *slot)
{
    const fct_audit_origin_t *origin = emission->rule ? fct_audit_origins_find(slot->origins, emission->rule) : NULL;

    if (!origin) {
        add_own(json, emission, slot->policy);
    }
    else if (origin->is_whole) {
        fct_json_raw(json, NULL, origin->text);
    }
    else if (origin->has_name) {
        fct_audit_value_add(json, origin->text, emission->value, origin->may_log);
    }
    else {
        fct_json_key(json, emission->name);
        fct_audit_value_add(json, origin->text, emission->value, fct_policy_may_log(slot->policy, emission->name));
    }
}
