/* Changes of <param> and <server-header>: who tells the application what, and whom a rule refuses. */
#include <apr_strings.h>

#include "policy_diff_value.h"

/* One parameter under both policies. */
typedef struct params_t {
    const fct_plan_param_t *was;
    const fct_plan_param_t *is;
    apr_pool_t *p;
} params_t;

/* --- whom a rule refuses --- */

/* What the server and authentication say of themselves has its type. */
static int makes_type(fct_source_id_t source, fct_value_type_t type)
{
    switch (source) {
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
    default:
        return 0;
    }
}

static int has_checked_type(const fct_plan_param_t *param)
{
    apr_size_t i;

    for (i = 0; i < param->rule->nsources; i++) {
        if (param->chain.type != FCT_VALUE_ANY && !makes_type(param->rule->sources[i].id, param->chain.type)) {
            return 1;
        }
    }
    return 0;
}

/* What it says may be unreadable, or several values and therefore none. */
static int has_checked_source(const fct_plan_param_t *param)
{
    apr_size_t i;

    for (i = 0; i < param->rule->nsources; i++) {
        const fct_source_ref_t *ref = &param->rule->sources[i];

        if (ref->has_field || ref->id == FCT_SOURCE_COOKIE || ref->id == FCT_SOURCE_SET_HEADER || ref->id == FCT_SOURCE_AUTH_HEADER) {
            return 1;
        }
    }
    return 0;
}

static int has_checks(const fct_plan_param_t *param)
{
    const fct_chain_t *chain = &param->chain;

    return has_checked_type(param) || has_checked_source(param) || chain->pattern || chain->max_length || chain->max_items || chain->extract || chain->map
        || chain->pick != FCT_CHAIN_PICK_ALL || !fct_bytes_is_absent(chain->strip_suffix) || !fct_bytes_is_absent(chain->split);
}

int fct_policy_diff_param_refuses(const fct_plan_param_t *param)
{
    if (!fct_bytes_is_absent(param->literal)) {
        return 0;
    }
    return param->status_missing || (has_checks(param) && (param->status_invalid || param->status_too_long));
}

int fct_policy_diff_param_passes_without(const fct_plan_param_t *param)
{
    if (!fct_bytes_is_absent(param->literal)) {
        return 0;
    }
    return param->rule->nsources > 1 || (!param->status_missing && has_checks(param) && (param->status_invalid || param->status_too_long));
}

/* To name the script can end in a refusal, and is done only where some rule asks for it. */
static int names_script(const fct_plan_param_t *param, const fct_plan_t *other)
{
    apr_size_t i;

    for (i = 0; i < param->rule->nsources; i++) {
        fct_source_id_t id = param->rule->sources[i].id;

        if (id >= FCT_SOURCE_SCRIPT_NAME && id <= FCT_SOURCE_SCRIPT_DOCUMENT_ROOT && !other->uses[id]) {
            return 1;
        }
    }
    return 0;
}

/* --- a rule that came or went --- */

static const char *subject_of(const fct_plan_param_t *param, apr_pool_t *p)
{
    return fct_bytes_is_absent(param->rule->header)
        ? apr_psprintf(p, "param %.*s", (int)param->rule->name.len, param->rule->name.at)
        : apr_psprintf(p, "server-header %.*s", (int)param->rule->header.len, param->rule->header.at);
}

/* 'from auth.user (verified)', 'the literal "x"' */
static const char *origin_of(const fct_canonical_line_t *line, apr_pool_t *p)
{
    const fct_plan_param_t *param = line->subject;
    const char *from = fct_policy_diff_text(line, "from");
    const char *value = fct_policy_diff_text(line, "value");

    if (from) {
        return apr_psprintf(p, "from %s (%s)", from, fct_class_name(param->class_));
    }
    return apr_pstrcat(p, value ? "the literal \"" : "a secret literal", value ? value : "", value ? "\"" : "",
                       param->class_ == FCT_CLASS_SERVER ? NULL : " (asserted)", NULL);
}

static const char *effect_of_coming(const fct_plan_param_t *param, int refuses)
{
    if (!fct_bytes_is_absent(param->rule->header)) {
        return "the application is told it, and requests in which a client sends this field are refused";
    }
    return refuses ? "the application is told it, and requests without a value that the rule accepts are refused" : "the application is told it";
}

static const char *effect_of_going(const fct_plan_param_t *param, int refuses)
{
    if (!fct_bytes_is_absent(param->rule->header)) {
        return "the application is not told it any more, and requests in which a client sends this field pass";
    }
    return refuses ? "the application is not told it any more, and requests pass that the rule refused" : "the application is not told it any more";
}

