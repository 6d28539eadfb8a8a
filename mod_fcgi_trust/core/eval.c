/* Evaluation: facts + policy → parameters, or a refusal. The order of the steps, and the request as a whole. */
#include <apr_strings.h>
#include <stdarg.h>

#include "escape.h"
#include "evaluation.h"
#include "name.h"
#include "value.h"

#define SHOWN_MAX 64

int fct_evaluation_refuse(fct_evaluation_t *e, int status, fct_finding_id_t finding, const fct_place_t *place,
                          const char *fmt, ...)
{
    va_list args;

    e->verdict.status = status;
    e->verdict.finding = finding;
    e->verdict.detail = fct_finding_info(finding)->sentence;
    e->verdict.file = place ? place->file : NULL;
    e->verdict.line = place ? place->line : 0;
    if (fmt) {
        va_start(args, fmt);
        e->verdict.detail = apr_pvsprintf(e->p, fmt, args);
        va_end(args);
    }
    fct_evaluation_tell(e, FCT_RULING_REFUSED, FCT_BYTES_ABSENT, place, e->verdict.detail);
    return 0;
}

const char *fct_evaluation_show(const fct_evaluation_t *e, fct_bytes_t bytes)
{
    return fct_escape_copy(bytes, SHOWN_MAX, e->p);
}

fct_bytes_t fct_evaluation_copy_pieces(const fct_evaluation_t *e, const fct_bytes_t *pieces, apr_size_t n)
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

int fct_evaluation_emit(fct_evaluation_t *e, fct_bytes_t name, const fct_bytes_t *pieces, apr_size_t n, const char *source,
                        fct_class_t class_, const fct_place_t *place)
{
    fct_params_status_t status = fct_params_add(e->params, name, pieces, n);

    if (status != FCT_PARAMS_OK) {
        return fct_evaluation_refuse(e, class_ == FCT_CLASS_CLIENT ? 431 : 500,
                                     status == FCT_PARAMS_PAIR_TOO_LARGE ? FCT_FINDING_PARAM_TOO_LARGE
                                                                         : FCT_FINDING_PARAMS_TOO_LARGE,
                                     place, status == FCT_PARAMS_PAIR_TOO_LARGE
                                     ? "%s does not fit into one FastCGI record" : "with %s the parameters are too large",
                                     fct_evaluation_show(e, name));
    }
    if (e->observer && e->observer->emitted) {
        e->observer->emitted(e->observer->context, name, fct_evaluation_concatenate(e, pieces, n), source, class_, place);
    }
    fct_evaluation_tell(e, FCT_RULING_EMITTED, name, place, NULL);
    return 1;
}

/* --- the request as a whole (POLICY 5) --- */

/* The last one has no condition. */
static const fct_plan_request_t *choose_request(const fct_evaluation_t *e)
{
    const fct_plan_request_t *request = e->plan->requests;

    while (request->rule && !fct_condition_holds(request->rule->condition, e->facts)) {
        fct_evaluation_tell(e, FCT_RULING_CONDITION, FCT_BYTES_ABSENT, &request->rule->place, NULL);
        request++;
    }
    if (request->rule) {
        fct_evaluation_tell(e, FCT_RULING_APPLIES, FCT_BYTES_ABSENT, &request->rule->place, NULL);
    }
    return request;
}

static int check_method(fct_evaluation_t *e)
{
    apr_size_t i;

    for (i = 0; i < e->request->nmethods; i++) {
        if (fct_bytes_equal(e->request->methods[i], e->facts->method)) {
            return 1;
        }
    }
    return fct_evaluation_refuse(e, 405, FCT_FINDING_METHOD_NOT_ALLOWED, NULL, "the method %s is none of %s: see methods of <request>",
                                 fct_evaluation_show(e, e->facts->method), e->request->rules.allow);
}

/* A client that asks for websocket can do nothing with another answer. */
static int asks_for_websocket(const fct_evaluation_t *e)
{
    const fct_field_group_t *upgrade = fct_evaluation_find_group(e, FCT_BYTES_LITERAL("Upgrade"));
    fct_bytes_t websocket = FCT_BYTES_LITERAL("websocket");
    apr_size_t i, k;

    for (i = upgrade ? upgrade->first : FCT_FIELD_NO_NEXT; i != FCT_FIELD_NO_NEXT; i = e->groups.next[i]) {
        fct_bytes_t value = e->facts->fields[i].value;

        for (k = 0; k + websocket.len <= value.len; k++) {
            if (fct_bytes_equal_nocase(fct_bytes_make(value.at + k, websocket.len), websocket)) {
                return 1;
            }
        }
    }
    return 0;
}

