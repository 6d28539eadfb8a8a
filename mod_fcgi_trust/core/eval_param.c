/* <param> and <server-header> rules at request time: condition, value, checks, emission. */
#include "chain.h"
#include "evaluation.h"

/* --- where a value comes from --- */

/* auth-type="…": the mechanism that a rule's auth.* come from. httpd compares the names of mechanisms without regard to case. */
static int is_other_mechanism(const fct_evaluation_t *e, const fct_param_rule_t *rule, const fct_source_ref_t *ref)
{
    fct_source_ref_t type = FCT_SOURCE_REF(FCT_SOURCE_AUTH_TYPE);

    return !fct_bytes_is_absent(rule->auth_type) && fct_source_is_auth(ref)
        && !fct_bytes_equal_nocase(e->facts->source(e->facts->context, &type), rule->auth_type);
}

/* The first source that is present. An empty value is absent, unless the name is defined to be empty. */
static void read_value(fct_evaluation_t *e, const fct_plan_param_t *param, fct_reading_t *reading)
{
    const fct_param_rule_t *rule = param->rule;
    apr_size_t i;

    memset(reading, 0, sizeof(*reading));
    for (i = 0; i < rule->nsources && fct_bytes_is_absent(reading->value) && reading->invalid == NULL; i++) {
        const fct_source_ref_t *ref = &rule->sources[i];

        if (is_other_mechanism(e, rule, ref)) {
            continue;
        }
        fct_evaluation_read(e, ref, reading);
        if (reading->value.len == 0 && !param->goes_empty) {
            reading->value = FCT_BYTES_ABSENT;
        }
    }
}

/* --- checks --- */

typedef enum fate_t {
    EMITTED,
    OMITTED,
    REFUSED
} fate_t;

static int has_certificate(const fct_facts_t *facts)
{
    return facts->certificate && facts->certificate(facts->context);
}

/* What the reader of the log looks at next, where that is certain. */
static const char *explain_missing(const fct_evaluation_t *e, const fct_param_rule_t *rule)
{
    switch (rule->nsources == 1 ? rule->sources[0].id : FCT_SOURCE_NONE) {
    case FCT_SOURCE_CONFIG:
        return ": see FcgiTrustSet";
    case FCT_SOURCE_TLS_CLIENT:
        return has_certificate(e->facts) ? ": the client's certificate has none that this rule takes" : ": no client certificate counts as verified";
    case FCT_SOURCE_AUTH_USER:
        return !fct_bytes_is_absent(rule->auth_type) || rule->map ? "" : ": nobody counts as logged in";
    default:
        return "";
    }
}

static fate_t refuse_missing(fct_evaluation_t *e, const fct_plan_param_t *param)
{
    fct_evaluation_refuse(e, param->status_missing, FCT_FINDING_REQUEST_PARAM_MISSING, &param->rule->place,
                          "%s is required and %s has no value%s", param->rule->name.at, param->source_text,
                          explain_missing(e, param->rule));
    return REFUSED;
}

static inline fate_t check_missing(fct_evaluation_t *e, const fct_plan_param_t *param)
{
    if (param->status_missing) {
        return refuse_missing(e, param);
    }
    fct_evaluation_tell(e, FCT_RULING_ABSENT, param->rule->name, &param->rule->place, NULL);
    return OMITTED;
}

/* An empty value, or none. */
static inline fate_t check_empty(fct_evaluation_t *e, const fct_plan_param_t *param, fct_bytes_t *value)
{
    if (!param->goes_always && (!param->goes_empty || fct_bytes_is_absent(*value))) {
        return check_missing(e, param);
    }
    *value = FCT_BYTES_LITERAL("");
    return EMITTED;
}

static fate_t refuse_value(fct_evaluation_t *e, const fct_plan_param_t *param, int status, fct_finding_id_t finding, const char *why)
{
    if (status == 0) {
        fct_evaluation_tell(e, FCT_RULING_INVALID, param->rule->name, &param->rule->place, why);
        return OMITTED;
    }
    fct_evaluation_refuse(e, status, finding, &param->rule->place, "%s: the value of %s cannot be sent: %s",
                          param->rule->name.at, param->source_text, why);
    return REFUSED;
}

static fate_t apply_chain(fct_evaluation_t *e, const fct_plan_param_t *param, const fct_chain_input_t *input, fct_bytes_t *value)
{
    const char *why;

    switch (fct_chain_apply(&param->chain, input, value, &why, e->p)) {
    case FCT_CHAIN_VALUE:
        break;
    case FCT_CHAIN_ABSENT:
        return check_missing(e, param);
    case FCT_CHAIN_INVALID:
        return refuse_value(e, param, param->status_invalid, FCT_FINDING_REQUEST_PARAM_INVALID, why);
    case FCT_CHAIN_TOO_LONG:
        return refuse_value(e, param, param->status_too_long, FCT_FINDING_REQUEST_PARAM_TOO_LONG, why);
    }
    return EMITTED;
}

/* Of a rule with one source that the facts answer for. */
static inline fate_t make_plain_value(fct_evaluation_t *e, const fct_plan_param_t *param, fct_bytes_t *value)
{
    fct_bytes_t said = e->facts->source(e->facts->context, param->plain);
    fct_chain_input_t input = { &said, 1, 0 };

    *value = said;
    return said.len == 0 ? check_empty(e, param, value) : apply_chain(e, param, &input, value);
}

/* Takes what a source says through the steps of POLICY 3; *value is what is to be sent. */
static fate_t make_value(fct_evaluation_t *e, const fct_plan_param_t *param, fct_bytes_t *value)
{
    fct_reading_t reading;
    fct_chain_input_t input = { &reading.value, 1, 0 };

    if (param->plain) {
        return make_plain_value(e, param, value);
    }
    read_value(e, param, &reading);
    if (reading.invalid) {
        return refuse_value(e, param, param->status_invalid, FCT_FINDING_REQUEST_PARAM_INVALID, reading.invalid);
    }
    *value = reading.value;
    if (value->len == 0) {
        return check_empty(e, param, value);
    }
    if (reading.n > 1) {
        input.values = reading.values;
        input.n = reading.n;
    }
    input.has_lines = reading.has_lines;
    return apply_chain(e, param, &input, value);
}

static int emit_param(fct_evaluation_t *e, const fct_plan_param_t *param)
{
    fct_bytes_t value = param->literal;
    fate_t fate;

    if (param->rule->condition && !fct_condition_holds(param->rule->condition, e->facts)) {
        fct_evaluation_tell(e, FCT_RULING_CONDITION, param->rule->name, &param->rule->place, NULL);
        return 1;
    }
    if (fct_bytes_is_absent(value)) {
        fate = make_value(e, param, &value);
        if (fate != EMITTED) {
            return fate == OMITTED;
        }
    }
    return fct_evaluation_emit(e, param->rule->name, &value, 1, param->source_text, param->class_, &param->rule->place);
}

int fct_evaluation_emit_params(fct_evaluation_t *e)
{
    apr_size_t i;

    for (i = 0; i < e->plan->nparams; i++) {
        if (!emit_param(e, &e->plan->params[i])) {
            return 0;
        }
    }
    return 1;
}