static void compare_single(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair)
{
    const fct_plan_param_t *param = pair->is ? pair->is->subject : pair->was->subject;
    int refuses = fct_policy_diff_param_refuses(param) || names_script(param, pair->is ? diff->was->plan : diff->is->plan);
    fct_policy_change_t change = { .kinds = pair->is ? FCT_CHANGE_WIDENED : FCT_CHANGE_NARROWED, .subject = subject_of(param, diff->p) };

    if (refuses || !fct_bytes_is_absent(param->rule->header)) {
        change.kinds = FCT_CHANGE_EITHER;
    }
    if (pair->is) {
        change.is = origin_of(pair->is, diff->p);
        change.effect = effect_of_coming(param, refuses);
    }
    else {
        change.was = origin_of(pair->was, diff->p);
        change.effect = effect_of_going(param, refuses);
    }
    fct_policy_diff_add(diff, pair, &change);
}

/* --- where the value comes from --- */

static int has_source(const fct_param_rule_t *rule, const fct_source_ref_t *ref)
{
    apr_size_t i;

    for (i = 0; i < rule->nsources; i++) {
        if (rule->sources[i].id == ref->id && fct_bytes_equal(rule->sources[i].argument, ref->argument)) {
            return 1;
        }
    }
    return 0;
}

/* Wherever `inner` finds a value, `outer` does; a literal is always there. */
static int has_sources(const fct_param_rule_t *outer, const fct_param_rule_t *inner)
{
    apr_size_t i;

    if (outer->value || inner->value) {
        return outer->value != NULL;
    }
    for (i = 0; i < inner->nsources; i++) {
        if (!has_source(outer, &inner->sources[i])) {
            return 0;
        }
    }
    return 1;
}

static unsigned judge_sources(const params_t *params)
{
    unsigned kinds = FCT_CHANGE_RESOURCED;
    int is_has_all = has_sources(params->is->rule, params->was->rule);
    int was_has_all = has_sources(params->was->rule, params->is->rule);
    int refuses = fct_policy_diff_param_refuses(params->was) || fct_policy_diff_param_refuses(params->is);

    if (params->is->class_ < params->was->class_) {
        kinds |= FCT_CHANGE_WIDENED;
    }
    if (is_has_all != was_has_all) {
        kinds |= refuses ? FCT_CHANGE_EITHER : is_has_all ? FCT_CHANGE_WIDENED : FCT_CHANGE_NARROWED;
    }
    return kinds;
}

static int is_same_origin(const params_t *params, const char *was, const char *is)
{
    const char *literal = params->was->rule->value, *other = params->is->rule->value;

    return literal && other ? strcmp(literal, other) == 0 && params->was->class_ == params->is->class_ : strcmp(was, is) == 0;
}

static void compare_origins(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair, const params_t *params)
{
    fct_policy_change_t change = { .subject = subject_of(params->is, diff->p), .attribute = "source" };

    change.was = origin_of(pair->was, diff->p);
    change.is = origin_of(pair->is, diff->p);
    if (is_same_origin(params, change.was, change.is)) {
        return;
    }
    if (strcmp(change.was, change.is) == 0) {
        change.is = apr_pstrcat(diff->p, "another", change.is + strlen("a"), NULL);
    }
    change.kinds = judge_sources(params);
    change.effect = params->is->class_ < params->was->class_ ? "the value is from a less trusted source"
        : params->is->class_ > params->was->class_ ? "the value is from a more trusted source" : "the value is another";
    fct_policy_diff_add(diff, pair, &change);
}

/* --- the other attributes --- */

/* Who is asked more often both tells and refuses more often. */
static unsigned judge_condition(const params_t *params, const char **effect)
{
    unsigned kinds = fct_policy_diff_value_conditions(params->was->rule->condition, params->is->rule->condition);
    int refuses = fct_policy_diff_param_refuses(params->was) || fct_policy_diff_param_refuses(params->is);

    if (kinds == 0) {
        return FCT_CHANGE_METADATA;
    }
    *effect = kinds == FCT_CHANGE_WIDENED ? "the rule holds for more requests" : kinds == FCT_CHANGE_NARROWED ? "the rule holds for fewer requests"
                                                                                                           : "the rule holds for other requests";
    return refuses ? FCT_CHANGE_EITHER : kinds;
}

/* 0: the parameter is omitted, and the request passes. */
static unsigned judge_status(int was, int is, const char **effect)
{
    *effect = was == 0 ? "requests are refused that passed without it" : is == 0 ? "requests pass without it that were refused"
                                                                               : "requests are refused with another status";
    return was == 0 ? FCT_CHANGE_NARROWED : is == 0 ? FCT_CHANGE_WIDENED : FCT_CHANGE_EITHER;
}

/* Both statuses come of one attribute, and one change tells both. */
static unsigned judge_too_long(const params_t *params, const char **effect)
{
    const char *told;
    unsigned kinds = judge_status(params->was->status_too_long, params->is->status_too_long, effect);

    if (params->was->status_invalid != params->is->status_invalid
        && kinds == judge_status(params->was->status_invalid, params->is->status_invalid, &told)) {
        return 0;
    }
    return kinds;
}

static unsigned judge_limit(apr_size_t was, apr_size_t is, const char **effect)
{
    unsigned kinds = fct_policy_diff_value_numbers(was ? (apr_int64_t)was : APR_INT64_MAX, is ? (apr_int64_t)is : APR_INT64_MAX);

    *effect = kinds == FCT_CHANGE_WIDENED ? "more values pass" : "fewer values pass";
    return kinds;
}

