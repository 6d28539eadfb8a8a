/* Changes of <header>, <drop-header> and <refuse-header>: which fields of a client reach the application. */
#include <apr_strings.h>

#include "draft_field.h"
#include "name.h"
#include "policy_diff_value.h"

/* One rule under both policies. */
typedef struct fields_t {
    const fct_field_rule_t *was;
    const fct_field_rule_t *is;
    int is_read;                       /* a parameter reads the field */
    int is_gate;                       /* its limits end requests that nobody can send without it, or not without a loss */
} fields_t;

static unsigned traits_of(const fct_field_rule_t *rule)
{
    return rule->is_prefix ? 0 : fct_field_name_traits(rule->folded);
}

/* A field that no rule lets through ends the request. */
static int is_restricting(const fct_field_rule_t *rule)
{
    return (traits_of(rule) & (FCT_FIELD_RESTRICTING | FCT_FIELD_RESTRICTING_UNSAFE)) != 0;
}

/* Other fields can be left out by who sends too long a one; Host cannot. */
static int limits_every_request(const fct_field_rule_t *rule)
{
    return rule->action == FCT_FIELD_PASS && (traits_of(rule) & FCT_FIELD_AUTHORITY) && rule->max_length < FCT_DRAFT_FIELD_MAX_LENGTH;
}

/* A field that a parameter reads is not left out without a loss either. */
static int is_read_from(const fct_field_rule_t *rule, const fct_source_ref_t *ref)
{
    fct_bytes_t name = ref->id == FCT_SOURCE_COOKIE ? FCT_BYTES_LITERAL("Cookie") : ref->id == FCT_SOURCE_HEADER ? ref->argument : FCT_BYTES_ABSENT;

    if (rule->is_prefix && name.len > rule->name.len) {
        name.len = rule->name.len;
    }
    return !fct_bytes_is_absent(name) && fct_name_folds_equal(name, rule->name);
}

static int is_read(const fct_field_rule_t *rule, const fct_plan_t *plan)
{
    apr_size_t i, k;

    for (i = 0; i < plan->nparams; i++) {
        for (k = 0; k < plan->params[i].rule->nsources; k++) {
            if (is_read_from(rule, &plan->params[i].rule->sources[k])) {
                return 1;
            }
        }
    }
    return 0;
}

static int is_read_by_some(const fct_policy_diff_t *diff, const fct_field_rule_t *rule)
{
    return rule->action == FCT_FIELD_PASS && (is_read(rule, diff->was->plan) || is_read(rule, diff->is->plan));
}

static int is_gate(const fct_policy_diff_t *diff, const fct_field_rule_t *rule)
{
    return limits_every_request(rule) || is_read_by_some(diff, rule);
}

static const char *subject_of(const fct_field_rule_t *rule, apr_pool_t *p)
{
    static const char *const elements[] = {
        [FCT_FIELD_PASS] = "header", [FCT_FIELD_DROP] = "drop-header", [FCT_FIELD_REFUSE] = "refuse-header",
    };

    return apr_psprintf(p, "%s %.*s%s", elements[rule->action], (int)rule->name.len, rule->name.at, rule->is_prefix ? "*" : "");
}

/* --- one rule in the place of another --- */

static unsigned judge_actions(const fields_t *fields, const char **effect)
{
    unsigned kinds = fields->is->action == FCT_FIELD_PASS ? FCT_CHANGE_WIDENED : FCT_CHANGE_NARROWED;

    *effect = fields->is->action == FCT_FIELD_PASS ? "the application is told the field instead of it being dropped"
                                                   : "the field is dropped instead of the application being told";
    return fields->is_gate || (is_restricting(fields->is) && (fields->was->condition || fields->is->condition)) ? FCT_CHANGE_EITHER : kinds;
}

/* Fields that `was` decided about are decided about by `is`, whatever their names say. */
static unsigned judge_successor(const fct_field_rule_t *was, const fct_field_rule_t *is)
{
    const fields_t fields = { was, is, 0, 0 };
    const char *effect;

    if (was->action != is->action) {
        return judge_actions(&fields, &effect);
    }
    return fct_policy_diff_value_conditions(was->condition, is->condition)
        | fct_policy_diff_value_numbers((apr_int64_t)was->max_length, (apr_int64_t)is->max_length)
        | fct_policy_diff_value_numbers((apr_int64_t)was->max_count, (apr_int64_t)is->max_count)
        | fct_policy_diff_value_cookies(was->cookie_filter, is->cookie_filter)
        | fct_policy_diff_value_numbers(was->passes_changed, is->passes_changed);
}

