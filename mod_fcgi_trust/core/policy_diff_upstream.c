/* Changes of <upstream> and its fields: whose word is taken, and who is refused for sending it. */
#include <apr_strings.h>

#include "policy_diff_value.h"

/* --- who is concerned --- */

static int starts_with_name(const char *reference, const char *upstream)
{
    apr_size_t len = strlen(upstream);

    return strncmp(reference, upstream, len) == 0 && reference[len] == '.';
}

/* A rule that reads the upstream passes requests without its word: then a field that stands there less often also refuses less often. */
static int is_read_with_checks(const fct_plan_t *plan, const char *upstream)
{
    apr_size_t i, k;

    for (i = 0; i < plan->nparams; i++) {
        const fct_param_rule_t *rule = plan->params[i].rule;

        for (k = 0; k < rule->nsources && fct_policy_diff_demand_passes_without(&plan->params[i]); k++) {
            if (rule->sources[k].id == FCT_SOURCE_UPSTREAM && starts_with_name(rule->sources[k].argument.at, upstream)) {
                return 1;
            }
        }
    }
    return 0;
}

/* Who is no peer was refused for this field anyway, or is now: the field narrows requests, or a rule refuses it. */
static int is_refused_without(const fct_plan_t *plan, const fct_upstream_field_t *field)
{
    apr_size_t i;

    for (i = 0; i < plan->nfields; i++) {
        const fct_field_rule_t *rule = plan->fields[i].rule;

        if (rule->action == FCT_FIELD_REFUSE && (rule->is_prefix ? fct_bytes_starts_with(field->folded, rule->folded)
                                                                 : fct_bytes_equal(field->folded, rule->folded))) {
            return 1;
        }
    }
    return (fct_field_name_traits(field->folded) & (FCT_FIELD_RESTRICTING | FCT_FIELD_RESTRICTING_UNSAFE)) != 0;
}

/* --- the upstream --- */

static unsigned judge(const void *context, const char *attribute, const char *was, const char *is, const char **effect)
{
    const fct_policy_diff_pair_t *pair = context;
    unsigned kinds;

    (void)was, (void)is;
    *effect = "its word is read otherwise";
    if (strcmp(attribute, "peers") != 0) {
        return FCT_CHANGE_EITHER;
    }
    kinds = fct_policy_diff_value_peers(pair->was->subject, pair->is->subject);
    *effect = kinds == FCT_CHANGE_WIDENED ? "the word of more peers is taken" : kinds == FCT_CHANGE_NARROWED ? "the word of fewer peers is taken"
                                                                                                          : "the word of other peers is taken";
    return kinds ? kinds : FCT_CHANGE_METADATA;
}

/* What its fields change is part of it. */
static unsigned judge_fields(const fct_upstream_rule_t *upstream, const fct_plan_t *other, int has_come)
{
    unsigned kinds = has_come ? FCT_CHANGE_NARROWED : FCT_CHANGE_WIDENED;
    int i;

    for (i = 0; i < upstream->fields->nelts; i++) {
        if (is_refused_without(other, APR_ARRAY_IDX(upstream->fields, i, const fct_upstream_field_t *))) {
            kinds = FCT_CHANGE_EITHER;
        }
    }
    return kinds;
}

void fct_policy_diff_upstream(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair)
{
    const fct_upstream_rule_t *upstream = (pair->is ? pair->is : pair->was)->subject;
    fct_policy_change_t change = { .subject = apr_pstrcat(diff->p, "upstream ", upstream->named.name, NULL) };
    const char *peers = apr_psprintf(diff->p, "peers=\"%s\"", fct_policy_diff_change_text(pair->is ? pair->is : pair->was, "peers"));

    if (pair->was && pair->is) {
        fct_policy_diff_change_attributes(diff, pair, change.subject, judge, pair);
        return;
    }
    change.kinds = judge_fields(upstream, pair->is ? diff->was->plan : diff->is->plan, pair->is != NULL);
    change.was = pair->was ? peers : NULL;
    change.is = pair->is ? peers : NULL;
    change.effect = pair->is ? "requests with its fields are refused, unless they come from its peers"
                             : "requests with its fields are not refused any more, whoever sends them";
    fct_policy_diff_change_add(diff, pair, &change);
}

/* --- its fields --- */

/* A field counts on more conditions, or on fewer. */
static unsigned judge_field(const void *context, const char *attribute, const char *was, const char *is, const char **effect)
{
    const int *is_checked = context;
    unsigned kinds = FCT_CHANGE_EITHER;

    *effect = "the field is taken otherwise";
    if (strcmp(attribute, "needs") == 0) {
        kinds = fct_policy_diff_value_reverse(fct_policy_diff_value_words(was, is));
    }
    else if (strcmp(attribute, "equals") == 0 && (!was || !is)) {
        kinds = is ? FCT_CHANGE_NARROWED : FCT_CHANGE_WIDENED;
    }
    if (kinds != FCT_CHANGE_EITHER) {
        *effect = kinds == FCT_CHANGE_WIDENED ? "the field is taken on fewer conditions" : "the field is taken on more conditions";
    }
    return *is_checked ? FCT_CHANGE_EITHER : kinds;
}

static const fct_upstream_rule_t *find_upstream(const fct_policy_t *policy, const char *name)
{
    int i;

    for (i = 0; i < policy->plan->upstreams->nelts; i++) {
        const fct_upstream_rule_t *upstream = APR_ARRAY_IDX(policy->plan->upstreams, i, const fct_upstream_rule_t *);

        if (strcmp(upstream->named.name, name) == 0) {
            return upstream;
        }
    }
    return NULL;
}

void fct_policy_diff_upstream_field(fct_policy_diff_t *diff, const fct_policy_diff_pair_t *pair)
{
    const fct_upstream_field_t *field = (pair->is ? pair->is : pair->was)->subject;
    const char *upstream = field->upstream->named.name;
    int is_checked = is_read_with_checks(diff->was->plan, upstream) || is_read_with_checks(diff->is->plan, upstream);
    fct_policy_change_t change = { .subject = apr_psprintf(diff->p, "upstream %s, field %.*s", upstream, (int)field->name.len, field->name.at) };

    if (!find_upstream(diff->was, upstream) || !find_upstream(diff->is, upstream)) {
        return;                              /* told with the whole upstream */
    }
    if (pair->was && pair->is) {
        fct_policy_diff_change_attributes(diff, pair, change.subject, judge_field, &is_checked);
        return;
    }
    change.kinds = pair->is ? FCT_CHANGE_NARROWED : FCT_CHANGE_WIDENED;
    change.effect = pair->is ? "requests with it are refused, unless they come from the upstream's peers"
                             : "requests with it are not refused any more, whoever sends them";
    if (is_refused_without(pair->is ? diff->was->plan : diff->is->plan, field)) {
        change.kinds = FCT_CHANGE_EITHER;
    }
    fct_policy_diff_change_add(diff, pair, &change);
}
