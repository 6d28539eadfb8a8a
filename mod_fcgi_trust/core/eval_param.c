/* <param> and <server-header> rules at request time: condition, value, checks, emission. */
#include "chain.h"
#include "cookie.h"
#include "draft.h"
#include "evaluation.h"

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
    return fct_evaluation_concatenate(e, pieces, n);
}

/* What a source says. */
typedef struct reading_t {
    fct_bytes_t value;               /* absent: nothing */
    int is_ambiguous;                /* present, but which value it has is not one answer */
} reading_t;

static reading_t read_cookie(const fct_evaluation_t *e, fct_bytes_t name)
{
    reading_t reading = { FCT_BYTES_ABSENT, 0 };
    fct_bytes_t value = FCT_BYTES_ABSENT;
    fct_cookie_found_t found = fct_cookie_find(read_header(e, FCT_BYTES_LITERAL("Cookie")), name, &value);

    reading.is_ambiguous = found == FCT_COOKIE_AMBIGUOUS;
    reading.value = found == FCT_COOKIE_ONE ? value : FCT_BYTES_ABSENT;
    return reading;
}

/* A field that stands there by the upstream's own word: fields from anyone else have ended the request already. */
static fct_bytes_t read_upstream_field(const fct_evaluation_t *e, fct_bytes_t name)
{
    const fct_field_group_t *group = fct_evaluation_find_group(e, name);
    const fct_upstream_field_t *field = group ? group->match.whole->upstream : NULL;
    fct_bytes_t value = group ? e->facts->fields[group->first].value : FCT_BYTES_ABSENT;

    if (group == NULL || group->is_changed || (field->equals.at && !fct_bytes_equal(field->equals, value))) {
        return FCT_BYTES_ABSENT;
    }
    return value;
}

/* upstream.NAME.FIELD: the field, where all that it needs stands there too. */
static fct_bytes_t read_upstream(const fct_evaluation_t *e, fct_bytes_t reference)
{
    const char *dot = memchr(reference.at, '.', reference.len);
    fct_bytes_t name = fct_bytes_from(reference, (apr_size_t)(dot - reference.at) + 1);
    const fct_field_group_t *group = fct_evaluation_find_group(e, name);
    const char *needs = group ? group->match.whole->upstream->needs : NULL;

    while (needs && *needs) {
        apr_size_t len = strcspn(needs, FCT_DRAFT_BLANKS);

        if (len > 0 && read_upstream_field(e, fct_bytes_make(needs, len)).len == 0) {
            return FCT_BYTES_ABSENT;
        }
        needs += len + (needs[len] != '\0');
    }
    return group ? read_upstream_field(e, name) : FCT_BYTES_ABSENT;
}

/* What the server put into the table of request fields: set-header.NAME, and auth.header.NAME where that happened while it
 * authenticated. More than one of a name is no answer. */
static reading_t read_own_header(const fct_evaluation_t *e, fct_source_id_t id, fct_bytes_t name)
{
    reading_t reading = { FCT_BYTES_ABSENT, 0 };
    apr_size_t i;

    for (i = 0; i < e->facts->nfields; i++) {
        const fct_received_t *field = &e->facts->fields[i];

        if ((id == FCT_SOURCE_AUTH_HEADER ? !field->is_by_auth : field->origin != FCT_ORIGIN_SERVER)
            || !fct_bytes_equal_nocase(field->name, name)) {
            continue;
        }
        reading.is_ambiguous |= !fct_bytes_is_absent(reading.value);
        reading.value = field->value;
    }
    return reading;
}

static reading_t read_source(const fct_evaluation_t *e, const fct_source_ref_t *ref)
{
    reading_t reading = { FCT_BYTES_ABSENT, 0 };

    if (ref->id == FCT_SOURCE_COOKIE) {
        return read_cookie(e, ref->argument);
    }
    if (ref->id == FCT_SOURCE_SET_HEADER || ref->id == FCT_SOURCE_AUTH_HEADER) {
        return read_own_header(e, ref->id, ref->argument);
    }
    if (ref->id >= FCT_SOURCE_SCRIPT_NAME && ref->id <= FCT_SOURCE_SCRIPT_DOCUMENT_ROOT) {
        reading.value = read_script(e, ref->id);
    }
    else if (ref->id == FCT_SOURCE_HEADER) {
        reading.value = read_header(e, ref->argument);
    }
    else if (ref->id == FCT_SOURCE_UPSTREAM) {
        reading.value = read_upstream(e, ref->argument);
    }
    else {
        reading.value = e->facts->source(e->facts->context, ref);
    }
    return reading;
}

/* The first source that is present. An empty value is absent, unless the name is defined to be empty. */
static reading_t read_value(const fct_evaluation_t *e, const fct_plan_param_t *param)
{
    reading_t reading = { param->literal, 0 };
    apr_size_t i;

    for (i = 0; i < param->rule->nsources && !reading.is_ambiguous && fct_bytes_is_absent(reading.value); i++) {
        reading = read_source(e, &param->rule->sources[i]);
        if (reading.value.len == 0 && !param->goes_empty) {
            reading.value = FCT_BYTES_ABSENT;
        }
    }
    if (fct_bytes_is_absent(reading.value) && param->goes_always && !reading.is_ambiguous) {
        reading.value = FCT_BYTES_LITERAL("");
    }
    return reading;
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

static fate_t refuse_value(fct_evaluation_t *e, const fct_plan_param_t *param, int status, fct_finding_id_t finding, const char *why)
{
    if (status == 0) {
        return OMITTED;
    }
    fct_evaluation_refuse(e, status, finding, &param->rule->place, "%s: the value of %s cannot be sent: %s",
                          param->rule->name.at, param->source_text, why);
    return REFUSED;
}

/* Takes what was read through the steps of POLICY 3; *value is what is to be sent. */
static fate_t make_value(fct_evaluation_t *e, const fct_plan_param_t *param, const reading_t *reading, fct_bytes_t *value)
{
    const char *why;

    *value = reading->value;
    if (reading->is_ambiguous) {
        return refuse_value(e, param, param->status_invalid, FCT_FINDING_REQUEST_PARAM_INVALID, "it stands there with different values");
    }
    if (fct_bytes_is_absent(*value)) {
        return check_missing(e, param);
    }
    if (!fct_bytes_is_absent(param->literal) || value->len == 0) {
        return EMITTED;
    }
    switch (fct_chain_apply(&param->chain, value, &why, e->p)) {
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

static int emit_param(fct_evaluation_t *e, const fct_plan_param_t *param)
{
    reading_t reading;
    fct_bytes_t value;
    fate_t fate;

    if (param->rule->condition && !fct_condition_holds(param->rule->condition, e->facts)) {
        return 1;
    }
    reading = read_value(e, param);
    fate = make_value(e, param, &reading, &value);
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