/* A check that is there or not; of two different ones nothing is known. */
static unsigned judge_check(int was, int is, const char **effect)
{
    *effect = was && is ? "other values pass" : was ? "more values pass" : "fewer values pass";
    return was && is ? FCT_CHANGE_EITHER : was ? FCT_CHANGE_WIDENED : FCT_CHANGE_NARROWED;
}

static unsigned judge_pattern(const params_t *params, const char *was, const char *is, const char **effect)
{
    if (params->was->chain.pick == FCT_CHAIN_PICK_MATCHING || params->is->chain.pick == FCT_CHAIN_PICK_MATCHING) {
        *effect = "another item is picked";
        return FCT_CHANGE_EITHER;
    }
    return judge_check(was != NULL, is != NULL, effect);
}

/* A map by another name that maps alike is no change. */
static unsigned judge_map(const fct_map_t *was, const fct_map_t *is, const char **effect)
{
    apr_size_t i = 0;

    while (was && is && was->n == is->n && i < was->n && fct_bytes_equal(was->entries[i].from, is->entries[i].from)
           && fct_bytes_is_absent(was->entries[i].to) == fct_bytes_is_absent(is->entries[i].to)
           && fct_bytes_equal(was->entries[i].to, is->entries[i].to)) {
        i++;
    }
    if (was && is && was->n == is->n && i == was->n) {
        return FCT_CHANGE_METADATA;
    }
    *effect = "values are mapped otherwise";
    return FCT_CHANGE_EITHER;
}

/* auth-type="…": what another mechanism says is not there; then the next source is asked. */
static unsigned judge_mechanism(const params_t *params, const char *was, const char *is, const char **effect)
{
    int passes_without = fct_policy_diff_param_passes_without(params->was) || fct_policy_diff_param_passes_without(params->is);

    *effect = was && is ? "the word of another mechanism is taken" : is ? "the word of one mechanism alone is taken"
                                                                        : "the word of every mechanism is taken";
    if ((was && is) || passes_without) {
        return FCT_CHANGE_EITHER;
    }
    return is ? FCT_CHANGE_NARROWED : FCT_CHANGE_WIDENED;
}

static int is_one_of(const char *attribute, const char *const *names)
{
    while (*names && strcmp(*names, attribute) != 0) {
        names++;
    }
    return *names != NULL;
}

static unsigned judge(const void *context, const char *attribute, const char *was, const char *is, const char **effect)
{
    static const char *const told[] = { "from", "value", "value-sha256", NULL };
    static const char *const printing[] = { "sensitive", "trust-client", NULL };
    static const char *const limits[] = { "invalid", "too-long", "max-items", "type", "pattern", "max-length", NULL };
    const params_t *params = context;
    int are_literals = params->was->rule->value && params->is->rule->value;

    if (is_one_of(attribute, told)) {
        return 0;
    }
    if (is_one_of(attribute, printing) || (are_literals && is_one_of(attribute, limits))) {
        return FCT_CHANGE_METADATA;             /* a literal is checked when the policy is read */
    }
    if (strcmp(attribute, "when") == 0) {
        return judge_condition(params, effect);
    }
    if (strcmp(attribute, "auth-type") == 0) {
        return judge_mechanism(params, was, is, effect);
    }
    if (strcmp(attribute, "missing") == 0) {
        return judge_status(params->was->status_missing, params->is->status_missing, effect);
    }
    if (strcmp(attribute, "invalid") == 0) {
        return judge_status(params->was->status_invalid, params->is->status_invalid, effect);
    }
    if (strcmp(attribute, "too-long") == 0) {
        return judge_too_long(params, effect);
    }
    if (strcmp(attribute, "max-items") == 0) {
        return judge_limit(params->was->chain.max_items, params->is->chain.max_items, effect);
    }
    if (strcmp(attribute, "max-length") == 0) {
        return judge_limit(params->was->chain.max_length, params->is->chain.max_length, effect);
    }
    if (strcmp(attribute, "type") == 0) {
        return judge_check(params->was->chain.type != FCT_VALUE_ANY, params->is->chain.type != FCT_VALUE_ANY, effect);
    }
    if (strcmp(attribute, "pattern") == 0) {
        return judge_pattern(params, was, is, effect);
    }
    if (strcmp(attribute, "map") == 0) {
        return judge_map(params->was->chain.map, params->is->chain.map, effect);
    }
    *effect = "values are made otherwise";       /* split, pick, strip-suffix, extract, case, join, encode, and whatever is new */
    return FCT_CHANGE_EITHER;
}

void fct_policy_diff_param(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair)
{
    params_t params;

    if (!pair->was || !pair->is) {
        compare_single(diff, pair);
        return;
    }
    params = (params_t){ pair->was->subject, pair->is->subject, diff->p };
    compare_origins(diff, pair, &params);
    fct_policy_diff_attributes(diff, pair, subject_of(params.is, diff->p), judge, &params);
}