/* --- a rule that came or went: what decides instead --- */

static int is_same_key(const fct_field_rule_t *a, const fct_field_rule_t *b)
{
    return a->is_prefix == b->is_prefix && fct_bytes_equal_nocase(a->name, b->name);
}

static int decides(const fct_plan_t *plan, const fct_field_rule_t *rule)
{
    apr_size_t i;

    for (i = 0; i < plan->nfields; i++) {
        if (plan->fields[i].rule->action != FCT_FIELD_REFUSE && is_same_key(plan->fields[i].rule, rule)) {
            return 1;
        }
    }
    return 0;
}

/* It is a prefix of the rule's name, longer than the one found so far or of the same length. */
static int is_nearer(const fct_field_rule_t *prefix, const fct_field_rule_t *rule, const fct_field_rule_t *found)
{
    apr_size_t len = prefix->name.len;

    return prefix->action == FCT_FIELD_PASS && prefix->is_prefix && !is_same_key(prefix, rule) && rule->name.len >= len
        && fct_bytes_equal_nocase(prefix->name, fct_bytes_make(rule->name.at, len)) && (!found || len >= found->name.len);
}

/* The kinds of a rule's names being decided about by the prefixes around it, before it came or after it went; *found tells whether there
 * are any. The fields of a prefix are counted together, so that a rule of one's own lets more of them through. */
static unsigned judge_prefixes(const fct_plan_t *plan, const fct_field_rule_t *rule, int has_come, int *found)
{
    unsigned kinds = has_come ? FCT_CHANGE_WIDENED : FCT_CHANGE_NARROWED;
    const fct_field_rule_t *nearest = NULL;
    apr_size_t i;

    for (i = 0; i < plan->nfields; i++) {
        const fct_field_rule_t *prefix = plan->fields[i].rule;

        if (!is_nearer(prefix, rule, nearest) || (!rule->is_prefix && fct_field_name_is_reserved(rule->folded))) {
            continue;
        }
        if (nearest && prefix->name.len == nearest->name.len) {
            kinds = FCT_CHANGE_EITHER;
            continue;
        }
        nearest = prefix;
        kinds = rule->action == FCT_FIELD_DROP ? 0 : has_come ? FCT_CHANGE_WIDENED : FCT_CHANGE_NARROWED;
        kinds |= has_come ? judge_successor(prefix, rule) : judge_successor(rule, prefix);
    }
    *found = nearest != NULL;
    return kinds;
}

static unsigned judge_refusal(const fct_policy_diff_pair_t *pair, const char **effect)
{
    *effect = pair->is ? "requests with the field are refused" : "requests with the field are not refused any more";
    return pair->is ? FCT_CHANGE_NARROWED : FCT_CHANGE_WIDENED;
}

/* A field that no rule decides about is dropped, or ends the request. */
static unsigned judge_dropping(const fct_field_rule_t *rule, int has_come, const char **effect)
{
    if (!is_restricting(rule)) {
        return FCT_CHANGE_METADATA;
    }
    *effect = has_come ? "requests with the field pass without it, instead of being refused" : "requests with the field are refused";
    return has_come ? FCT_CHANGE_WIDENED : FCT_CHANGE_NARROWED;
}

static unsigned judge_coming(const fct_policy_diff_t *diff, const fct_field_rule_t *rule, int has_come, const char **effect)
{
    const fct_plan_t *other = has_come ? diff->was->plan : diff->is->plan;
    int found = 0;
    unsigned kinds = has_come ? FCT_CHANGE_WIDENED : FCT_CHANGE_NARROWED;

    if (!decides(other, rule)) {
        unsigned instead = judge_prefixes(other, rule, has_come, &found);

        kinds = found ? instead : kinds;
    }
    if (found) {
        kinds = is_gate(diff, rule) ? FCT_CHANGE_EITHER : kinds;
        *effect = has_come ? "it takes these names from a shorter prefix" : "these names are left to a shorter prefix";
        return kinds;
    }
    if (rule->action == FCT_FIELD_DROP) {
        return judge_dropping(rule, has_come, effect);
    }
    *effect = has_come ? "the application is told what clients write there" : "the application is not told any more what clients write there";
    return is_gate(diff, rule) ? FCT_CHANGE_EITHER : kinds;
}

