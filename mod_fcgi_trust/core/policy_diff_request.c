/* Changes of <request when>: which settings are in force for which requests, before and after. */
#include <apr_strings.h>

#include "policy_diff_part.h"
#include "settings.h"

/* One <request when> of each policy, or <request> itself: a request may have met the one and now meets the other. */
typedef struct regions_t {
    const fct_plan_request_t *was;
    const fct_plan_request_t *is;
    const fct_setting_t *was_settings;
    const fct_setting_t *is_settings;
} regions_t;

static const fct_condition_t *condition_of(const fct_plan_request_t *request)
{
    return request->rule ? request->rule->condition : NULL;
}

/* Who satisfies the condition meets an earlier one first. */
static int meets_earlier(const fct_condition_t *condition, const fct_plan_t *plan, apr_size_t before)
{
    apr_size_t i;

    for (i = 0; i < before; i++) {
        if (fct_condition_entails(condition, condition_of(&plan->requests[i]))) {
            return 1;
        }
    }
    return 0;
}

/* It cannot be excluded that a request met the i-th of the old policy and meets the k-th of the new. */
static int is_possible(const fct_policy_diff_t *diff, apr_size_t i, apr_size_t k)
{
    const fct_condition_t *was = condition_of(&diff->was->plan->requests[i]);
    const fct_condition_t *is = condition_of(&diff->is->plan->requests[k]);

    return !fct_condition_is_disjoint(was, is) && !meets_earlier(was, diff->is->plan, k) && !meets_earlier(is, diff->was->plan, i);
}

static const char *when_of(const fct_plan_request_t *request, apr_pool_t *p)
{
    return fct_condition_text(condition_of(request), p);
}

/* request when="…", of the narrower of the two as far as one is. */
static const char *subject_of(const regions_t *regions, apr_pool_t *p)
{
    const char *was = when_of(regions->was, p), *is = when_of(regions->is, p);

    if (was && is && strcmp(was, is) != 0) {
        return apr_psprintf(p, "request when=\"%s\", where when=\"%s\" was in force", is, was);
    }
    return apr_psprintf(p, "request when=\"%s\"", is ? is : was);
}

/* --- settings in force --- */

static int is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static int is_told(const fct_policy_diff_t *diff, const fct_policy_change_t *change)
{
    int i;

    for (i = 0; i < diff->changes->nelts; i++) {
        const fct_policy_change_t *other = &APR_ARRAY_IDX(diff->changes, i, fct_policy_change_t);

        if (strcmp(other->subject, change->subject) == 0 && is_same_text(other->attribute, change->attribute)
            && is_same_text(other->was, change->was) && is_same_text(other->is, change->is)) {
            return 1;
        }
    }
    return 0;
}

static void add(fct_policy_diff_t *diff, const regions_t *regions, fct_policy_change_t *change)
{
    fct_canonical_line_t was = { .place = regions->was->rule ? regions->was->rule->place : (fct_place_t){ NULL, 0 } };
    fct_canonical_line_t is = { .place = regions->is->rule ? regions->is->rule->place : (fct_place_t){ NULL, 0 } };
    fct_policy_diff_pair_t pair = { &was, &is };

    if (!is_told(diff, change)) {
        fct_policy_diff_change_add(diff, &pair, change);
    }
}

/* What both leave to <request> is told there. */
static int is_left_to_all(const regions_t *regions, fct_attribute_t attribute)
{
    return !(regions->was->rule && regions->was->rule->settings[attribute].text)
        && !(regions->is->rule && regions->is->rule->settings[attribute].text);
}

static void compare_setting(fct_policy_diff_t *diff, const regions_t *regions, const fct_row_t *row)
{
    fct_policy_change_t change = { .subject = subject_of(regions, diff->p), .attribute = fct_language_attribute_name(row->attribute) };

    change.was = fct_settings_text(regions->was_settings, row, diff->p);
    change.is = fct_settings_text(regions->is_settings, row, diff->p);
    if (is_left_to_all(regions, row->attribute) || (change.was && change.is && strcmp(change.was, change.is) == 0)
        || (!change.was && !change.is)) {
        return;
    }
    change.kinds = fct_policy_diff_setting_judge(change.attribute, change.was, change.is, &change.effect);
    add(diff, regions, &change);
}

static void compare_regions(fct_policy_diff_t *diff, const regions_t *regions)
{
    int i;

    for (i = 0; i < FCT_ATTRIBUTE_COUNT; i++) {
        const fct_row_t *row = fct_language_find_row(FCT_ELEMENT_REQUEST, fct_language_attribute_name((fct_attribute_t)i));

        if (row && i != FCT_ATTRIBUTE_WHEN && i != FCT_ATTRIBUTE_WHY && i != FCT_ATTRIBUTE_CONTROL && i != FCT_ATTRIBUTE_OVERRIDE) {
            compare_setting(diff, regions, row);
        }
    }
}

static const fct_setting_t *settings_of(const fct_policy_t *policy, const fct_plan_request_t *request, apr_pool_t *p)
{
    return request->rule ? fct_settings_overlay(policy->plan->settings, request->rule->settings, p) : policy->plan->settings;
}

/* --- what is said of them --- */

static int has_same_reasons(const fct_request_rule_t *a, const fct_request_rule_t *b)
{
    int i;

    for (i = 0; i < FCT_ATTRIBUTE_COUNT; i++) {
        if (a->settings[i].text && b->settings[i].text
            && (!is_same_text(a->settings[i].why, b->settings[i].why) || !is_same_text(a->settings[i].control, b->settings[i].control))) {
            return 0;
        }
    }
    return 1;
}

static void compare_reasons(fct_policy_diff_t *diff)
{
    apr_size_t i;

    for (i = 0; i + 1 < diff->was->plan->nrequests && i + 1 < diff->is->plan->nrequests; i++) {
        const regions_t regions = { &diff->was->plan->requests[i], &diff->is->plan->requests[i], NULL, NULL };
        fct_policy_change_t change = { .kinds = FCT_CHANGE_METADATA, .subject = subject_of(&regions, diff->p), .attribute = "why or control" };

        if (!has_same_reasons(regions.was->rule, regions.is->rule)) {
            add(diff, &regions, &change);
        }
    }
}

static int has_changes_of_requests(const fct_policy_diff_t *diff)
{
    int i;

    for (i = 0; i < diff->changes->nelts; i++) {
        if (strncmp(APR_ARRAY_IDX(diff->changes, i, fct_policy_change_t).subject, "request", strlen("request")) == 0) {
            return 1;
        }
    }
    return 0;
}

void fct_policy_diff_requests(fct_policy_diff_t *diff)
{
    const fct_policy_diff_pair_t nowhere = { NULL, NULL };
    const fct_policy_change_t rest = { .kinds = FCT_CHANGE_METADATA, .subject = "request", .attribute = "when" };
    apr_size_t i, k;

    for (i = 0; i < diff->was->plan->nrequests; i++) {
        for (k = 0; k < diff->is->plan->nrequests; k++) {
            const fct_plan_request_t *was = &diff->was->plan->requests[i], *is = &diff->is->plan->requests[k];
            const regions_t regions = { was, is, settings_of(diff->was, was, diff->p), settings_of(diff->is, is, diff->p) };

            if ((was->rule || is->rule) && is_possible(diff, i, k)) {
                compare_regions(diff, &regions);
            }
        }
    }
    compare_reasons(diff);
    if (!has_changes_of_requests(diff)) {
        fct_policy_diff_change_add(diff, &nowhere, &rest);
    }
}
