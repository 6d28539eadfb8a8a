/* The effective policy as a whole: parameters by themselves and beside each other, then all else. */
#include "draft_check.h"

#include "draft_audit.h"
#include "draft_chain.h"
#include "draft_flow.h"
#include "draft_nested.h"
#include "field_name.h"
#include "flow.h"
#include "name.h"
#include "settings.h"

/* --- what the policy says of itself --- */

int fct_draft_check_is_identity(const fct_draft_t *draft, fct_bytes_t folded)
{
    int i;

    for (i = 0; i < draft->identities->nelts; i++) {
        if (fct_name_matches(folded, APR_ARRAY_IDX(draft->identities, i, const fct_identity_rule_t *)->pattern)) {
            return 1;
        }
    }
    return 0;
}

fct_name_group_t fct_draft_check_group(const fct_draft_t *draft, const fct_param_rule_t *rule)
{
    fct_name_group_t group = fct_flow_group(rule->folded);

    if (!fct_bytes_is_absent(rule->header)) {
        return FCT_GROUP_IDENTITY;
    }
    return group == FCT_GROUP_OTHER && fct_draft_check_is_identity(draft, rule->folded) ? FCT_GROUP_IDENTITY : group;
}

/* What never becomes a parameter does not by another name. */
static void check_header_read(const fct_draft_t *draft, const fct_param_rule_t *rule, fct_bytes_t name)
{
    if (fct_field_name_traits(fct_name_fold(name, draft->p)) & (FCT_FIELD_HOP_BY_HOP | FCT_FIELD_NEVER)) {
        fct_findings_add(draft->findings, FCT_FINDING_FLOW_HEADER_NEVER, rule->place.file, rule->place.line,
                         "%s: the header %.*s is the connection's and never becomes a parameter", rule->name.at,
                         (int)name.len, name.at);
    }
}

/* What the rule refers to is there. */
static void check_references(const fct_draft_t *draft, const fct_param_rule_t *rule)
{
    apr_size_t i;

    for (i = 0; i < rule->nsources; i++) {
        const fct_source_ref_t *ref = &rule->sources[i];

        if (ref->id == FCT_SOURCE_HEADER) {
            check_header_read(draft, rule, ref->argument);
        }
        if (ref->id == FCT_SOURCE_UPSTREAM && !draft->is_incomplete && !fct_draft_nested_find_field(draft, ref)) {
            fct_findings_add(draft->findings, FCT_FINDING_UPSTREAM_INVALID, rule->place.file, rule->place.line,
                             ref->has_field ? "%s: there is no <upstream> with certificate=\"FIELD\" for %s"
                                            : "%s: there is no <field> of an <upstream> for %s",
                             rule->name.at, fct_source_text(ref, draft->p));
        }
    }
    if (rule->map && !draft->is_incomplete && !fct_draft_nested_find_map(draft, rule->map)) {
        fct_findings_add(draft->findings, FCT_FINDING_MAP_UNKNOWN, rule->place.file, rule->place.line,
                         "%s: there is no <map name=\"%s\">", rule->name.at, rule->map);
    }
    if (rule->extract && fct_draft_check_group(draft, rule) == FCT_GROUP_IDENTITY && fct_draft_chain_is_any_domain(rule->extract)) {
        fct_findings_add(draft->findings, FCT_FINDING_FLOW_EXTRACT, rule->place.file, rule->place.line,
                         "%s: extract=\"%s\" takes the name out of any domain; write the domain behind the group", rule->name.at,
                         rule->extract);
    }
}

/* --- rules beside each other --- */

static void check_pair(const fct_draft_t *draft, const fct_param_rule_t *a, const fct_param_rule_t *b)
{
    if (!fct_bytes_equal(a->folded, b->folded) || fct_condition_is_disjoint(a->condition, b->condition)) {
        return;
    }
    if (fct_bytes_equal(a->name, b->name)) {
        fct_findings_add(draft->findings, FCT_FINDING_NAMES_COLLIDE, b->place.file, b->place.line,
                         "%s has a rule in %s:%d already; take one away, name the sources of both in one from=\"...\", or give them a "
                         "when that excludes the other", b->name.at, a->place.file, a->place.line);
    }
    else {
        fct_findings_add(draft->findings, FCT_FINDING_NAMES_COLLIDE, b->place.file, b->place.line,
                         "%s and %s of %s:%d can both be sent, and an application takes them for one; give them a when that "
                         "excludes the other", b->name.at, a->name.at, a->place.file, a->place.line);
    }
}

void fct_draft_check_params(const fct_draft_t *draft)
{
    int i, k;

    for (i = 0; i < draft->params->nelts; i++) {
        const fct_param_rule_t *rule = APR_ARRAY_IDX(draft->params, i, const fct_param_rule_t *);

        fct_draft_flow_check(draft, rule);
        check_references(draft, rule);
        if (fct_condition_is_contradictory(rule->condition)) {
            fct_findings_add(draft->findings, FCT_FINDING_WHEN_NEVER, rule->place.file, rule->place.line,
                             "%s: no request can satisfy when=\"%s\"", rule->name.at, rule->when);
        }
        for (k = 0; k < i; k++) {
            check_pair(draft, APR_ARRAY_IDX(draft->params, k, const fct_param_rule_t *), rule);
        }
    }
}

/* --- <request when> --- */

/* Of those before it, the first that always holds where this one does. */
static void check_shadow(const fct_draft_t *draft, int index)
{
    const fct_request_rule_t *rule = APR_ARRAY_IDX(draft->requests, index, const fct_request_rule_t *);
    int i;

    for (i = 0; i < index; i++) {
        const fct_request_rule_t *first = APR_ARRAY_IDX(draft->requests, i, const fct_request_rule_t *);

        if (fct_condition_entails(rule->condition, first->condition)) {
            fct_findings_add(draft->findings, FCT_FINDING_RULE_SHADOWED, rule->place.file, rule->place.line,
                             "<request when=\"%s\"> can never act: <request when=\"%s\"> in %s:%d comes first", rule->when, first->when,
                             first->place.file, first->place.line);
            return;
        }
    }
}

static void check_request(const fct_draft_t *draft, const fct_request_rule_t *rule)
{
    fct_settings_check(fct_settings_overlay(draft->settings, rule->settings, draft->p), draft->findings);
    if (fct_condition_is_contradictory(rule->condition)) {
        fct_findings_add(draft->findings, FCT_FINDING_WHEN_NEVER, rule->place.file, rule->place.line,
                         "<request>: no request can satisfy when=\"%s\"", rule->when);
    }
}

void fct_draft_check(const fct_draft_t *draft)
{
    int i;

    fct_draft_check_params(draft);
    fct_draft_check_fields(draft);
    fct_draft_audit_check(draft);
    fct_settings_check(draft->settings, draft->findings);
    for (i = 0; i < draft->requests->nelts; i++) {
        check_request(draft, APR_ARRAY_IDX(draft->requests, i, const fct_request_rule_t *));
        check_shadow(draft, i);
    }
}