static void compare_single(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair)
{
    const fct_canonical_line_t *line = pair->is ? pair->is : pair->was;
    const fct_field_rule_t *rule = line->subject;
    const char *when = fct_policy_diff_change_text(line, "when");
    const char *text = when ? apr_psprintf(diff->p, "when=\"%s\"", when) : NULL;
    fct_policy_change_t change = { .subject = subject_of(rule, diff->p), .was = pair->was ? text : NULL, .is = pair->is ? text : NULL };

    change.kinds = rule->action == FCT_FIELD_REFUSE ? judge_refusal(pair, &change.effect)
                                                    : judge_coming(diff, rule, pair->is != NULL, &change.effect);
    fct_policy_diff_change_add(diff, pair, &change);
}

/* --- a rule that is in both --- */

static unsigned judge_condition(const fields_t *fields, const char **effect)
{
    unsigned kinds = fct_policy_diff_value_conditions(fields->was->condition, fields->is->condition);

    if (kinds == 0) {
        return FCT_CHANGE_METADATA;
    }
    *effect = kinds == FCT_CHANGE_WIDENED ? "the rule holds for more requests" : kinds == FCT_CHANGE_NARROWED ? "the rule holds for fewer requests"
                                                                                                           : "the rule holds for other requests";
    if (fields->is_gate) {
        return FCT_CHANGE_EITHER;
    }
    return fields->is->action == FCT_FIELD_REFUSE ? fct_policy_diff_value_reverse(kinds) : kinds;
}

static unsigned judge_cookies(const fields_t *fields, const char **effect)
{
    unsigned kinds = fct_policy_diff_value_cookies(fields->was->cookie_filter, fields->is->cookie_filter);

    *effect = kinds == FCT_CHANGE_WIDENED ? "more cookies pass" : kinds == FCT_CHANGE_NARROWED ? "fewer cookies pass" : "other cookies pass";
    if (kinds == 0) {
        *effect = NULL;
        return FCT_CHANGE_METADATA;
    }
    return fields->is_read ? FCT_CHANGE_EITHER : kinds;
}

static unsigned judge_limit(const fields_t *fields, apr_size_t was, apr_size_t is, const char **effect)
{
    *effect = is > was ? "more of it passes" : "less of it passes";
    return fields->is_read ? FCT_CHANGE_EITHER : fct_policy_diff_value_numbers((apr_int64_t)was, (apr_int64_t)is);
}

static unsigned judge(const void *context, const char *attribute, const char *was, const char *is, const char **effect)
{
    const fields_t *fields = context;

    (void)was, (void)is;
    if (strcmp(attribute, "trust-client") == 0) {
        return FCT_CHANGE_METADATA;
    }
    if (strcmp(attribute, "when") == 0) {
        return judge_condition(fields, effect);
    }
    if (strcmp(attribute, "max-length") == 0) {
        return judge_limit(fields, fields->was->max_length, fields->is->max_length, effect);
    }
    if (strcmp(attribute, "max-count") == 0) {
        return judge_limit(fields, fields->was->max_count, fields->is->max_count, effect);
    }
    if (strcmp(attribute, "cookies") == 0) {
        return judge_cookies(fields, effect);
    }
    if (strcmp(attribute, "changed") == 0) {
        *effect = fields->is->passes_changed ? "values that the server changed pass too" : "values that the server changed do not pass any more";
        return fct_policy_diff_value_numbers(fields->was->passes_changed, fields->is->passes_changed);
    }
    *effect = "its effect on a request cannot be proven";
    return FCT_CHANGE_EITHER;
}

void fct_policy_diff_field(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair)
{
    fct_policy_change_t change = { 0 };
    fields_t fields;

    if (!pair->was || !pair->is) {
        compare_single(diff, pair);
        return;
    }
    fields = (fields_t){ pair->was->subject, pair->is->subject, 0, 0 };
    fields.is_read = is_read_by_some(diff, fields.was) || is_read_by_some(diff, fields.is);
    fields.is_gate = is_gate(diff, fields.was) || is_gate(diff, fields.is);
    change.subject = subject_of(fields.is, diff->p);
    if (fields.was->action == fields.is->action) {
        fct_policy_diff_change_attributes(diff, pair, change.subject, judge, &fields);
        return;
    }
    change.was = pair->was->element;
    change.is = pair->is->element;
    change.kinds = judge_actions(&fields, &change.effect);
    fct_policy_diff_change_add(diff, pair, &change);
}
