/* Changes of <param> and <server-header>: who tells the application what, and whom a rule refuses. */
#include <apr_strings.h>

#include "policy_diff_value.h"

/* --- a rule that came or went --- */

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
    const char *from = fct_policy_diff_change_text(line, "from");
    const char *value = fct_policy_diff_change_text(line, "value");

    if (from) {
        return apr_psprintf(p, "from %s (%s)", from, fct_class_name(param->class_));
    }
    return apr_pstrcat(p, value ? "the literal \"" : "a secret literal", value ? value : "", value ? "\"" : "",
                       param->class_ == FCT_CLASS_SERVER ? NULL : " (asserted)", NULL);
}

/* What becomes of requests, beside the application being told or not. */
typedef enum side_effect_t {
    NOTHING_ELSE,
    FIELD_OF_CLIENTS,          /* a <server-header> is nobody else's */
    NO_SCRIPT,
    NO_VALUE,
    BAD_VALUE
} side_effect_t;

static side_effect_t side_effect_of(const fct_plan_param_t *param, const fct_plan_t *other)
{
    if (!fct_bytes_is_absent(param->rule->header)) {
        return FIELD_OF_CLIENTS;
    }
    if (names_script(param, other)) {
        return NO_SCRIPT;
    }
    if (!fct_policy_diff_demand_refuses(param)) {
        return NOTHING_ELSE;
    }
    return param->status_missing ? NO_VALUE : BAD_VALUE;
}

static const char *const effects_of_coming[] = {
    [NOTHING_ELSE] = "the application is told it",
    [FIELD_OF_CLIENTS] = "the application is told it, and requests in which a client sends this field are refused",
    [NO_SCRIPT] = "the application is told it, and requests for which no script can be named are refused",
    [NO_VALUE] = "the application is told it, and requests without a value that the rule accepts are refused",
    [BAD_VALUE] = "the application is told it, and requests with a value that the rule does not accept are refused",
};

static const char *const effects_of_going[] = {
    [NOTHING_ELSE] = "the application is not told it any more",
    [FIELD_OF_CLIENTS] = "the application is not told it any more, and requests in which a client sends this field pass",
    [NO_SCRIPT] = "the application is not told it any more, and requests for which no script can be named pass",
    [NO_VALUE] = "the application is not told it any more, and requests without it pass",
    [BAD_VALUE] = "the application is not told it any more, and requests with a value that the rule did not accept pass",
};

static void compare_single(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair)
{
    const fct_canonical_line_t *line = pair->is ? pair->is : pair->was;
    const fct_plan_param_t *param = line->subject;
    side_effect_t beside = side_effect_of(param, pair->is ? diff->was->plan : diff->is->plan);
    fct_policy_change_t change = { .kinds = pair->is ? FCT_CHANGE_WIDENED : FCT_CHANGE_NARROWED, .subject = subject_of(param, diff->p) };

    if (beside != NOTHING_ELSE) {
        change.kinds = FCT_CHANGE_EITHER;
    }
    change.was = pair->was ? origin_of(line, diff->p) : NULL;
    change.is = pair->is ? origin_of(line, diff->p) : NULL;
    change.effect = pair->is ? effects_of_coming[beside] : effects_of_going[beside];
    fct_policy_diff_change_add(diff, pair, &change);
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

static unsigned judge_sources(const fct_policy_diff_params_t *params)
{
    unsigned kinds = FCT_CHANGE_RESOURCED;
    int is_has_all = has_sources(params->is->rule, params->was->rule);
    int was_has_all = has_sources(params->was->rule, params->is->rule);
    int refuses = fct_policy_diff_demand_refuses(params->was) || fct_policy_diff_demand_refuses(params->is);

    if (params->is->class_ < params->was->class_) {
        kinds |= FCT_CHANGE_WIDENED;
    }
    if (is_has_all != was_has_all) {
        kinds |= refuses ? FCT_CHANGE_EITHER : is_has_all ? FCT_CHANGE_WIDENED : FCT_CHANGE_NARROWED;
    }
    return kinds;
}

static int is_same_origin(const fct_policy_diff_params_t *params, const char *was, const char *is)
{
    const char *literal = params->was->rule->value, *other = params->is->rule->value;

    return literal && other ? strcmp(literal, other) == 0 && params->was->class_ == params->is->class_ : strcmp(was, is) == 0;
}

static void compare_origins(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair, const fct_policy_diff_params_t *params)
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
    fct_policy_diff_change_add(diff, pair, &change);
}

void fct_policy_diff_param(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair)
{
    fct_policy_diff_params_t params;

    if (!pair->was || !pair->is) {
        compare_single(diff, pair);
        return;
    }
    params = (fct_policy_diff_params_t){ pair->was->subject, pair->is->subject };
    compare_origins(diff, pair, &params);
    fct_policy_diff_change_attributes(diff, pair, subject_of(params.is, diff->p), fct_policy_diff_judge_param, &params);
}