static int check_upgrade(fct_evaluation_t *e)
{
    if (!e->facts->is_upgrade) {
        return 1;
    }
    if (fct_bytes_equal(e->facts->method, FCT_BYTES_LITERAL("CONNECT")) || asks_for_websocket(e)) {
        return fct_evaluation_refuse(e, 501, FCT_FINDING_UPGRADE_REFUSED, NULL, "FastCGI has no websocket");
    }
    return !e->request->rules.refuse_upgrade
        || fct_evaluation_refuse(e, 501, FCT_FINDING_UPGRADE_REFUSED, NULL, NULL);
}

static int check_body(fct_evaluation_t *e)
{
    const fct_request_rules_t *rules = &e->request->rules;

    if (e->facts->body == FCT_BODY_LENGTH && rules->max_body != FCT_BODY_UNLIMITED
        && e->facts->body_length > rules->max_body) {
        return fct_evaluation_refuse(e, 413, FCT_FINDING_BODY_TOO_LARGE, NULL,
                                     "the body has %" APR_OFF_T_FMT " bytes; max-body allows %" APR_OFF_T_FMT,
                                     e->facts->body_length, rules->max_body);
    }
    return e->facts->body != FCT_BODY_UNKNOWN || rules->chunked != FCT_CHUNKED_REFUSE
        || fct_evaluation_refuse(e, 411, FCT_FINDING_BODY_LENGTH_REQUIRED, NULL, NULL);
}

static int name_script(fct_evaluation_t *e)
{
    fct_script_rules_t rules = e->policy->backend.script;
    fct_finding_id_t finding;
    int status = 400;

    rules.encoded_slash = e->request->encoded_slash;
    finding = e->plan->uses_script ? fct_script_resolve(&rules, &e->facts->mapping, &e->script, &status, e->p)
                                   : fct_script_check_path(&rules, &e->facts->mapping);
    return !finding || fct_evaluation_refuse(e, status, finding, NULL, NULL);
}

/* --- CONTENT_TYPE --- */

/* type "/" subtype, then parameters: of those, only that no second media type stands among them. RFC 9110 §8.3.1. */
static int is_media_type(fct_bytes_t value)
{
    const char *slash = memchr(value.at, '/', value.len);
    apr_size_t i, type = slash ? (apr_size_t)(slash - value.at) : 0;
    int is_quoted = 0;

    for (i = type + 1; i < value.len && value.at[i] != ';' && value.at[i] != ' ' && value.at[i] != '\t'; i++) {
        /* the subtype */
    }
    if (!slash || !fct_name_is_token(fct_bytes_make(value.at, type))
        || !fct_name_is_token(fct_bytes_make(value.at + type + 1, i - type - 1))) {
        return 0;
    }
    for (; i < value.len; i++) {
        if (is_quoted && value.at[i] == '\\') {
            i++;
        }
        else if (value.at[i] == '"') {
            is_quoted = !is_quoted;
        }
        else if (value.at[i] == ',' && !is_quoted) {
            return 0;
        }
    }
    return !is_quoted && !fct_value_has_control(value, 1);
}

static int emit_content_type(fct_evaluation_t *e)
{
    fct_source_ref_t ref = FCT_SOURCE_REF(FCT_SOURCE_REQUEST_CONTENT_TYPE);
    fct_bytes_t value = e->facts->source(e->facts->context, &ref);

    if (value.len == 0) {
        return 1;
    }
    if (!is_media_type(value)) {
        return fct_evaluation_refuse(e, 400, FCT_FINDING_CONTENT_TYPE_INVALID, NULL, NULL);
    }
    return fct_evaluation_emit(e, FCT_BYTES_LITERAL("CONTENT_TYPE"), &value, 1, "request.content-type", FCT_CLASS_CLIENT, NULL);
}

fct_verdict_t fct_eval_request(const fct_policy_t *policy, const fct_facts_t *facts, fct_params_t *params,
                               const fct_observer_t *observer, apr_pool_t *p)
{
    fct_evaluation_t e;

    memset(&e, 0, sizeof(e));
    e.policy = policy;
    e.plan = policy->plan;
    e.facts = facts;
    e.params = params;
    e.observer = observer;
    e.p = p;
    e.request = choose_request(&e);
    e.verdict.request = &e.request->rules;
    (void)(fct_evaluation_group_fields(&e)
           && check_upgrade(&e) && check_method(&e) && check_body(&e) && name_script(&e)
           && fct_evaluation_judge_fields(&e)
           && fct_evaluation_emit_params(&e) && emit_content_type(&e) && fct_evaluation_emit_fields(&e));
    return e.verdict;
}
