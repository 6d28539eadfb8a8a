/* Questions that others ask of a sealed policy. */
#include "plan.h"

int fct_policy_uses(const fct_policy_t *policy, fct_source_id_t source)
{
    return policy->plan->uses[source];
}
