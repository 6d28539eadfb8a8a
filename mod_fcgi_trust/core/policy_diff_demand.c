/* What a <param> or <server-header> demands of its value, and whom it therefore refuses. */
#include "policy_diff_part.h"

/* What the server and authentication say of themselves has its type. */
static int makes_type(const fct_source_ref_t *ref, fct_value_type_t type)
{
    switch (ref->id) {
    case FCT_SOURCE_SERVER_ADDRESS:
    case FCT_SOURCE_CONNECTION_PEER_ADDRESS:
    case FCT_SOURCE_CONNECTION_LOCAL_ADDRESS:
    case FCT_SOURCE_CONNECTION_CLIENT_ADDRESS:
        return type == FCT_VALUE_IP;
    case FCT_SOURCE_SERVER_PORT:
    case FCT_SOURCE_CONNECTION_PEER_PORT:
    case FCT_SOURCE_CONNECTION_LOCAL_PORT:
    case FCT_SOURCE_CONNECTION_CLIENT_PORT:
        return type == FCT_VALUE_PORT;
    case FCT_SOURCE_TLS_HTTPS:
        return type == FCT_VALUE_ON;
    case FCT_SOURCE_SERVER_NAME:
    case FCT_SOURCE_SERVER_MATCHED_NAME:
        return type == FCT_VALUE_HOSTNAME;
    case FCT_SOURCE_AUTH_TYPE:
        return type == FCT_VALUE_TOKEN;
    case FCT_SOURCE_TLS_CLIENT:
        return type == FCT_VALUE_SUCCESS && ref->field.id == FCT_CERTIFICATE_VERIFY;
    default:
        return 0;
    }
}

static int has_checked_type(const fct_plan_param_t *param)
{
    apr_size_t i;

    for (i = 0; i < param->rule->nsources; i++) {
        if (param->chain.type != FCT_VALUE_ANY && !makes_type(&param->rule->sources[i], param->chain.type)) {
            return 1;
        }
    }
    return 0;
}

/* Names in a certificate can be no text; what every certificate has cannot. */
static int is_name_in_certificate(const fct_certificate_field_t *field)
{
    switch (field->id) {
    case FCT_CERTIFICATE_VERIFY:
    case FCT_CERTIFICATE_SERIAL:
    case FCT_CERTIFICATE_NOT_BEFORE:
    case FCT_CERTIFICATE_NOT_AFTER:
    case FCT_CERTIFICATE_FINGERPRINT_SHA256:
    case FCT_CERTIFICATE_CERTIFICATE_PEM:
    case FCT_CERTIFICATE_CERTIFICATE_DER_BASE64:
    case FCT_CERTIFICATE_CERTIFICATE_RFC9440:
        return 0;
    default:
        return 1;
    }
}

/* What it says may be unreadable, or several values and therefore none. */
static int is_checked_source(const fct_source_ref_t *ref)
{
    switch (ref->id) {
    case FCT_SOURCE_COOKIE:
    case FCT_SOURCE_SET_HEADER:
    case FCT_SOURCE_AUTH_HEADER:
        return 1;
    case FCT_SOURCE_UPSTREAM:
        return ref->has_field;
    default:
        return ref->has_field && is_name_in_certificate(&ref->field);
    }
}

static int has_checked_source(const fct_plan_param_t *param)
{
    apr_size_t i;

    for (i = 0; i < param->rule->nsources; i++) {
        if (is_checked_source(&param->rule->sources[i])) {
            return 1;
        }
    }
    return 0;
}

static int has_checks(const fct_plan_param_t *param)
{
    const fct_chain_t *chain = &param->chain;

    return has_checked_type(param) || has_checked_source(param) || chain->pattern || chain->max_length || chain->max_items || chain->extract
        || chain->map || chain->pick != FCT_CHAIN_PICK_ALL || !fct_bytes_is_absent(chain->strip_suffix) || !fct_bytes_is_absent(chain->split);
}

int fct_policy_diff_demand_refuses(const fct_plan_param_t *param)
{
    if (!fct_bytes_is_absent(param->literal)) {
        return 0;
    }
    return param->status_missing || (has_checks(param) && (param->status_invalid || param->status_too_long));
}

int fct_policy_diff_demand_passes_without(const fct_plan_param_t *param)
{
    if (!fct_bytes_is_absent(param->literal)) {
        return 0;
    }
    return param->rule->nsources > 1 || (!param->status_missing && has_checks(param) && (param->status_invalid || param->status_too_long));
}
