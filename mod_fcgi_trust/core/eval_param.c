/* <param> rules at request time: condition, value, checks, emission. */
#include "cookie.h"
#include "evaluation.h"
#include "value.h"


/* --- where a value comes from --- */

static fct_bytes_t read_script(const fct_evaluation_t *e, fct_source_id_t id)
{
    switch (id) {
    case FCT_SOURCE_SCRIPT_NAME:
        return e->script.name;
    case FCT_SOURCE_SCRIPT_PATH_INFO:
        return e->script.path_info;
    case FCT_SOURCE_SCRIPT_FILENAME:
        return e->script.filename;
    case FCT_SOURCE_SCRIPT_PATH_TRANSLATED:
        return e->script.path_translated;
    case FCT_SOURCE_SCRIPT_DOCUMENT_ROOT:
        return e->script.document_root;
    default:
        return FCT_BYTES_ABSENT;
    }
}

static fct_bytes_t concatenate(const fct_evaluation_t *e, const fct_bytes_t *pieces, apr_size_t n)
{
    apr_size_t i, len = 0;
    char *joined, *to;

    for (i = 0; i < n; i++) {
        len += pieces[i].len;
    }
    joined = to = apr_palloc(e->p, len + 1);
    for (i = 0; i < n; i++) {
        memcpy(to, pieces[i].at, pieces[i].len);
        to += pieces[i].len;
    }
    *to = '\0';
    return fct_bytes_make(joined, len);
}

/* What the client sent, as far as the server left it. */
static fct_bytes_t read_header(const fct_evaluation_t *e, fct_bytes_t name)
{
    const fct_field_group_t *group = fct_evaluation_find_group(e, name);
    const fct_bytes_t *pieces;
    apr_size_t n;

    if (group == NULL || group->is_nominated || group->is_changed) {
        return FCT_BYTES_ABSENT;
    }
    pieces = fct_evaluation_join(e, group, &n);
    return n == 1 ? pieces[0] : concatenate(e, pieces, n);
}

/* Present, but which value it has is not one answer. */
static const char ambiguous[] = "\0";

static fct_bytes_t read_cookie(const fct_evaluation_t *e, fct_bytes_t name)
{
    fct_bytes_t value = FCT_BYTES_ABSENT;

    switch (fct_cookie_find(read_header(e, FCT_BYTES_LITERAL("Cookie")), name, &value)) {
    case FCT_COOKIE_NONE:
        return FCT_BYTES_ABSENT;
    case FCT_COOKIE_AMBIGUOUS:
        return fct_bytes_make(ambiguous, 1);
    case FCT_COOKIE_ONE:
        break;
    }
    return value;
}

static fct_bytes_t read_source(const fct_evaluation_t *e, const fct_source_ref_t *ref)
{
    if (ref->id == FCT_SOURCE_COOKIE) {
        return read_cookie(e, ref->argument);
    }
    if (ref->id >= FCT_SOURCE_SCRIPT_NAME && ref->id <= FCT_SOURCE_SCRIPT_DOCUMENT_ROOT) {
        return read_script(e, ref->id);
    }
    if (ref->id == FCT_SOURCE_HEADER) {
        return read_header(e, ref->argument);
    }
    return e->facts->source(e->facts->context, ref);
}

/* The first source that is present. An empty value is absent, unless the name is defined to be empty. */
static fct_bytes_t read_value(const fct_evaluation_t *e, const fct_plan_param_t *param)
{
    fct_bytes_t value = param->literal;
    apr_size_t i;

    for (i = 0; i < param->rule->nsources && fct_bytes_is_absent(value); i++) {
        value = read_source(e, &param->rule->sources[i]);
        if (value.len == 0 && !param->goes_empty) {
            value = FCT_BYTES_ABSENT;
        }
    }
    return fct_bytes_is_absent(value) && param->goes_always ? FCT_BYTES_LITERAL("") : value;
}

/* --- checks --- */

typedef enum fate_t {
    EMITTED,
    OMITTED,
    REFUSED
} fate_t;

static fate_t check_missing(fct_evaluation_t *e, const fct_plan_param_t *param)
{
    if (param->status_missing == 0) {
        return OMITTED;
    }
    fct_evaluation_refuse(e, param->status_missing, FCT_FINDING_REQUEST_PARAM_MISSING, &param->rule->place,
                          "%s is required and %s has no value", param->rule->name.at, param->source_text);
    return REFUSED;
}

static fate_t check_value(fct_evaluation_t *e, const fct_plan_param_t *param, fct_bytes_t value)
{
    const fct_param_rule_t *rule = param->rule;
    int is_too_long = rule->max_length && value.len > rule->max_length;

    if (!fct_bytes_is_absent(param->literal)) {
        return EMITTED;
    }
    if (!is_too_long && !fct_value_has_control(value, 0) && (value.len == 0 || fct_value_is(rule->type, value))) {
        return EMITTED;
    }
    if (is_too_long && param->status_too_long) {
        fct_evaluation_refuse(e, param->status_too_long, FCT_FINDING_REQUEST_PARAM_TOO_LONG, &rule->place,
                              "%s: the value of %s has %lu bytes; max-length allows %lu", rule->name.at, param->source_text,
                              (unsigned long)value.len, (unsigned long)rule->max_length);
        return REFUSED;
    }
    if (param->status_invalid == 0) {
        return OMITTED;
    }
    fct_evaluation_refuse(e, param->status_invalid, FCT_FINDING_REQUEST_PARAM_INVALID, &rule->place,
                          "%s: the value of %s is not %s without control bytes", rule->name.at, param->source_text,
                          fct_value_type_sentence(rule->type));
    return REFUSED;
}

static int emit_param(fct_evaluation_t *e, const fct_plan_param_t *param)
{
    fct_bytes_t value;
    fate_t fate;

    if (param->rule->condition && !fct_condition_holds(param->rule->condition, e->facts)) {
        return 1;
    }
    value = read_value(e, param);
    fate = fct_bytes_is_absent(value) ? check_missing(e, param) : check_value(e, param, value);
    if (fate != EMITTED) {
        return fate == OMITTED;
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
