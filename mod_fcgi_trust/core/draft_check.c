/* The effective policy held against the flow rule (POLICY 2): parameters. */
#include "draft_check.h"

#include "draft_chain.h"
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

static int is_tls_source(fct_source_id_t id)
{
    return id == FCT_SOURCE_CONNECTION_TLS || id == FCT_SOURCE_TLS_HTTPS || id == FCT_SOURCE_TLS_PROTOCOL
        || id == FCT_SOURCE_TLS_CIPHER;
}

/* A rule without which no request passes, and that only a TLS connection satisfies. */
static int demands_tls(const fct_param_rule_t *rule)
{
    apr_size_t i;

    for (i = 0; i < rule->nsources; i++) {
        if (!is_tls_source(rule->sources[i].id)) {
            return 0;
        }
    }
    return rule->is_required && rule->condition == NULL && rule->nsources > 0;
}

static int is_tls_certain(const fct_draft_t *draft, const fct_param_rule_t *rule)
{
    int i;

    if (fct_condition_entails_tls(rule->condition)) {
        return 1;
    }
    for (i = 0; i < draft->params->nelts; i++) {
        if (demands_tls(APR_ARRAY_IDX(draft->params, i, const fct_param_rule_t *))) {
            return 1;
        }
    }
    return 0;
}

/* POLICY 1, first row: a literal says something of the request only where a condition entails it. */
static fct_class_t class_of_literal(const fct_draft_t *draft, const fct_param_rule_t *rule, fct_name_group_t group)
{
    if (group != FCT_GROUP_IDENTITY) {
        return FCT_CLASS_SERVER;
    }
    return fct_bytes_equal(rule->folded, FCT_BYTES_LITERAL("HTTPS")) && is_tls_certain(draft, rule) ? FCT_CLASS_SERVER
                                                                                               : FCT_CLASS_ASSERTED;
}

/* The source that lowers the class most; NULL for a literal. */
static const fct_source_ref_t *weakest_source(const fct_param_rule_t *rule)
{
    const fct_source_ref_t *weakest = NULL;
    apr_size_t i;

    for (i = 0; i < rule->nsources; i++) {
        if (!weakest || fct_source_info(rule->sources[i].id)->class_ < fct_source_info(weakest->id)->class_) {
            weakest = &rule->sources[i];
        }
    }
    return weakest;
}

/* --- the flow rule --- */

static const char *hint(fct_finding_id_t finding, const fct_param_rule_t *rule)
{
    switch (finding) {
    case FCT_FINDING_FLOW_CLIENT:
        return "which the client writes or chooses; use auth.user, a server source, or a literal with assert=\"...\"";
    case FCT_FINDING_FLOW_ASSERT:
        return rule->value ? "which nothing in its when=\"...\" makes true; say assert=\"why this is safe\""
                           : "which is somebody else's word; say assert=\"why this is safe\"";
    case FCT_FINDING_FLOW_TRUST:
        return "which the client writes or chooses; if the application knows that, say trust=\"client\"";
    case FCT_FINDING_FLOW_OWN_SOURCE:
        return "but this name has a source of its own (POLICY 2) and takes no other but a literal";
    case FCT_FINDING_FLOW_LITERAL:
        return "but this name steers the application's runtime; it takes value=\"...\" alone";
    case FCT_FINDING_FLOW_ENGINE:
        return "but the engine alone sends this name; leave the rule out";
    case FCT_FINDING_FLOW_HTTP:
        return "but names that begin with HTTP_ are made by <header> alone";
    default:
        return "but this name is never sent: backends and libraries would act on it";
    }
}

static void check_flow(const fct_draft_t *draft, const fct_param_rule_t *rule)
{
    const fct_source_ref_t *weakest = weakest_source(rule);
    fct_source_id_t own = fct_flow_own_source(rule->folded);
    fct_name_group_t group = fct_draft_check_group(draft, rule);
    fct_flow_t flow;
    fct_finding_id_t finding;
    const char *text = weakest ? fct_source_info(weakest->id)->text : "a literal";
    fct_bytes_t argument = weakest ? weakest->argument : FCT_BYTES_ABSENT;

    flow.group = group;
    flow.class_ = weakest ? fct_source_info(weakest->id)->class_ : class_of_literal(draft, rule, group);
    flow.is_literal = rule->value != NULL;
    flow.is_own_source = own != FCT_SOURCE_NONE && rule->nsources == 1 && rule->sources[0].id == own;
    flow.has_assert = rule->assert != NULL;
    flow.trusts_client = rule->trusts_client;
    finding = fct_flow_judge(&flow);
    if (finding) {
        fct_findings_add(draft->findings, finding, rule->place.file, rule->place.line, "%s would come from %s%.*s, %s",
                         rule->name.at, text, (int)argument.len, argument.at ? argument.at : "", hint(finding, rule));
    }
    if (group == FCT_GROUP_IDENTITY && rule->nsources > 1) {
        fct_findings_add(draft->findings, FCT_FINDING_FLOW_ALTERNATIVES, rule->place.file, rule->place.line,
                         "%s has alternative sources (%s); the application cannot tell which it was", rule->name.at, rule->from);
    }
    if (rule->trusts_client && !finding && (flow.is_own_source || flow.class_ != FCT_CLASS_CLIENT)) {
        fct_findings_add(draft->findings, FCT_FINDING_RULE_SUPERFLUOUS, rule->place.file, rule->place.line,
                         "%s: trust=\"client\" changes nothing here", rule->name.at);
    }
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
        fct_bytes_t argument = rule->sources[i].argument;

        if (rule->sources[i].id == FCT_SOURCE_HEADER) {
            check_header_read(draft, rule, argument);
        }
        if (rule->sources[i].id == FCT_SOURCE_UPSTREAM && !fct_draft_nested_find_field(draft, argument)) {
            fct_findings_add(draft->findings, FCT_FINDING_UPSTREAM_INVALID, rule->place.file, rule->place.line,
                             "%s: there is no <field> of an <upstream> for upstream.%.*s", rule->name.at, (int)argument.len,
                             argument.at);
        }
    }
    if (rule->map && !fct_draft_nested_find_map(draft, rule->map)) {
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
    if (fct_bytes_equal(a->folded, b->folded) && !fct_condition_is_disjoint(a->condition, b->condition)) {
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

        check_flow(draft, rule);
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

void fct_draft_check(const fct_draft_t *draft)
{
    fct_draft_check_params(draft);
    fct_draft_check_fields(draft);
    fct_settings_check(draft->settings, draft->findings);
}
